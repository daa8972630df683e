//! How is a guest deployed in a test?

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::World;

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A deployment to make: by default the guest of this name with every binding of its manifest granted everything.
pub struct Deployment {
    /// Tenant.
    pub tenant: &'static str,
    /// Name of the deployment.
    pub name: String,
    /// Name of the guest: `target/guests/<guest>.wasm`.
    pub guest: String,
    /// Settings.
    pub config: Value,
    /// Grants; none: everything through every binding.
    pub grants: Option<Value>,
    /// What starts its runs by itself.
    pub triggers: Value,
    /// Runs at once.
    pub concurrency: u32,
    /// Lower limits.
    pub limits: Option<Value>,
    /// Targets are not asked whether they have what the settings name.
    pub unchecked: bool,
}

impl Deployment {
    /// The guest under its own name in the first tenant.
    pub fn of(guest: &str) -> Self {
        Self {
            tenant: crate::TENANTS[0],
            name: guest.to_owned(),
            guest: guest.to_owned(),
            config: json!({}),
            grants: None,
            triggers: json!([]),
            concurrency: 1,
            limits: None,
            unchecked: false,
        }
    }

    /// Under another name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// In another tenant.
    pub fn tenant(mut self, tenant: &'static str) -> Self {
        self.tenant = tenant;
        self
    }

    /// With these settings.
    pub fn config(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    /// With these grants only.
    pub fn grants(mut self, grants: Value) -> Self {
        self.grants = Some(grants);
        self
    }

    /// With these triggers.
    pub fn triggers(mut self, triggers: Value) -> Self {
        self.triggers = triggers;
        self
    }

    /// With lower limits.
    pub fn limits(mut self, limits: Value) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Without asking the targets whether they have what the settings name.
    pub fn unchecked(mut self) -> Self {
        self.unchecked = true;
        self
    }

    /// With this many runs at once.
    pub fn concurrency(mut self, concurrency: u32) -> Self {
        self.concurrency = concurrency;
        self
    }
}

/// The component and manifest of a guest.
pub fn files(guest: &str) -> anyhow::Result<(Vec<u8>, String)> {
    let wasm = root().join(format!("target/guests/{guest}.wasm"));
    let component = std::fs::read(&wasm).with_context(|| format!("`{}`: run `cargo xtask guests`", wasm.display()))?;
    let places = [
        format!("workflows/{guest}/workflow.toml"),
        format!("tests/guests/{guest}/workflow.toml"),
    ];
    let manifest = places
        .iter()
        .find_map(|place| std::fs::read_to_string(root().join(place)).ok());
    Ok((
        component,
        manifest.with_context(|| format!("no workflow.toml of `{guest}`"))?,
    ))
}

impl World {
    /// Uploads and deploys; answers the server's answer to the deployment, whatever it is.
    pub async fn try_deploy(&self, deployment: &Deployment) -> anyhow::Result<crate::Answer> {
        let (component, manifest) = files(&deployment.guest)?;
        let digest = hex::encode(Sha256::digest(&component));
        let tenant = deployment.tenant;
        let api = self.operator();
        let upload = format!("/v1/tenants/{tenant}/components/{digest}");
        api.send("PUT", &upload, &[], Some(component)).await?.ok()?;
        let parsed: toml::Table = toml::from_str(&manifest)?;
        let bindings: serde_json::Map<String, Value> = parsed
            .get("bindings")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten()
            .map(|(name, binding)| {
                let kind = binding.get("kind").and_then(toml::Value::as_str).unwrap_or("");
                (name.clone(), json!(crate::world::connection_of(kind)))
            })
            .collect();
        let everything = || {
            bindings
                .keys()
                .map(|name| json!({ "binding": name, "operations": ["*"] }))
                .collect::<Vec<_>>()
                .into()
        };
        let wanted = json!({
            "component": digest,
            "manifest": manifest,
            "config": deployment.config,
            "bindings": bindings,
            "grants": deployment.grants.clone().unwrap_or_else(everything),
            "triggers": deployment.triggers,
            "concurrency": deployment.concurrency,
            "limits": deployment.limits,
            "unchecked": deployment.unchecked,
        });
        api.json(
            "PUT",
            &format!("/v1/tenants/{tenant}/deployments/{}", deployment.name),
            &[],
            &wanted,
        )
        .await
    }

    /// Deploys, and answers the deployment.
    pub async fn deploy(&self, deployment: Deployment) -> anyhow::Result<Value> {
        self.try_deploy(&deployment).await?.ok()
    }
}
