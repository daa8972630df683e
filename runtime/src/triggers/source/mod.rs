//! How does the platform watch a source, and make runs of what is new there, each item once?
//!
//! `supervise` keeps one `poller` per source trigger of every deployment. A poller looks (`look`): it settles the runs that ended
//! (`settle`), reads what is new (`offenses`, `folder`), and commits items, cursor and runs in one transaction (`runs`). Fresh and grave
//! items are in the live lane; what waited through an outage or comes from a `backfill` is in the backlog lane, of which few runs are
//! unfinished at once. `operate` is what an operator can do about it, `view` what is shown. The store's trait is `Cursors`.

mod backfill;
mod folder;
mod item;
mod look;
mod offenses;
mod operate;
mod poller;
mod runs;
mod settle;
mod supervise;
mod view;

pub use backfill::Wanted;
pub use operate::{Refusal, ResetTo};
pub use supervise::{Parts, Sources, Standing};
pub use view::{cursor as shown, items as shown_items, standing};
