//! D29: changes are made once, lose nobody else's, and are found again when their outcome is unknown.

use synapse_domain::run::How;

use super::*;
use crate::ews::{Movable, MoveMessage, SetCategories, SetRead};
use crate::gate::Certainty;

fn read(id: &str) -> SetRead {
    SetRead {
        id: id.to_owned(),
        is_read: true,
    }
}

fn categories(add: &[&str], remove: &[&str]) -> SetCategories {
    SetCategories {
        id: "m".to_owned(),
        add: ids(add),
        remove: ids(remove),
    }
}

fn moving(message_id: Option<&str>) -> MoveMessage {
    MoveMessage {
        id: "m".to_owned(),
        folder_id: "done".to_owned(),
        internet_message_id: message_id.map(str::to_owned),
    }
}

fn updated(code: Option<&str>) -> Answer {
    let message = match code {
        None => fine("UpdateItem", &format!("<m:Items>{}</m:Items>", item("m", ""))),
        Some(code) => refused("UpdateItem", code),
    };
    response("UpdateItem", &[message]).into()
}

fn labelled(names: &[&str]) -> String {
    let names: String = names
        .iter()
        .map(|name| format!("<t:String>{name}</t:String>"))
        .collect();
    format!("<t:Categories>{names}</t:Categories>")
}

#[tokio::test]
async fn the_read_flag_is_set_without_a_key_and_without_telling_the_sender() {
    let lab = Lab::start(|_, _| updated(None)).await;
    let done = lab.write(&read("m"), false).await.unwrap();
    assert_eq!((done.answer, done.how), (true, How::Performed));
    let asked = lab.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].has("SuppressReadReceipts=\"true\"") && asked[0].has("ConflictResolution=\"AlwaysOverwrite\""));
    assert!(!asked[0].has("ChangeKey") && asked[0].has("<t:IsRead>true</t:IsRead>"));
}

#[tokio::test]
async fn d29_where_the_server_wants_a_key_the_flag_is_set_once_more_with_a_fresh_one() {
    for code in [
        "ErrorChangeKeyRequiredForWriteOperations",
        "ErrorIrresolvableConflict",
        "ErrorStaleObject",
    ] {
        let lab = Lab::start(move |asked, before| match asked.operation.as_str() {
            "GetItem" => each(asked, |id| got(id, "")),
            _ if before == 0 => updated(Some(code)),
            _ => updated(None),
        })
        .await;
        assert!(lab.write(&read("m"), false).await.is_ok(), "{code}");
        let last = lab.asked().pop().unwrap();
        assert!(last.has("ChangeKey=\"key-m\"") && last.has("AutoResolve"));
        assert_eq!(lab.operations(), ["UpdateItem", "GetItem", "UpdateItem"]);
    }
}

#[tokio::test]
async fn categories_are_merged_and_written_with_the_key_that_was_read() {
    let lab = Lab::start(|asked, _| match asked.operation.as_str() {
        "GetItem" => each(asked, |id| got(id, &labelled(&["Red", "thehive", "Old"]))),
        _ => updated(None),
    })
    .await;
    let done = lab
        .write(&categories(&["TheHive", "Case-1"], &["OLD"]), false)
        .await
        .unwrap();
    assert_eq!(done.answer, ["Red", "thehive", "Case-1"]);
    let update = lab.asked().pop().unwrap();
    assert!(update.has("ChangeKey=\"key-m\"") && update.has("NeverOverwrite"));
    assert!(update.has("<t:String>Red</t:String><t:String>thehive</t:String><t:String>Case-1</t:String>"));
}

#[tokio::test]
async fn categories_that_are_there_already_are_not_written_again() {
    for (repeat, how) in [(false, How::Performed), (true, How::Adopted)] {
        let lab = Lab::start(|asked, _| each(asked, |id| got(id, &labelled(&["A"])))).await;
        let done = lab.write(&categories(&["A"], &["B"]), repeat).await.unwrap();
        assert_eq!((done.answer, done.how), (ids(&["A"]), how));
        assert_eq!(lab.operations(), ["GetItem"]);
    }
}

#[tokio::test]
async fn d29_somebody_elses_category_of_the_same_moment_is_kept_and_a_second_loss_is_a_conflict() {
    let lab = Lab::start(|asked, before| match asked.operation.as_str() {
        "GetItem" => each(asked, |id| {
            got(id, &labelled(if before == 0 { &["A"] } else { &["A", "Theirs"] }))
        }),
        _ if before == 0 => updated(Some("ErrorIrresolvableConflict")),
        _ => updated(None),
    })
    .await;
    let done = lab.write(&categories(&["Ours"], &[]), false).await.unwrap();
    assert_eq!(done.answer, ["A", "Theirs", "Ours"]);
    let lab = Lab::start(|asked, _| match asked.operation.as_str() {
        "GetItem" => each(asked, |id| got(id, "")),
        _ => updated(Some("ErrorIrresolvableConflict")),
    })
    .await;
    let lost = lab.write(&categories(&["Ours"], &[]), false).await.unwrap_err();
    assert!(matches!(lost.error, Error::Conflict(_)));
    assert_eq!(lost.certainty, Certainty::Refused);
    assert_eq!(lab.operations().len(), 4);
}

#[tokio::test]
async fn a_refusal_is_certain_and_a_break_on_the_way_is_not() {
    for (code, certainty) in [
        ("ErrorItemNotFound", Certainty::Refused),
        ("ErrorAccessDenied", Certainty::Refused),
        ("ErrorServerBusy", Certainty::Refused),
        ("ErrorSomethingNew", Certainty::Refused),
        ("ErrorTimeoutExpired", Certainty::Unknown),
        ("ErrorInternalServerTransientError", Certainty::Unknown),
    ] {
        for carrier in [true, false] {
            let lab = Lab::start(move |_, _| if carrier { updated(Some(code)) } else { fault(code) }).await;
            let failure = lab.write(&read("m"), false).await.unwrap_err();
            assert_eq!(failure.certainty, certainty, "{code}");
            assert_eq!(lab.operations().len(), 1, "{code}: a write is never repeated here");
        }
    }
    let lab = Lab::start(|_, _| response("MoveItem", &[]).into()).await;
    let failure = lab.write(&read("m"), false).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::Unknown);
    assert!(matches!(&failure.error, Error::Other(why) if why.code == "out-of-step"));
}

#[tokio::test]
async fn a_move_answers_the_new_id_and_finds_it_where_the_server_does_not_say_it() {
    for says in [true, false] {
        let lab = Lab::start(move |asked, _| match asked.operation.as_str() {
            "MoveItem" => {
                let content = if says { item("new", "") } else { String::new() };
                response(
                    "MoveItem",
                    &[fine("MoveItem", &format!("<m:Items>{content}</m:Items>"))],
                )
                .into()
            }
            _ => page("FindItem", "Items", &item("new", ""), 1, true).into(),
        })
        .await;
        let done = lab.write(&moving(Some("<1@x>")), false).await.unwrap();
        assert_eq!(done.answer.as_deref(), Some("new"));
        assert_eq!(lab.operations().len(), if says { 1 } else { 2 });
    }
}

/// What the probe answers when the old id and the new folder look like this.
async fn probed(
    old: Option<&'static str>,
    there: &'static [&'static str],
    message_id: Option<&str>,
) -> Option<Option<String>> {
    let lab = Lab::start(move |asked, _| match (asked.operation.as_str(), old) {
        ("GetItem", Some(folder)) => each(asked, |id| got(id, &parent(folder))),
        ("GetItem", None) => each(asked, |_| refused("GetItem", "ErrorItemNotFound")),
        _ => {
            assert!(asked.has("&lt;1@x&gt;") && asked.has("Id=\"done\""));
            let found: String = there.iter().map(|id| item(id, "")).collect();
            page("FindItem", "Items", &found, there.len(), true).into()
        }
    })
    .await;
    moving(message_id).probe(&lab.client, &effect(true)).await.unwrap()
}

#[tokio::test]
async fn a_move_in_doubt_is_told_by_the_old_id_and_the_message_id() {
    let id = Some("<1@x>");
    // The old id leads to it: not moved, unless it is there already.
    assert_eq!(probed(Some(INBOX), &["other"], id).await, None);
    assert_eq!(probed(Some("done"), &[], id).await, Some(Some("m".to_owned())));
    // The old id is gone, and the folder holds it.
    assert_eq!(probed(None, &["new"], id).await, Some(Some("new".to_owned())));
    assert_eq!(probed(None, &["new", "copy"], id).await, Some(None));
    // Somebody else took it away, or nobody can tell: the repeat is refused by the server.
    assert_eq!(probed(None, &[], id).await, None);
    assert_eq!(probed(None, &["new"], None).await, None);
}

#[tokio::test]
async fn what_a_message_is_found_again_by_is_read_before_it_is_moved() {
    let lab = Lab::start(|asked, _| {
        each(asked, |id| match id {
            "gone" => refused("GetItem", "ErrorItemNotFound"),
            "bare" => got(id, ""),
            _ => got(id, "<t:InternetMessageId>&lt;1@x&gt;</t:InternetMessageId>"),
        })
    })
    .await;
    let call = Movable {
        ids: ids(&["m", "gone", "bare", ""]),
    };
    let known = lab.read(&call).await.unwrap();
    assert_eq!(
        known[..3],
        [Ok(Some("<1@x>".to_owned())), Err(Error::NotFound), Ok(None)]
    );
    assert!(matches!(known[3], Err(Error::Invalid(_))));
}

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_is_sent() {
    let field = |result: Result<(), Error>| match result {
        Err(Error::Invalid(argument)) => argument.field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(read("").check()), "id");
    assert_eq!(field(read("a b").check()), "id");
    assert_eq!(field(categories(&[], &[]).check()), "add");
    assert_eq!(field(categories(&["a", " "], &[]).check()), "add[1]");
    assert_eq!(field(categories(&["A"], &["a"]).check()), "remove");
    assert_eq!(field(categories(&[], &["x\ny"]).check()), "remove[0]");
    assert_eq!(categories(&["Case 42, open"], &[]).check(), Ok(()));
}
