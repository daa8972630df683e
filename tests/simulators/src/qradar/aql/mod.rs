//! Which AQL does the simulator understand? (contract 4; everything else is 422/2000 with the parser's text)
//!
//! `SELECT a, b AS 'x', COUNT(*) AS 'n', UTF8(payload) … FROM events [INTO name] [WHERE …] [GROUP BY …] [ORDER BY …]
//! [LIMIT n] [LAST n MINUTES | START ms [STOP ms]] [PARAMETERS k=v]`, one table, no sub-selects.
//!
//! `lexer` → `parser` and `expression` → `resolve` (catalog, functions, result names) → `run`.

pub mod ast;
pub mod catalog;
pub mod condition;
pub mod expression;
pub mod functions;
pub mod lexer;
pub mod parser;
pub mod resolve;
pub mod run;
pub mod time;
