//! Whom does the server tell about changes, and how do tests steer that? Webhooks as a real TheHive sends them (contract 6).
//!
//! Real servers have endpoints in their configuration; here the control API registers them:
//!
//! | route | meaning |
//! |---|---|
//! | `POST /_sim/thehive/webhooks` | registers an endpoint ([`endpoint::Endpoint`]); answers `{"id"}` |
//! | `GET /_sim/thehive/webhooks` | the endpoints with what they were sent |
//! | `PATCH /_sim/thehive/webhooks/{id}` | changes the knobs: `lose`, `duplicate`, `reorder`, `paused` |
//! | `DELETE /_sim/thehive/webhooks[/{id}]` | forgets one or all |
//! | `GET /_sim/thehive/deliveries?since=SEQ&idle=true&wait_ms=N` | what was posted, with the answer; waits for news, or until nothing is on its way |
//!
//! One event is one `POST`; nothing is sent again, whatever the answer (contract 6.2). An endpoint gets its events one after
//! the other, and the order is that of the changes unless a knob says otherwise. `PUT /_sim/state` keeps the endpoints,
//! `POST /_sim/reset` forgets them. The server speaks the dialect of the flavour that it is when something changes ([`envelope`]).

mod endpoint;
mod envelope;
mod hub;
mod post;
mod routes;
mod worker;

pub use hub::Hub;
pub use routes::routes;
