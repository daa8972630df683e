//! May the deployment make this call, now? The one place where a permission is decided.

use synapse_domain::operation::Operation;
use synapse_domain::permission::{Decision, Request, decide};

use super::attempt::RunContext;
use super::stop::Stop;
use crate::connection::Handle;

impl RunContext {
    /// Decides a live call: manifest ∩ grants as they are now ∩ the tenant's ceiling.
    pub(super) async fn authorise(
        &self,
        handle: &Handle,
        operation: Operation,
        arguments: Vec<(&'static str, String)>,
    ) -> Result<Decision, Stop> {
        let grants = self
            .authority
            .grants(&self.facts.tenant, &self.facts.deployment)
            .await?;
        let ceiling = self.authority.ceiling(&self.facts.tenant);
        let request = Request {
            binding: &handle.binding,
            operation: operation.name,
            arguments,
        };
        Ok(decide(&request, &self.asked, &grants, &ceiling))
    }
}
