//! What does a workflow's author ask for, and does a deployment fit it?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::ids::BindingName;
use crate::limits::{self, Plan, RunLimits};
use crate::permission::{Grant, Pattern, Scopes};

/// `workflow.toml` beside a guest's source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The workflow's name.
    pub name: String,
    /// The workflow's version.
    pub version: String,
    /// What it does, in a sentence.
    pub description: String,
    /// `standard` or `large`.
    #[serde(default = "standard")]
    pub plan: String,
    /// The connections it uses, by logical name.
    #[serde(default)]
    pub bindings: BTreeMap<BindingName, Binding>,
    /// How it may be started.
    #[serde(default)]
    pub triggers: Triggers,
    /// Its settings.
    #[serde(default)]
    pub config: Config,
    /// What its targets must have for these settings.
    #[serde(default)]
    pub checks: Vec<Check>,
}

fn standard() -> String {
    limits::STANDARD.name.to_owned()
}

/// A connection that a workflow uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// `thehive`, `qradar`, `ews` or `lab`.
    pub kind: String,
    /// What it is used for.
    #[serde(default)]
    pub description: String,
    /// Operations the workflow calls.
    pub operations: Vec<Pattern>,
    /// Arguments it keeps to.
    #[serde(default)]
    pub scopes: Scopes,
}

/// How a workflow may be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// By HTTP, API or CLI with a JSON input.
    #[serde(default = "yes")]
    pub http: bool,
    /// By events of TheHive.
    #[serde(default)]
    pub webhook: bool,
    /// By time: the event's data is the schedule's `input`.
    #[serde(default)]
    pub schedule: bool,
    /// By what is new at a source: `offenses`, `folder`.
    #[serde(default)]
    pub source: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Default for Triggers {
    fn default() -> Self {
        Self {
            http: true,
            webhook: false,
            schedule: false,
            source: Vec::new(),
        }
    }
}

/// A workflow's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A JSON Schema (draft 2020-12) for the settings' object.
    #[serde(default = "empty_schema")]
    pub schema: serde_json::Value,
}

fn empty_schema() -> serde_json::Value {
    serde_json::json!({ "type": "object", "additionalProperties": false })
}

impl Default for Config {
    fn default() -> Self {
        Self { schema: empty_schema() }
    }
}

/// Why a manifest or a deployment is refused: what, where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Refused {
    /// Where.
    pub place: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Refused {
    /// A refusal.
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// Names the line or field that is wrong.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let manifest: Self = toml::from_str(text).map_err(|error| Refused::new("workflow.toml", error.to_string()))?;
        manifest.plan()?;
        jsonschema::validator_for(&manifest.config.schema)
            .map_err(|error| Refused::new("workflow.toml: config.schema", format!("not a JSON Schema: {error}")))?;
        manifest.check_checks()?;
        Ok(manifest)
    }

    /// Each check is about settings and bindings that there are.
    fn check_checks(&self) -> Result<(), Refused> {
        for (index, check) in self.checks.iter().enumerate() {
            let refuse = |problem: String| Refused::new(format!("workflow.toml: checks[{index}]"), problem);
            for (name, kind) in check.bindings() {
                let is = self.bindings.get(name).is_some_and(|binding| binding.kind == kind);
                if !is {
                    return Err(refuse(format!("there is no binding `{name}` of kind `{kind}`")));
                }
            }
            if let Some(unknown) = check.settings().find(|setting| self.declared(setting).is_none()) {
                return Err(refuse(format!("the schema has no setting `{unknown}`")));
            }
        }
        Ok(())
    }

    /// What the schema says of a setting, by its path.
    fn declared(&self, path: &str) -> Option<&serde_json::Value> {
        path.split('.')
            .try_fold(&self.config.schema, |schema, name| schema.get("properties")?.get(name))
    }

    /// The value of a setting by its path (`alert.case_template`): as configured, else the schema's default.
    pub fn setting<'a>(&'a self, config: &'a serde_json::Value, path: &str) -> Option<&'a serde_json::Value> {
        let configured = path.split('.').try_fold(config, |value, name| value.get(name));
        configured.or_else(|| self.declared(path)?.get("default"))
    }

    /// The plan it asks for.
    ///
    /// # Errors
    /// There is no such plan.
    pub fn plan(&self) -> Result<&'static Plan, Refused> {
        let unknown = || {
            Refused::new(
                "workflow.toml: plan",
                format!("`{}` is unknown; use `standard` or `large`", self.plan),
            )
        };
        limits::plan(&self.plan).ok_or_else(unknown)
    }

    /// What it asks for, in the shape of grants.
    pub fn asked(&self) -> Vec<Grant> {
        let grant = |(name, binding): (&BindingName, &Binding)| Grant {
            binding: name.clone(),
            operations: binding.operations.clone(),
            scopes: binding.scopes.clone(),
        };
        self.bindings.iter().map(grant).collect()
    }

    /// Checks settings against the schema.
    ///
    /// # Errors
    /// Names the first setting that does not fit, and why.
    pub fn check_config(&self, config: &serde_json::Value) -> Result<(), Refused> {
        let size = config.to_string().len();
        if size > limits::EVENT_BYTES {
            return Err(Refused::new(
                "config",
                format!("{size} bytes; at most {} are allowed", limits::EVENT_BYTES),
            ));
        }
        let validator = jsonschema::validator_for(&self.config.schema)
            .map_err(|error| Refused::new("workflow.toml: config.schema", format!("not a JSON Schema: {error}")))?;
        validator
            .validate(config)
            .map_err(|error| Refused::new(format!("config{}", error.instance_path), error.to_string()))
    }

    /// The limits of a run: the plan's, lowered where the deployment asks for less.
    ///
    /// # Errors
    /// The deployment asks for more than the plan.
    pub fn run_limits(&self, asked: Option<&LowerLimits>) -> Result<RunLimits, Refused> {
        let plan = self.plan()?;
        let mut run = plan.run.clone();
        let Some(asked) = asked else { return Ok(run) };
        lower("memory_bytes", asked.memory_bytes, &mut run.memory_bytes, plan.name)?;
        lower("fuel", asked.fuel, &mut run.fuel, plan.name)?;
        lower("wall_ms", asked.wall_ms, &mut run.wall_ms, plan.name)?;
        lower("calls", asked.calls, &mut run.calls, plan.name)?;
        Ok(run)
    }
}

/// Limits of a deployment below its plan's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LowerLimits {
    /// See [`RunLimits::memory_bytes`].
    pub memory_bytes: Option<u64>,
    /// See [`RunLimits::fuel`].
    pub fuel: Option<u64>,
    /// See [`RunLimits::wall_ms`].
    pub wall_ms: Option<u64>,
    /// See [`RunLimits::calls`].
    pub calls: Option<u32>,
}

fn lower<T: PartialOrd + Copy + std::fmt::Display>(
    name: &str,
    asked: Option<T>,
    limit: &mut T,
    plan: &str,
) -> Result<(), Refused> {
    match asked {
        Some(value) if value > *limit => Err(Refused::new(
            format!("limits.{name}"),
            format!("{value} is more than plan `{plan}` allows ({limit})"),
        )),
        Some(value) => {
            *limit = value;
            Ok(())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        name = "qradar2alert"
        version = "0.1.0"
        description = "Offenses become alerts."
        [bindings.thehive]
        kind = "thehive"
        operations = ["thehive/alerts.*"]
        [config.schema]
        type = "object"
        additionalProperties = false
        properties.minimum.type = "integer"
    "#;

    #[test]
    fn a_setting_outside_the_schema_is_refused_by_name() {
        let manifest = Manifest::parse(TEXT).unwrap();
        assert!(manifest.check_config(&serde_json::json!({ "minimum": 3 })).is_ok());
        let refused = manifest
            .check_config(&serde_json::json!({ "minimum": "x" }))
            .unwrap_err();
        assert_eq!(refused.place, "config/minimum");
    }

    #[test]
    fn limits_go_down_and_never_up() {
        let manifest = Manifest::parse(TEXT).unwrap();
        let less = LowerLimits {
            calls: Some(5),
            ..LowerLimits::default()
        };
        assert_eq!(manifest.run_limits(Some(&less)).unwrap().calls, 5);
        let more = LowerLimits {
            fuel: Some(u64::MAX),
            ..LowerLimits::default()
        };
        assert_eq!(manifest.run_limits(Some(&more)).unwrap_err().place, "limits.fuel");
    }

    #[test]
    fn a_check_of_something_that_is_not_there_is_refused_and_a_default_counts_as_configured() {
        let with = |check: &str| {
            Manifest::parse(&format!(
                "{TEXT}\nproperties.template.default = \"X\"\n[[checks]]\n{check}"
            ))
        };
        let manifest = with("check = \"case-template\"\nsetting = \"template\"\nthehive = \"thehive\"").unwrap();
        let (empty, named) = (serde_json::json!({}), serde_json::json!({ "template": "Y" }));
        assert_eq!(manifest.setting(&empty, "template").unwrap(), "X");
        assert_eq!(manifest.setting(&named, "template").unwrap(), "Y");
        assert_eq!(manifest.setting(&named, "minimum"), None);
        for (wrong, why) in [
            (
                "check = \"case-template\"\nsetting = \"other\"\nthehive = \"thehive\"",
                "`other`",
            ),
            (
                "check = \"case-template\"\nsetting = \"template\"\nthehive = \"hive\"",
                "`hive`",
            ),
            (
                "check = \"folder\"\nsetting = \"template\"\news = \"thehive\"",
                "kind `ews`",
            ),
            (
                "check = \"fodler\"\nsetting = \"template\"\news = \"thehive\"",
                "fodler",
            ),
        ] {
            let refused = with(wrong).unwrap_err();
            assert!(refused.problem.contains(why), "{refused}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_where_it_stands() {
        let refused = Manifest::parse(&format!("colour = 1\n{TEXT}")).unwrap_err();
        assert!(refused.problem.contains("colour"), "{refused}");
    }
}
