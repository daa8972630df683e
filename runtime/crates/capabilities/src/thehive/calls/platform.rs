//! Which calls on what an organisation is configured with are there: custom fields, templates, organisations, profiles, tags?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::custom_fields::Definition;
use crate::bindings::synapse::thehive::organisations::{Profile, Tenancy, TenancyLink};
use crate::bindings::synapse::thehive::templates::Template;
use crate::thehive::types::{OrganisationLinkRow, OrganisationRow, ProfileRow};
use crate::thehive::{check, reconcile};

ask!(
    /// `list-definitions`
    ListDefinitions {} = "thehive/custom-fields.list-definitions" -> Vec<Definition>,
    |_call, client, _scopes| client.definitions().await?.into_iter().map(|row| row.into_definition()).collect()
);
change!(
    /// `create-definition`
    CreateDefinition {
        /// What the guest asks for.
        definition: Definition,
    } = Keyed "thehive/custom-fields.create-definition" -> Definition,
    check: check::create_definition, perform: reconcile::create_definition
);
change!(
    /// `update-definition`
    UpdateDefinition {
        /// Everything but the name is replaced.
        definition: Definition,
    } = Keyed "thehive/custom-fields.update-definition" -> Definition,
    check: check::update_definition, perform: reconcile::update_definition
);
change!(
    /// `delete-definition`
    DeleteDefinition {
        /// Its name.
        name: String,
    } = Keyed "thehive/custom-fields.delete-definition" -> (),
    check: check::delete_definition, perform: reconcile::delete_definition
);
ask!(
    /// `list-templates`
    ListTemplates {} = "thehive/templates.list-templates" -> Vec<Template>,
    |_call, client, _scopes| client.shown_templates().await
);
ask!(
    /// `get-template`
    GetTemplate {
        /// Its name.
        name: String,
    } = "thehive/templates.get-template" -> Template,
    |call, client, _scopes| {
        check::template_name(&call.name)?;
        let row = client.template(&call.name).await?;
        client.shown_template(row)
    }
);
change!(
    /// `create-template`
    CreateTemplate {
        /// What the guest asks for.
        template: Template,
    } = Keyed "thehive/templates.create-template" -> Template,
    check: check::create_template, perform: reconcile::create_template
);
change!(
    /// `update-template`
    UpdateTemplate {
        /// Everything but the name is replaced.
        template: Template,
    } = Keyed "thehive/templates.update-template" -> Template,
    check: check::update_template, perform: reconcile::update_template
);
ask!(
    /// `list-organisations`
    ListOrganisations {} = "thehive/organisations.list-organisations" -> Vec<Tenancy>,
    |_call, client, _scopes| {
        let rows = client.organisations().await?;
        Ok(rows.into_iter().map(OrganisationRow::into_tenancy).collect())
    }
);
ask!(
    /// `get-organisation`
    GetOrganisation {
        /// Its name.
        name: String,
    } = "thehive/organisations.get-organisation" -> Tenancy,
    |call, client, _scopes| {
        check::organisation("name", &call.name)?;
        Ok(client.organisation(&call.name).await?.into_tenancy())
    }
);
ask!(
    /// `list-organisation-links`
    ListOrganisationLinks {
        /// Its name.
        name: String,
    } = "thehive/organisations.list-organisation-links" -> Vec<TenancyLink>,
    |call, client, _scopes| {
        check::organisation("name", &call.name)?;
        let rows = client.organisation_links(&call.name).await?;
        Ok(rows.into_iter().map(OrganisationLinkRow::into_link).collect())
    }
);
ask!(
    /// `list-profiles`
    ListProfiles {} = "thehive/organisations.list-profiles" -> Vec<Profile>,
    |_call, client, _scopes| {
        let rows = client.profiles().await?;
        Ok(rows.into_iter().map(ProfileRow::into_profile).collect())
    }
);
ask!(
    /// `list-tags`
    ListTags {
        /// What they contain.
        text: Option<String>,
    } = "thehive/organisations.list-tags" -> Vec<String>,
    |call, client, _scopes| {
        check::tag_text(call.text.as_ref())?;
        client.tags(call.text.as_deref()).await
    }
);
