//! Which messages of a mailbox belong together? Those that name each other, else those with the same topic.

use super::{item::Item, mail::Mail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::parsers::fields::thread::thread_name;
use sha2::{Digest as _, Sha256};

/// The topic: `Thread-Topic`, else the subject without `Re:` and the like.
pub fn topic(mail: &Mail) -> String {
    let subject = || {
        mail.subject
            .as_deref()
            .map(|subject| thread_name(subject).trim().to_owned())
    };
    mail.topic.clone().or_else(subject).unwrap_or_default()
}

/// The conversation of a message that arrives among `items`: an id of this mailbox only (contract section 3).
pub fn find<'a>(address: &str, mail: &Mail, items: impl Iterator<Item = &'a Item>) -> String {
    let named = [mail.in_reply_to.as_deref(), mail.references.as_deref()];
    let named: Vec<&str> = named.into_iter().flatten().flat_map(str::split_whitespace).collect();
    let topic = topic(mail);
    let mut same_topic = None;
    for item in items {
        let other = item.mail.message_id.as_deref();
        if other.is_some_and(|id| named.contains(&id)) {
            return item.conversation.clone();
        }
        if same_topic.is_none() && !topic.is_empty() && topic == self::topic(&item.mail) {
            same_topic = Some(item.conversation.clone());
        }
    }
    same_topic.unwrap_or_else(|| fresh(address, mail, &topic))
}

fn fresh(address: &str, mail: &Mail, topic: &str) -> String {
    let root = if topic.is_empty() {
        mail.message_id
            .clone()
            .unwrap_or_else(|| hex::encode(Sha256::digest(&mail.raw)))
    } else {
        topic.to_owned()
    };
    let hash = Sha256::digest(format!("{}\n{root}", address.to_ascii_lowercase()));
    let mut bytes = vec![0x00, 0x02, 0x40, 0x12, 0x3d, 0x10, 0x00];
    bytes.extend(&hash[..16]);
    STANDARD.encode(bytes)
}

/// The conversation index: that of the message, else the 22 bytes that a first message gets.
pub fn index(item: &Item) -> String {
    let own = item.mail.thread_index.clone();
    let bytes = own.unwrap_or_else(|| {
        let mut bytes = vec![0x01];
        bytes.extend(&item.received_ms.to_be_bytes()[2..7]);
        bytes.extend(&Sha256::digest(&item.conversation)[..16]);
        bytes
    });
    STANDARD.encode(bytes)
}
