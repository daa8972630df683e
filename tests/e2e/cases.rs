//! Are the faults that people reported gone? One test per case of the list, by its id, through the real binary and the simulators.

mod evidence;
mod identity;
mod search;
mod window;
