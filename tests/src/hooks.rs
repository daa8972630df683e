//! How does a test send TheHive's events to the server, and see what became of them?

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::simulators::control;
use crate::{Answer, Api, Options, TENANTS, World};

/// Longest wait for an event that has to come, or for thousands of them.
const PATIENCE: Duration = Duration::from_secs(240);

/// What TheHive has to show at a tenant's connection `hive`: a canary.
pub fn hook_secret(tenant: &str) -> String {
    format!("canary-hook-secret-of-{tenant}-7e6f5a4b")
}

/// The URL's path of a tenant's connection `hive`.
pub fn hook_path(tenant: &str) -> String {
    format!("/t/{tenant}/hooks/thehive/hive")
}

/// The path of what is said about a tenant's connection `hive`.
fn hook_page(tenant: &str) -> String {
    format!("/v1/tenants/{tenant}/connections/hive/webhook")
}

/// The events of a list.
fn listed(list: &Value) -> Vec<Value> {
    list["events"].as_array().cloned().unwrap_or_default()
}

/// A world whose tenants accept events through `hive`, with a bearer secret.
pub fn hook_options() -> Options {
    with_scheme("bearer")
}

/// The same for a version of TheHive: 3 sends no header, so the secret is a part of the URL (contract 6.3).
pub fn hook_options_of(flavour: &'static str) -> Options {
    Options {
        flavour: Some(flavour),
        ..with_scheme(if flavour == "v3" { "path" } else { "bearer" })
    }
}

fn with_scheme(scheme: &str) -> Options {
    let mut options = Options::default();
    for tenant in TENANTS {
        options
            .environment
            .push((format!("HOOK_{tenant}"), hook_secret(tenant)));
        options.sections.push_str(&format!(
            "[tenants.{tenant}.connections.hive.webhook]\nauth = {{ scheme = \"{scheme}\", secret = {{ env = \"HOOK_{tenant}\" }} }}\n"
        ));
    }
    options
}

/// Samples of the contract: `v3`, `v4`, `v5-version0`, `v5-version1`.
pub fn samples(file: &str) -> anyhow::Result<Vec<Value>> {
    let path = crate::guests::root().join(format!("runtime/crates/domain/tests/hive/webhooks-{file}.json"));
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

/// A sample whose name begins so, as if it happened at `now`. The samples' clock starts at 1,700,000,000,000.
pub fn sample(file: &str, name: &str, now: i64) -> anyhow::Result<Value> {
    let all = samples(file)?;
    let found = all
        .iter()
        .find(|sample| sample["name"].as_str().is_some_and(|text| text.starts_with(name)));
    let mut payload = found.with_context(|| format!("no sample `{name}` in {file}"))?["payload"].clone();
    shift(&mut payload, now);
    Ok(payload)
}

fn shift(value: &mut Value, now: i64) {
    const BASE: i64 = 1_700_000_000_000;
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| shift(value, now)),
        Value::Object(members) => members.values_mut().for_each(|value| shift(value, now)),
        Value::Number(number) => {
            if let Some(at) = number.as_i64().filter(|at| (BASE..BASE + 100_000).contains(at)) {
                *value = json!(at - BASE + now);
            }
        }
        _ => {}
    }
}

/// A case of this id that was closed as a false positive at `at`, as 5/1 tells it.
pub fn closed(id: &str, at: i64) -> Value {
    json!({
        "_id": format!("~audit-{id}-{at}"), "_type": "Audit", "_createdAt": at, "_createdBy": "alice@thehive.local", "action": "update",
        "objectType": "Case", "objectId": id, "rootId": id, "requestId": format!("request-{id}-{at}"), "mainAction": true,
        "organisation": { "organisation": "acme", "organisationId": "~1" },
        "details": { "status": "FalsePositive", "stage": "Closed", "endDate": at },
        "object": {
            "_id": id, "_type": "Case", "_createdAt": at - 60_000, "_createdBy": "alice@thehive.local", "_updatedAt": at,
            "_updatedBy": "alice@thehive.local", "number": 7, "title": "Phishing", "status": "FalsePositive", "stage": "Closed",
            "closedDate": at, "endDate": at, "tags": ["QRadar"], "customFields": [],
        },
    })
}

impl World {
    /// Sends an event to a tenant's connection, as TheHive does.
    pub async fn tell(&self, tenant: &str, payload: &Value) -> anyhow::Result<Answer> {
        tell(&self.operator(), tenant, payload).await
    }

    /// Events of a tenant, newest first. `query` begins with `?` if it is there.
    pub async fn events(&self, tenant: &str, query: &str) -> anyhow::Result<Vec<Value>> {
        let path = format!("/v1/tenants/{tenant}/events{query}");
        Ok(listed(&self.operator().get(&path).await?.ok()?))
    }

    /// Waits until a tenant's events are as wanted; answers them.
    pub async fn events_until(
        &self,
        tenant: &str,
        query: &str,
        wanted: impl Fn(&[Value]) -> bool,
    ) -> anyhow::Result<Vec<Value>> {
        let path = format!("/v1/tenants/{tenant}/events{query}");
        let list = self.until(&path, |list| wanted(&listed(list))).await?;
        Ok(listed(&list))
    }

    /// Waits until an answer that says `change` is as wanted; answers it. The server says when to look again.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let api = self.operator();
        let mark = if path.contains('?') { '&' } else { '?' };
        let end = tokio::time::Instant::now() + PATIENCE;
        let mut known = api.get(path).await?.ok()?;
        while !wanted(&known) {
            let left = end.duration_since(tokio::time::Instant::now()).as_secs();
            anyhow::ensure!(left > 0, "`{path}` stays as it is: {known:#}");
            let after = format!("{path}{mark}after_change={}", known["change"]);
            let wait = format!("wait={left}");
            known = api.send("GET", &after, &[("prefer", &wait)], None).await?.ok()?;
        }
        Ok(known)
    }

    /// What the connection's page says.
    pub async fn hook_page(&self, tenant: &str) -> anyhow::Result<Value> {
        self.operator().get(&hook_page(tenant)).await?.ok()
    }

    /// Waits until what the connection's page says is as wanted; answers it.
    pub async fn hook_page_until(&self, tenant: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        self.until(&hook_page(tenant), wanted).await
    }

    /// Waits until the reconciler of a tenant's connection has begun and ended a whole look after this moment, in every lane.
    pub async fn reconciled(&self, tenant: &str, lanes: usize) -> anyhow::Result<Value> {
        // The first change may be the end of a look that had begun before.
        for _ in 0..2 {
            self.looked(tenant, lanes).await?;
        }
        self.hook_page(tenant).await
    }

    async fn looked(&self, tenant: &str, lanes: usize) -> anyhow::Result<()> {
        let times = |page: &Value| -> Vec<u64> {
            let marks = page["reconciler"].as_array().cloned().unwrap_or_default();
            marks.iter().filter_map(|mark| mark["looked_at"].as_u64()).collect()
        };
        let before = times(&self.hook_page(tenant).await?).into_iter().max().unwrap_or(0);
        let looked = |page: &Value| {
            let now = times(page);
            now.len() == lanes && now.iter().all(|at| *at > before)
        };
        self.until(&hook_page(tenant), looked).await.map(drop)
    }

    /// Registers the server with the TheHive simulator; `knobs` adds or replaces members of the endpoint. Answers its id.
    pub async fn subscribe(&self, tenant: &str, knobs: Value) -> anyhow::Result<u64> {
        let url = self.server.as_ref().context("the server is not running")?.url.clone();
        let (hook, secret) = (hook_path(tenant), hook_secret(tenant));
        let mut endpoint = if self.flavour == "v3" {
            json!({ "url": format!("{url}{hook}/{secret}"), "organisation": tenant })
        } else {
            json!({ "url": format!("{url}{hook}"), "organisation": tenant, "auth": { "type": "bearer", "key": secret } })
        };
        if let (Some(endpoint), Value::Object(knobs)) = (endpoint.as_object_mut(), knobs) {
            endpoint.extend(knobs);
        }
        let made = control(&self.thehive, "/_sim/thehive/webhooks", &endpoint).await?;
        made["id"].as_u64().context("an endpoint has an id")
    }

    /// Waits until the simulator has nothing to send any more; answers what it sent.
    pub async fn sent(&self) -> anyhow::Result<Value> {
        let path = "/_sim/thehive/deliveries?idle=true&wait_ms=30000";
        let sent = Api::new(&self.thehive.url(), "")?.get(path).await?.ok()?;
        anyhow::ensure!(sent["queued"] == 0, "something is still on its way: {sent}");
        Ok(sent)
    }

    /// A request to TheHive as an analyst of a tenant makes it.
    pub async fn analyst(&self, tenant: &str, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        Api::new(&self.thehive.url(), &analyst_key(tenant))?
            .json(method, path, &[], body)
            .await?
            .ok()
    }

    /// Makes a case as an analyst; answers its id.
    pub async fn new_case(&self, tenant: &str, title: &str) -> anyhow::Result<String> {
        let case = json!({ "title": title, "description": "Made by a test", "tags": ["QRadar"] });
        let made = self.analyst(tenant, "POST", "/api/v1/case", &case).await?;
        Ok(made["_id"].as_str().context("a case has an id")?.to_owned())
    }

    /// Closes a case as an analyst.
    pub async fn close_case(&self, tenant: &str, id: &str) -> anyhow::Result<()> {
        let closed = json!({ "status": "FalsePositive", "summary": "Nothing in it" });
        self.analyst(tenant, "PATCH", &format!("/api/v1/case/{id}"), &closed)
            .await
            .map(drop)
    }
}

/// The key of a tenant's analyst at TheHive: somebody else than the connection's own user.
pub fn analyst_key(tenant: &str) -> String {
    format!("analyst-key-of-{tenant}")
}

/// Sends an event, as TheHive does, through this client's server.
pub async fn tell(api: &Api, tenant: &str, payload: &Value) -> anyhow::Result<Answer> {
    api.with_key(&hook_secret(tenant))
        .json("POST", &hook_path(tenant), &[], payload)
        .await
}
