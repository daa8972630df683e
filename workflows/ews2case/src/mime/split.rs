//! Where do the parts of a multipart begin and end?

use std::ops::Range;

use super::PARTS;

/// The ranges between the boundary's lines (RFC 2046, section 5.1). A multipart whose end is missing ends with its container.
pub fn parts(raw: &[u8], body: Range<usize>, boundary: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = body.start;
    while at < body.end && found.len() < PARTS {
        let line_end = raw[at..body.end]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(body.end, |n| at + n + 1);
        if let Some(last) = delimiter(&raw[at..line_end], boundary) {
            if let Some(start) = open.take() {
                found.push(start..before_line_end(raw, start, at));
            }
            if last {
                return found;
            }
            open = Some(line_end);
        }
        at = line_end;
    }
    if let Some(start) = open.filter(|start| *start < body.end && found.len() < PARTS) {
        found.push(start..body.end);
    }
    found
}

/// Is the line this boundary's, and is it the last one?
fn delimiter(line: &[u8], boundary: &str) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())?;
    let (last, rest) = match rest.strip_prefix(b"--") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    rest.iter().all(u8::is_ascii_whitespace).then_some(last)
}

/// The line end before a boundary belongs to the boundary.
fn before_line_end(raw: &[u8], start: usize, at: usize) -> usize {
    let part = &raw[start..at];
    let shorter = part
        .strip_suffix(b"\r\n")
        .or_else(|| part.strip_suffix(b"\n"))
        .unwrap_or(part);
    start + shorter.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(raw: &str, boundary: &str) -> Vec<String> {
        let range = 0..raw.len();
        parts(raw.as_bytes(), range, boundary)
            .into_iter()
            .map(|range| raw[range].to_owned())
            .collect()
    }

    #[test]
    fn parts_lie_between_the_boundarys_lines() {
        assert_eq!(
            texts("preamble\r\n--b\r\none\r\n--b \r\ntwo\n\r\n--b--\r\nepilogue", "b"),
            ["one", "two\n"]
        );
        assert_eq!(texts("--b\none\n--bb\n--b-\n--b", "b"), ["one\n--bb\n--b-"]);
        assert_eq!(texts("--b\nno end", "b"), ["no end"]);
        assert_eq!(texts("no boundary", "b"), Vec::<String>::new());
    }
}
