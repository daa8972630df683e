//! Who is a connection's sender taken for, and is it always who sent it?

use std::sync::Arc;

use http::Method;
use synapse_sim::ntlm::Guard;

use super::{account, egress, ntlm, post, start};
use crate::egress::{Egress, Request};

#[tokio::test]
async fn five_requests_share_one_connection_and_one_login() {
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, None).await;
    let egress = egress(&server.url(), "ann");
    for n in 0..5 {
        let response = egress.write(&post(&vec![b'x'; n])).await.unwrap();
        assert_eq!(response.body, format!("CORP\\ann {n}"));
    }
    let get = Request::new(Method::GET, ["ews"]);
    assert_eq!(egress.read(&get).await.unwrap().body, "CORP\\ann 0");
    let [seen] = guard.seen().try_into().unwrap();
    assert_eq!((seen.logins, seen.requests, seen.turned_away), (1, 6, 0), "{seen:?}");
    assert_eq!(server.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_tasks_of_two_identities_never_share_a_connection_across_identities() {
    let guard = Guard::new([account("ann"), account("bob")]);
    let server = start(&guard, None).await;
    let identities = ["ann", "bob"].map(|user| (user, Arc::new(egress(&server.url(), user))));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..6 {
        let (user, egress) = identities[n % 2].clone();
        tasks.spawn(async move {
            for n in 0..20 {
                let request = post(&vec![b'x'; n]);
                let response = match n % 3 {
                    0 => egress.write(&request).await.unwrap(),
                    1 => egress.read(&request).await.unwrap(),
                    _ => egress.stream(&request).await.unwrap().whole(1_000).await.unwrap(),
                };
                assert_eq!(response.body, format!("CORP\\{user} {n}"));
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let seen = guard.seen();
    for connection in &seen {
        assert_eq!(connection.identities.len(), 1, "{connection:?}");
        assert_eq!((connection.logins, connection.turned_away), (1, 0), "{connection:?}");
    }
    assert_eq!(seen.iter().map(|connection| connection.requests).sum::<u64>(), 120);
    assert!(seen.len() <= 6, "a connection per task is enough: {}", seen.len());
}

#[tokio::test]
async fn an_answer_that_is_not_read_to_its_end_takes_its_connection_with_it() {
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, None).await;
    let egress = egress(&server.url(), "ann");
    drop(egress.stream(&post(b"1")).await.unwrap());
    egress.write(&post(b"2")).await.unwrap();
    assert_eq!(server.accepted(), 2);
    // The second one was read to its end.
    egress.write(&post(b"3")).await.unwrap();
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_domain_may_be_given_on_its_own_or_with_the_user() {
    for (user, domain) in [
        ("ann", Some("CORP")),
        ("ann", Some("corp")),
        ("CORP\\ann", None),
        ("ann@CORP", None),
    ] {
        let guard = Guard::new([account("ann")]);
        let server = start(&guard, None).await;
        let egress = Egress::new(ntlm(&server.url(), user, domain, "canary-ann")).unwrap();
        assert_eq!(egress.read(&post(b"")).await.unwrap().status, 200, "{user}");
    }
}

#[tokio::test]
async fn a_user_or_password_that_is_missing_is_refused_at_the_start() {
    for (user, password) in [("", "canary"), ("ann", "")] {
        let refused = Egress::new(ntlm("http://127.0.0.1:1", user, None, password)).unwrap_err();
        assert_eq!(refused.place, "auth");
    }
}
