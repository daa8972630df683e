//! What does an analyst do in TheHive, while the server watches?

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::api::Api;
use crate::world::{TENANTS, World, hive_key};

/// The analyst's login.
pub const ALICE: &str = "alice@acme.example";
const KEY: &str = "alice-key";
/// Of the platform's administrator.
const ADMIN_KEY: &str = "admin-key";

/// A reason of the simulated console for every status with which a case of TheHive ends.
pub fn reasons() -> Value {
    json!({
        "FalsePositive": "False-Positive, Tuned", "TruePositive": "Policy Violation", "Indeterminate": "Non-Issue", "Other": "Non-Issue",
    })
}

/// An analyst of the first tenant, with a user of her own: what she does is no echo.
pub struct Analyst {
    api: Api,
    admin: Api,
    /// TheHive is 3 or 4.
    is_old: bool,
}

impl Analyst {
    /// Puts an empty TheHive in place of the world's, with the tenants' users and Alice.
    pub fn arrive(world: &World) -> anyhow::Result<Self> {
        let own = TENANTS
            .iter()
            .map(|tenant| json!({ "login": format!("synapse@{tenant}"), "key": hive_key(tenant), "organisations": [tenant] }));
        let alice = json!({ "login": ALICE, "name": "Alice", "key": KEY, "organisations": [TENANTS[0]] });
        let admin = json!({ "login": "admin@hive.example", "key": ADMIN_KEY, "organisations": ["admin"] });
        let users: Vec<Value> = own.chain([alice, admin]).collect();
        let state = json!({ "organisations": TENANTS, "users": users, "flavour": world.flavour });
        world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
        Ok(Self {
            api: Api::new(&world.thehive.url(), KEY)?,
            admin: Api::new(&world.thehive.url(), ADMIN_KEY)?,
            is_old: world.flavour != "v5",
        })
    }

    /// An administrator gives cases another status to end with.
    pub async fn new_closed_status(&self, value: &str) -> anyhow::Result<()> {
        let status = json!({ "value": value, "stage": "Closed" });
        let made = self.admin.json("POST", "/api/v1/caseStatus", &[], &status).await?;
        made.ok().map(drop)
    }

    async fn change(&self, path: &str, body: Value) -> anyhow::Result<()> {
        self.api.json("PATCH", path, &[], &body).await?.ok().map(drop)
    }

    /// Makes an alert of an offense, as an importer does.
    pub async fn alert(&self, offense: u64) -> anyhow::Result<()> {
        let alert = json!({
            "type": "QRadar", "source": format!("siem-{}", TENANTS[0]), "sourceRef": offense.to_string(), "title": "a", "description": "d",
        });
        self.api
            .json("POST", "/api/v1/alert", &[], &alert)
            .await?
            .ok()
            .map(drop)
    }

    /// Makes a case out of the alert of this offense; the case.
    pub async fn promote(&self, world: &World, offense: u64) -> anyhow::Result<Value> {
        if self.is_old {
            let alert = self.alert_of(offense).await?;
            let path = format!("/api/alert/{}/createCase", alert["id"].as_str().unwrap_or_default());
            return self.api.json("POST", &path, &[], &json!({})).await?.ok();
        }
        let dump = world.thehive.target.dump();
        let alerts = dump["alerts"].as_array().context("no alerts")?;
        let reference = offense.to_string();
        let of = alerts.iter().find(|alert| alert["sourceRef"] == reference.as_str());
        let id = of
            .and_then(|alert| alert["_id"].as_str())
            .context("no alert of the offense")?;
        let path = format!("/api/v1/alert/{id}/case");
        self.api.json("POST", &path, &[], &json!({})).await?.ok()
    }

    /// Sets a case's fields, in the words of the server's version.
    pub async fn set(&self, case: &Value, fields: Value) -> anyhow::Result<()> {
        self.change(&self.path(case)?, fields).await
    }

    /// The case as it is now.
    pub async fn look(&self, case: &Value) -> anyhow::Result<Value> {
        self.api.get(&self.path(case)?).await?.ok()
    }

    fn path(&self, case: &Value) -> anyhow::Result<String> {
        let id = case["_id"].as_str().context("a case has an id")?;
        let base = if self.is_old { "/api/case" } else { "/api/v1/case" };
        Ok(format!("{base}/{id}"))
    }

    /// On 3 and 4: the alert of an offense as it is now.
    pub async fn alert_of(&self, offense: u64) -> anyhow::Result<Value> {
        let query = json!({ "query": { "_field": "sourceRef", "_value": offense.to_string() } });
        let found = self.api.json("POST", "/api/alert/_search", &[], &query).await?.ok()?;
        found.get(0).cloned().context("no alert of the offense")
    }

    /// On 3 and 4: marks the alert of an offense as read.
    pub async fn read(&self, offense: u64) -> anyhow::Result<()> {
        let alert = self.alert_of(offense).await?;
        let path = format!("/api/alert/{}/markAsRead", alert["id"].as_str().unwrap_or_default());
        self.api.json("POST", &path, &[], &json!({})).await?.ok().map(drop)
    }

    /// On 3 and 4: the texts of all log entries, and the titles of their tasks.
    pub async fn logs(&self) -> anyhow::Result<Vec<String>> {
        let all = async |what: &str, member: &str| {
            let path = format!("/api/case/{what}/_search?range=all");
            let found = self.api.json("POST", &path, &[], &json!({ "query": {} })).await?.ok()?;
            let texts = found.as_array().into_iter().flatten();
            let texts = texts.filter_map(|one| one[member].as_str().map(str::to_owned));
            anyhow::Ok(texts.collect::<Vec<String>>())
        };
        anyhow::ensure!(all("task", "title").await?.iter().all(|title| title == "Synapse"));
        all("task/log", "message").await
    }

    /// The texts of a case's comments.
    pub async fn comments(&self, case: &Value) -> anyhow::Result<Vec<String>> {
        let steps = json!({ "query": [{ "_name": "getCase", "idOrName": case["_id"] }, { "_name": "comments" }] });
        let found = self.api.json("POST", "/api/v1/query", &[], &steps).await?.ok()?;
        let texts = found.as_array().into_iter().flatten();
        Ok(texts
            .filter_map(|comment| comment["message"].as_str().map(str::to_owned))
            .collect())
    }
}

/// An offense as the console holds it.
pub fn offense(world: &World, id: u64) -> anyhow::Result<Value> {
    let dump = world.qradar.target.dump();
    let offenses = dump["offenses"].as_array().context("no offenses")?;
    let found = offenses.iter().find(|offense| offense["id"] == id);
    found.cloned().with_context(|| format!("no offense {id}"))
}

/// The texts of an offense's notes, as the console holds them.
pub fn notes(world: &World, offense: u64) -> Vec<String> {
    let dump = world.qradar.target.dump();
    let all = dump["notes"].as_array().cloned().unwrap_or_default();
    let of = all.into_iter().filter(|note| note["offense_id"] == offense);
    of.filter_map(|note| note["note_text"].as_str().map(str::to_owned))
        .collect()
}
