//! How are simulators started, in-process or by the binary? One product: store, router, control API and server in one call.

use crate::{
    control::{self, Control, Target},
    ews::Exchange,
    lab::Lab,
    qradar,
    serve::{Running, serve},
    thehive::TheHive,
    tls::TlsSetup,
};
use anyhow::Context;
use axum::Router;
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc};

/// A running simulator: its server, its control handle and its store.
pub struct Simulator {
    /// The server; dropping it stops the simulator.
    pub server: Running,
    /// The logs and faults, for tests in the same process.
    pub control: Control,
    /// The store, for loading state in the same process.
    pub target: Arc<dyn Target>,
}

impl Simulator {
    /// Base URL without a trailing slash.
    pub fn url(&self) -> String {
        self.server.url()
    }
}

/// Starts TheHive 5. State: [`crate::thehive::state`]; none is a fresh server.
pub async fn thehive(addr: SocketAddr, state: Option<Value>) -> anyhow::Result<Simulator> {
    let control = Control::new("thehive");
    let (router, target) = TheHive::build(control.clone()).map_err(anyhow::Error::msg)?;
    start(addr, router, target, control, None, state).await
}

/// Starts QRadar 7.5, with the console's odd TLS if given.
pub async fn qradar(addr: SocketAddr, tls: Option<TlsSetup>, state: Option<Value>) -> anyhow::Result<Simulator> {
    let control = Control::new("qradar");
    let (router, target) = qradar::router(control.clone());
    start(addr, router, target, control, tls, state).await
}

/// Starts Exchange (EWS), over TLS if given. State: [`crate::ews`]; none is one empty mailbox.
pub async fn ews(addr: SocketAddr, tls: Option<TlsSetup>, state: Option<Value>) -> anyhow::Result<Simulator> {
    let control = Control::new("ews");
    let certificate = tls.as_ref().map(|tls| tls.leaf_der().to_vec());
    let (router, target) = Exchange::build(control.clone(), certificate).map_err(anyhow::Error::msg)?;
    start(addr, router, target, control, tls, state).await
}

/// Starts the laboratory target.
pub async fn lab(addr: SocketAddr) -> anyhow::Result<Simulator> {
    let control = Control::new("lab");
    let (router, target) = Lab::build(control.clone());
    start(addr, router, target, control, None, None).await
}

async fn start(
    addr: SocketAddr,
    router: Router,
    target: Arc<dyn Target>,
    control: Control,
    tls: Option<TlsSetup>,
    initial: Option<Value>,
) -> anyhow::Result<Simulator> {
    if let Some(state) = &initial {
        let loaded = target.load(state.clone()).map_err(anyhow::Error::msg);
        loaded.with_context(|| format!("loading the state of {}", control.name()))?;
    }
    let target: Arc<dyn Target> = Arc::new(Started { inner: target, initial });
    let router = control::wrap(router, control.clone(), Arc::clone(&target));
    let server = serve(addr, router, tls)
        .await
        .with_context(|| format!("binding {} to {addr}", control.name()))?;
    Ok(Simulator {
        server,
        control,
        target,
    })
}

/// A product that resets to the state it was started with.
struct Started {
    inner: Arc<dyn Target>,
    initial: Option<Value>,
}

impl Target for Started {
    fn load(&self, state: Value) -> Result<(), String> {
        self.inner.load(state)
    }

    fn reset(&self) {
        self.inner.reset();
        if let Some(initial) = &self.initial {
            // It loaded at the start; should it not now, the product is empty and the test sees it.
            let _ = self.inner.load(initial.clone());
        }
    }

    fn dump(&self) -> Value {
        self.inner.dump()
    }
}
