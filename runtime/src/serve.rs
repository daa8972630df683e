//! How does the server start, and how does it end without losing anything?

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::config::Config;
use crate::http;
use crate::node::Node;

/// Serves until SIGTERM or SIGINT; then accepts nothing new, lets runs end or hands them back, and closes the store.
///
/// # Errors
/// Whatever keeps it from starting, with what to do.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let address = config.server.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::anyhow!("cannot listen on {address}: {error}; is another server running?"))?;
    let node = Node::start(config).await?;
    let bound = listener.local_addr()?;
    // Before anybody is told where it listens: whoever knows may stop it at once.
    let orders = StopOrders::receive()?;
    tracing::info!(address = %bound, "serving");
    announce(bound);
    let service = http::router(Arc::clone(&node)).into_make_service_with_connect_info::<SocketAddr>();
    let (stop, stopping) = oneshot::channel();
    let draining = Arc::clone(&node);
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        orders.wait().await;
        tracing::info!("shutting down: nothing new is accepted");
        draining.begin_drain();
        // The receiver is there: it waits below.
        stop.send(()).ok();
    });
    // Side by side: the listener ends when every caller is answered, and who waits for a run is answered when that ends or is handed back.
    let (served, ()) = tokio::join!(serving.into_future(), async {
        stopping.await.ok();
        node.drain().await;
    });
    node.store.close().await;
    served?;
    tracing::info!("stopped");
    Ok(())
}

/// One line on standard output, for whoever started this process and wants to know where it listens.
#[expect(clippy::print_stdout, reason = "the line is for programs that start the server")]
fn announce(address: SocketAddr) {
    println!("{}", serde_json::json!({ "listening": format!("http://{address}") }));
}

/// SIGTERM and SIGINT, received from the moment this exists.
struct StopOrders {
    terminate: Signal,
    interrupt: Signal,
}

impl StopOrders {
    fn receive() -> anyhow::Result<Self> {
        let received = |kind| {
            signal(kind)
                .map_err(|error| anyhow::anyhow!("SIGTERM and SIGINT cannot be received: {error}; nothing was started"))
        };
        Ok(Self {
            terminate: received(SignalKind::terminate())?,
            interrupt: received(SignalKind::interrupt())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
