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
        let state = json!({ "organisations": TENANTS, "users": users });
        world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
        Ok(Self {
            api: Api::new(&world.thehive.url(), KEY)?,
            admin: Api::new(&world.thehive.url(), ADMIN_KEY)?,
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

    /// Sets a case's fields: `status`, `summary`, `assignee`.
    pub async fn set(&self, case: &Value, fields: Value) -> anyhow::Result<()> {
        let id = case["_id"].as_str().context("a case has an id")?;
        self.change(&format!("/api/v1/case/{id}"), fields).await
    }

    /// The case as it is now.
    pub async fn look(&self, case: &Value) -> anyhow::Result<Value> {
        let id = case["_id"].as_str().context("a case has an id")?;
        self.api.get(&format!("/api/v1/case/{id}")).await?.ok()
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
