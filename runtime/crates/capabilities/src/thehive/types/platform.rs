//! How does TheHive spell what it is configured with: custom fields, organisations, profiles, tags (contract 2.7, 2.8, 2.10)?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{fields, unreadable};
use crate::bindings::synapse::thehive::alerts::CustomValue;
use crate::bindings::synapse::thehive::custom_fields::{Definition, FieldType};
use crate::bindings::synapse::thehive::organisations::{Profile, Tenancy, TenancyLink};
use crate::bindings::synapse::workflow::types::Error;
use crate::marked;

/// Where tags without a namespace of their own live.
const FREE: &str = "_freetags";

/// `InputCustomField` and `InputUpdateCustomField`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionBody<'a> {
    /// None in a change: a name stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    pub display_name: &'a str,
    pub group: &'a str,
    pub description: &'a str,
    pub r#type: &'static str,
    pub mandatory: bool,
    pub options: Vec<Value>,
}

/// `OutputCustomField`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub description: String,
    pub r#type: String,
    #[serde(default)]
    pub mandatory: bool,
    #[serde(default)]
    pub options: Vec<Value>,
}

impl DefinitionRow {
    /// As guests see it.
    pub fn into_definition(self) -> Result<Definition, Error> {
        let kind = KINDS.iter().find(|(_, word)| *word == self.r#type);
        let kind = kind
            .ok_or_else(|| unreadable("a custom field of a type that is none of the six"))?
            .0;
        let option = |value: Value| match (value, kind) {
            (Value::String(text), _) => Some(CustomValue::Text(text)),
            (Value::Bool(yes), _) => Some(CustomValue::Boolean(yes)),
            (Value::Number(number), FieldType::Date) => number.as_u64().map(CustomValue::Date),
            (Value::Number(number), FieldType::Integer) => number
                .as_i64()
                .and_then(|whole| i32::try_from(whole).ok())
                .map(CustomValue::Integer),
            (Value::Number(number), _) => number.as_f64().map(CustomValue::Number),
            (Value::Null | Value::Array(_) | Value::Object(_), _) => None,
        };
        Ok(Definition {
            display_name: self.display_name.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            group: self.group,
            description: self.description,
            kind,
            mandatory: self.mandatory,
            options: self.options.into_iter().filter_map(option).collect(),
        })
    }
}

const KINDS: [(FieldType, &str); 6] = [
    (FieldType::Text, "string"),
    (FieldType::Url, "url"),
    (FieldType::Integer, "integer"),
    (FieldType::Number, "float"),
    (FieldType::Boolean, "boolean"),
    (FieldType::Date, "date"),
];

fn word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "string",
        FieldType::Url => "url",
        FieldType::Integer => "integer",
        FieldType::Number => "float",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
    }
}

/// The body of a new custom field; without a name that of a change.
pub fn new_definition(definition: &Definition, named: bool) -> DefinitionBody<'_> {
    DefinitionBody {
        name: named.then_some(definition.name.as_str()),
        display_name: &definition.display_name,
        group: &definition.group,
        description: &definition.description,
        r#type: word(definition.kind),
        mandatory: definition.mandatory,
        options: definition.options.iter().map(fields::value).collect(),
    }
}

/// `OutputOrganisation`
#[derive(Debug, Clone, Deserialize)]
pub struct OrganisationRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub locked: bool,
    #[serde(default)]
    pub links: Vec<OrganisationLinkRow>,
}

impl OrganisationRow {
    /// As guests see it.
    pub fn into_tenancy(self) -> Tenancy {
        Tenancy {
            id: self.id,
            name: self.name,
            description: self.description,
            locked: self.locked,
        }
    }
}

/// `OrganisationLink`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationLinkRow {
    pub link_type: String,
    pub other_link_type: String,
    pub to_organisation: String,
}

impl OrganisationLinkRow {
    /// As guests see it.
    pub fn into_link(self) -> TenancyLink {
        TenancyLink {
            name: self.to_organisation,
            kind: self.link_type,
            other_kind: self.other_link_type,
        }
    }
}

/// `OutputProfile`
#[derive(Debug, Clone, Deserialize)]
pub struct ProfileRow {
    pub name: String,
    #[serde(default)]
    pub permissions: Vec<String>,
}

impl ProfileRow {
    /// As guests see it.
    pub fn into_profile(self) -> Profile {
        Profile {
            name: self.name,
            permissions: self.permissions,
        }
    }
}

/// `OutputTag`
#[derive(Debug, Clone, Deserialize)]
pub struct TagRow {
    #[serde(default)]
    pub namespace: String,
    pub predicate: String,
    #[serde(default)]
    pub value: Option<String>,
}

impl TagRow {
    /// As it stands on alerts and cases; none for a marker of the platform.
    pub fn into_text(self) -> Option<String> {
        let text = match (self.namespace.as_str(), self.value) {
            ("" | FREE, None) => self.predicate,
            ("" | FREE, Some(value)) => format!("{}=\"{value}\"", self.predicate),
            (namespace, None) => format!("{namespace}:{}", self.predicate),
            (namespace, Some(value)) => format!("{namespace}:{}=\"{value}\"", self.predicate),
        };
        (!marked::names_marker(&text)).then_some(text)
    }
}
