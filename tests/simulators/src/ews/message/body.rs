//! Which body does a client get? The one it asked for, converted if the message has only the other.

use super::{shape::BodyType, view::View};
use crate::ews::{store::Mail, xml::Xml};
use mail_parser::decoders::html::html_to_text;

/// Whether the body is HTML, and its text.
fn choose(mail: &Mail, wanted: BodyType) -> (bool, String) {
    match (wanted, &mail.html, &mail.text) {
        (BodyType::Best | BodyType::Html, Some(html), _) => (true, html.clone()),
        (BodyType::Best, None, text) => (false, text.clone().unwrap_or_default()),
        (BodyType::Html, None, text) => (true, converted(text.as_deref().unwrap_or_default())),
        (BodyType::Text, _, _) => (false, plain(mail)),
    }
}

/// The text body, made from HTML if there is no other.
pub fn plain(mail: &Mail) -> String {
    match (&mail.text, &mail.html) {
        (Some(text), _) => text.clone(),
        (None, Some(html)) => html_to_text(html),
        (None, None) => String::new(),
    }
}

/// What Exchange makes of a plain text when HTML is asked for.
fn converted(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let text = text.replace("\r\n", "\n").replace('\n', "<br>\r\n");
    format!(
        "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n\
         <!-- converted from text -->\r\n</head>\r\n<body>\r\n<div class=\"PlainText\">{text}</div>\r\n</body>\r\n</html>\r\n"
    )
}

/// Writes `t:Body` or `t:TextBody`; over `limit` bytes it is cut and says so.
pub fn write(view: &View<'_>, name: &str, wanted: BodyType, limit: Option<usize>, xml: &mut Xml) {
    let (html, text) = choose(view.mail, wanted);
    let kind = if html { "HTML" } else { "Text" };
    let cut = limit.filter(|limit| *limit > 0 && text.len() > *limit);
    let end = cut.map_or(text.len(), |limit| text.floor_char_boundary(limit));
    let truncated = if cut.is_some() { "true" } else { "false" };
    let shown = text.get(..end).unwrap_or_default();
    xml.leaf_with(name, &[("BodyType", kind), ("IsTruncated", truncated)], shown);
}
