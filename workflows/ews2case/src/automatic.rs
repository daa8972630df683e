//! Did a machine write the mail: an automatic answer, a delivery report, one of our own?
//!
//! Headers are the sender's word. Newsletters, notifications and phishing carry many of them, so only what makes a mail an *answer* of a
//! machine counts; a mail that is asked for by name is handled anyway.

use synapse_guest::ews::{Message, Summary};

/// Header of mails that this platform sends.
const OWN_MARK: &str = "X-Synapse-Loop";

/// Reports and out-of-office templates, by the server's class.
pub fn by_class(summary: &Summary) -> Option<String> {
    let class = summary.item_class.as_deref()?;
    let lower = class.to_ascii_lowercase();
    if lower.starts_with("report.") {
        return Some(format!("a delivery report or receipt ({class})"));
    }
    let is_template = lower.starts_with("ipm.note.rules.oof") || lower.starts_with("ipm.note.rules.reply");
    is_template.then(|| format!("an automatic answer ({class})"))
}

/// Why the mail's headers say that a machine answered.
pub fn by_headers(message: &Message) -> Option<String> {
    let header = |name: &str| {
        let named = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        message
            .headers
            .iter()
            .find(named)
            .map(|(_, value)| value.trim().to_ascii_lowercase())
    };
    if header(OWN_MARK).is_some() {
        return Some(format!("sent by this platform ({OWN_MARK})"));
    }
    let automatic = header("Auto-Submitted").filter(|value| !value.is_empty() && !value.starts_with("no"));
    if let Some(value) = automatic.as_ref().filter(|value| value.starts_with("auto-replied")) {
        return Some(format!("an automatic answer (Auto-Submitted: {value})"));
    }
    let precedence =
        header("Precedence").filter(|value| value.starts_with("auto_reply") || value.starts_with("auto-reply"));
    if let Some(value) = precedence {
        return Some(format!("an automatic answer (Precedence: {value})"));
    }
    for name in ["X-Autoreply", "X-Autorespond"] {
        if header(name).is_some_and(|value| !value.is_empty() && value != "no") {
            return Some(format!("an automatic answer ({name})"));
        }
    }
    if header("X-Failed-Recipients").is_some()
        || header("Content-Type").is_some_and(|value| value.contains("delivery-status"))
    {
        return Some("a delivery report".to_owned());
    }
    // Exchange's own out-of-office answer: generated, suppressing answers, and answering something.
    let suppresses = header("X-Auto-Response-Suppress").filter(|value| value.contains("all") || value.contains("oof"));
    let answers = message.in_reply_to.is_some() || header("In-Reply-To").is_some();
    (automatic.is_some() && suppresses.is_some() && answers)
        .then(|| "an automatic answer (Auto-Submitted with X-Auto-Response-Suppress and In-Reply-To)".to_owned())
}
