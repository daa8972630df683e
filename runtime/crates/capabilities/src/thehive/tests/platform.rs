//! Is what an organisation is configured with made once, and seen without what others have?

use serde_json::json;
use synapse_domain::run::How;

use super::removal::removed_once;
use super::{KEY, Lab, effect};
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue, Severity, Tlp};
use crate::bindings::synapse::thehive::custom_fields::{Definition, FieldType};
use crate::bindings::synapse::thehive::templates::{Template, TemplateTask};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write};
use crate::thehive::client::{Client, Options};
use crate::thehive::{
    CreateDefinition, CreateTemplate, DeleteDefinition, DeleteTemplate, GetOrganisation, GetTask, GetTemplate, GetUser,
    ListDefinitions, ListOrganisationLinks, ListOrganisations, ListProfiles, ListTags, ListTemplates, SetLocked,
    UpdateDefinition, UpdateTemplate,
};

pub(super) fn template(name: &str) -> CreateTemplate {
    CreateTemplate {
        template: Template {
            name: name.to_owned(),
            display_name: "Phishing".to_owned(),
            title_prefix: Some("[Phish]".to_owned()),
            description: Some("# How".to_owned()),
            severity: Some(Severity::High),
            tlp: Some(Tlp::AmberStrict),
            pap: None,
            tags: vec!["phish".to_owned()],
            flag: true,
            summary: None,
            custom_fields: vec![CustomField {
                name: "score".to_owned(),
                value: CustomValue::Number(1.5),
            }],
            tasks: vec![TemplateTask {
                title: "Look".to_owned(),
                group: None,
                description: None,
                id: None,
            }],
        },
    }
}

fn definition(name: &str) -> Definition {
    Definition {
        name: name.to_owned(),
        display_name: "Region".to_owned(),
        group: "default".to_owned(),
        description: "Where".to_owned(),
        kind: FieldType::Text,
        mandatory: false,
        options: vec![
            CustomValue::Text("north".to_owned()),
            CustomValue::Text("south".to_owned()),
        ],
    }
}

/// A second one of its name is somebody else's, unless it is in doubt and equal.
async fn named_once<C: Write<Target = Client>>(lab: &Lab, path: &str, call: &C) {
    let before = lab.effects();
    lab.fault("POST", path, &json!({"lie": "did_it", "status": 500}));
    let unknown = lab.send(call, &effect(path, false)).await.err().unwrap();
    assert_eq!(unknown.certainty, Certainty::Unknown, "{path}");
    assert_eq!(
        lab.send(call, &effect(path, true)).await.ok().unwrap().how,
        How::Adopted,
        "{path}"
    );
    let other = lab.send(call, &effect("other", false)).await.err().unwrap();
    assert!(matches!(other.error, Error::AlreadyExists(_)), "{path} {other:?}");
    assert_eq!(lab.effects(), before + 1, "{path}");
}

#[tokio::test]
async fn a_template_is_made_once_read_as_it_was_written_changed_and_deleted() {
    let lab = Lab::start().await;
    let call = template("phishing");
    named_once(&lab, "/api/v1/caseTemplate", &call).await;
    let read = lab
        .ask(&GetTemplate {
            name: "phishing".to_owned(),
        })
        .await
        .unwrap();
    assert_eq!(
        (read.tlp, read.severity, read.tasks.len()),
        (Some(Tlp::AmberStrict), Some(Severity::High), 1)
    );
    assert_eq!(read.custom_fields, call.template.custom_fields);
    assert!(lab.ask(&ListTemplates {}).await.unwrap()[0].tasks.is_empty());
    let change = UpdateTemplate {
        template: Template {
            display_name: "Phishing mails".to_owned(),
            ..call.template
        },
    };
    let changed = lab.send(&change, &effect("change", false)).await.unwrap().answer;
    assert_eq!(changed.display_name, "Phishing mails");
    let gone = DeleteTemplate {
        name: "phishing".to_owned(),
    };
    removed_once(&lab, "/api/v1/caseTemplate/*", &gone).await;
    for odd in ["~1", "..", ""] {
        assert!(DeleteTemplate { name: odd.to_owned() }.check().is_err(), "{odd}");
    }
}

#[tokio::test]
async fn d23_a_custom_field_is_defined_once_and_its_options_are_values_of_its_kind() {
    let more = json!({"users": [{"login": "admin@thehive.test", "key": KEY, "organisations": ["admin"]}]});
    let lab = Lab::with(more, Options::default()).await;
    let client = Client::new(super::egress_of(&lab.sim.url(), KEY, "admin"), Options::default());
    let lab = Lab { client, ..lab };
    let call = CreateDefinition {
        definition: definition("region"),
    };
    named_once(&lab, "/api/v1/customField", &call).await;
    let all = lab.ask(&ListDefinitions {}).await.unwrap();
    assert!(all.contains(&call.definition));
    let change = UpdateDefinition {
        definition: Definition {
            mandatory: true,
            ..call.definition
        },
    };
    assert!(
        lab.send(&change, &effect("change", false))
            .await
            .unwrap()
            .answer
            .mandatory
    );
    let gone = DeleteDefinition {
        name: "region".to_owned(),
    };
    removed_once(&lab, "/api/v1/customField/*", &gone).await;
    let wrong = CreateDefinition {
        definition: Definition {
            kind: FieldType::Integer,
            ..definition("number")
        },
    };
    assert!(matches!(wrong.check(), Err(Error::Invalid(argument)) if argument.field == "definition.options[0]"));
}

#[tokio::test]
async fn g9_users_of_other_organisations_do_not_exist_and_are_not_locked() {
    let more = json!({
        "organisations": ["soc", "partner"],
        "users": [
            {"login": "synapse@soc.test", "key": KEY, "organisations": ["soc", "admin"]},
            {"login": "ada@soc.test", "organisations": ["soc"]},
            {"login": "eve@partner.test", "organisations": ["partner"]},
        ],
    });
    let lab = Lab::with(more, Options::default()).await;
    let get = |login: &str| GetUser {
        login: login.to_owned(),
    };
    assert_eq!(lab.ask(&get("ada@soc.test")).await.unwrap().login, "ada@soc.test");
    assert_eq!(lab.ask(&get("eve@partner.test")).await, Err(Error::NotFound));
    let lock = |login: &str| SetLocked {
        login: login.to_owned(),
        locked: true,
    };
    let before = lab.effects();
    let refused = lab
        .send(&lock("eve@partner.test"), &effect("1", false))
        .await
        .unwrap_err();
    assert_eq!((refused.error, lab.effects()), (Error::NotFound, before));
    assert!(
        lab.send(&lock("ada@soc.test"), &effect("2", false))
            .await
            .unwrap()
            .answer
            .locked
    );
}

#[tokio::test]
async fn organisations_profiles_and_tags_are_listed_and_markers_are_no_tags() {
    let lab = Lab::start().await;
    lab.case().await;
    let all = lab.ask(&ListOrganisations {}).await.unwrap();
    assert!(all.iter().any(|one| one.name == "soc"));
    let name = "soc".to_owned();
    assert_eq!(
        lab.ask(&GetOrganisation { name: name.clone() }).await.unwrap().name,
        "soc"
    );
    assert!(lab.ask(&ListOrganisationLinks { name }).await.unwrap().is_empty());
    let profiles = lab.ask(&ListProfiles {}).await.unwrap();
    assert!(
        profiles
            .iter()
            .any(|profile| profile.name == "analyst" && !profile.permissions.is_empty())
    );
    let tags = lab.ask(&ListTags { text: None }).await.unwrap();
    assert!(
        tags.contains(&"mail".to_owned()) && !tags.iter().any(|tag| tag.contains(super::MARKER)),
        "{tags:?}"
    );
    assert!(
        lab.ask(&ListTags {
            text: Some("zzz".to_owned())
        })
        .await
        .unwrap()
        .is_empty()
    );
    let id = lab.task().await;
    assert_eq!(lab.ask(&GetTask { id: id.clone() }).await.unwrap().id, id);
    removed_once(&lab, "/api/v1/task/*", &crate::thehive::DeleteTask { id }).await;
}
