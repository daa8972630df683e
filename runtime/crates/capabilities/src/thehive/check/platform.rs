//! Would TheHive accept this custom field or template?

use synapse_domain::limits;

use super::around::natural;
use super::{FIELD_NAME, TAG, TEMPLATE, TEXT, custom_fields, invalid, line, optional_line, optional_text, tags, text};
use crate::bindings::synapse::thehive::alerts::CustomValue;
use crate::bindings::synapse::thehive::custom_fields::{Definition, FieldType};
use crate::bindings::synapse::thehive::templates::Template;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{CreateDefinition, CreateTemplate, DeleteDefinition, UpdateDefinition, UpdateTemplate};

const GROUP: usize = 64;
const DISPLAY: usize = 64;
const PREFIX: usize = 64;
const TASK: usize = 128;
/// Values that a custom field offers: far more than anybody picks from.
const OPTIONS: usize = 1_000;

/// `create-definition`
pub fn create_definition(call: &CreateDefinition) -> Result<(), Error> {
    definition(&call.definition)
}

/// `update-definition`
pub fn update_definition(call: &UpdateDefinition) -> Result<(), Error> {
    definition(&call.definition)
}

/// `delete-definition`
pub fn delete_definition(call: &DeleteDefinition) -> Result<(), Error> {
    natural("name", &call.name, FIELD_NAME)
}

fn definition(definition: &Definition) -> Result<(), Error> {
    let Definition {
        name,
        display_name,
        group,
        description,
        kind,
        mandatory: _,
        options,
    } = definition;
    natural("definition.name", name, FIELD_NAME)?;
    line("definition.display-name", display_name, DISPLAY)?;
    line("definition.group", group, GROUP)?;
    text("definition.description", description, TEXT)?;
    if options.len() > OPTIONS {
        return invalid("definition.options", format!("more than {OPTIONS}"));
    }
    for (n, option) in options.iter().enumerate() {
        let fits = match option {
            CustomValue::Text(_) => matches!(kind, FieldType::Text | FieldType::Url),
            CustomValue::Integer(_) => *kind == FieldType::Integer,
            CustomValue::Number(number) => *kind == FieldType::Number && number.is_finite(),
            CustomValue::Boolean(_) => *kind == FieldType::Boolean,
            CustomValue::Date(_) => *kind == FieldType::Date,
        };
        if !fits {
            return invalid(
                &format!("definition.options[{n}]"),
                "it is no value of the field's kind".to_owned(),
            );
        }
    }
    Ok(())
}

/// The name of a template.
pub fn template_name(name: &str) -> Result<(), Error> {
    natural("name", name, TEMPLATE)
}

/// `create-template`
pub fn create_template(call: &CreateTemplate) -> Result<(), Error> {
    template(&call.template)
}

/// `update-template`
pub fn update_template(call: &UpdateTemplate) -> Result<(), Error> {
    template(&call.template)
}

fn template(template: &Template) -> Result<(), Error> {
    let Template {
        name,
        display_name,
        title_prefix,
        description,
        severity: _,
        tlp: _,
        pap: _,
        tags: own_tags,
        flag: _,
        summary,
        custom_fields: fields,
        tasks,
    } = template;
    natural("template.name", name, TEMPLATE)?;
    line("template.display-name", display_name, DISPLAY)?;
    optional_line("template.title-prefix", title_prefix.as_ref(), PREFIX)?;
    optional_text("template.description", description.as_ref(), TEXT)?;
    optional_text("template.summary", summary.as_ref(), TEXT)?;
    tags("template.tags", own_tags)?;
    custom_fields(fields)?;
    if tasks.len() > limits::BATCH_ITEMS {
        return invalid("template.tasks", format!("more than {} tasks", limits::BATCH_ITEMS));
    }
    for (n, task) in tasks.iter().enumerate() {
        line(&format!("template.tasks[{n}].title"), &task.title, TASK)?;
        optional_line(&format!("template.tasks[{n}].group"), task.group.as_ref(), GROUP)?;
        optional_text(
            &format!("template.tasks[{n}].description"),
            task.description.as_ref(),
            TEXT,
        )?;
    }
    Ok(())
}

/// `list-tags`
pub fn tag_text(text: Option<&String>) -> Result<(), Error> {
    optional_line("text", text, TAG)
}
