//! What does a mail say, wherever it was found: in the mailbox or attached to another one?

use synapse_guest::ews::{Address, Message};
use synapse_guest::text;

use crate::html;

/// What stands for a subject that is missing (case D02).
pub const NO_SUBJECT: &str = "(no subject)";
/// What stands for a body that is missing (case D01).
pub const EMPTY_BODY: &str = "(empty body)";

/// A sender or recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Display name.
    pub name: Option<String>,
    /// Mail address as written.
    pub email: Option<String>,
}

/// A mail's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Letter {
    /// Who it claims to be from.
    pub from: Option<Person>,
    /// Where answers go.
    pub reply_to: Vec<Person>,
    /// Recipients.
    pub to: Vec<Person>,
    /// Recipients of a copy.
    pub cc: Vec<Person>,
    /// As written; none if blank.
    pub subject: Option<String>,
    /// When it was sent, milliseconds.
    pub sent: Option<u64>,
    /// `Message-ID` as written.
    pub message_id: Option<String>,
    /// The body as text, if there is one.
    pub text: Option<String>,
    /// The body as HTML, if there is one.
    pub html: Option<String>,
}

impl Person {
    /// The address in lower case; none for a person without one.
    pub fn address(&self) -> Option<String> {
        let email = self.email.as_deref()?.trim();
        (!email.is_empty()).then(|| email.to_lowercase())
    }

    /// `Name ‹address›` (case D04). The brackets only look like `<>`, so that no viewer takes the address for a tag or a link.
    pub fn shown(&self) -> String {
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let email = self.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
        match (name, email) {
            (Some(name), Some(email)) if name != email => format!("{name} ‹{email}›"),
            (_, Some(email)) => email.to_owned(),
            (Some(name), None) => format!("{name} (no address known)"),
            (None, None) => "(unknown)".to_owned(),
        }
    }
}

impl From<&Address> for Person {
    fn from(address: &Address) -> Self {
        Self {
            name: address.name.clone(),
            email: address.email.clone(),
        }
    }
}

impl Letter {
    /// The words of a mail in the mailbox.
    pub fn of(message: &Message) -> Self {
        let people = |addresses: &[Address]| addresses.iter().map(Person::from).collect();
        Self {
            from: message.from.as_ref().or(message.sender.as_ref()).map(Person::from),
            reply_to: people(&message.reply_to),
            to: people(&message.to),
            cc: people(&message.cc),
            subject: not_blank(message.summary.subject.as_deref()),
            sent: message.sent_at.or(message.summary.received_at),
            message_id: not_blank(message.summary.internet_message_id.as_deref()),
            text: not_blank(message.text.as_deref()),
            html: not_blank(message.html.as_deref()),
        }
    }

    /// The subject, or what stands for it, with the sender (case D02).
    pub fn title(&self) -> String {
        match (&self.subject, self.from.as_ref()) {
            (Some(subject), _) => text::visible(subject),
            (None, Some(from)) => format!("{NO_SUBJECT} from {}", text::visible(&from.shown())),
            (None, None) => NO_SUBJECT.to_owned(),
        }
    }

    /// The body as text: as it is, else from HTML, else a word for nothing (case D01).
    pub fn body(&self) -> String {
        let from_html = || self.html.as_deref().map(html::to_text);
        let body = self.text.clone().or_else(from_html).unwrap_or_default();
        if body.trim().is_empty() {
            EMPTY_BODY.to_owned()
        } else {
            body
        }
    }

    /// The sender's address in lower case.
    pub fn sender(&self) -> Option<String> {
        self.from.as_ref()?.address()
    }

    /// The addresses of all recipients in lower case.
    pub fn recipients(&self) -> Vec<String> {
        self.to.iter().chain(&self.cc).filter_map(Person::address).collect()
    }
}

/// The text, unless there is nothing in it.
pub fn not_blank(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: Option<&str>, email: Option<&str>) -> Person {
        Person {
            name: name.map(Into::into),
            email: email.map(Into::into),
        }
    }

    #[test]
    fn d04_people_are_shown_with_name_and_address() {
        assert_eq!(
            person(Some("Bob B."), Some("bob@x.example")).shown(),
            "Bob B. ‹bob@x.example›"
        );
        assert_eq!(
            person(Some("bob@x.example"), Some("bob@x.example")).shown(),
            "bob@x.example"
        );
        assert_eq!(person(Some("Bob"), None).shown(), "Bob (no address known)");
        assert_eq!(person(None, Some(" ")).shown(), "(unknown)");
    }

    #[test]
    fn d02_a_mail_without_subject_is_named_by_its_sender() {
        let mut letter = Letter {
            from: Some(person(None, Some("eve@x.example"))),
            ..Letter::default()
        };
        assert_eq!(letter.title(), "(no subject) from eve@x.example");
        letter.from = None;
        assert_eq!(letter.title(), "(no subject)");
    }

    #[test]
    fn d01_a_body_is_text_or_html_rendered_or_said_to_be_empty() {
        let html = |html: &str| Letter {
            html: Some(html.into()),
            ..Letter::default()
        };
        assert_eq!(
            html("<style>p{x:y}</style><p>Hello <b>you</b></p>").body().trim(),
            "Hello you"
        );
        assert_eq!(html("<img src=x>").body(), EMPTY_BODY);
        assert_eq!(Letter::default().body(), EMPTY_BODY);
    }
}
