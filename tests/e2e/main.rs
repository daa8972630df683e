//! Does the whole thing do what it promises, seen from outside?

mod import;
