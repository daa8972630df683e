//! Is a WHERE condition true for one event?

use std::net::IpAddr;

use serde_json::Value;

use super::super::events::Event;
use super::super::list::eval::compare;
use super::super::list::like::like;
use super::ast::{Condition, Op};
use super::functions::{Scope, value};

/// Evaluates a condition; comparisons with null are false.
pub fn holds(condition: &Condition, event: &Event, scope: &Scope<'_>) -> bool {
    let of = |expr| value(expr, event, scope);
    match condition {
        Condition::And(terms) => terms.iter().all(|term| holds(term, event, scope)),
        Condition::Or(terms) => terms.iter().any(|term| holds(term, event, scope)),
        Condition::Not(term) => !holds(term, event, scope),
        Condition::InOffense(id) => event.offense_ids.contains(id),
        Condition::InCidr(net, ip) => of(ip).as_str().is_some_and(|ip| in_cidr(net, ip)),
        Condition::Compare(left, op, right) => compare(&of(left), &of(right)).is_some_and(|order| match op {
            Op::Eq => order.is_eq(),
            Op::Ne => order.is_ne(),
            Op::Lt => order.is_lt(),
            Op::Gt => order.is_gt(),
            Op::Le => order.is_le(),
            Op::Ge => order.is_ge(),
        }),
        Condition::In(left, values) => {
            let left = of(left);
            values
                .iter()
                .any(|right| compare(&left, &of(right)).is_some_and(std::cmp::Ordering::is_eq))
        }
        Condition::Between(left, low, high) => {
            let left = of(left);
            compare(&left, &of(low)).is_some_and(std::cmp::Ordering::is_ge)
                && compare(&left, &of(high)).is_some_and(std::cmp::Ordering::is_le)
        }
        Condition::Like(left, pattern, insensitive) => {
            of(left).as_str().is_some_and(|text| like(text, pattern, *insensitive))
        }
        Condition::IsNull(left) => of(left) == Value::Null,
    }
}

/// The offenses a query is certainly limited to: `INOFFENSE` among the conditions that must all hold.
pub fn offense(condition: Option<&Condition>) -> Option<i64> {
    match condition? {
        Condition::InOffense(id) => Some(*id),
        Condition::And(terms) => terms.iter().find_map(|term| offense(Some(term))),
        _ => None,
    }
}

/// Every offense a query mentions, to check that it can be loaded.
pub fn offenses(condition: &Condition, found: &mut Vec<i64>) {
    match condition {
        Condition::InOffense(id) => found.push(*id),
        Condition::And(terms) | Condition::Or(terms) => terms.iter().for_each(|term| offenses(term, found)),
        Condition::Not(term) => offenses(term, found),
        _ => {}
    }
}

/// Parses `net/bits`; `None` when it is no network.
pub fn network(net: &str) -> Option<(IpAddr, u32)> {
    let (base, bits) = net.split_once('/')?;
    let base: IpAddr = base.parse().ok()?;
    let bits: u32 = bits.parse().ok()?;
    (bits <= if base.is_ipv4() { 32 } else { 128 }).then_some((base, bits))
}

fn in_cidr(net: &str, ip: &str) -> bool {
    let (Some((base, bits)), Ok(ip)) = (network(net), ip.parse::<IpAddr>()) else {
        return false;
    };
    let (base, ip, width) = match (base, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(u32::from(a)), u128::from(u32::from(b)), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a), u128::from(b), 128),
        _ => return false,
    };
    bits == 0 || (base ^ ip) >> (width - bits) == 0
}
