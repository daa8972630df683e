//! How is a claimed run carried to its end? One attempt: a fresh instance, the gate in front of the world, and one transaction that ends it.
//!
//! `attempt` is the path itself; `guest` is what an instance's store holds; `ending` decides the run's state from how the guest
//! ended; `loaded` keeps pinned deployments and components at hand; `grants` answers the gate what is allowed now; `holds` knows what
//! is paused.

mod attempt;
mod ending;
mod grants;
mod guest;
mod holds;
mod loaded;

pub use attempt::{Active, Ended, Engine, Settled};
pub use grants::Grants;
pub use guest::components;
pub use holds::Holds;
pub use loaded::Loaded;
