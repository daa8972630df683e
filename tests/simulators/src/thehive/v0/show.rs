//! How does v0 show an entity? Names by the table of contract 2.1; 4 says null for what a case or alert lacks.

use super::{Flavour, ids};
use crate::thehive::{
    app::Hive,
    kind::Kind,
    store::{Entity, parse_id},
};
use serde_json::{Map, Value, json};

/// Members of `extraData` in which v0 keeps what v1 has no place for.
pub const RESOLUTION: &str = "v0Resolution";
pub const DELETED: &str = "v0Deleted";
pub const UNREAD: &str = "v0Unread";

/// The entity with this number; null if it is gone.
pub fn entity(hive: &Hive, flavour: Flavour, id: u64) -> Value {
    hive.store
        .get(id)
        .map_or(Value::Null, |entity| as_it_was(hive, flavour, entity))
}

/// An entity that may be gone from the store.
pub fn as_it_was(hive: &Hive, flavour: Flavour, entity: &Entity) -> Value {
    Shown::new(hive, flavour, entity).row()
}

/// The old name of a kind.
pub fn name(kind: Kind) -> String {
    match kind {
        Kind::Observable => "case_artifact".to_owned(),
        Kind::Task => "case_task".to_owned(),
        Kind::Log => "case_task_log".to_owned(),
        Kind::Job => "case_artifact_job".to_owned(),
        kind => kind.info().name.to_lowercase(),
    }
}

/// A case's status and how it ended; an open one may keep how it had ended (D20).
pub fn case_status(body: &Map<String, Value>) -> (&'static str, Option<&Value>) {
    let kept = |name: &str| body.get("extraData").and_then(|extra| extra.get(name));
    let closed = body.get("stage").and_then(Value::as_str) == Some("Closed");
    let status = match (kept(DELETED), closed) {
        (Some(_), _) => "Deleted",
        (None, true) => "Resolved",
        (None, false) => "Open",
    };
    (status, if closed { body.get("status") } else { kept(RESOLUTION) })
}

/// Four levels here, five there.
pub fn tlp(body: &Map<String, Value>) -> i64 {
    body.get("tlp").and_then(Value::as_i64).unwrap_or(2).min(3)
}

/// `{name: {type: value, order}}`.
pub fn custom_fields(fields: &[Value]) -> Map<String, Value> {
    let map = fields.iter().filter_map(|field| {
        let kind = match field["type"].as_str()? {
            "url" => "string",
            kind => kind,
        };
        let member = json!({kind: field["value"], "order": field["order"]});
        Some((field["name"].as_str()?.to_owned(), member))
    });
    map.collect()
}

struct Shown<'a> {
    hive: &'a Hive,
    flavour: Flavour,
    entity: &'a Entity,
    row: Map<String, Value>,
}

impl<'a> Shown<'a> {
    fn new(hive: &'a Hive, flavour: Flavour, entity: &'a Entity) -> Self {
        Self {
            hive,
            flavour,
            entity,
            row: Map::new(),
        }
    }

    fn row(mut self) -> Value {
        let id = ids::write(self.flavour, self.entity.kind, self.entity.id);
        self.set("_id", id.as_str());
        self.set("id", id);
        let word = match self.entity.kind {
            Kind::CaseTemplate => "caseTemplate".to_owned(),
            kind => name(kind),
        };
        self.set("_type", word);
        self.copy("_createdBy", "createdBy");
        self.copy("_createdAt", "createdAt");
        self.copy("_updatedBy", "updatedBy");
        self.copy("_updatedAt", "updatedAt");
        if self.flavour == Flavour::V3
            && let Some(parent) = self.entity.parent.and_then(|parent| self.hive.store.get(parent))
        {
            let parent = ids::write(self.flavour, parent.kind, parent.id);
            self.set("_parent", parent);
        }
        match self.entity.kind {
            Kind::Case => self.case(),
            Kind::Alert => self.alert(),
            Kind::Task => self.task(),
            Kind::Log => self.log(),
            Kind::Observable => self.observable(),
            Kind::User => self.user(),
            _ => self.template(),
        }
        Value::Object(self.row)
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.row.insert(name.to_owned(), value.into());
    }

    fn of(&self, name: &str) -> Option<&'a Value> {
        self.entity.body.get(name)
    }

    fn copy(&mut self, from: &str, to: &str) {
        match self.of(from) {
            Some(value) => self.set(to, value.clone()),
            None if self.says_null() => self.set(to, Value::Null),
            None => {}
        }
    }

    /// 4 says null in cases and alerts, and leaves out elsewhere.
    fn says_null(&self) -> bool {
        self.flavour == Flavour::V4 && matches!(self.entity.kind, Kind::Case | Kind::Alert)
    }

    fn same(&mut self, names: &[&str]) {
        for name in names {
            self.copy(name, name);
        }
    }

    fn common(&mut self) {
        self.set("tlp", tlp(&self.entity.body));
        if let Some(fields) = self.of("customFields").and_then(Value::as_array) {
            self.set("customFields", custom_fields(fields));
        }
    }

    fn kept(&self, name: &str) -> Option<&'a Value> {
        self.of("extraData")?.get(name)
    }

    fn case(&mut self) {
        self.copy("number", "caseId");
        self.same(&[
            "title",
            "description",
            "severity",
            "startDate",
            "endDate",
            "tags",
            "flag",
            "pap",
            "summary",
            "impactStatus",
        ]);
        self.copy("assignee", "owner");
        self.common();
        let (status, resolution) = case_status(&self.entity.body);
        self.set("status", status);
        match resolution {
            Some(word) => self.set("resolutionStatus", word.clone()),
            None if self.says_null() => self.set("resolutionStatus", Value::Null),
            None => {}
        }
        self.set("metrics", json!({}));
        if self.flavour == Flavour::V4 {
            self.set("stats", json!({}));
            self.set("permissions", json!([]));
        }
    }

    fn alert(&mut self) {
        self.same(&[
            "type",
            "source",
            "sourceRef",
            "title",
            "description",
            "severity",
            "date",
            "tags",
            "follow",
            "caseTemplate",
        ]);
        if self.flavour == Flavour::V4 {
            self.same(&["pap", "externalLink"]);
            self.set("similarCases", json!([]));
        } else {
            let synced = self.of("_updatedAt").or(self.of("_createdAt")).cloned();
            self.set("lastSyncDate", synced.unwrap_or_default());
            self.row.entry("caseTemplate").or_insert(Value::Null);
        }
        self.common();
        let case = self.of("caseId").and_then(Value::as_str).and_then(parse_id);
        let unread = self.kept(UNREAD).is_some();
        let status = match (case, self.of("stage").and_then(Value::as_str)) {
            (Some(_), _) if unread => "Updated",
            (Some(_), _) => "Imported",
            (None, Some("Closed")) => "Ignored",
            (None, _) => "New",
        };
        self.set("status", status);
        match case {
            Some(case) => {
                let case = ids::write(self.flavour, Kind::Case, case);
                self.set("case", case);
            }
            None if self.says_null() => self.set("case", Value::Null),
            None => {}
        }
        let own = self.hive.store.children(self.entity.id, Kind::Observable);
        let artifacts: Vec<Value> = own.map(|id| self.artifact(id)).collect();
        self.set("artifacts", artifacts);
    }

    /// An observable inside its alert: on 3 it is no object of its own.
    fn artifact(&self, id: u64) -> Value {
        let mut row = entity(self.hive, self.flavour, id);
        if self.flavour == Flavour::V3
            && let Some(row) = row.as_object_mut()
        {
            row.retain(|name, _| !["_id", "id", "_type", "_parent"].contains(&name.as_str()));
        }
        row
    }

    fn task(&mut self) {
        self.same(&[
            "title",
            "group",
            "description",
            "status",
            "flag",
            "startDate",
            "endDate",
            "order",
            "dueDate",
        ]);
        self.copy("assignee", "owner");
    }

    fn log(&mut self) {
        self.same(&["message", "owner"]);
        self.copy("date", "startDate");
        self.set("status", "Ok");
        if let Some(file) = self.of("attachments").and_then(|files| files.as_array()?.first()) {
            let file = attachment(file);
            self.set("attachment", file);
        }
    }

    fn observable(&mut self) {
        self.same(&["dataType", "data", "message", "startDate", "tags", "ioc", "sighted"]);
        self.set("reports", json!({}));
        self.common();
        if self.flavour == Flavour::V4 {
            self.same(&["ignoreSimilarity"]);
            self.set("stats", json!({}));
        }
        if let Some(file) = self.of("attachment") {
            let file = attachment(file);
            self.set("attachment", file);
        }
    }

    fn user(&mut self) {
        self.same(&["name", "hasKey"]);
        let login = self.of("login").and_then(Value::as_str).unwrap_or_default();
        self.set("id", login);
        self.set("_id", login);
        self.set("login", login);
        let locked = self.of("locked") == Some(&Value::Bool(true));
        self.set("status", if locked { "Locked" } else { "Ok" });
        self.set("roles", json!(["read", "write", "alert"]));
        if self.flavour == Flavour::V4 {
            self.same(&["organisation"]);
        }
    }

    fn template(&mut self) {
        self.same(&[
            "name",
            "titlePrefix",
            "description",
            "severity",
            "tags",
            "flag",
            "pap",
            "summary",
        ]);
        self.common();
        let tasks = self.of("tasks").cloned().unwrap_or_else(|| json!([]));
        self.set("tasks", tasks);
        self.set("status", "Ok");
        self.set("metrics", json!({}));
    }
}

fn attachment(file: &Value) -> Value {
    json!({
        "name": file["name"], "hashes": file["hashes"], "size": file["size"], "contentType": file["contentType"],
        "id": file["id"],
    })
}
