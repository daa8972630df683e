//! Who gets in, and as whom? Contract sections 1 (headers), 4 (errors) and 6.

use crate::support::{As, Ews, INBOX, OWNER, find_item, mailbox, message};
use serde_json::json;

fn impersonate(address: &str) -> String {
    format!(
        "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{address}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>"
    )
}

async fn three() -> Ews {
    Ews::new(json!({
        "accounts": [{"user": "svc", "password": "service", "impersonates": ["alice@example.org"]}],
        "mailboxes": [
            {"address": "soc@example.org", "password": "secret", "messages": [message("for soc", 1)]},
            {"address": "alice@example.org", "owner": "alice", "password": "wonderland", "delegates": ["soc@example.org"],
             "messages": [message("for alice", 1)]},
            {"address": "closed@example.org", "password": "closed"},
        ],
    }))
    .await
}

fn other(address: &str) -> String {
    let mailbox = format!("<t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox>");
    find_item(
        "",
        "",
        &format!("<t:DistinguishedFolderId Id=\"inbox\">{mailbox}</t:DistinguishedFolderId>"),
    )
}

#[tokio::test]
async fn without_or_with_wrong_credentials_the_answer_is_a_plain_401_with_a_challenge() {
    let ews = three().await;
    let request = ews
        .peer
        .request("POST", "/EWS/Exchange.asmx")
        .header("content-type", "text/xml");
    let response = request.body("<x/>").send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(
        response.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
    let wrong = As {
        password: "wrong",
        ..OWNER
    };
    assert_eq!(ews.ask_as(&wrong, &find_item("", "", INBOX)).await.status, 401);
}

#[tokio::test]
async fn a_login_may_carry_a_domain() {
    let ews = three().await;
    let alice = As {
        user: "EXAMPLE\\alice",
        password: "wonderland",
        ..OWNER
    };
    assert_eq!(
        ews.ask_as(&alice, &find_item("", "", INBOX)).await.subjects(),
        ["for alice"]
    );
}

#[tokio::test]
async fn a_delegate_reads_a_mailbox_and_others_are_denied() {
    let ews = three().await;
    assert_eq!(ews.ask(&other("alice@example.org")).await.subjects(), ["for alice"]);
    assert_eq!(ews.ask(&other("closed@example.org")).await.code(), "ErrorAccessDenied");
    assert_eq!(
        ews.ask(&other("nobody@example.org")).await.code(),
        "ErrorNonExistentMailbox"
    );
}

#[tokio::test]
async fn an_item_of_a_foreign_mailbox_is_denied_also_by_its_id() {
    let ews = three().await;
    let (id, _) = ews.inbox("for soc").await;
    let alice = As {
        user: "alice",
        password: "wonderland",
        ..OWNER
    };
    let answer = ews.ask_as(&alice, &crate::support::get_item(&[&id], "", &[])).await;
    assert_eq!(answer.code(), "ErrorAccessDenied");
}

#[tokio::test]
async fn impersonation_is_for_the_allowed_mailboxes_only_and_its_errors_are_faults() {
    let ews = three().await;
    let ask = async |address: &str| {
        let header = impersonate(address);
        let service = As {
            user: "svc",
            password: "service",
            header: &header,
            ..OWNER
        };
        ews.ask_as(&service, &find_item("", "", INBOX)).await
    };
    assert_eq!(ask("alice@example.org").await.subjects(), ["for alice"]);
    for (address, code) in [
        ("soc@example.org", "ErrorImpersonateUserDenied"),
        ("nobody@example.org", "ErrorNonExistentMailbox"),
        ("", "ErrorInvalidExchangeImpersonationHeaderData"),
    ] {
        let answer = ask(address).await;
        assert_eq!((answer.status, answer.code()), (500, code.to_owned()));
    }
}

#[tokio::test]
async fn every_answer_names_the_servers_version_and_a_version_above_it_is_refused() {
    let mut state = mailbox(&[message("one", 1)]);
    state["settings"] = json!({"highest_version": "Exchange2013_SP1"});
    let ews = Ews::new(state).await;
    let too_new = ews.ask(&find_item("", "", INBOX)).await;
    assert_eq!(
        (too_new.status, too_new.code()),
        (500, "ErrorInvalidServerVersion".to_owned())
    );
    let unknown = As {
        version: "Exchange2099",
        ..OWNER
    };
    assert_eq!(
        ews.ask_as(&unknown, &find_item("", "", INBOX)).await.code(),
        "ErrorInvalidServerVersion"
    );
    let older = As {
        version: "Exchange2013_SP1",
        ..OWNER
    };
    let answer = ews.ask_as(&older, &find_item("", "", INBOX)).await;
    assert_eq!(answer.subjects(), ["one"]);
    assert_eq!(
        answer.attributes("h:ServerVersionInfo", "Version"),
        ["Exchange2013_SP1"]
    );
}

#[tokio::test]
async fn with_ntlm_a_request_without_a_login_is_offered_it_and_basic_only_where_both_are_taken() {
    for (auth, offers) in [
        ("ntlm", vec!["Negotiate", "NTLM"]),
        ("any", vec!["Negotiate", "NTLM", "Basic"]),
    ] {
        let mut state = mailbox(&[message("one", 1)]);
        state["settings"] = json!({"auth": auth});
        let ews = Ews::new(state).await;
        let request = ews.peer.request("POST", "/EWS/Exchange.asmx");
        let response = request
            .header("content-type", "text/xml")
            .body("<x/>")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 401);
        let found = response.headers().get_all("www-authenticate").iter();
        let found: Vec<&str> = found
            .map(|offer| offer.to_str().unwrap().split(' ').next().unwrap())
            .collect();
        assert_eq!(found, offers);
        let status = ews.ask(&find_item("", "", INBOX)).await.status;
        assert_eq!(status, if auth == "any" { 200 } else { 401 }, "Basic with {auth}");
    }
}

#[tokio::test]
async fn a_login_bound_to_the_channel_needs_tls() {
    let mut state = mailbox(&[]);
    state["settings"] = json!({"auth": "ntlm", "channel_binding": true});
    let refused = synapse_sim::start::ews(crate::shared::any(), None, Some(state)).await;
    assert!(refused.is_err_and(|error| format!("{error:#}").contains("TLS")));
}
