//! Are wrong configurations refused with what, where and what to do?

use std::path::Path;

use super::*;

const GOOD: &str = r#"
[server]
data_dir = "data"
[tenants.acme.connections.siem]
kind = "qradar"
url = "https://siem.example"
source_id = "siem-1"
auth = { scheme = "sec", secret = { env = "QRADAR_TOKEN" } }
"#;

fn refusals(text: &str) -> String {
    let problems = parse(text, Path::new("/etc/synapse")).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_good_file_is_accepted_and_relative_paths_start_at_its_folder() {
    let config = parse(GOOD, Path::new("/etc/synapse")).unwrap();
    assert_eq!(config.server.data_dir, Path::new("/etc/synapse/data"));
}

#[test]
fn every_problem_is_named_at_once() {
    let text = GOOD
        .replace("siem-1", "")
        .replace("https:", "http:")
        .replace("data_dir", "lease_seconds = 1\ndata_dir");
    let refused = refusals(&text);
    for place in ["server.lease_seconds", "siem.source_id", "siem.url"] {
        assert!(refused.contains(place), "{place} in {refused}");
    }
}

#[test]
fn row_81_a_literal_secret_is_refused_and_never_repeated() {
    let refused = refusals(&GOOD.replace("{ env = \"QRADAR_TOKEN\" }", "\"canary-secret\""));
    assert!(
        refused.contains("auth.secret") && refused.contains("env ="),
        "{refused}"
    );
    assert!(!refused.contains("canary"), "{refused}");
}

#[test]
fn ntlm_takes_a_domain_or_none_and_a_secret_that_is_never_in_the_file() {
    let ntlm = |auth: &str| GOOD.replace("scheme = \"sec\", secret = { env = \"QRADAR_TOKEN\" }", auth);
    for auth in [
        r#"scheme = "ntlm", user = "svc", domain = "CORP", secret = { file = "mail" }"#,
        r#"scheme = "ntlm", user = "svc@corp.example", secret = { env = "MAIL" }"#,
    ] {
        assert_eq!(refusals(&ntlm(auth)), "");
    }
    let refused = refusals(&ntlm(r#"scheme = "ntlm", user = "svc", secret = "canary-secret""#));
    assert!(refused.contains("env =") && !refused.contains("canary"), "{refused}");
    let config = parse(
        &ntlm(r#"scheme = "ntlm", user = "svc", secret = { file = "mail" }"#),
        Path::new("/etc/synapse"),
    );
    let (tenant, connection) = ("acme".parse().unwrap(), "siem".parse().unwrap());
    let auth = config.unwrap().tenants[&tenant].connections[&connection].auth.clone();
    let file = matches!(
        auth,
        file::Auth::Ntlm { secret: file::SecretSource::File { file }, .. } if file == Path::new("/etc/synapse/mail")
    );
    assert!(file, "a relative path starts at the file's folder");
}

#[test]
fn d10_two_connections_with_one_source_id_are_refused() {
    let second = GOOD
        .split_once("[tenants")
        .unwrap()
        .1
        .replace("connections.siem", "connections.siem2");
    let refused = refusals(&format!("{GOOD}[tenants{second}"));
    assert!(refused.contains("source_id"), "{refused}");
}

#[test]
fn a_blob_has_to_fit_into_its_tenants_spool() {
    let limits = |blob: u64| format!("[limits]\nspool_bytes_per_tenant = 1000\nblob_bytes = {blob}\n{GOOD}");
    for blob in [0, 1_001] {
        assert!(refusals(&limits(blob)).contains("limits.blob_bytes"));
    }
    assert_eq!(refusals(&limits(1_000)), "");
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    assert!(refusals(&GOOD.replace("[server]", "[server]\ncolour = 1")).contains("colour"));
}

const HOOKED: &str = r#"
[server]
data_dir = "data"
[tenants.acme.connections.hive]
kind = "thehive"
url = "https://hive.example"
source_id = "hive-1"
auth = { scheme = "bearer", secret = { env = "HIVE_KEY" } }
[tenants.acme.connections.hive.webhook]
auth = AUTH
"#;

#[test]
fn row_69_events_are_accepted_with_a_secret_that_is_never_in_the_file_and_never_without_one() {
    let hooked = |auth: &str| HOOKED.replace("AUTH", auth);
    for auth in [
        r#"{ scheme = "bearer", secret = { env = "HOOK" } }"#,
        r#"{ scheme = "basic", user = "hive", secret = { file = "hook" } }"#,
        r#"{ scheme = "key", secret = { env = "HOOK" } }"#,
        r#"{ scheme = "key", prefix = "ApiKey", secret = { env = "HOOK" } }"#,
        r#"{ scheme = "path", secret = { env = "HOOK" } }"#,
    ] {
        assert_eq!(refusals(&hooked(auth)), "", "{auth}");
    }
    for (auth, word) in [
        (r#"{ scheme = "none" }"#, "`none`"),
        (r#"{ scheme = "bearer" }"#, "secret"),
        (
            r#"{ scheme = "bearer", secret = "canary-secret" }"#,
            "webhook.auth.secret",
        ),
        (r#"{ scheme = "path", user = "u", secret = { env = "HOOK" } }"#, "user"),
    ] {
        let refused = refusals(&hooked(auth));
        assert!(refused.contains(word), "{auth}: {refused}");
        assert!(!refused.contains("canary"), "{refused}");
    }
    let elsewhere = hooked(r#"{ scheme = "bearer", secret = { env = "HOOK" } }"#).replace("\"thehive\"", "\"qradar\"");
    assert!(refusals(&elsewhere).contains("hive.webhook: only TheHive sends events"));
}

#[test]
fn the_originals_webhook_names_a_thehive_connection_of_its_tenant() {
    let compat = |name: &str| {
        let hooked = HOOKED.replace("AUTH", r#"{ scheme = "bearer", secret = { env = "HOOK" } }"#);
        format!("[compat]\ntenant = \"acme\"\nwebhook = \"{name}\"\n{hooked}")
    };
    assert_eq!(refusals(&compat("hive")), "");
    assert!(refusals(&compat("siem")).contains("compat.webhook"));
}

#[test]
fn a_console_has_a_rate_unless_somebody_says_otherwise() {
    let rate = |more: &str| {
        let config = parse(&format!("{GOOD}{more}"), Path::new("/etc/synapse")).unwrap();
        let tenant = config.tenants.into_values().next().unwrap();
        tenant.connections.into_values().next().unwrap().rate()
    };
    assert_eq!(
        (
            rate(""),
            rate("requests_per_second = 0"),
            rate("requests_per_second = 20")
        ),
        (5, 0, 20)
    );
    assert!(refusals(&format!("{GOOD}requests_per_second = 1001")).contains("siem.requests_per_second"));
}

#[test]
fn a_proxy_is_checked_like_its_connection() {
    let proxied = |lines: &str| refusals(&format!("{GOOD}[tenants.acme.connections.siem.proxy]\n{lines}"));
    let good = "url = \"https://proxy.example:3128\"\nuser = \"gate\"\nsecret = { file = \"proxy.secret\" }\nca_bundle = \"proxy.pem\"";
    assert_eq!(proxied(good), "");
    for (lines, place) in [
        ("url = \"http://proxy.example:3128\"\nuser = \"gate\"", "proxy.user"),
        (
            "url = \"http://proxy.example:3128\"\nuser = \"a:b\"\nsecret = { env = \"X\" }",
            "proxy.user",
        ),
        (
            "url = \"http://proxy.example:3128\"\nuser = \"gate\"\nsecret = \"canary-secret\"",
            "proxy.secret",
        ),
        (
            "url = \"http://proxy.example:3128\"\nca_bundle = \"proxy.pem\"",
            "proxy.ca_bundle",
        ),
    ] {
        let refused = proxied(lines);
        assert!(
            refused.contains(place) && !refused.contains("canary"),
            "{place} in {refused}"
        );
    }
}
