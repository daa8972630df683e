//! Where does the next page of a list start? Above the last id seen, under the same filter (D40); where a list has no ids, at a place.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use synapse_domain::digest::Digest;

use super::invalid;
use crate::bindings::synapse::workflow::types::Error;
use crate::canonical;

/// Shape of the cursor: another one is not understood, and the list starts again.
const SHAPE: u32 = 1;
/// Far above what we hand out.
const LONGEST: usize = 512;

#[derive(Serialize, Deserialize)]
struct Position {
    shape: u32,
    filter: String,
    after: u64,
}

/// The cursor of the page after this id.
pub fn encode<F: Serialize>(filter: &F, after: u64) -> String {
    URL_SAFE_NO_PAD.encode(canonical::text(&Position {
        shape: SHAPE,
        filter: digest(filter),
        after,
    }))
}

/// The id after which a cursor's page starts.
///
/// # Errors
/// `ResyncRequired`: made for another filter or by another release. `Invalid`: not a cursor.
pub fn decode<F: Serialize>(filter: &F, cursor: &str) -> Result<u64, Error> {
    let refused = || {
        invalid(
            "cursor",
            "not a cursor of this list; pass `next` of the page before, or none to start",
        )
    };
    if cursor.len() > LONGEST {
        return Err(refused());
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let position: Position = serde_json::from_slice(&json).map_err(|_| refused())?;
    if position.shape != SHAPE || position.filter != digest(filter) {
        return Err(Error::ResyncRequired);
    }
    Ok(position.after)
}

fn digest<F: Serialize>(filter: &F) -> String {
    Digest::of(canonical::text(filter).as_bytes()).short()
}

#[cfg(test)]
mod tests {
    use super::super::ANY;
    use super::*;
    use crate::bindings::synapse::qradar::offenses::{OffenseFilter, Status};

    #[test]
    fn a_cursor_belongs_to_its_filter() {
        let cursor = encode(&ANY, 42);
        assert_eq!(decode(&ANY, &cursor), Ok(42));
        let other = OffenseFilter {
            status: Some(Status::Open),
            ..ANY
        };
        assert_eq!(decode(&other, &cursor), Err(Error::ResyncRequired));
    }

    #[test]
    fn what_is_no_cursor_is_refused_and_what_another_release_made_starts_again() {
        for text in [
            "",
            "42",
            "%2e%2e/",
            &"A".repeat(LONGEST + 1),
            &URL_SAFE_NO_PAD.encode("[]"),
        ] {
            assert!(
                matches!(decode(&ANY, text), Err(Error::Invalid(argument)) if argument.field == "cursor"),
                "{text}"
            );
        }
        let later = URL_SAFE_NO_PAD.encode(format!(
            r#"{{"shape":2,"filter":"{}","after":1,"more":[]}}"#,
            digest(&ANY)
        ));
        assert_eq!(decode(&ANY, &later), Err(Error::ResyncRequired));
    }
}
