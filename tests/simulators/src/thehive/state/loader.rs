//! How does each part of a loaded state become entities? Errors name the part that does not fit.

use super::{User, profiles};
use crate::thehive::{
    alert, app::Hive, case, case_template, comment, error::ApiError, kind::Kind, observable, observable_type,
    organisation, profile, session::Account, status_value, store::Author, upload::Form, user,
};
use serde_json::{Map, Value, json};

/// A server being filled. Every part is made as a request would make it.
pub struct Loader {
    pub hive: Hive,
    pub author: Author<'static>,
}

impl Loader {
    pub fn add(
        &mut self,
        kind: Kind,
        fields: Result<Map<String, Value>, ApiError>,
        from: &Value,
    ) -> Result<u64, String> {
        let name = kind.info().name;
        let fields = fields.map_err(|error| format!("thehive state: {name} {from}: {error:?}"))?;
        self.hive
            .insert(kind, 0, None, &self.author, fields)
            .map_err(|_| "thehive state: too many entities".to_owned())
    }

    pub fn platform(&mut self, types: Option<Vec<Value>>) -> Result<(), String> {
        for (name, permissions) in profiles::BUILT_IN {
            let fields = profile::fields(name, json!(permissions), false);
            self.add(Kind::Profile, Ok(fields), &json!(name))?;
        }
        let built_in = || observable_type::BUILT_IN.iter().map(|name| json!(name)).collect();
        for one in types.unwrap_or_else(built_in) {
            let one = match one {
                Value::String(name) => json!({"isAttachment": name == "file", "name": name}),
                one => one,
            };
            self.add(Kind::ObservableType, observable_type::definition(one.clone()), &one)?;
        }
        for (kind, value, stage) in status_value::BUILT_IN {
            let fields = json!({"value": value, "stage": stage, "hidden": false, "order": 0, "extraData": {}});
            let fields = fields.as_object().cloned().unwrap_or_default();
            self.add(kind, Ok(fields), &json!(value))?;
        }
        self.organisation(json!("admin"))?;
        self.user(User {
            login: "admin@thehive.local".to_owned(),
            key: None,
            password: Some("secret".to_owned()),
            name: Some("Default admin user".to_owned()),
            organisations: vec![json!("admin")],
            profile: None,
            permissions: None,
            locked: false,
        })
    }

    /// The id of an organisation, made if it is not there.
    pub fn organisation(&mut self, one: Value) -> Result<u64, String> {
        let one = match one {
            Value::String(name) => json!({"description": name, "name": name}),
            one => one,
        };
        let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
        match self.hive.store.by_natural_key(Kind::Organisation, 0, &[name]) {
            Some(found) => Ok(found.id),
            None => self.add(Kind::Organisation, organisation::definition(one.clone()), &one),
        }
    }

    pub fn user(&mut self, one: User) -> Result<(), String> {
        let mut memberships = Vec::new();
        for membership in &one.organisations {
            let (name, profile) = match membership {
                Value::String(name) => (name.as_str(), None),
                other => (
                    other["organisation"].as_str().unwrap_or_default(),
                    other["profile"].as_str(),
                ),
            };
            let default = if name == "admin" {
                "admin"
            } else {
                one.profile.as_deref().unwrap_or("org-admin")
            };
            let profile = profile.unwrap_or(default);
            if self.hive.store.by_natural_key(Kind::Profile, 0, &[profile]).is_none() {
                return Err(format!("thehive state: user {}: no profile {profile:?}", one.login));
            }
            memberships.push((self.organisation(json!(name))?, profile.to_owned()));
        }
        if memberships.is_empty() {
            return Err(format!(
                "thehive state: user {}: name at least one organisation",
                one.login
            ));
        }
        if one.key.as_ref().is_some_and(|key| self.hive.accounts.has_key(key)) {
            return Err(format!(
                "thehive state: user {}: another user has the same key",
                one.login
            ));
        }
        let login = one.login.to_lowercase();
        let (key, password, permissions) = (one.key, one.password, one.permissions);
        let account = Account {
            login: login.clone(),
            key,
            password,
            memberships,
            permissions,
        };
        let mut fields = user::derived(&self.hive, &account);
        fields.extend([
            ("name".to_owned(), one.name.unwrap_or_else(|| login.clone()).into()),
            ("locked".to_owned(), one.locked.into()),
            ("type".to_owned(), "Normal".into()),
            ("extraData".to_owned(), json!({})),
        ]);
        // A state may describe the built-in admin anew, for example to give it a key.
        let existing = self
            .hive
            .store
            .by_natural_key(Kind::User, 0, &[&login])
            .map(|found| found.id);
        let id = match existing {
            Some(id) => {
                self.hive.store.update(id, &self.author, |body| body.extend(fields));
                id
            }
            None => self.add(Kind::User, Ok(fields), &Value::String(login))?,
        };
        self.hive.accounts.put(id, account);
        Ok(())
    }

    /// The organisation that an entity names, or the first that is not `admin`.
    fn owner(&self, one: &mut Map<String, Value>) -> Result<u64, String> {
        let store = &self.hive.store;
        let organisation = match one.remove("organisation") {
            Some(name) => store
                .resolve(Kind::Organisation, 0, name.as_str().unwrap_or_default())
                .map(|found| found.id),
            None => store
                .ids(Kind::Organisation)
                .find(|id| self.hive.organisation_name(*id) != "admin"),
        };
        organisation.ok_or_else(|| {
            "thehive state: alerts, cases and templates need an organisation that is not `admin`".to_owned()
        })
    }

    pub fn alert(&mut self, mut one: Map<String, Value>) -> Result<(), String> {
        let organisation = self.owner(&mut one)?;
        let text = Value::Object(one.clone());
        let form = Form {
            json: Value::Object(one),
            files: Vec::new(),
        };
        let made = alert::create(&mut self.hive, organisation, &self.author, &form);
        made.map(|_| ())
            .map_err(|error| format!("thehive state: alert {text}: {error:?}"))
    }

    pub fn case_template(&mut self, mut one: Map<String, Value>) -> Result<(), String> {
        let organisation = self.owner(&mut one)?;
        let text = Value::Object(one.clone());
        let made = case_template::create(&mut self.hive, organisation, &self.author, Value::Object(one));
        made.map(|_| ())
            .map_err(|error| format!("thehive state: case template {text}: {error:?}"))
    }

    pub fn case(&mut self, mut one: Map<String, Value>) -> Result<(), String> {
        let organisation = self.owner(&mut one)?;
        let text = Value::Object(one.clone());
        self.try_case(organisation, one)
            .map_err(|error| format!("thehive state: case {text}: {error:?}"))
    }

    fn try_case(&mut self, organisation: u64, mut one: Map<String, Value>) -> Result<(), ApiError> {
        let (hive, author) = (&mut self.hive, &self.author);
        let mut list = |name: &str| match one.remove(name) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let (observables, comments) = (list("observables"), list("comments"));
        let case = case::create(hive, organisation, author, Value::Object(one))?;
        for input in observables {
            for prepared in observable::prepare(hive, input, &Form::default(), author.now_ms)? {
                observable::add(hive, organisation, case, author, prepared)?;
            }
        }
        for body in comments {
            comment::add(hive, organisation, case, author, body)?;
        }
        Ok(())
    }
}
