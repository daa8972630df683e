//! Where does the next page of a list start, and does a cursor belong to this list?

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use synapse_domain::digest::Digest;

use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::canonical;

/// Shape of the cursor: another one is not understood, and the list starts again.
const SHAPE: u32 = 1;
/// Far above what we hand out.
const LONGEST: usize = 512;

/// Where a list of cases goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// When the last case seen was made.
    pub created_at: u64,
    /// Cases seen that were made in that millisecond.
    pub seen: usize,
}

#[derive(Serialize, Deserialize)]
struct Position<P> {
    shape: u32,
    list: String,
    place: P,
}

/// The cursor of the page that starts at this place of a list; `list` is what the guest asked for.
pub fn encode<L: Serialize, P: Serialize>(list: &L, place: &P) -> String {
    URL_SAFE_NO_PAD.encode(canonical::text(&Position {
        shape: SHAPE,
        list: digest(list),
        place,
    }))
}

/// The place at which a cursor's page starts.
///
/// # Errors
/// `ResyncRequired`: made for another list or by another release. `Invalid`: not a cursor.
pub fn decode<L: Serialize, P: DeserializeOwned>(list: &L, cursor: &str) -> Result<P, Error> {
    let refused = || {
        Error::Invalid(InvalidArgument {
            field: "cursor".to_owned(),
            reason: "not a cursor of this list; pass that of the page before, or none to start".to_owned(),
        })
    };
    if cursor.len() > LONGEST {
        return Err(refused());
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let position: Position<serde_json::Value> = serde_json::from_slice(&json).map_err(|_| refused())?;
    if position.shape != SHAPE || position.list != digest(list) {
        return Err(Error::ResyncRequired);
    }
    serde_json::from_value(position.place).map_err(|_| refused())
}

fn digest<L: Serialize>(list: &L) -> String {
    Digest::of(canonical::text(list).as_bytes()).short()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place {
        created_at: 1_700_000_000_123,
        seen: 2,
    };

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let cursor = encode(&"one", &PLACE);
        assert_eq!(decode::<_, Place>(&"one", &cursor), Ok(PLACE));
        assert_eq!(decode::<_, Place>(&"other", &cursor), Err(Error::ResyncRequired));
    }

    #[test]
    fn what_is_no_cursor_is_refused_and_what_another_release_made_starts_again() {
        let long = "A".repeat(LONGEST + 1);
        let other_place = encode(&"one", &"nowhere");
        for text in ["", "42", "%2e%2e/", &long, &other_place] {
            assert!(
                matches!(decode::<_, Place>(&"one", text), Err(Error::Invalid(argument)) if argument.field == "cursor"),
                "{text}"
            );
        }
        let later = format!(r#"{{"shape":2,"list":"{}","place":[]}}"#, digest(&"one"));
        let later = URL_SAFE_NO_PAD.encode(later);
        assert_eq!(decode::<_, Place>(&"one", &later), Err(Error::ResyncRequired));
    }
}
