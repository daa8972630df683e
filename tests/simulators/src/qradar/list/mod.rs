//! How do `filter`, `sort`, `fields` and `Range` work on every list? (contract 2.2 to 2.4)
//!
//! A route only brings its [`columns::Column`]s and a [`table::Table`]; everything else is here:
//! `lexer` → `parser` → `bind` (types, what may be filtered) → `plan` (id look-ups instead of scans) → `eval`,
//! then `sort`, `range` and `fields`; `page` joins them.

pub mod bind;
pub mod columns;
pub mod eval;
pub mod fields;
pub mod filter;
pub mod lexer;
pub mod like;
pub mod page;
pub mod parser;
pub mod plan;
pub mod range;
pub mod sort;
pub mod table;
