//! How is asked for and changed what an organisation is configured with (contract 2.7, 2.8, 2.10)?

use http::Method;
use tokio::time::Instant;

use super::{Client, MAJOR, json, not_sent};
use crate::bindings::synapse::thehive::custom_fields::Definition;
use crate::bindings::synapse::thehive::templates::Template;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::{self, List};
use crate::thehive::types::{
    self, DefinitionRow, OrganisationLinkRow, OrganisationRow, ProfileRow, TagRow, TemplateRow,
};

/// Templates that guests get.
const TEMPLATES: usize = 100;

impl Client {
    /// All custom fields.
    pub(in crate::thehive) async fn definitions(&self) -> Result<Vec<DefinitionRow>, Error> {
        self.major().await?;
        self.ask(&Request::new(Method::GET, ["api", "v1", "customField"])).await
    }

    /// One custom field by name.
    pub(in crate::thehive) async fn definition(&self, name: &str) -> Result<DefinitionRow, Error> {
        let rows = self.definitions().await?;
        rows.into_iter().find(|row| row.name == name).ok_or(Error::NotFound)
    }

    /// Defines a custom field.
    pub(in crate::thehive) async fn create_definition(
        &self,
        definition: &Definition,
        start: Instant,
    ) -> Result<DefinitionRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = json(&types::new_definition(definition, true)).map_err(not_sent)?;
        let request = Request::new(Method::POST, ["api", "v1", "customField"]).json(body);
        self.make(request, start).await
    }

    /// Changes a custom field, by its id.
    pub(in crate::thehive) async fn update_definition(
        &self,
        id: &str,
        definition: &Definition,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&types::new_definition(definition, false)).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", "customField", id]).json(body);
        self.tell(request, start).await
    }

    /// The templates without their tasks, as guests see them.
    pub(in crate::thehive) async fn shown_templates(&self) -> Result<Vec<Template>, Error> {
        let query = |rows| query::list(List::Templates, 0, rows);
        let (rows, _) = self.some::<TemplateRow, _>("list-templates", TEMPLATES, query).await?;
        let bare = |mut row: TemplateRow| {
            row.tasks.clear();
            self.shown_template(row)
        };
        rows.into_iter().map(bare).collect()
    }

    /// A template as guests see it.
    pub(in crate::thehive) fn shown_template(&self, row: TemplateRow) -> Result<Template, Error> {
        row.into_template(self.marker_field())
    }

    /// One template by name.
    pub(in crate::thehive) async fn template(&self, name: &str) -> Result<TemplateRow, Error> {
        self.major().await?;
        let row: TemplateRow = self
            .ask(&Request::new(Method::GET, ["api", "v1", "caseTemplate", name]))
            .await?;
        if row.name == name {
            Ok(row)
        } else {
            Err(types::inconsistent("another template than the one asked for"))
        }
    }

    /// Makes a template.
    pub(in crate::thehive) async fn create_template(
        &self,
        template: &Template,
        start: Instant,
    ) -> Result<TemplateRow, Failure> {
        self.major().await.map_err(not_sent)?;
        let body = json(&types::new_template(template, true, MAJOR)).map_err(not_sent)?;
        let request = Request::new(Method::POST, ["api", "v1", "caseTemplate"]).json(body);
        self.make(request, start).await
    }

    /// Changes a template.
    pub(in crate::thehive) async fn update_template(&self, template: &Template, start: Instant) -> Result<(), Failure> {
        let body = json(&types::new_template(template, false, MAJOR)).map_err(not_sent)?;
        let path = ["api", "v1", "caseTemplate", template.name.as_str()];
        self.tell(Request::new(Method::PATCH, path).json(body), start).await
    }

    /// The organisations that the connection sees.
    pub(in crate::thehive) async fn organisations(&self) -> Result<Vec<OrganisationRow>, Error> {
        self.all("list-organisations", |from, to| {
            query::list(List::Organisations, from, to)
        })
        .await
    }

    /// One organisation by name.
    pub(in crate::thehive) async fn organisation(&self, name: &str) -> Result<OrganisationRow, Error> {
        self.major().await?;
        self.ask(&Request::new(Method::GET, ["api", "v1", "organisation", name]))
            .await
    }

    /// The organisations that one is linked to.
    pub(in crate::thehive) async fn organisation_links(&self, name: &str) -> Result<Vec<OrganisationLinkRow>, Error> {
        Ok(self.organisation(name).await?.links)
    }

    /// The profiles.
    pub(in crate::thehive) async fn profiles(&self) -> Result<Vec<ProfileRow>, Error> {
        self.all("list-profiles", |from, to| query::list(List::Profiles, from, to))
            .await
    }

    /// The tags that contain this text.
    pub(in crate::thehive) async fn tags(&self, text: Option<&str>) -> Result<Vec<String>, Error> {
        let rows: Vec<TagRow> = self
            .all("list-tags", |from, to| query::list(List::Tags, from, to))
            .await?;
        let wanted = |tag: &String| text.is_none_or(|text| tag.contains(text));
        Ok(rows.into_iter().filter_map(TagRow::into_text).filter(wanted).collect())
    }
}
