//! D30, D33: lists lose nothing and repeat nothing, whatever happens between two pages.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::bindings::synapse::ews::messages::{Change, Filter, Page};
use crate::ews::{Conversation, ListMessages, SyncFolder};

const ANY: Filter = Filter {
    is_read: None,
    received_since: None,
    internet_message_id: None,
    subject_contains: None,
};
const UNREAD: Filter = Filter {
    is_read: Some(false),
    ..ANY
};

/// A folder: id, second of receipt, read. Sorted by second, as the server sorts.
type Shelf = Arc<Mutex<Vec<(String, Option<u64>, bool)>>>;

fn moment(second: u64) -> String {
    format!(
        "2026-11-25T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

fn second(text: &str) -> u64 {
    let part = |range: std::ops::Range<usize>| text[range].parse::<u64>().unwrap();
    part(11..13) * 3600 + part(14..16) * 60 + part(17..19)
}

/// FindItem over a shelf: restrictions, offset and page size count.
fn find(shelf: &Shelf, asked: &Asked) -> Answer {
    assert_eq!(asked.operation, "FindItem");
    let since = asked
        .all("Value")
        .into_iter()
        .find(|value| value.contains('T') && value.ends_with('Z'))
        .map(|value| second(&value));
    let unread = asked.has("message:IsRead\"/><t:FieldURIOrConstant><t:Constant Value=\"false\"");
    let (offset, max) = (asked.number("Offset"), asked.number("MaxEntriesReturned"));
    assert!(max <= 250, "more than a server gives under a restriction");
    let shelf = shelf.lock().unwrap();
    let fits = shelf
        .iter()
        .filter(|(_, at, read)| since.is_none_or(|since| at.is_some_and(|at| at >= since)) && !(unread && *read));
    let fits: Vec<_> = fits.collect();
    let content = fits.iter().skip(offset).take(max).map(|(id, at, read)| {
        let received = at.map(|at| format!("<t:DateTimeReceived>{}</t:DateTimeReceived>", moment(at)));
        let received = received.unwrap_or_default();
        item(
            id,
            &format!("<t:Subject>s</t:Subject>{received}<t:IsRead>{read}</t:IsRead>"),
        )
    });
    let next = (offset + max).min(fits.len());
    page(
        "FindItem",
        "Items",
        &content.collect::<String>(),
        next,
        next == fits.len(),
    )
    .into()
}

fn shelf(seconds: impl IntoIterator<Item = Option<u64>>) -> Shelf {
    let mut all: Vec<_> = seconds
        .into_iter()
        .enumerate()
        .map(|(n, at)| (format!("m{n}"), at, false))
        .collect();
    all.sort_by_key(|(_, at, _)| *at);
    Arc::new(Mutex::new(all))
}

async fn lab(shelf: &Shelf) -> Lab {
    let shelf = Arc::clone(shelf);
    Lab::start(move |asked, _| find(&shelf, asked)).await
}

async fn list(lab: &Lab, filter: &Filter, cursor: Option<String>) -> Page {
    let call = ListMessages {
        folder_id: INBOX.to_owned(),
        filter: filter.clone(),
        cursor,
    };
    lab.read(&call).await.unwrap()
}

/// All pages; between two of them something happens to what was handed out.
async fn all(lab: &Lab, filter: &Filter, mut between: impl FnMut(&[String])) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = list(lab, filter, cursor).await;
        assert!(page.messages.len() <= 100);
        let ids: Vec<String> = page.messages.into_iter().map(|message| message.id).collect();
        between(&ids);
        found.extend(ids);
        cursor = page.cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn d30_messages_that_leave_the_filter_between_pages_hide_no_others() {
    let shelf = shelf((0..350).map(|n| Some(n / 3)));
    let lab = lab(&shelf).await;
    let found = all(&lab, &UNREAD, |ids| {
        for (id, _, read) in shelf.lock().unwrap().iter_mut() {
            *read |= ids.contains(id);
        }
    })
    .await;
    assert_eq!(found.len(), 350);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 350);
}

#[tokio::test]
async fn a_whole_import_of_one_second_is_listed_once_and_to_its_end() {
    let shelf = shelf((0..720).map(|_| Some(5)));
    let found = all(&lab(&shelf).await, &ANY, |_| {}).await;
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 720);
    assert_eq!(found.len(), 720);
}

#[tokio::test]
async fn messages_are_listed_oldest_first_and_those_without_a_moment_are_not_lost() {
    let shelf = shelf([Some(9), None, Some(3), None]);
    let lab = lab(&shelf).await;
    let page = list(&lab, &ANY, None).await;
    let seconds: Vec<_> = page.messages.iter().map(|message| message.received_at).collect();
    assert_eq!(page.cursor, None);
    assert_eq!(seconds.iter().filter(|at| at.is_none()).count(), 2);
    assert!(seconds.is_sorted());
    assert!(lab.asked()[0].has("<t:FieldOrder Order=\"Ascending\">"));
}

#[tokio::test]
async fn exactly_one_page_is_the_last_one_and_the_hundred_and_first_is_on_the_next() {
    let full = shelf((0..100).map(Some));
    assert_eq!(list(&lab(&full).await, &ANY, None).await.cursor, None);
    let one_more = shelf((0..101).map(Some));
    let lab = lab(&one_more).await;
    let first = list(&lab, &ANY, None).await;
    assert_eq!(first.messages.len(), 100);
    let second = list(&lab, &ANY, first.cursor).await;
    assert_eq!((second.messages.len(), second.cursor), (1, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is received when, and whatever leaves between pages: each message that stays is listed exactly once.
    #[test]
    fn d30_d33_every_message_is_listed_exactly_once(
        seconds in proptest::collection::vec(0u64..4, 0..320),
        leaves in proptest::collection::vec(any::<bool>(), 320),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shelf = shelf(seconds.iter().copied().map(Some));
            let found = all(&lab(&shelf).await, &UNREAD, |ids| {
                let mut shelf = shelf.lock().unwrap();
                let mut n = 0;
                shelf.retain(|(id, _, _)| {
                    n += 1;
                    !(ids.contains(id) && leaves[n % leaves.len()])
                });
            })
            .await;
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), seconds.len());
            assert_eq!(found.len(), seconds.len());
        });
    }
}

#[tokio::test]
async fn a_conversation_is_listed_oldest_first_and_unsupported_where_the_server_has_none() {
    let call = Conversation {
        conversation_id: "c".to_owned(),
    };
    let node = |id: &str, at: u64| {
        let received = format!("<t:DateTimeReceived>{}</t:DateTimeReceived>", moment(at));
        format!(
            "<t:ConversationNode><t:Items>{}</t:Items></t:ConversationNode>",
            item(id, &received)
        )
    };
    let nodes = node("late", 9) + &node("early", 3);
    let content = format!("<m:Conversation><t:ConversationNodes>{nodes}</t:ConversationNodes></m:Conversation>");
    let answer = response("GetConversationItems", &[fine("GetConversationItems", &content)]);
    let lab = Lab::start(move |_, _| answer.clone().into()).await;
    let found: Vec<_> = lab.read(&call).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(found, ["early", "late"]);
    // Fixture 034: a fault without a code.
    let unknown = "<s:Fault><faultcode>SOAP:Server</faultcode><faultstring>Unknown request</faultstring></s:Fault>";
    let lab = Lab::start(|_, _| Answer {
        status: 500,
        ..envelope(unknown).into()
    })
    .await;
    assert!(matches!(lab.read(&call).await, Err(Error::Unsupported(_))));
}

#[tokio::test]
async fn changes_come_with_their_state_and_a_lost_state_asks_for_a_resync() {
    let created = format!("<t:Create>{}</t:Create>", item("new", "<t:Subject>s</t:Subject>"));
    let deleted = r#"<t:Delete><t:ItemId Id="old"/></t:Delete>"#;
    let flag = r#"<t:ReadFlagChange><t:ItemId Id="seen"/><t:IsRead>true</t:IsRead></t:ReadFlagChange>"#;
    let content = format!(
        "<m:SyncState>next</m:SyncState><m:IncludesLastItemInRange>false</m:IncludesLastItemInRange><m:Changes>{created}{deleted}{flag}</m:Changes>"
    );
    let lab = Lab::start(move |asked, _| {
        if asked.has("<m:SyncState>old</m:SyncState>") {
            response(
                "SyncFolderItems",
                &[refused("SyncFolderItems", "ErrorInvalidSyncStateData")],
            )
            .into()
        } else {
            response("SyncFolderItems", &[fine("SyncFolderItems", &content)]).into()
        }
    })
    .await;
    let sync = |state: Option<&str>| SyncFolder {
        folder_id: INBOX.to_owned(),
        state: state.map(str::to_owned),
    };
    let page = lab.read(&sync(None)).await.unwrap();
    assert_eq!((page.state.as_str(), page.more), ("next", true));
    assert!(matches!(&page.changes[0], Change::Created(summary) if summary.id == "new"));
    assert_eq!(page.changes[1], Change::Deleted("old".to_owned()));
    assert_eq!(page.changes[2], Change::ReadFlag(("seen".to_owned(), true)));
    assert_eq!(lab.read(&sync(Some("old"))).await, Err(Error::ResyncRequired));
}
