//! How far does the way to the target lead: name, TCP, TLS, certificate? Nothing is asked over it.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use synapse_domain::clock::Timestamp;

use super::base::Host;
use super::client::Egress;
use super::dial::{self, Dial, Missed, Stream};
use super::fault::Fault;
use super::issuer;
use super::proxy::Proxy;
use super::resolver::{Blocked, Checked};
use crate::checkup::{NOTICE_DAYS, Step, days_left, said};

/// Addresses of one name that are shown.
const SHOWN: usize = 8;
/// A clock that differs by more than this is told, milliseconds. Dates in answers are of whole seconds.
const SKEW: u64 = 30_000;

/// What was found on the way.
pub struct Way {
    /// Step by step. After one that failed there is no other.
    pub steps: Vec<Step>,
    /// Can something be asked over it?
    pub leads: bool,
}

impl Egress {
    /// Goes the way to the target without asking it anything. At most as long as three times the connect timeout.
    pub async fn examine(&self, now: Timestamp) -> Way {
        let mut steps = Vec::new();
        let leads = self.go(&mut steps, now).await.is_some();
        Way { steps, leads }
    }

    async fn go(&self, steps: &mut Vec<Step>, now: Timestamp) -> Option<()> {
        let dial = self.transport().dial();
        let stream = match &dial.proxy {
            None => {
                let addresses = keep(steps, name(&dial.resolver, dial.timeout).await)?;
                keep(steps, connect(&addresses, dial.port, dial.timeout).await)?
            }
            Some(proxy) => keep(steps, self.through(dial, proxy).await)?,
        };
        let Some(tls) = &dial.tls else {
            let found = "`http://`: everything, the credential too, travels in clear";
            steps.push(Step::warning("tls", found, "use `https://` outside a laboratory"));
            return Some(());
        };
        let presented = keep(steps, shake_hands(tls, &dial.name, stream, dial.timeout).await)?;
        steps.push(certificates(&presented, now));
        Some(())
    }

    async fn through(&self, dial: &Dial, proxy: &Proxy) -> (Step, Option<Stream>) {
        const STEP: &str = "proxy";
        match dial.tunnel(proxy).await {
            Ok(stream) => {
                let found = format!(
                    "`{}` lets us through to the target, whose name it looks up",
                    proxy.shown()
                );
                (Step::ok(STEP, found), Some(stream))
            }
            Err(fault) => {
                let found = said(&fault.into_failure(&self.base().asked).error);
                let remedy =
                    "look at the connection's `proxy` settings, and let the proxy pass CONNECT to the target's port";
                (Step::failed(STEP, found, remedy), None)
            }
        }
    }

    /// Do the target's clock and ours agree? As its last answer said.
    pub fn examine_clock(&self) -> Step {
        match self.skew() {
            None => Step::skipped("clock", "no answer has named a time"),
            Some(skew) if skew.unsigned_abs() <= SKEW => Step::ok("clock", "agrees with the target's to within 30 s"),
            Some(skew) => {
                let which = if skew > 0 { "ahead of" } else { "behind" };
                Step::warning(
                    "clock",
                    format!("the target's clock is {} s {which} ours", skew.unsigned_abs() / 1_000),
                    "let both take their time from one source (NTP): windows of searches and dates of alerts are wrong by as much",
                )
            }
        }
    }
}

/// Writes a step down; the value is there if one can go on.
fn keep<T>(steps: &mut Vec<Step>, (step, value): (Step, Option<T>)) -> Option<T> {
    steps.push(step);
    value
}

async fn name(resolver: &Checked, timeout: Duration) -> (Step, Option<Vec<IpAddr>>) {
    const STEP: &str = "name";
    let permitted = |address: &IpAddr| resolver.allow.permits(*address);
    let name = match &resolver.host {
        Host::Address(address) if permitted(address) => {
            let found = format!("`{address}` is an address; there is nothing to look up");
            return (Step::ok(STEP, found), Some(vec![*address]));
        }
        Host::Address(address) => return (refused(&address.to_string(), &[*address]), None),
        Host::Name(name) => name,
    };
    let found = match tokio::time::timeout(timeout, resolver.lookup.lookup(name.clone())).await {
        Ok(found) => found,
        Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
    };
    let found = match found {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => return (unknown(name, "it has no address"), None),
        Err(error) => return (unknown(name, &error.to_string()), None),
    };
    let usable: Vec<IpAddr> = found.iter().copied().filter(permitted).take(SHOWN).collect();
    if usable.is_empty() || !resolver.allow.permits_name(name) {
        return (refused(name, &found), None);
    }
    (Step::ok(STEP, format!("`{name}` is {}", listed(&usable))), Some(usable))
}

fn unknown(name: &str, why: &str) -> Step {
    Step::failed(
        "name",
        format!("`{name}` cannot be looked up on the machine that Synapse runs on: {why}"),
        "correct the connection's `url`, or make the name known there (DNS, hosts file)",
    )
}

fn refused(host: &str, addresses: &[IpAddr]) -> Step {
    let networks: Vec<String> = addresses
        .iter()
        .take(SHOWN)
        .map(|address| format!("\"{address}/{}\"", if address.is_ipv4() { 32 } else { 128 }))
        .collect();
    Step::failed(
        "name",
        format!(
            "{}; it has {}",
            Blocked::address(host, "the connection's").0,
            listed(addresses.get(..SHOWN.min(addresses.len())).unwrap_or_default())
        ),
        format!(
            "if that is the target, add its network to the connection's `allow`, for instance `allow = [{}]`",
            networks.join(", ")
        ),
    )
}

fn listed(addresses: &[IpAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

async fn connect(addresses: &[IpAddr], port: u16, timeout: Duration) -> (Step, Option<Stream>) {
    const STEP: &str = "connection";
    let listed = |missed: &[Missed]| -> Vec<String> {
        let shown = missed.iter().map(|one| format!("{}: {}", one.at, one.why));
        shown.collect()
    };
    let missed = match dial::reach(addresses, port, timeout).await {
        Ok(reached) => {
            let mut found = vec![format!("{} takes connections", reached.at)];
            found.extend(listed(&reached.missed));
            return (Step::ok(STEP, found.join("; ")), Some(Box::new(reached.stream)));
        }
        Err(missed) => missed,
    };
    let remedy = match missed.last().map(|last| last.why.kind()) {
        Some(io::ErrorKind::ConnectionRefused) => {
            "the machine is there, but nothing listens on that port: is the port of `url` right, and does the product run?"
        }
        Some(io::ErrorKind::TimedOut) => {
            "nothing answers: let a firewall on the way pass connections from the machine that Synapse runs on, or correct the address"
        }
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no route: correct the routes of the machine that Synapse runs on, or the address"
        }
        _ => "ask the network from the machine that Synapse runs on, with the same address and port",
    };
    (Step::failed(STEP, listed(&missed).join("; "), remedy), None)
}

/// The certificates that the target presents.
async fn shake_hands(
    tls: &Arc<ClientConfig>,
    asked: &str,
    stream: Stream,
    timeout: Duration,
) -> (Step, Option<Vec<Vec<u8>>>) {
    const STEP: &str = "tls";
    let stream = match tokio::time::timeout(timeout, dial::handshake(tls, asked, stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(fault)) => return (mistrusted(fault), None),
        Err(_) => {
            let found = format!("the target said nothing within {} ms", timeout.as_millis());
            return (Step::failed(STEP, found, PLAIN), None);
        }
    };
    let (_, session) = stream.get_ref();
    let presented: Vec<Vec<u8>> = session
        .peer_certificates()
        .unwrap_or_default()
        .iter()
        .map(|certificate| certificate.to_vec())
        .collect();
    let version = session.protocol_version().and_then(|version| version.as_str());
    let chain: Vec<String> = presented
        .iter()
        .filter_map(|certificate| issuer::describe(certificate))
        .map(|one| format!("`{}`, issued by `{}`", one.subject, one.issuer))
        .collect();
    let found = format!("{} as `{asked}`; sent: {}", version.unwrap_or("TLS"), chain.join("; "));
    (Step::ok(STEP, found), Some(presented))
}

const PLAIN: &str = "is TLS spoken on that port? Correct the port of `url`";

fn mistrusted(fault: Fault) -> Step {
    match fault {
        // Who issued it, and what to do, stand in one sentence (D11).
        Fault::Untrusted(why) => {
            let (found, remedy) = why.split_once("; ").unwrap_or((&why, ""));
            let remedy = match remedy {
                "" if why.contains("xpired") => {
                    "renew the target's certificate; if it is new, correct this machine's clock"
                }
                "" => PLAIN,
                remedy => remedy,
            };
            Step::failed("tls", found, remedy)
        }
        Fault::Connect(why) => Step::failed("tls", format!("the target ended the handshake: {why}"), PLAIN),
        other => Step::failed("tls", format!("{other:?}"), PLAIN),
    }
}

fn certificates(presented: &[Vec<u8>], now: Timestamp) -> Step {
    const STEP: &str = "certificate";
    let described = presented.iter().filter_map(|certificate| issuer::describe(certificate));
    let Some(first) = described.min_by_key(|one| one.not_after) else {
        return Step::skipped(STEP, "the target's certificates cannot be read here");
    };
    let days = days_left(first.not_after, now);
    let found = format!("the certificate of `{}` holds for {days} more days", first.subject);
    if days < NOTICE_DAYS {
        let remedy = format!("renew it at the target; `{}` issued it", first.issuer);
        return Step::warning(STEP, found, remedy);
    }
    Step::ok(STEP, found)
}
