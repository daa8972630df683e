//! Contract section 4, D27, D28: every carrier of an error is understood, pauses are kept, and nothing secret is said.

use super::*;
use crate::ews::{FindFolder, GetMessages, SetRead};
use crate::gate::Certainty;

fn find() -> FindFolder {
    FindFolder {
        name: "inbox".to_owned(),
    }
}

/// What a guest is told about this answer, and how often it was asked for.
async fn told(answer: impl Fn() -> Answer + Send + Sync + 'static) -> (Error, usize) {
    let lab = Lab::start(move |_, _| answer()).await;
    let error = lab.read(&find()).await.unwrap_err();
    assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    (error, lab.operations().len())
}

fn status(status: u16, headers: Vec<(&'static str, &'static str)>, body: &str) -> Answer {
    Answer {
        status,
        headers,
        body: body.as_bytes().to_vec(),
    }
}

#[tokio::test]
async fn every_code_has_its_case_in_whichever_carrier_it_comes() {
    for code in [
        "ErrorFolderNotFound",
        "ErrorInvalidIdMalformed",
        "ErrorAccessDenied",
        "ErrorCorruptData",
        "ErrorBrandNew",
    ] {
        for carrier in [true, false] {
            let (error, _) = told(move || match carrier {
                true => response("GetFolder", &[refused("GetFolder", code)]).into(),
                false => fault(code),
            })
            .await;
            match code {
                "ErrorFolderNotFound" | "ErrorInvalidIdMalformed" => assert_eq!(error, Error::NotFound),
                "ErrorCorruptData" => assert!(matches!(error, Error::Unreadable(_))),
                code => assert!(matches!(&error, Error::Other(other) if other.code == code), "{error:?}"),
            }
            if code == "ErrorAccessDenied" {
                assert!(
                    format!("{error:?}").contains("soc@example.org"),
                    "an operator is told which mailbox"
                );
            }
        }
    }
}

#[tokio::test]
async fn plain_http_answers_have_their_case_too() {
    let (error, asked) = told(|| status(401, vec![], "no")).await;
    assert_eq!(
        (error, asked),
        (Error::Unauthenticated, 1),
        "a login that never worked is not repeated"
    );
    let (error, _) = told(|| status(403, vec![("x-feserver", "EX01")], "<html>")).await;
    assert!(matches!(&error, Error::Other(why) if why.code == "forbidden" && why.message.contains("EX01")));
    let (error, _) = told(|| status(429, vec![("retry-after", "70")], "")).await;
    assert_eq!(error, Error::RateLimited(70_000));
    let (error, _) = told(|| status(503, vec![("retry-after", "90")], "")).await;
    assert_eq!(error, Error::RateLimited(90_000));
    let (error, _) = told(|| status(302, vec![("location", "https://other.example/")], "")).await;
    assert!(matches!(error, Error::Other(why) if why.code == "redirect"));
    let (error, _) = told(|| status(200, vec![], "<html>login</html>")).await;
    assert!(matches!(error, Error::Other(why) if why.code == "unreadable-answer"));
    let (error, _) = told(|| status(404, vec![], "")).await;
    assert!(matches!(error, Error::Other(why) if why.message.contains("/EWS/Exchange.asmx")));
}

#[tokio::test]
async fn the_error_page_is_a_passing_trouble_and_asked_again() {
    let lab = Lab::start(|_, before| match before {
        0 => status(302, vec![("location", "/ews/genericerrorpage.htm?x")], ""),
        _ => one_folder(INBOX),
    })
    .await;
    assert!(lab.read(&find()).await.is_ok());
}

#[tokio::test]
async fn a_401_after_success_is_forgiven_once() {
    let lab = Lab::start(|_, before| match before {
        0 | 2 => one_folder(INBOX),
        _ => status(401, vec![], "throttled"),
    })
    .await;
    assert!(lab.read(&find()).await.is_ok());
    assert!(lab.read(&find()).await.is_ok(), "asked again after the 401");
    assert_eq!(lab.read(&find()).await, Err(Error::Unauthenticated));
    let asked = lab.operations().len();
    assert_eq!(lab.read(&find()).await, Err(Error::Unauthenticated));
    assert_eq!(
        lab.operations().len(),
        asked + 1,
        "now it may be the password: no repeats, the account would be locked"
    );
}

#[tokio::test]
async fn d28_short_pauses_are_waited_for_and_long_ones_are_the_guests() {
    let lab = Lab::start(|_, before| match before {
        0 => response("GetFolder", &[busy("GetFolder", 20)]).into(),
        _ => one_folder(INBOX),
    })
    .await;
    assert!(lab.read(&find()).await.is_ok());
    let lab = Lab::start(|_, _| response("GetFolder", &[busy("GetFolder", 300_000)]).into()).await;
    assert_eq!(lab.read(&find()).await, Err(Error::RateLimited(300_000)));
    // Nobody asks in vain meanwhile, and a write is known not to have been sent.
    assert!(matches!(lab.read(&find()).await, Err(Error::RateLimited(left)) if left > 290_000));
    let call = SetRead {
        id: "m".to_owned(),
        is_read: true,
    };
    let failure = lab.write(&call, false).await.unwrap_err();
    assert!(matches!(failure.error, Error::RateLimited(_)));
    assert_eq!((failure.certainty, lab.operations().len()), (Certainty::NotSent, 1));
}

#[tokio::test]
async fn an_item_that_the_server_had_no_time_for_is_asked_for_again_alone() {
    let lab = Lab::start(|asked, before| {
        each(asked, |id| match (id, before) {
            ("b", 0) => busy("GetItem", 10),
            ("c", 0) => {
                let stopped = refused("GetItem", "ErrorBatchProcessingStopped");
                stopped.replace("\"Error\"", "\"Warning\"")
            }
            _ => got(id, ""),
        })
    })
    .await;
    let call = GetMessages {
        ids: ids(&["a", "b", "c"]),
        html: false,
    };
    let answers = lab.read(&call).await.unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let asked: Vec<_> = lab.asked().iter().map(Asked::items).collect();
    assert_eq!(asked, [ids(&["a", "b", "c"]), ids(&["b", "c"])]);
}

#[tokio::test]
async fn the_version_steps_down_once_and_is_remembered() {
    for carrier in 0..3 {
        let lab = Lab::start(move |asked, _| match (asked.has("\"Exchange2016\""), carrier) {
            (true, 0) => fault("ErrorInvalidServerVersion"),
            (true, 1) => fault("ErrorInvalidSchemaVersionForMailboxVersion"),
            (true, _) => status(500, vec![], "The specified server version is invalid."),
            (false, _) => one_folder(INBOX),
        })
        .await;
        assert!(lab.read(&find()).await.is_ok());
        assert!(lab.read(&find()).await.is_ok());
        let versions: Vec<bool> = lab.asked().iter().map(|asked| asked.has("Exchange2013_SP1")).collect();
        assert_eq!(versions, [false, true, true], "{carrier}");
    }
    let (error, asked) = told(|| fault("ErrorInvalidServerVersion")).await;
    assert!(matches!(error, Error::Unsupported(_)));
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn an_answer_of_another_operation_is_out_of_step_and_its_connection_is_not_used_again() {
    let (error, _) = told(|| page("FindFolder", "Folders", "", 0, true).into()).await;
    assert!(matches!(error, Error::Other(why) if why.code == "out-of-step"));

    let lab = Lab::start(|_, before| match before {
        0 | 2 => one_folder(INBOX),
        _ => page("FindFolder", "Folders", "", 0, true).into(),
    })
    .await;
    let (first, second, third) = (
        lab.read(&find()).await,
        lab.read(&find()).await,
        lab.read(&find()).await,
    );
    assert!(first.is_ok() && second.is_err() && third.is_ok());
    let peers: Vec<_> = lab.asked().iter().map(|asked| asked.peer).collect();
    assert!(peers[0] == peers[1] && peers[1] != peers[2], "{peers:?}");
}
