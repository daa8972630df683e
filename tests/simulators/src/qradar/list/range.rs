//! Which slice of a list does the `Range` header ask for? (contract 2.4)

use super::super::error::ApiError;

/// `items=first-last`, inclusive and zero-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First index.
    pub first: usize,
    /// Last index, included.
    pub last: usize,
}

impl Range {
    /// Parses the header; anything but `items=x-y` is 422/36, `items=3-0` as well with its own text.
    pub fn parse(header: &str) -> Result<Self, ApiError> {
        let malformed = || {
            ApiError::framework(
                422,
                36,
                "Failed to parse Range header. The syntax of the Range header must follow this pattern: items=x-y",
            )
        };
        let (first, last) = header
            .trim()
            .strip_prefix("items=")
            .and_then(|pair| pair.split_once('-'))
            .ok_or_else(malformed)?;
        let index = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits
                .then(|| text.parse::<usize>().ok())
                .flatten()
                .ok_or_else(malformed)
        };
        let range = Self {
            first: index(first)?,
            last: index(last)?,
        };
        if range.last < range.first {
            let text =
                "Range of pages specified in \"Range\" header is negative. Non-negative page range must be specified.";
            return Err(ApiError::framework(422, 36, text));
        }
        Ok(range)
    }

    /// Cuts `total` objects: the index range and the `Content-Range` value; past the end it is `items */total`.
    pub fn cut(range: Option<Self>, total: usize) -> (std::ops::Range<usize>, String) {
        let Self { first, last } = range.unwrap_or(Self {
            first: 0,
            last: usize::MAX,
        });
        if first >= total {
            return (0..0, format!("items */{total}"));
        }
        let end = last.saturating_add(1).min(total);
        (first..end, format!("items {first}-{}/{total}", end - 1))
    }
}
