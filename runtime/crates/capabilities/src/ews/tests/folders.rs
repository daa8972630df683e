//! R8: a folder is found by one name and one way, or not at all.

use super::*;
use crate::ews::FindFolder;

fn find(name: &str) -> FindFolder {
    FindFolder { name: name.to_owned() }
}

/// `inbox/TheHive`, `SOC/TheHive` (twice), and a calendar of that name.
fn tree(asked: &Asked) -> Answer {
    if asked.operation == "GetFolder" {
        return one_folder(INBOX);
    }
    let deep = asked.has("Traversal=\"Deep\"");
    let name = &asked.all("Value")[0];
    let calendar = folder_xml("calendar", "TheHive").replace("IPF.Note", "IPF.Appointment");
    let found = match (deep, name.as_str()) {
        (true, "TheHive") => folder_xml("a", "TheHive") + &folder_xml("b", "TheHive") + &calendar,
        (true, "Once") => folder_xml("once", "once") + &folder_xml("other", "Once more"),
        (false, "TheHive") if asked.has("Id=\"inbox\"") => folder_xml("hive", "thehive") + &calendar,
        (false, "SOC") if asked.has("Id=\"msgfolderroot\"") => folder_xml("soc", "SOC"),
        (false, "2026") if asked.has("Id=\"soc\"") => folder_xml("year", "2026") + &folder_xml("year2", "2026"),
        _ => String::new(),
    };
    page("FindFolder", "Folders", &found, 1, true).into()
}

#[tokio::test]
async fn r8_a_folder_is_found_by_well_known_name_by_path_or_by_a_name_that_occurs_once() {
    for (name, id, questions) in [
        ("Inbox", INBOX, vec!["GetFolder"]),
        ("inbox/TheHive", "hive", vec!["FindFolder"]),
        ("SOC", "none", vec!["FindFolder"]),
        ("Once", "once", vec!["FindFolder"]),
    ] {
        let lab = Lab::start(|asked, _| tree(asked)).await;
        let found = lab.read(&find(name)).await;
        match id {
            "none" => assert_eq!(found, Err(Error::NotFound)),
            id => {
                let found = found.unwrap();
                assert_eq!((found.id.as_str(), found.total, found.unread), (id, 7, 2), "{name}");
            }
        }
        assert_eq!(lab.operations(), questions, "{name}");
    }
}

#[tokio::test]
async fn r8_several_folders_of_one_name_are_an_error_that_says_how_many() {
    let lab = Lab::start(|asked, _| tree(asked)).await;
    for name in ["TheHive", "SOC/2026"] {
        let refused = lab.read(&find(name)).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Invalid(argument) if argument.field == "name" && argument.reason.starts_with("2 folders")),
            "{name}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn an_id_is_no_name_and_a_missing_level_is_not_found() {
    let lab = Lab::start(|asked, _| tree(asked)).await;
    for name in ["hive", "inbox/TheHive/Deeper", "nowhere/TheHive"] {
        assert_eq!(lab.read(&find(name)).await, Err(Error::NotFound), "{name}");
    }
}

#[tokio::test]
async fn a_delegate_says_whose_folder_and_an_impersonator_who_he_is_and_both_say_where_the_mailbox_is() {
    for impersonate in [false, true] {
        let options = Options {
            impersonate,
            ..options()
        };
        let lab = Lab::with(options, |_, _| one_folder(INBOX)).await;
        lab.read(&find("inbox")).await.unwrap();
        let asked = &lab.asked()[0];
        assert_eq!(asked.path, "/EWS/Exchange.asmx");
        assert_eq!(asked.anchor.as_deref(), Some("soc@example.org"));
        assert_eq!(asked.has("<t:ExchangeImpersonation>"), impersonate);
        assert_eq!(asked.has("<t:Mailbox>"), !impersonate);
        assert!(asked.has("soc@example.org") && !asked.has(PASSWORD));
    }
}

#[tokio::test]
async fn names_on_later_pages_count_too() {
    let lab = Lab::start(|asked, _| match asked.number("Offset") {
        0 => page("FindFolder", "Folders", &folder_xml("x", "Other"), 1, false).into(),
        1 => page("FindFolder", "Folders", &folder_xml("hive", "TheHive"), 2, true).into(),
        other => panic!("offset {other}"),
    })
    .await;
    assert_eq!(lab.read(&find("TheHive")).await.unwrap().id, "hive");
}
