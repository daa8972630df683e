//! Which questions about the console itself are there?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::system;
use crate::bindings::synapse::workflow::types::Error;
use crate::qradar::client::Client;
use crate::qradar::permission::{self, Domains, Request};

read!(
    /// The console's release.
    About {} = ABOUT -> system::Release,
    |_call, client, _scopes, _domains| client.about().await
);
read!(
    /// Who we are at the console.
    CurrentService {} = CURRENT_SERVICE -> system::Service,
    |_call, client, _scopes, _domains| client.current_service().await
);
