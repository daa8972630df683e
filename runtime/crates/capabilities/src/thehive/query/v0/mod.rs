//! How is something searched for on 3 and 4 (contract 3.2)? Only operators that both understand; never `_string`, which 4 ignores and
//! answers with everything.

mod field;
mod parts;
mod search;

pub(in crate::thehive) use parts::{all, at_least, at_most, below, custom, is, keys, like, not, one_of_ids};
pub(in crate::thehive) use search::{Asked, asked};
