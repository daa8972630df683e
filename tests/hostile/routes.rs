//! Is every route closed to whoever has no business there? Generated over the server's own table (threat row 43).

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::hooks::hook_secret;
use synapse_tests::{Api, Deployment, Options, World};

use crate::support::{ACME, SCOPES, UMBRELLA, component, digest, key, manifest, text};

/// The server's table, as its source has it: the binary cannot be linked into a test.
const ROUTER: &str = include_str!("../../runtime/src/http/router.rs");

/// A connection that the first tenant alone has.
const HOOKED: &str = "hooked";

/// What a route asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Needs {
    Nothing,
    Scope(&'static str),
    Operator,
    Compat,
    Hook,
}

#[derive(Debug, Clone)]
struct Row {
    method: String,
    path: String,
    needs: Needs,
}

/// Reads the table out of the source.
fn table() -> anyhow::Result<Vec<Row>> {
    let (_, rest) = ROUTER
        .split_once("pub const ROUTES: [Row; ")
        .context("the table is called ROUTES")?;
    let (count, rest) = rest.split_once("] = [").context("the table has a length")?;
    let (rows, _) = rest.split_once("\n];").context("the table ends")?;
    let rows: String = rows.split_whitespace().collect();
    let rows: Vec<Row> = rows.split("(\"").skip(1).map(row).collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(
        rows.len() == count.parse::<usize>()?,
        "{count} routes are declared, {} were read",
        rows.len()
    );
    Ok(rows)
}

fn row(text: &str) -> anyhow::Result<Row> {
    let mut parts = text.splitn(3, "\",");
    let (method, path, needs) = (parts.next(), parts.next(), parts.next());
    let (method, path, needs) = (
        method.context("method")?,
        path.context("path")?,
        needs.context("needs")?,
    );
    let needs = needs.split(",||").next().unwrap_or_default();
    let needs = match needs.trim_end_matches([',', ')', '(']) {
        "Needs::Nothing" => Needs::Nothing,
        "Needs::Operator" => Needs::Operator,
        "Needs::Compat" => Needs::Compat,
        "Needs::Hook" => Needs::Hook,
        "Needs::Tenant(Scope::RunsStart" => Needs::Scope("runs:start"),
        "Needs::Tenant(Scope::RunsRead" => Needs::Scope("runs:read"),
        "Needs::Tenant(Scope::RunsCancel" => Needs::Scope("runs:cancel"),
        "Needs::Tenant(Scope::DeploymentsRead" => Needs::Scope("deployments:read"),
        "Needs::Tenant(Scope::DeploymentsWrite" => Needs::Scope("deployments:write"),
        other => anyhow::bail!("`{other}` is new: say here what it means"),
    };
    Ok(Row {
        method: method.to_owned(),
        path: path.trim_start_matches('"').to_owned(),
        needs,
    })
}

/// The deployment that watches a source.
const WATCH: &str = "watch";

/// What the placeholders of a path stand for.
#[derive(Debug, Clone)]
struct Objects {
    tenant: String,
    deployment: String,
    run: String,
    digest: String,
    key: String,
    event: String,
    connection: String,
}

impl Objects {
    fn path(&self, row: &Row) -> String {
        // Triggers are those of another deployment.
        let watches = row.path.contains("{trigger}") && self.deployment == "echo";
        let deployment = if watches { WATCH } else { &self.deployment };
        let path = row
            .path
            .replace("{tenant}", &self.tenant)
            .replace("{deployment}", deployment)
            .replace("{trigger}", "offenses")
            .replace("{item}", "none");
        let path = path
            .replace("{run}", &self.run)
            .replace("{digest}", &self.digest)
            .replace("{key}", &self.key)
            .replace("{event}", &self.event)
            .replace("{connection}", &self.connection)
            .replace("{secret}", "0123456789abcdef");
        assert!(
            !path.contains('{'),
            "`{}` has a placeholder that this test does not know: give it a value",
            row.path
        );
        path
    }
}

/// The body of a request that a caller with the right key gets through with, and what it is answered. Every route has an entry.
fn accepted(row: &Row) -> anyhow::Result<(Vec<u8>, u16)> {
    let json = |body: Value| body.to_string().into_bytes();
    Ok(match (row.method.as_str(), row.path.as_str()) {
        ("POST", "/v1/tenants/{tenant}/deployments/{deployment}/runs") => (json(json!({})), 202),
        ("GET", _) => (Vec::new(), 200),
        // The run has ended and has no such effect: known, and not to be changed.
        ("POST", "/v1/tenants/{tenant}/runs/{run}/cancel") => (Vec::new(), 409),
        ("POST", "/v1/tenants/{tenant}/runs/{run}/resolve") => (json(json!({ "call": 0, "verdict": "fail" })), 409),
        // Nor anything to repeat, and nothing was paused.
        ("POST", "/v1/tenants/{tenant}/runs/{run}/retry") => (Vec::new(), 409),
        ("POST", "/v1/tenants/{tenant}/deployments/{deployment}/redrive") => {
            (json(json!({ "since": 0, "state": "failed", "dry_run": true })), 200)
        }
        // A pause that hinders no other row: of a connection that `echo` is not bound to.
        ("POST", "/v1/tenants/{tenant}/pause") => (json(json!({ "connection": "siem", "why": "a test" })), 201),
        ("POST", "/v1/tenants/{tenant}/resume") => (json(json!({ "connection": "siem" })), 200),
        ("PUT", "/v1/tenants/{tenant}/components/{digest}") => (component("echo")?, 201),
        ("PUT", "/v1/tenants/{tenant}/deployments/{deployment}") => {
            let wanted = json!({ "component": digest(&component("echo")?), "manifest": manifest("echo")? });
            (json(wanted), 201)
        }
        ("PUT", "/v1/tenants/{tenant}/deployments/{deployment}/grants") => (json(json!([])), 204),
        // Nobody listens there, which it says.
        ("POST", "/v1/tenants/{tenant}/connections/{connection}/test") | ("POST", "/v1/doctor") => (Vec::new(), 200),
        ("POST", "/v1/keys") => (
            json(json!({ "tenant": ACME, "scopes": ["runs:read"], "label": "made" })),
            201,
        ),
        ("POST", "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/look") => (Vec::new(), 200),
        // There is no such item.
        ("POST", "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/items/{item}/replay") => {
            (Vec::new(), 404)
        }
        ("POST", "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/reset") => {
            (json(json!({ "to": "now" })), 200)
        }
        ("POST", "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/backfill") => {
            (json(json!({ "since": 1 })), 200)
        }
        // None is under way.
        ("DELETE", "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/backfill") => (Vec::new(), 409),
        ("DELETE", "/v1/keys/{key}") => (Vec::new(), 204),
        ("POST", "/t/{tenant}/{deployment}") | ("POST", "/QRadar2alert" | "/webhook") => (json(json!({})), 200),
        ("POST", "/t/{tenant}/hooks/thehive/{connection}") => (json(json!({})), 200),
        // This connection wants its secret in a header.
        ("POST", "/t/{tenant}/hooks/thehive/{connection}/{secret}") => (json(json!({})), 200),
        (method, path) => anyhow::bail!("`{method} {path}` is new: say here which request of it is accepted"),
    })
}

/// Sends a row's request with a key; answers status, content type and body.
async fn ask(api: &Api, key: &str, row: &Row, path: &str) -> anyhow::Result<(u16, String, String)> {
    let (body, _) = accepted(row)?;
    let body = (row.method != "GET").then_some(body);
    let answer = api
        .with_key(key)
        .send(&row.method, path, &[("content-type", "application/json")], body)
        .await?;
    let kind = answer
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("")
        .to_owned();
    Ok((answer.status, kind, answer.body.to_string()))
}

/// A world in which every row of the table is on, with one finished run of the first tenant.
async fn world() -> anyhow::Result<(World, Objects)> {
    let sections = format!(
        "[compat]\ntenant = \"{ACME}\"\nqradar2alert = \"echo\"\news2case = \"echo\"\nwebhook = \"{HOOKED}\"\nallow = [\"192.0.2.0/24\"]\n\
         [tenants.{ACME}.connections.{HOOKED}]\nkind = \"thehive\"\nurl = \"http://127.0.0.1:9\"\nallow_http = true\nallow = [\"127.0.0.0/8\"]\nsource_id = \"{HOOKED}\"\n\
         auth = {{ scheme = \"bearer\", secret = {{ env = \"HIVE_{ACME}\" }} }}\n[tenants.{ACME}.connections.{HOOKED}.webhook]\n\
         auth = {{ scheme = \"bearer\", secret = {{ env = \"HOOK_{ACME}\" }} }}\n"
    );
    let world = World::with(Options {
        sections,
        environment: vec![(format!("HOOK_{ACME}"), hook_secret(ACME))],
        ..Options::default()
    })
    .await?;
    let hook = format!("/t/{ACME}/hooks/thehive/{HOOKED}");
    let sender = world.operator().with_key(&hook_secret(ACME));
    let event = sender.json("POST", &hook, &[], &json!({})).await?.ok()?;
    world.deploy(Deployment::of("echo")).await?;
    let watch = json!([{ "kind": "source", "name": "offenses", "binding": "qradar", "watch": "offenses" }]);
    let mut deployment = Deployment::of("qradar2alert").triggers(watch);
    deployment.name = WATCH.to_owned();
    world.deploy(deployment).await?;
    let run = world.run(ACME, "echo", json!({})).await?;
    let objects = Objects {
        tenant: ACME.to_owned(),
        deployment: "echo".to_owned(),
        run: text(&run["id"]).to_owned(),
        digest: digest(&component("echo")?),
        key: key(&world, ACME, &["runs:read"]).await?.0,
        event: text(&event["event"]).to_owned(),
        connection: HOOKED.to_owned(),
    };
    Ok((world, objects))
}

#[tokio::test(flavor = "multi_thread")]
async fn row_43_no_route_answers_without_a_key_or_with_a_wrong_one() -> anyhow::Result<()> {
    let (world, objects) = world().await?;
    let api = world.operator();
    let revoked = key(&world, ACME, &SCOPES).await?;
    api.send("DELETE", &format!("/v1/keys/{}", revoked.0), &[], None)
        .await?
        .ok()?;
    let (id, good) = key(&world, ACME, &SCOPES).await?;
    let other_secret = format!("syn_{id}_{}", "0".repeat(64));
    let uppercase = good.to_uppercase();
    let wrong = [
        "",
        "garbage",
        "syn_",
        "syn__",
        "syn_x_y",
        &other_secret,
        &revoked.1,
        &good[..good.len() - 1],
        &uppercase,
    ];
    for row in table()? {
        let path = objects.path(&row);
        for key in wrong {
            let (status, kind, body) = ask(&api, key, &row, &path).await?;
            let shown = !key.is_empty();
            if row.needs == Needs::Nothing {
                // The counters show names to good keys, so a key that is shown there must be one.
                let wanted = if path == "/metrics" && shown { 401 } else { 200 };
                assert_eq!(status, wanted, "{} {path} with key `{key}`: {body}", row.method);
                continue;
            }
            assert_eq!(status, 401, "{} {path} with key `{key}`: {body}", row.method);
            assert_eq!(kind, "application/problem+json");
            assert!(!body.contains(ACME) && !body.contains("echo"), "{body}");
        }
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_43_a_foreign_tenants_objects_are_as_absent_as_unknown_ones() -> anyhow::Result<()> {
    let (world, objects) = world().await?;
    let api = world.operator();
    let (_, umbrella) = key(&world, UMBRELLA, &SCOPES).await?;
    let unknown_run = "0198c0de-0000-7000-8000-000000000000".to_owned();
    // Who sends events shows no key; `tests/e2e/hooks/heard.rs` says who is heard.
    let keyed = |row: &&Row| row.path.contains("{tenant}") && row.needs != Needs::Hook;
    for row in table()?.iter().filter(keyed) {
        let foreign = ask(&api, &umbrella, row, &objects.path(row)).await?;
        assert_eq!(foreign.0, 404, "{} {}: {}", row.method, row.path, foreign.2);
        let nowhere = Objects {
            tenant: "nowhere".to_owned(),
            ..objects.clone()
        };
        assert_eq!(
            foreign,
            ask(&api, &umbrella, row, &nowhere.path(row)).await?,
            "{} {}",
            row.method,
            row.path
        );
        let unknown = Objects {
            run: unknown_run.clone(),
            deployment: "unknown".to_owned(),
            event: unknown_run.clone(),
            connection: "unknown".to_owned(),
            ..objects.clone()
        };
        assert_eq!(
            foreign,
            ask(&api, &umbrella, row, &unknown.path(row)).await?,
            "{} {}",
            row.method,
            row.path
        );
        // In the caller's own tenant neither the other one's objects nor unknown ones exist.
        let objects_of_tenants = ["{run}", "{deployment}", "{event}", "{connection}"];
        let names_object = objects_of_tenants.iter().any(|object| row.path.contains(object));
        if names_object && row.needs != Needs::Operator {
            for there in [&objects, &unknown] {
                let mine = Objects {
                    tenant: UMBRELLA.to_owned(),
                    ..there.clone()
                };
                assert_eq!(
                    foreign,
                    ask(&api, &umbrella, row, &mine.path(row)).await?,
                    "{} {}",
                    row.method,
                    row.path
                );
            }
        }
    }
    // The compatibility route acts for one tenant: a key of another one does not know of it.
    let compat = table()?
        .into_iter()
        .find(|row| row.needs == Needs::Compat)
        .context("a compatibility route")?;
    assert_eq!(ask(&api, &umbrella, &compat, &objects.path(&compat)).await?.0, 404);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_43_a_key_does_what_its_scopes_say_and_nothing_else() -> anyhow::Result<()> {
    let (world, objects) = world().await?;
    let api = world.operator();
    let operator = world.key().to_owned();
    let (_, every) = key(&world, ACME, &SCOPES).await?;
    let mut used = BTreeSet::new();
    for row in table()? {
        let path = objects.path(&row);
        let (_, wanted) = accepted(&row)?;
        let needed = match &row.needs {
            Needs::Nothing => continue,
            Needs::Hook => {
                let (status, _, body) = ask(&api, &every, &row, &path).await?;
                assert_eq!(status, 401, "{} {path} with every scope: {body}", row.method);
                let (status, _, body) = ask(&api, &hook_secret(ACME), &row, &path).await?;
                assert_eq!(status, wanted, "{} {path} as TheHive: {body}", row.method);
                continue;
            }
            Needs::Operator => {
                let (status, _, body) = ask(&api, &every, &row, &path).await?;
                assert_eq!(status, 403, "{} {path} with every scope: {body}", row.method);
                assert!(body.contains("operator"), "{body}");
                let (status, _, body) = ask(&api, &operator, &row, &path).await?;
                assert_eq!(status, wanted, "{} {path} as operator: {body}", row.method);
                continue;
            }
            Needs::Scope(scope) => *scope,
            Needs::Compat => "runs:start",
        };
        let others: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != needed).collect();
        let (_, lacking) = key(&world, ACME, &others).await?;
        let (status, _, body) = ask(&api, &lacking, &row, &path).await?;
        assert_eq!(status, 403, "{} {path} with all but `{needed}`: {body}", row.method);
        assert!(body.contains(needed), "the refusal names the scope: {body}");
        let (_, just) = key(&world, ACME, &[needed]).await?;
        let (status, _, body) = ask(&api, &just, &row, &path).await?;
        assert_eq!(status, wanted, "{} {path} with just `{needed}`: {body}", row.method);
        used.insert(needed);
    }
    assert_eq!(used, SCOPES.into_iter().collect(), "every scope opens something");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cannot_make_keys_or_reach_beyond_its_tenant() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    let api = world.operator();
    for (wanted, word) in [
        (
            json!({ "tenant": ACME, "scopes": ["operator"], "label": "x" }),
            "operator",
        ),
        (json!({ "tenant": ACME, "scopes": [], "label": "x" }), "scopes"),
        (
            json!({ "tenant": "nowhere", "scopes": ["runs:read"], "label": "x" }),
            "nowhere",
        ),
        (json!({ "scopes": ["runs:read"], "label": "x" }), "without a tenant"),
        (
            json!({ "tenant": ACME, "scopes": ["everything"], "label": "x" }),
            "everything",
        ),
    ] {
        let answer = api.json("POST", "/v1/keys", &[], &wanted).await?;
        assert!(
            answer.status == 400 && text(&answer.body["detail"]).contains(word),
            "{wanted}: {:#}",
            answer.body
        );
    }
    let expired = json!({ "tenant": ACME, "scopes": ["runs:read"], "label": "x", "expires_days": 0 });
    let made = api.json("POST", "/v1/keys", &[], &expired).await?.ok()?;
    let with = api.with_key(text(&made["key"]));
    assert_eq!(
        with.get(&format!("/v1/tenants/{ACME}/runs")).await?.status,
        401,
        "an expired key is none"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_table_does_not_exist() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator();
    for path in [
        "/",
        "/v1",
        "/v1/tenants",
        "/debug/pprof",
        "/v1/tenants/acme/secrets",
        "/QRadar2alert",
        "/t/acme",
        "/..%2f..%2fetc/passwd",
    ] {
        let answer = api
            .send(
                "POST",
                path,
                &[("content-type", "application/json")],
                Some(b"{}".to_vec()),
            )
            .await?;
        assert_eq!(answer.status, 404, "{path}: {:#}", answer.body);
    }
    assert_eq!(api.send("DELETE", "/healthz", &[], None).await?.status, 405);
    world.finish().await
}
