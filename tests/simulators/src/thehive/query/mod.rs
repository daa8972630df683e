//! How is `POST /api/v1/query` answered? A pipeline over entities as JSON objects (contract 3.1); no entity is special here.

mod extra;
mod filter;
mod pipeline;
mod property;
mod rows;

pub use pipeline::handler;
