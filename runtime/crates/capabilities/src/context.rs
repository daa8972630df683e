//! What does an instance's store hold for the capabilities?

use synapse_domain::limits;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use crate::bindings::synapse;
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Held, Kept};
use crate::connection::{Handle, Target};
use crate::gate::{Gate, Stop};

/// The capabilities' part of an instance's store.
pub struct Host {
    /// The guest's handles; bounded.
    pub table: ResourceTable,
    /// The way to the world.
    pub gate: Gate,
}

impl Host {
    /// For one attempt.
    pub fn new(gate: Gate) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::HANDLES);
        Self { table, gate }
    }

    /// Opens a binding as a handle of the guest.
    ///
    /// # Errors
    /// A trap if the guest holds as many handles as it may; the inner error is the guest's.
    pub fn open<T: Target>(&mut self, binding: &str) -> wasmtime::Result<Result<Resource<Handle>, Error>> {
        Ok(match self.gate.open::<T>(binding) {
            Ok(handle) => Ok(self.table.push(handle)?),
            Err(error) => Err(error),
        })
    }

    /// The handle that the guest passes.
    ///
    /// # Errors
    /// A trap if there is none: the guest cannot hold one that is not in the table.
    pub fn handle(&self, resource: &Resource<Handle>) -> wasmtime::Result<Handle> {
        Ok(self.table.get(resource)?.clone())
    }

    /// Gives the guest a handle to a blob that its run needs: one it just kept, or one that its journal names.
    ///
    /// # Errors
    /// A trap if the guest holds as many handles as it may, or the journal is damaged.
    pub fn hand_out(&mut self, kept: Kept) -> wasmtime::Result<Resource<Held>> {
        self.gate.spool().admit(&kept).map_err(Stop::Damaged)?;
        Ok(self.table.push(Held::new(kept))?)
    }

    /// The answer of a call that keeps a blob, with a handle of it for the guest.
    ///
    /// # Errors
    /// A trap, as [`Self::hand_out`]; the inner error is the guest's.
    pub fn handed_out(&mut self, kept: Result<Kept, Error>) -> wasmtime::Result<Result<Resource<Held>, Error>> {
        Ok(match kept {
            Ok(kept) => Ok(self.hand_out(kept)?),
            Err(error) => Err(error),
        })
    }

    /// The blob behind a handle that the guest passes.
    ///
    /// # Errors
    /// A trap if there is none: the guest cannot hold one that is not in the table.
    pub fn blob(&self, resource: &Resource<Held>) -> wasmtime::Result<Kept> {
        Ok(self.table.get(resource)?.kept().clone())
    }

    /// The guest drops a handle.
    ///
    /// # Errors
    /// A trap if there is none.
    pub fn close(&mut self, resource: Resource<Handle>) -> wasmtime::Result<()> {
        self.table.delete(resource)?;
        Ok(())
    }
}

/// Names [`Host`] as the data of the generated host traits.
pub struct Capabilities;

impl HasData for Capabilities {
    type Data<'a> = &'a mut Host;
}

/// Adds every `synapse:*` interface to a linker. What a component does not import is not reachable for it.
///
/// # Errors
/// An interface is already there.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, host: fn(&mut T) -> &mut Host) -> wasmtime::Result<()> {
    use synapse::{ews, lab, qradar, thehive, workflow};
    workflow::types::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::context::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::log::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::state::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::clock::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::random::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::report::add_to_linker::<T, Capabilities>(linker, host)?;
    workflow::blobs::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::connection::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::alerts::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::cases::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::tasks::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::observables::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::comments::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::users::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::statuses::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::links::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::timeline::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::shares::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::attachments::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::procedures::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::pages::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::custom_fields::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::templates::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::organisations::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::cortex::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::query::add_to_linker::<T, Capabilities>(linker, host)?;
    thehive::raw::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::connection::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::offenses::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::ariel::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::rules::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::domains::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::closing::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::notes::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::handling::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::system::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::reference::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::assets::add_to_linker::<T, Capabilities>(linker, host)?;
    qradar::log_sources::add_to_linker::<T, Capabilities>(linker, host)?;
    ews::connection::add_to_linker::<T, Capabilities>(linker, host)?;
    ews::folders::add_to_linker::<T, Capabilities>(linker, host)?;
    ews::messages::add_to_linker::<T, Capabilities>(linker, host)?;
    lab::target::add_to_linker::<T, Capabilities>(linker, host)
}

/// Interfaces a component may import from the platform; those of connectors need a grant.
pub const INTERFACES: &[&str] = &[
    "synapse:workflow/types@0.1.0",
    "synapse:workflow/context@0.1.0",
    "synapse:workflow/log@0.1.0",
    "synapse:workflow/state@0.1.0",
    "synapse:workflow/clock@0.1.0",
    "synapse:workflow/random@0.1.0",
    "synapse:workflow/report@0.1.0",
    "synapse:workflow/blobs@0.1.0",
    "synapse:thehive/connection@0.1.0",
    "synapse:thehive/alerts@0.1.0",
    "synapse:thehive/cases@0.1.0",
    "synapse:thehive/tasks@0.1.0",
    "synapse:thehive/observables@0.1.0",
    "synapse:thehive/comments@0.1.0",
    "synapse:thehive/users@0.1.0",
    "synapse:thehive/statuses@0.1.0",
    "synapse:thehive/links@0.1.0",
    "synapse:thehive/timeline@0.1.0",
    "synapse:thehive/shares@0.1.0",
    "synapse:thehive/attachments@0.1.0",
    "synapse:thehive/procedures@0.1.0",
    "synapse:thehive/pages@0.1.0",
    "synapse:thehive/custom-fields@0.1.0",
    "synapse:thehive/templates@0.1.0",
    "synapse:thehive/organisations@0.1.0",
    "synapse:thehive/cortex@0.1.0",
    "synapse:thehive/query@0.1.0",
    "synapse:thehive/raw@0.1.0",
    "synapse:qradar/connection@0.1.0",
    "synapse:qradar/offenses@0.1.0",
    "synapse:qradar/ariel@0.1.0",
    "synapse:qradar/rules@0.1.0",
    "synapse:qradar/domains@0.1.0",
    "synapse:qradar/closing@0.1.0",
    "synapse:qradar/notes@0.1.0",
    "synapse:qradar/handling@0.1.0",
    "synapse:qradar/system@0.1.0",
    "synapse:qradar/reference@0.1.0",
    "synapse:qradar/assets@0.1.0",
    "synapse:qradar/log-sources@0.1.0",
    "synapse:ews/connection@0.1.0",
    "synapse:ews/folders@0.1.0",
    "synapse:ews/messages@0.1.0",
    "synapse:lab/target@0.1.0",
];
