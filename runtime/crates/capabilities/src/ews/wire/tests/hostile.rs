//! Does a hostile or broken server stop anything? No bytes make the reader panic, and every cap holds.

use proptest::prelude::*;

use super::super::reader::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_KEPT, MAX_NAMESPACES};
use super::super::*;
use super::recorded::{RECORDED, summary};

const OPERATIONS: &[&str] = &[
    "GetFolder",
    "FindFolder",
    "FindItem",
    "GetItem",
    "UpdateItem",
    "MoveItem",
    "SyncFolderItems",
    "GetConversationItems",
    "GetAttachment",
];

fn read_as_everything(bytes: &[u8]) {
    for operation in OPERATIONS {
        let _ = summary(operation, bytes);
    }
    let _ = read_bytes(ByteOperation::GetItem, bytes, &mut |_| Ok(()));
    let _ = server_version(bytes);
}

fn item(properties: &str) -> Result<PerItem<ItemRow>, Trouble> {
    read_get_item(
        format!(
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:GetItemResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages><m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items><Message>{properties}</Message></m:Items></m:GetItemResponseMessage></m:ResponseMessages></m:GetItemResponse></s:Body></s:Envelope>"#
        )
        .as_bytes(),
    )
}

fn is_malformed<T>(read: &Result<T, Trouble>) -> bool {
    matches!(read, Err(Trouble::Malformed(_)))
}

#[test]
fn depth_attributes_and_elements_are_capped() {
    let nested = |depth: usize| item(&format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth)));
    assert!(nested(MAX_DEPTH - 8).is_ok());
    assert!(is_malformed(&nested(MAX_DEPTH)));
    assert!(is_malformed(&nested(100_000)));
    let attributes = |count: usize| {
        let attributes: String = (0..count).map(|index| format!(" a{index}='1'")).collect();
        item(&format!("<x{attributes}/>"))
    };
    assert!(attributes(MAX_ATTRIBUTES).is_ok());
    assert!(is_malformed(&attributes(MAX_ATTRIBUTES + 1)));
    let namespaces: String = (0..=MAX_NAMESPACES)
        .map(|index| format!(" xmlns:a{index}='u'"))
        .collect();
    assert!(is_malformed(&item(&format!("<x{namespaces}/>"))));
    assert!(is_malformed(&item(&"<x/>".repeat(MAX_ELEMENTS as usize))));
}

#[test]
fn what_is_kept_is_capped_and_what_is_skipped_is_not() {
    let long = "x".repeat(MAX_KEPT as usize + 1);
    assert_eq!(
        item(&format!("<Subject>{long}</Subject>")),
        Err(Trouble::TooLarge(MAX_KEPT))
    );
    assert!(item(&format!("<MimeContent>{long}</MimeContent>")).is_ok());
    assert_eq!(
        item(&format!("<ItemId Id='{long}'/>")),
        Err(Trouble::TooLarge(MAX_KEPT))
    );
    // Small in the answer, large in memory.
    let people = "<Mailbox/>".repeat(MAX_ELEMENTS as usize - 100);
    assert_eq!(
        item(&format!("<ToRecipients>{people}</ToRecipients>")),
        Err(Trouble::TooLarge(MAX_KEPT))
    );
}

#[test]
fn what_is_told_about_a_broken_answer_is_short() {
    let long = "x".repeat(1 << 20);
    for answer in [
        format!("<{long}/>"),
        format!("<a></{long}>"),
        format!("<a xmlns:xml='{long}'/>"),
    ] {
        assert!(matches!(read_get_item(answer.as_bytes()), Err(Trouble::Malformed(why)) if why.len() < 400));
    }
}

#[test]
fn a_document_type_is_refused_and_defines_nothing() {
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>&b;</s:Body></s:Envelope>"#;
    assert!(is_malformed(&read_get_item(bomb.as_bytes())));
    assert!(is_malformed(&item("<!DOCTYPE x>")));
}

#[test]
fn a_cut_answer_is_never_a_whole_one() {
    for (operation, answer, expected) in RECORDED {
        let end = answer.iter().rposition(|byte| *byte == b'>').unwrap();
        for length in [end, end / 2, end - 20] {
            let said = summary(operation, &answer[..length]);
            assert!(
                said.starts_with("Malformed") || said.starts_with("fault "),
                "{operation} {expected}: {said}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn no_markup_makes_it_panic(text in "(<|>|/|!|\\[CDATA\\[|\\]\\]>|--|&|;|#|x|D800|\\?|s:|m:|t:|xmlns=|\"|'|=| |a|DOCTYPE|\u{0}){0,60}") {
        read_as_everything(text.as_bytes());
        let _ = item(&text);
    }

    #[test]
    fn no_change_of_a_recorded_answer_makes_it_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..12),
    ) {
        let (operation, answer, _) = RECORDED[which.index(RECORDED.len())];
        let mut answer = answer.to_vec();
        for (at, byte, how) in changes {
            let at = at.index(answer.len());
            match how {
                0 => answer[at] = byte,
                1 => answer.insert(at, byte),
                _ => answer.truncate(at.max(1)),
            }
        }
        let _ = summary(operation, &answer);
        let _ = read_bytes(ByteOperation::GetItem, answer.as_slice(), &mut |_| Ok(()));
        let _ = server_version(&answer);
    }
}
