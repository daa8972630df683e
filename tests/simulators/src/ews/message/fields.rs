//! Which fields does a message have? In the schema's order, each with how it is written and what it is compared by.

use super::{
    attachments, body,
    shape::{BodyType, Shape},
    value::Value,
    view::View,
};
use crate::ews::{
    ids::Id,
    store::{Person, conversation_index, conversation_topic},
    time,
    xml::Xml,
};

type Write = fn(&View<'_>, &Shape, &mut Xml);
type Compare = fn(&View<'_>) -> Value;

/// One field.
pub struct Field {
    /// Its name in requests.
    pub uri: &'static str,
    /// Shown by the shape `Default`.
    pub default: bool,
    /// Shown by the shape `AllProperties`.
    pub all: bool,
    /// FindItem and SyncFolderItems can give it.
    pub listed: bool,
    /// Writes it, if the message has it.
    pub write: Write,
    /// What restrictions and sort orders compare, if they can.
    pub value: Option<Compare>,
}

const D: u8 = 1;
const A: u8 = 2;
const L: u8 = 4;

const fn field(uri: &'static str, flags: u8, write: Write, value: Option<Compare>) -> Field {
    Field {
        uri,
        default: flags & D != 0,
        all: flags & A != 0,
        listed: flags & L != 0,
        write,
        value,
    }
}

/// The field of that name.
pub fn by_uri(uri: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.uri == uri)
}

/// All fields, in the order the schema wants them. `D` default shape, `A` all properties, `L` lists can give it.
#[rustfmt::skip]
pub const FIELDS: &[Field] = &[
    field("item:MimeContent", 0, |_, _, _| {}, None),
    field("item:ItemId", D | A | L, |v, _, x| if let Some((id, key)) = v.id() {
        x.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &key)]);
    }, None),
    field("item:ParentFolderId", A | L, |v, _, x| if v.is_item() {
        let id = Id::Folder(v.mailbox.store(), v.item.folder).encode();
        x.empty("t:ParentFolderId", &[("Id", &id), ("ChangeKey", "AQAAAA==")]);
    }, None),
    field("item:ItemClass", A | L, |_, _, x| x.leaf("t:ItemClass", "IPM.Note"), Some(|_| Value::text(Some("IPM.Note")))),
    field("item:Subject", D | A | L, |v, _, x| match (&v.item.subject_xml, v.subject()) {
        (Some(broken), _) if v.is_item() => x.raw(&format!("<t:Subject>{broken}</t:Subject>")),
        (_, Some(subject)) => x.leaf("t:Subject", subject),
        (_, None) => {}
    }, Some(|v| Value::text(v.subject()))),
    field("item:Sensitivity", D | A | L, |_, _, x| x.leaf("t:Sensitivity", "Normal"), Some(|_| Value::text(Some("Normal")))),
    field("item:Body", D | A, |v, s, x| body::write(v, "t:Body", s.body, s.max_body, x), Some(|v| Value::Text(body::plain(v.mail)))),
    field("item:Attachments", D | A, |v, _, x| attachments::write_list(v, x), None),
    field("item:DateTimeReceived", A | L, |v, _, x| x.leaf("t:DateTimeReceived", &time::write(received(v))), Some(|v| Value::Time(received(v)))),
    field("item:Size", D | A | L, |v, _, x| x.leaf("t:Size", &size(v).to_string()), Some(|v| Value::Number(size(v)))),
    field("item:Categories", A | L, |v, _, x| if v.is_item() && !v.item.categories.is_empty() {
        x.within("t:Categories", |x| v.item.categories.iter().for_each(|name| x.leaf("t:String", name)));
    }, Some(|v| Value::List(v.item.categories.clone()))),
    field("item:Importance", A | L, |v, _, x| x.leaf("t:Importance", importance(v)), Some(|v| Value::text(Some(importance(v))))),
    field("item:InReplyTo", A | L, |v, _, x| text(x, "t:InReplyTo", v.mail.in_reply_to.as_deref()), Some(|v| Value::text(v.mail.in_reply_to.as_deref()))),
    field("item:IsSubmitted", A | L, |_, _, x| x.flag("t:IsSubmitted", false), Some(|_| Value::Flag(false))),
    field("item:IsDraft", A | L, |v, _, x| x.flag("t:IsDraft", v.item.is_draft), Some(|v| Value::Flag(v.item.is_draft))),
    field("item:IsFromMe", A | L, |_, _, x| x.flag("t:IsFromMe", false), Some(|_| Value::Flag(false))),
    field("item:IsResend", A | L, |_, _, x| x.flag("t:IsResend", false), Some(|_| Value::Flag(false))),
    field("item:IsUnmodified", A | L, |v, _, x| x.flag("t:IsUnmodified", !v.item.is_draft), Some(|_| Value::Flag(true))),
    field("item:InternetMessageHeaders", A, |v, _, x| headers(v, x), None),
    field("item:DateTimeSent", D | A | L, |v, _, x| if let Some(sent) = v.mail.sent_ms { x.leaf("t:DateTimeSent", &time::write(sent)); }, Some(|v| v.mail.sent_ms.map_or(Value::None, Value::Time))),
    field("item:DateTimeCreated", A | L, |v, _, x| x.leaf("t:DateTimeCreated", &time::write(v.item.created_ms)), Some(|v| Value::Time(v.item.created_ms))),
    field("item:DisplayCc", A | L, |v, _, x| x.leaf("t:DisplayCc", &View::names(&v.mail.cc)), Some(|v| Value::Text(View::names(&v.mail.cc)))),
    field("item:DisplayTo", A | L, |v, _, x| x.leaf("t:DisplayTo", &View::names(&v.mail.to)), Some(|v| Value::Text(View::names(&v.mail.to)))),
    field("item:DisplayBcc", 0, |v, _, x| x.leaf("t:DisplayBcc", &View::names(&v.mail.bcc)), None),
    field("item:HasAttachments", D | A | L, |v, _, x| x.flag("t:HasAttachments", v.has_attachments()), Some(|v| Value::Flag(v.has_attachments()))),
    field("item:Culture", A | L, |_, _, x| x.leaf("t:Culture", "en-US"), None),
    field("item:LastModifiedTime", A | L, |v, _, x| x.leaf("t:LastModifiedTime", &time::write(v.item.changed_ms)), Some(|v| Value::Time(v.item.changed_ms))),
    field("item:ConversationId", A | L, |v, _, x| if v.is_item() { x.empty("t:ConversationId", &[("Id", &v.item.conversation)]); }, None),
    field("item:Flag", L, |_, _, x| x.within("t:Flag", |x| x.leaf("t:FlagStatus", "NotFlagged")), None),
    field("item:Preview", L, |v, _, x| x.leaf("t:Preview", &preview(v)), None),
    field("item:TextBody", 0, |v, s, x| body::write(v, "t:TextBody", BodyType::Text, s.max_body, x), None),
    field("message:Sender", A | L, |v, _, x| mailbox(x, "t:Sender", v.mail.sender.as_ref().or(v.mail.from.as_ref())), Some(|v| person(v.mail.sender.as_ref().or(v.mail.from.as_ref())))),
    field("message:ToRecipients", A, |v, _, x| mailboxes(x, "t:ToRecipients", &v.mail.to), Some(|v| persons(&v.mail.to))),
    field("message:CcRecipients", A, |v, _, x| mailboxes(x, "t:CcRecipients", &v.mail.cc), Some(|v| persons(&v.mail.cc))),
    field("message:BccRecipients", A, |v, _, x| mailboxes(x, "t:BccRecipients", &v.mail.bcc), Some(|v| persons(&v.mail.bcc))),
    field("message:IsReadReceiptRequested", A | L, |v, _, x| x.flag("t:IsReadReceiptRequested", v.mail.wants_receipt), Some(|v| Value::Flag(v.mail.wants_receipt))),
    field("message:IsDeliveryReceiptRequested", A | L, |_, _, x| x.flag("t:IsDeliveryReceiptRequested", false), Some(|_| Value::Flag(false))),
    field("message:ConversationIndex", A | L, |v, _, x| if v.is_item() { x.leaf("t:ConversationIndex", &conversation_index(v.item)); }, None),
    field("message:ConversationTopic", A | L, |v, _, x| x.leaf("t:ConversationTopic", &conversation_topic(v.mail)), Some(|v| Value::Text(conversation_topic(v.mail)))),
    field("message:From", D | A | L, |v, _, x| mailbox(x, "t:From", v.mail.from.as_ref()), Some(|v| person(v.mail.from.as_ref()))),
    field("message:InternetMessageId", A | L, |v, _, x| text(x, "t:InternetMessageId", v.mail.message_id.as_deref()), Some(|v| Value::text(v.mail.message_id.as_deref()))),
    field("message:IsRead", D | A | L, |v, _, x| x.flag("t:IsRead", v.item.is_read), Some(|v| Value::Flag(v.item.is_read))),
    field("message:References", A, |v, _, x| text(x, "t:References", v.mail.references.as_deref()), Some(|v| Value::text(v.mail.references.as_deref()))),
    field("message:ReplyTo", A, |v, _, x| mailboxes(x, "t:ReplyTo", &v.mail.reply_to), None),
];

fn received(view: &View<'_>) -> i64 {
    if view.is_item() {
        view.item.received_ms
    } else {
        view.mail.sent_ms.unwrap_or(view.item.received_ms)
    }
}

fn size(view: &View<'_>) -> i64 {
    let bytes = if view.is_item() {
        view.item.size()
    } else {
        view.mail.raw.len() as u64
    };
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn importance(view: &View<'_>) -> &'static str {
    match view.mail.header("Importance").map(str::to_ascii_lowercase).as_deref() {
        Some("high") => "High",
        Some("low") => "Low",
        _ => "Normal",
    }
}

fn preview(view: &View<'_>) -> String {
    body::plain(view.mail).chars().take(255).collect()
}

fn text(xml: &mut Xml, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        xml.leaf(name, text);
    }
}

fn headers(view: &View<'_>, xml: &mut Xml) {
    if view.mail.headers.is_empty() {
        return;
    }
    xml.within("t:InternetMessageHeaders", |xml| {
        for (name, value) in &view.mail.headers {
            xml.leaf_with("t:InternetMessageHeader", &[("HeaderName", name)], value);
        }
    });
}

fn mailbox(xml: &mut Xml, name: &str, person: Option<&Person>) {
    if let Some(person) = person {
        xml.within(name, |xml| one(xml, person));
    }
}

fn mailboxes(xml: &mut Xml, name: &str, people: &[Person]) {
    if !people.is_empty() {
        xml.within(name, |xml| people.iter().for_each(|person| one(xml, person)));
    }
}

fn one(xml: &mut Xml, person: &Person) {
    xml.within("t:Mailbox", |xml| {
        xml.leaf("t:Name", &person.name);
        if let Some(address) = &person.address {
            xml.leaf("t:EmailAddress", address);
            xml.leaf("t:RoutingType", "SMTP");
        }
        xml.leaf("t:MailboxType", "OneOff");
    });
}

/// Searches look at the name and the address.
fn person(person: Option<&Person>) -> Value {
    person.map_or(Value::None, |person| persons(std::slice::from_ref(person)))
}

fn persons(people: &[Person]) -> Value {
    let both = |person: &Person| [Some(person.name.clone()), person.address.clone()];
    Value::List(people.iter().flat_map(both).flatten().collect())
}
