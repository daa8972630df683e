//! How does a message made of fields become a raw one? A plain MIME message with its attachments as parts.

use super::store::Person;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt::Write as _;

/// Line length of base64 in MIME.
const LINE: usize = 76;

/// A message in fields.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// `Subject`.
    pub subject: Option<String>,
    /// `From`.
    pub from: Person,
    /// `To`.
    pub to: Vec<Person>,
    /// `Cc`.
    pub cc: Vec<Person>,
    /// `Bcc`.
    pub bcc: Vec<Person>,
    /// `Reply-To`.
    pub reply_to: Vec<Person>,
    /// `Message-ID` with its brackets; empty = none.
    pub message_id: String,
    /// `In-Reply-To`.
    pub in_reply_to: Option<String>,
    /// `References`.
    pub references: Option<String>,
    /// Ask for a read receipt.
    pub wants_receipt: bool,
    /// `Importance`.
    pub importance: Option<String>,
    /// The body is HTML.
    pub html: bool,
    /// The body.
    pub body: String,
    /// Attachments.
    pub parts: Vec<Part>,
}

/// An attachment to be.
#[derive(Clone, Debug)]
pub enum Part {
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: Option<String>,
        /// Its content id.
        content_id: Option<String>,
        /// Shown in the body.
        inline: bool,
        /// Its bytes.
        content: Vec<u8>,
    },
    /// A raw message.
    Message(Vec<u8>),
}

impl Draft {
    /// The raw message.
    pub fn compose(&self) -> Vec<u8> {
        let mut out = String::from("MIME-Version: 1.0\r\n");
        let mut header = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let _ = write!(out, "{name}: {value}\r\n");
            }
        };
        header("From", Some(person(&self.from)));
        header("To", people(&self.to));
        header("Cc", people(&self.cc));
        header("Bcc", people(&self.bcc));
        header("Reply-To", people(&self.reply_to));
        header("Subject", self.subject.as_deref().map(word));
        header("Message-ID", Some(one_line(&self.message_id)));
        header("In-Reply-To", self.in_reply_to.as_deref().map(one_line));
        header("References", self.references.as_deref().map(one_line));
        header("Importance", self.importance.as_deref().map(one_line));
        header(
            "Disposition-Notification-To",
            self.wants_receipt.then(|| person(&self.from)),
        );
        let kind = if self.html { "html" } else { "plain" };
        let body = format!(
            "Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
            lines(self.body.as_bytes())
        );
        if self.parts.is_empty() {
            out.push_str(&body);
            return out.into_bytes();
        }
        let boundary = self.boundary(&body);
        let _ = write!(
            out,
            "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n{body}"
        );
        let mut out = out.into_bytes();
        for part in &self.parts {
            out.extend(format!("\r\n--{boundary}\r\n").into_bytes());
            part.write(&mut out);
        }
        out.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
        out
    }

    /// A line that is in no part: nested messages have boundaries of their own, and theirs are shorter.
    fn boundary(&self, body: &str) -> String {
        let mut boundary = "=_simulated_".to_owned();
        let within = |text: &[u8], wanted: &str| text.windows(wanted.len()).any(|window| window == wanted.as_bytes());
        while within(body.as_bytes(), &boundary)
            || self
                .parts
                .iter()
                .any(|part| matches!(part, Part::Message(raw) if within(raw, &boundary)))
        {
            boundary.push('_');
        }
        boundary
    }
}

impl Part {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Message(raw) => {
                out.extend(b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n");
                out.extend(raw);
            }
            Self::File {
                name,
                media_type,
                content_id,
                inline,
                content,
            } => {
                let media_type = media_type.as_deref().unwrap_or("application/octet-stream");
                let mut head = format!(
                    "Content-Type: {}\r\nContent-Transfer-Encoding: base64\r\n",
                    one_line(media_type)
                );
                if let Some(id) = content_id {
                    let _ = write!(head, "Content-ID: <{}>\r\n", one_line(id));
                }
                let kind = if *inline { "inline" } else { "attachment" };
                let _ = write!(
                    head,
                    "Content-Disposition: {kind}; filename=\"{}\"\r\n\r\n",
                    word(name).replace('"', "")
                );
                out.extend(head.into_bytes());
                out.extend(lines(content).into_bytes());
            }
        }
    }
}

fn people(people: &[Person]) -> Option<String> {
    let all: Vec<String> = people.iter().map(person).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn person(person: &Person) -> String {
    let Some(address) = &person.address else {
        return word(&person.name);
    };
    let address = one_line(address);
    if person.name.is_empty() || person.name == address {
        format!("<{address}>")
    } else if person.name.is_ascii() {
        format!("\"{}\" <{address}>", one_line(&person.name).replace(['"', '\\'], ""))
    } else {
        format!("{} <{address}>", word(&person.name))
    }
}

/// Text as an encoded word if it is not ASCII.
fn word(text: &str) -> String {
    if text.chars().all(|found| (' '..='~').contains(&found)) {
        text.to_owned()
    } else {
        format!("=?utf-8?B?{}?=", STANDARD.encode(text))
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / LINE * 2 + 2);
    let mut rest = text.as_str();
    while let Some((line, more)) = rest.split_at_checked(LINE) {
        out.push_str(line);
        out.push_str("\r\n");
        rest = more;
    }
    out.push_str(rest);
    out.push_str("\r\n");
    out
}
