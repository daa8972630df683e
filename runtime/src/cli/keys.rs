//! How are API keys made, seen and taken back from the command line?

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};
use synapse_domain::clock::{Clock as _, SystemClock};
use synapse_domain::ids::TenantId;
use synapse_store::traits::Setups as _;

use super::api::Api;
use super::{Server, say, show};
use crate::keys::Scope;
use crate::{config, keys, node};

#[derive(Subcommand)]
pub enum Command {
    /// Make a key; it is shown once.
    Create {
        /// Make the first operator key, directly in the store of a server that is not running.
        #[arg(long, requires = "config")]
        bootstrap: bool,
        /// Configuration file, for `--bootstrap`.
        #[arg(long)]
        config: Option<PathBuf>,
        /// The key's tenant; without it the key is an operator's.
        #[arg(long)]
        tenant: Option<TenantId>,
        /// What a tenant's key may do; may be given several times.
        #[arg(long = "scope")]
        scopes: Vec<Scope>,
        /// For people.
        #[arg(long, default_value = "")]
        label: String,
        /// Days until it stops working.
        #[arg(long)]
        expires_days: Option<u64>,
        #[command(flatten)]
        server: Server,
    },
    /// List keys; secrets are not kept and so not shown.
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Take a key back.
    Revoke {
        /// The key's public part.
        id: String,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs a `keys` command.
pub async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Create {
            bootstrap: true,
            config: Some(path),
            label,
            server,
            ..
        } => {
            let key = bootstrap(&path, &label).await?;
            say(if server.json {
                json!({ "key": key }).to_string()
            } else {
                key
            });
        }
        Command::Create {
            tenant,
            scopes,
            label,
            expires_days,
            server,
            ..
        } => {
            let wanted = json!({ "tenant": tenant, "scopes": scopes, "label": label, "expires_days": expires_days });
            let made = Api::new(&server, Duration::ZERO)?
                .post("/v1/keys", &wanted, &[])
                .await?;
            say(if server.json {
                made.to_string()
            } else {
                made.get("key").and_then(Value::as_str).unwrap_or_default().to_owned()
            });
        }
        Command::List { server } => {
            let keys = Api::new(&server, Duration::ZERO)?.get("/v1/keys").await?;
            say(if server.json {
                keys.to_string()
            } else {
                show::keys(&keys)
            });
        }
        Command::Revoke { id, server } => {
            Api::new(&server, Duration::ZERO)?
                .delete(&format!("/v1/keys/{id}"))
                .await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The first operator key. Only while no server holds the store and no operator key works.
async fn bootstrap(path: &std::path::Path, label: &str) -> anyhow::Result<String> {
    let config = config::load(path)?;
    let store = node::open_store(&config.server.data_dir).await?;
    let now = SystemClock.now();
    let works = |key: &synapse_store::records::KeyRecord| {
        key.tenant.is_none() && key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now)
    };
    if store.keys().await?.iter().any(works) {
        anyhow::bail!("there is an operator key already; use it to make others with `synapse keys create`");
    }
    let key = keys::create(None, &[Scope::Operator], label, now, None)?;
    store.put_key(key.record).await?;
    synapse_store::Store::close(store.as_ref()).await;
    Ok(key.text)
}
