//! Does the egress keep its promises? Each test says which; threat rows are those of security.md section 4.

mod addresses;
mod answers;
mod examine;
mod failures;
mod proxies;
mod rates;
mod requests;
mod retries;
pub(super) mod server;
mod streams;
mod trust;
mod uploads;

use std::time::Duration;

use ipnet::IpNet;

use super::{Auth, Settings};

/// Short limits, loopback permitted.
pub(super) fn settings(url: &str) -> Settings {
    Settings {
        url: url.to_owned(),
        auth: Auth::None,
        ca_bundle: None,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse::<IpNet>().unwrap()],
        proxy: None,
        allow_http: true,
        connect_timeout: Duration::from_secs(5),
        request_deadline: Duration::from_secs(10),
        max_response_bytes: 64 << 10,
        width: 4,
        requests_per_second: 0,
        read_retries: 0,
        extra_headers: Vec::new(),
    }
}
