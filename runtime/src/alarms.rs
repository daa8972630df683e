//! Which sources and connections need somebody? Metrics with names, for alert rules; what is under maintenance is not failing.

use std::sync::Arc;

use synapse_capabilities::connection::Connection;
use synapse_capabilities::egress;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{ConnectionName, TenantId};
use synapse_store::StoreError;

use crate::metrics::{Family, Labels};
use crate::node::Node;
use crate::triggers::source;

/// Of the tenants that somebody may know: one sample per connection of the configuration, and per source that is watched here.
///
/// # Errors
/// The store's.
pub async fn families(node: &Node, sees: impl Fn(&TenantId) -> bool) -> Result<Vec<Family>, StoreError> {
    let mut families = of_connections(node.connections.all().filter(|(tenant, ..)| sees(tenant)));
    let mut sources = node.sources.standing().await?;
    sources.retain(|source| sees(&source.cursor.id.tenant));
    families.extend(of_sources(&sources));
    let received = node.metrics.webhooks_received();
    let received = received.into_iter().filter(|((tenant, _), _)| sees(tenant));
    families.push(Family::new(
        "synapse_webhook_last_received_seconds",
        "gauge",
        received.map(|((tenant, connection), moment)| (labels(&tenant, &connection), seconds(moment))),
    ));
    Ok(families)
}

fn labels(tenant: &TenantId, connection: &ConnectionName) -> Labels {
    vec![("tenant", tenant.to_string()), ("connection", connection.to_string())]
}

fn of_connections<'a>(
    all: impl Iterator<Item = (&'a TenantId, &'a ConnectionName, &'a Arc<Connection>)>,
) -> Vec<Family> {
    let mut all: Vec<(Labels, egress::Standing)> = all
        .filter_map(|(tenant, name, connection)| Some((labels(tenant, name), connection.egress()?.health().standing())))
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    let family = |name, kind, value: fn(&egress::Standing) -> Option<u64>| {
        let samples = all
            .iter()
            .filter_map(|(labels, standing)| Some((labels.clone(), value(standing)?)));
        Family::new(name, kind, samples)
    };
    vec![
        family("synapse_connection_answers_total", "counter", |now| Some(now.answers)),
        family("synapse_connection_failures_total", "counter", |now| Some(now.failures)),
        family("synapse_connection_failing", "gauge", |now| {
            Some(u64::from(now.in_a_row > 0 && !now.muted))
        }),
        family("synapse_connection_muted", "gauge", |now| Some(u64::from(now.muted))),
        family("synapse_connection_last_answer_seconds", "gauge", |now| {
            now.answered_at.map(seconds)
        }),
        family("synapse_connection_last_failure_seconds", "gauge", |now| {
            now.failed_at.map(seconds)
        }),
    ]
}

fn of_sources(all: &[source::Standing]) -> [Family; 2] {
    let family = |name, value: fn(&source::Standing) -> u64| {
        let samples = all.iter().map(|source| {
            let id = &source.cursor.id;
            let labels = vec![
                ("tenant", id.tenant.to_string()),
                ("deployment", id.deployment.to_string()),
                ("trigger", id.trigger.to_string()),
                ("connection", source.connection.to_string()),
            ];
            (labels, value(source))
        });
        Family::new(name, "gauge", samples)
    };
    [
        family("synapse_source_failing", |source| {
            u64::from(source.cursor.failures > 0 && !source.left_alone)
        }),
        // A source that has never been read is as old as its cursor.
        family("synapse_source_last_success_seconds", |source| {
            seconds(source.cursor.ok_at.unwrap_or(source.cursor.created_at))
        }),
    ]
}

fn seconds(moment: Timestamp) -> u64 {
    moment / 1_000
}
