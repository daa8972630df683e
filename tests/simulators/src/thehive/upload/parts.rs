//! Where does a part of a multipart body begin and end? Read as a stream, so that a large file is never in memory as a whole.

use std::io::{self, Read};

/// Header bytes of one part.
const MAX_HEAD: usize = 16 << 10;
/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// What a part says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Name of the form field.
    pub name: String,
    /// Present for files.
    pub file_name: Option<String>,
    /// Content type of the part.
    pub media_type: Option<String>,
    /// The file name came as `filename*=` (RFC 5987) or with bytes above ASCII: what some servers fail on (D16).
    pub unusual_name: bool,
}

/// The parts of one body.
pub struct Parts<R> {
    source: R,
    window: Vec<u8>,
    /// CR LF, two dashes and the boundary.
    delimiter: Vec<u8>,
    source_ended: bool,
}

impl<R: Read> Parts<R> {
    /// Starts before the first part.
    pub fn new(source: R, boundary: &str) -> Self {
        Self {
            source,
            // The first delimiter may stand at the very beginning, without the line break that belongs to the others.
            window: b"\r\n".to_vec(),
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            source_ended: false,
        }
    }

    /// The head of the part that follows; None after the last one. The content before it must have been taken.
    pub fn next_head(&mut self) -> io::Result<Option<Head>> {
        match self.take_line()?.as_slice() {
            b"--" => Ok(None),
            b"" => self.head().map(Some),
            _ => Err(broken("text after a boundary")),
        }
    }

    /// Gives the content up to the next delimiter to `sink`, piece by piece. Before the first part that is the preamble.
    pub fn content(&mut self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        loop {
            if let Some(at) = memchr::memmem::find(&self.window, &self.delimiter) {
                sink(self.window.get(..at).unwrap_or_default())?;
                self.window.drain(..at + self.delimiter.len());
                return Ok(());
            }
            // The end of the window may be the beginning of a delimiter.
            let safe = self.window.len().saturating_sub(self.delimiter.len());
            sink(self.window.get(..safe).unwrap_or_default())?;
            self.window.drain(..safe);
            self.fill()?;
        }
    }

    fn head(&mut self) -> io::Result<Head> {
        let mut head = Head::default();
        let mut left = MAX_HEAD;
        loop {
            let line = self.take_line()?;
            if line.is_empty() {
                return Ok(head);
            }
            left = left
                .checked_sub(line.len())
                .ok_or_else(|| broken("a part's head is too long"))?;
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                return Err(broken("a header without colon"));
            };
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            match name.to_ascii_lowercase().as_slice() {
                b"content-disposition" => disposition(value, &mut head),
                b"content-type" => head.media_type = Some(String::from_utf8_lossy(value).into_owned()),
                _ => {}
            }
        }
    }

    /// One line without its end. Also takes `--` at the end of the body, which needs no line break.
    fn take_line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = memchr::memmem::find(&self.window, b"\r\n") {
                let line = self.window.drain(..at + 2).take(at).collect();
                return Ok(line);
            }
            if self.source_ended && self.window == b"--" {
                return Ok(self.window.clone());
            }
            if self.window.len() > MAX_HEAD {
                return Err(broken("a line is too long"));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.source_ended {
            return Err(broken("it ends inside a part"));
        }
        let old = self.window.len();
        self.window.resize(old + CHUNK, 0);
        let read = self.source.read(self.window.get_mut(old..).unwrap_or_default())?;
        self.window.truncate(old + read);
        self.source_ended = read == 0;
        // The last `--` may end the body without a line break; everything else must go on.
        if self.source_ended && self.window != b"--" {
            return Err(broken("it ends inside a part"));
        }
        Ok(())
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("multipart body: {what}"))
}

/// The parameters of `form-data; name="a"; filename="b"`.
fn disposition(value: &[u8], head: &mut Head) {
    for (name, raw) in parameters(value) {
        let text = String::from_utf8_lossy(&raw).into_owned();
        match name.as_str() {
            "name" => head.name = text,
            "filename" => {
                head.unusual_name |= !raw.is_ascii();
                // The encoded form wins, wherever it stands (RFC 6266).
                head.file_name.get_or_insert(text);
            }
            "filename*" => {
                head.unusual_name = true;
                head.file_name = Some(decode_5987(&text));
            }
            _ => {}
        }
    }
}

/// Splits at semicolons outside of quotes; a backslash in quotes takes the next character as it is.
fn parameters(value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut name, mut text) = (Vec::new(), None::<String>, Vec::new());
    let (mut quoted, mut escaped) = (false, false);
    let mut end = |name: &mut Option<String>, text: &mut Vec<u8>| {
        let text = std::mem::take(text);
        if let Some(name) = name.take() {
            found.push((name, text));
        }
    };
    for byte in value {
        match byte {
            _ if escaped => {
                text.push(*byte);
                escaped = false;
            }
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => end(&mut name, &mut text),
            b'=' if !quoted && name.is_none() => {
                name = Some(String::from_utf8_lossy(text.trim_ascii()).to_ascii_lowercase());
                text.clear();
            }
            byte => text.push(*byte),
        }
    }
    end(&mut name, &mut text);
    found
}

/// `UTF-8''na%C3%AFve`: the charset is taken for UTF-8.
fn decode_5987(text: &str) -> String {
    let encoded = text.splitn(3, '\'').nth(2).unwrap_or(text);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        match code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every delimiter is cut everywhere.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let one = self.0.len().min(1);
            let (now, later) = self.0.split_at(one);
            into[..one].copy_from_slice(now);
            self.0 = later;
            Ok(one)
        }
    }

    fn read(body: &[u8]) -> io::Result<Vec<(Head, Vec<u8>)>> {
        let mut parts = Parts::new(Slow(body), "xx");
        parts.content(&mut |_| Ok(()))?;
        let mut all = Vec::new();
        while let Some(head) = parts.next_head()? {
            let mut content = Vec::new();
            parts.content(&mut |piece| {
                content.extend_from_slice(piece);
                Ok(())
            })?;
            all.push((head, content));
        }
        Ok(all)
    }

    #[test]
    fn parts_keep_their_content_even_where_it_looks_like_a_delimiter() {
        let body = b"preamble\r\n--xx\r\nContent-Disposition: form-data; name=\"_json\"\r\n\r\n{\"a\":1}\r\n--xx\r\n\
            content-disposition: form-data; name=\"attachment\"; filename=\"a;\\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            \r\n--x\r\n-\r\n\r\n--xx--\r\nepilogue";
        let parts = read(body).unwrap();
        assert_eq!(
            (parts[0].0.name.as_str(), parts[0].1.as_slice()),
            ("_json", &b"{\"a\":1}"[..])
        );
        assert_eq!(parts[1].0.file_name.as_deref(), Some("a;\"b.txt"));
        assert_eq!(parts[1].0.media_type.as_deref(), Some("text/plain"));
        assert_eq!(parts[1].1, b"\r\n--x\r\n-\r\n");
        assert!(!parts[1].0.unusual_name);
    }

    #[test]
    fn the_last_boundary_may_end_the_body() {
        let body = b"--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--xx--";
        assert_eq!(read(body).unwrap()[0].1, b"");
        assert!(read(b"--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut off").is_err());
        assert!(read(b"no boundary at all").is_err());
    }

    #[test]
    fn names_beyond_ascii_are_read_in_both_forms_and_marked() {
        for (text, expected) in [
            ("filename=\"фишинг.eml\"", "фишинг.eml"),
            ("filename*=UTF-8''%D1%84%20a.eml", "ф a.eml"),
            ("filename=\"x.eml\"; filename*=utf-8'ru'%D1%84.eml", "ф.eml"),
        ] {
            let mut head = Head::default();
            disposition(format!("form-data; name=\"attachment\"; {text}").as_bytes(), &mut head);
            assert_eq!(
                (head.file_name.as_deref(), head.unusual_name),
                (Some(expected), true),
                "{text}"
            );
        }
    }
}
