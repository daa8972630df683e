//! How are runs held back, and let go?
//!
//! The store holds them: a claim passes over what a pause covers. `orders` carries out what people order, and tells the attempts that are
//! under way to hand their runs back; `windows` opens and closes the maintenance windows of the configuration the same way.

mod orders;
mod windows;

pub use orders::Pausing;
