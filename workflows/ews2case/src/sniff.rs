//! What is a file really, whatever its name says?

use synapse_guest::text;

/// Bytes that are looked at.
pub const LOOKED_AT: u32 = 4 << 10;

/// Headers one of which is found in the first lines of every mail.
const MAIL_HEADERS: [&[u8]; 12] = [
    b"received:",
    b"return-path:",
    b"delivered-to:",
    b"from:",
    b"to:",
    b"subject:",
    b"date:",
    b"message-id:",
    b"mime-version:",
    b"content-type:",
    b"x-ms-",
    b"x-sender:",
];

/// What the first bytes and the declared type say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mail as MIME text (case D31).
    Mail,
    /// An Outlook message in its own format (case D31).
    OutlookMessage,
    /// A compound file that does not say that it is an Outlook message; its content tells.
    Compound,
    /// Outlook's container `winmail.dat`.
    Tnef,
    /// A signed or encrypted S/MIME container (case D35).
    Smime,
    /// A mail that Rights Management protects.
    Protected,
    /// Anything else.
    File,
}

/// Looks at a file. `start` are its first bytes, at most [`LOOKED_AT`].
pub fn kind(name: &str, media_type: &str, start: &[u8]) -> Kind {
    let name = name.to_ascii_lowercase();
    let media_type = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_mail_type = matches!(
        media_type.as_str(),
        "message/rfc822" | "message/global" | "message/external-body"
    );
    if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        let outlook = name.ends_with(".msg") || media_type == "application/vnd.ms-outlook";
        return if outlook { Kind::OutlookMessage } else { Kind::Compound };
    }
    if start.starts_with(&[0x78, 0x9f, 0x3e, 0x22]) {
        return Kind::Tnef;
    }
    if name.ends_with(".rpmsg") || media_type == "application/x-microsoft-rpmsg-message" {
        return Kind::Protected;
    }
    // DER's and BER's SEQUENCE. A clear-signed mail has the same name and is MIME text.
    let smime = name.ends_with(".p7m") || media_type.starts_with("application/") && media_type.ends_with("pkcs7-mime");
    if smime && start.first() == Some(&0x30) {
        return Kind::Smime;
    }
    if looks_like_mail(start, is_mail_type || smime || name.ends_with(".eml")) {
        Kind::Mail
    } else {
        Kind::File
    }
}

/// Two known headers in the first lines; one is enough where the name or the type says so too.
fn looks_like_mail(start: &[u8], declared: bool) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let mut known = 0;
    for line in start.split(|byte| *byte == b'\n').take(60) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() && known > 0 {
            break;
        }
        let lower = line.to_ascii_lowercase();
        known += usize::from(MAIL_HEADERS.iter().any(|header| lower.starts_with(header)));
        // Text before the headers is seen in the wild; binary is not.
        if line.contains(&0) {
            return false;
        }
    }
    known >= if declared { 1 } else { 3 }
}

/// A media type as a tag's value: short, and in one line.
pub fn media_type(media_type: &str) -> String {
    let plain = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    text::cut(&text::visible(&plain), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d31_a_mail_is_recognised_by_what_it_is() {
        let mail = b"Received: from x\r\nFrom: a@b\r\nSubject: s\r\n\r\nbody";
        assert_eq!(kind("note.bin", "application/octet-stream", mail), Kind::Mail);
        assert_eq!(kind("a.eml", "application/octet-stream", b"Subject: s\n\n"), Kind::Mail);
        assert_eq!(kind("a.txt", "text/plain", b"Subject: s\n\n"), Kind::File);
        assert_eq!(kind("a.eml", "message/rfc822", b"\0\x01Subject: s\n"), Kind::File);
        assert_eq!(kind("x", "message/rfc822", b"\xef\xbb\xbfSubject: s\n"), Kind::Mail);
    }

    #[test]
    fn d35_containers_are_recognised_and_a_clear_signed_mail_is_a_mail() {
        assert_eq!(
            kind("smime.p7m", "application/pkcs7-mime", b"\x30\x80\x06"),
            Kind::Smime
        );
        assert_eq!(
            kind("smime.p7m", "multipart/signed", b"Content-Type: multipart/signed"),
            Kind::Mail
        );
        assert_eq!(
            kind("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22"),
            Kind::Tnef
        );
        assert_eq!(
            kind("x.msg", "", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
            Kind::OutlookMessage
        );
        assert_eq!(
            kind("message.rpmsg", "application/x-microsoft-rpmsg-message", b"v"),
            Kind::Protected
        );
    }
}
