//! Which calls send a request as it is?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::raw::{RawAnswer, RawRequest};
use crate::thehive::{check, reconcile};

ask!(
    /// `request` with `get`
    RawRead {
        /// What the guest asks for.
        request: RawRequest,
    } = "thehive/raw.request" -> RawAnswer,
    |call, client, _scopes| {
        check::raw(&call.request)?;
        client.raw_read(&call.request).await
    }
);
change!(
    /// `request` with any other method
    RawWrite {
        /// What the guest asks for.
        request: RawRequest,
    } = Opaque "thehive/raw.request" -> RawAnswer,
    check: check::raw_write, perform: reconcile::raw_write
);
