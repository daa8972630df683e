//! Which QRadar 7.5 answers does the simulator give?
//!
//! A request goes `http` → `dispatch` (checks in the order of contract 2.1) → `route` table → a handler in `routes/`,
//! which works on the `console` under one lock. Lists share the engine in `list/`, searches the one in `aql/`.
//! All facts come from the QRadar contract, cited by section.
//!
//! State JSON (`PUT /_sim/state`; every key optional, unknown keys refused, see `load::State`):
//!
//! | key | content |
//! |---|---|
//! | `tokens` | `[{"token", "label", "capabilities", "domain_ids", "expiry", "username", "password"}]`; default one [`TOKEN`] |
//! | `offenses`, `source_addresses`, `local_destination_addresses`, `rules`, `offense_types`, `closing_reasons`, `domains` | full API objects |
//! | `notes` | API objects plus `offense_id` |
//! | `events` | `[{"offense_id" or "offense_ids", "starttime", "domainid", "sourceip", "eventcount", "payload", "qidname", …}]` |
//! | `flows` | the same for `FROM flows` |
//! | `rule_contributions`, `assets`, `log_sources`, `log_source_types`, `saved_searches`, `offense_saved_searches`, `tenants` | full API objects |
//! | `reference_sets`, `reference_maps`, `reference_map_of_sets`, `reference_tables` | objects of the older endpoints, with `data` |
//! | `users` | names that `assigned_to` takes |
//! | `ariel` | `{"polls_until_done", "done_after_ms", "end", "busy", "reuse_identical_ms"}` |
//! | `event_index_delay` | ms after `starttime` until an event can be found |
//! | `settings`, `console` | unestablished behaviours and the API version, see `settings` |
//! | `shift_to_now` | move all times so that the newest `last_updated_time` is now |
//!
//! `POST /_sim/qradar/generate {"offenses", "events_per_offense", "age_ms", "first_id", "domain_id"}` adds many at once.

mod aql;
mod call;
mod console;
mod dispatch;
mod error;
mod events;
mod generate;
mod http;
mod list;
mod load;
mod params;
mod reference;
mod reply;
mod route;
mod routes;
mod search;
mod seed;
mod settings;
mod shift;
mod simulator;
mod tokens;
mod versions;

pub use self::http::router;
pub use seed::TOKEN;
pub use simulator::Simulator;
