//! How does the simulator read and write XML? Requests become small trees, answers are written in pieces.

mod order;
mod read;
mod write;

pub use order::check as check_order;
pub use read::{Element, Ns, parse};
pub use write::Xml;

/// Namespace of the SOAP 1.1 envelope.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of the operations.
pub const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
/// Namespace of what operations are about.
pub const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";
/// Namespace of the details of a fault.
pub const ERRORS: &str = "http://schemas.microsoft.com/exchange/services/2006/errors";
