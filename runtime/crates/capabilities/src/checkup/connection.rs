//! Which steps does the examination of a connection have? First the way, then what its connector asks.

use std::time::Duration;

use synapse_domain::clock::Timestamp;

use super::{Need, Step};
use crate::connection::{Client, Connection};

/// Longest time for what is asked after the way was clear.
const ASKING: Duration = Duration::from_secs(45);

/// Examines a connection, step by step. Changes nothing at the target. Takes at most about a minute.
pub async fn examine(connection: &Connection, needs: &[Need], now: Timestamp) -> Vec<Step> {
    let Some(egress) = connection.egress() else {
        return vec![Step::skipped("name", "the connection has no URL: it answers by itself")];
    };
    let way = egress.examine(now).await;
    let mut steps = way.steps;
    if !way.leads {
        steps.push(Step::skipped("authentication", "not tried: the target is not reached"));
        return steps;
    }
    match tokio::time::timeout(ASKING, ask(&connection.client, needs, now)).await {
        Ok(asked) => steps.extend(asked),
        Err(_) => steps.push(Step::failed(
            "authentication",
            format!("the target did not answer everything within {} s", ASKING.as_secs()),
            "look at the target's own load and logs; then ask again",
        )),
    }
    steps.push(egress.examine_clock());
    steps
}

async fn ask(client: &Client, needs: &[Need], now: Timestamp) -> Vec<Step> {
    match client {
        Client::TheHive(client) => client.examine(needs, now).await,
        Client::QRadar(client) => client.examine(needs, now).await,
        Client::Ews(client) => client.examine().await,
        Client::Lab(client) => client.examine().await,
    }
}
