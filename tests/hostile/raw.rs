//! Does a request that a guest wrote itself reach anything but what its grant names? (threat row 27)

use serde_json::{Value, json};
use synapse_tests::hooks::analyst_key;
use synapse_tests::{Api, Deployment, World};

use crate::support::{ACME, UMBRELLA, calls, list, text};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The guest with these methods and paths granted.
async fn world(methods: &[&str], paths: &[&str]) -> anyhow::Result<World> {
    let world = World::start().await?;
    let scopes = json!({ "raw-method": methods, "raw-path": paths });
    let grants = json!([
        { "binding": "hive", "operations": ["thehive/connection.open"] },
        { "binding": "hive", "operations": ["thehive/raw.request"], "scopes": scopes },
    ]);
    world.deploy(Deployment::of("asker").grants(grants)).await?;
    Ok(world)
}

/// A case of a tenant, made by its analyst; answers its id.
async fn case(world: &World, tenant: &str) -> anyhow::Result<String> {
    let analyst = Api::new(&world.thehive.url(), &analyst_key(tenant))?;
    let wanted = json!({ "title": "Theirs", "description": "Made by a test" });
    let made = analyst.json("POST", "/api/v1/case", &[], &wanted).await?.ok()?;
    Ok(text(&made["_id"]).to_owned())
}

/// A request with a body where its method takes one.
fn request(method: &str, path: &str) -> Value {
    let body = (method != "get").then(|| json!({ "title": "Taken over" }).to_string());
    json!({ "method": method, "path": path, "body": body })
}

/// What a run tried, and what came of it: every try is in the journal as refused, and not a byte of it left.
async fn assert_refused(world: &World, requests: &[Value], errors: &[&str]) -> anyhow::Result<()> {
    let (before, effects) = (
        world.thehive.control.requests(0).len(),
        world.thehive.control.effects(0).len(),
    );
    let run = world.run(ACME, "asker", json!({ "requests": requests })).await?;
    assert_eq!(run["state"], "succeeded", "a refusal is an answer, not a trap: {run:#}");
    for (request, answer) in requests.iter().zip(list(&run["answer"])) {
        assert!(errors.contains(&text(&answer["error"])), "{request}: {answer}");
    }
    let sent: Vec<_> = world
        .thehive
        .control
        .requests(0)
        .into_iter()
        .skip(before)
        .map(|sent| sent.path)
        .collect();
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(world.thehive.control.effects(0).len(), effects);
    let calls = calls(world, ACME, &run).await?;
    assert_eq!(calls.len(), requests.len(), "every try is in the journal");
    for (request, call) in requests.iter().zip(&calls) {
        assert_eq!(
            (text(&call["operation"]), &call["ok"]),
            ("thehive/raw.request", &json!(false)),
            "{request}: {call}"
        );
        assert_eq!(call["arguments"]["request"]["path"], request["path"], "{call}");
        assert!(
            list(&call["sendings"]).is_empty(),
            "what is refused has no intent: {call}"
        );
        if errors == ["denied"] {
            assert_eq!(call["how"], "denied", "{request}: {call}");
        }
    }
    Ok(())
}

/// Paths that are no path of the API, or that two programs could read in two ways.
const CROOKED: [&str; 26] = [
    // Dot segments, plain and encoded, once and twice.
    "/api/v1/case/../user",
    "/api/v1/case/./~1",
    "/api/v1/case/~1/..",
    "/api/v1/case/%2e%2e/user",
    "/api/v1/case/.%2E/user",
    "/api/v1/case/%252e%252e/user",
    "/api/v1/case/..;/user",
    // Slashes.
    "/api/v1/case/..%2fuser",
    "/api/v1/case/~1%2F..%2F..%2Fuser",
    "/api/v1/case/..%5cuser",
    "/api/v1/case/..\\user",
    "/api/v1/case//~1",
    "//evil.test/api/v1/case/~1",
    // Absolute URLs and another host.
    "http://evil.test/api/v1/case/~1",
    "https://evil.test/api/v1/case/~1",
    "@evil.test/api/v1/case/~1",
    // Line ends: a second request, and a header that names another organisation.
    "/api/v1/case/~1 HTTP/1.1\r\nX-Organisation: umbrella\r\n\r\n",
    "/api/v1/case/~1\r\nX-Organisation: umbrella",
    "/api/v1/case/~1%0d%0aX-Organisation:%20umbrella",
    "/api/v1/case/~1?range=0-1%0d%0aX-Organisation:%20umbrella",
    "/api/v1/case/~1\u{0}",
    // A query that is hidden in a segment, and one behind a fragment.
    "/api/v1/case/~1%3forganisation=umbrella",
    "/api/v1/case/~1#?organisation=umbrella",
    // Letters that are no ASCII, and bytes that are no text.
    "/api/v1/case/\u{ff0e}\u{ff0e}/user",
    "/api/v1/case/%ff",
    "/API/V1/CASE/~1",
];

#[tokio::test(flavor = "multi_thread")]
async fn row_27_a_path_that_could_be_read_in_two_ways_is_never_sent_whatever_is_granted() -> anyhow::Result<()> {
    let world = world(&["*"], &["*"]).await?;
    let requests: Vec<Value> = CROOKED
        .iter()
        .flat_map(|path| METHODS.map(|method| request(method, path)))
        .collect();
    assert_refused(&world, &requests, &["invalid"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_27_neither_a_method_nor_a_path_outside_the_grant_is_sent() -> anyhow::Result<()> {
    let world = world(&["GET", "PATCH"], &["/api/v1/case/*"]).await?;
    let mut requests: Vec<Value> = CROOKED.iter().map(|path| request("patch", path)).collect();
    // Methods that are not granted, on a path that is.
    requests.extend(["post", "put", "delete"].map(|method| request(method, "/api/v1/case/~1")));
    // Paths that are not, also where what is granted stands in them, or differs by case or encoding.
    requests.extend(
        [
            "/api/v1/user/current",
            "/api/v1/case",
            "/api/v1/CASE/~1",
            "/api/v1/Case/~1",
            "/api/v0/case/~1",
            "/api/v1/user?/api/v1/case/~1",
            "/api/v1/user?path=/api/v1/case/~1",
            "/api/v1/user/api/v1/case/~1",
            "/api/v1/c%41se/~1",
        ]
        .map(|path| request("get", path)),
    );
    assert_refused(&world, &requests, &["denied"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_27_what_is_granted_is_sent_as_it_was_compared_and_for_the_connections_organisation() -> anyhow::Result<()>
{
    let world = world(&["GET", "PATCH"], &["/api/v1/case/*"]).await?;
    let (ours, theirs) = (case(&world, ACME).await?, case(&world, UMBRELLA).await?);
    let before = world.thehive.control.requests(0).len();
    let spelt = format!("/api/v1/c%61se/{ours}?a=1%26organisation%3d{UMBRELLA}");
    let requests = [
        request("get", &format!("/api/v1/case/{ours}")),
        request("get", &spelt),
        request("get", &format!("/api/v1/case/{theirs}")),
        request("patch", &format!("/api/v1/case/{theirs}?organisation={UMBRELLA}")),
        request("patch", &format!("/api/v1/case/{ours}")),
    ];
    let run = world.run(ACME, "asker", json!({ "requests": requests })).await?;
    let statuses: Vec<_> = list(&run["answer"])
        .iter()
        .map(|answer| answer["status"].as_u64())
        .collect();
    assert_eq!(
        statuses,
        [Some(200), Some(200), Some(404), Some(404), Some(204)],
        "{run:#}"
    );
    let sent: Vec<_> = world.thehive.control.requests(0).into_iter().skip(before).collect();
    assert_eq!(sent.len(), requests.len(), "{sent:?}");
    for request in &sent {
        assert!(request.path.starts_with("/api/v1/case/~"), "{request:?}");
        assert_ne!(request.organisation.as_deref(), Some(UMBRELLA), "{request:?}");
    }
    // The ampersand is one of the value still.
    assert_eq!(
        sent[1].path,
        format!("/api/v1/case/{ours}?a=1%26organisation%3D{UMBRELLA}")
    );
    let dump = world.thehive.target.dump();
    let title = |id: &str| {
        list(&dump["cases"])
            .iter()
            .find(|case| case["_id"] == id)
            .map(|case| case["title"].clone())
    };
    assert_eq!(
        (title(&theirs), title(&ours)),
        (Some(json!("Theirs")), Some(json!("Taken over")))
    );
    world.finish().await
}
