//! Which calls on techniques are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::procedures::{NewProcedure, Procedure, ProcedurePatch};
use crate::thehive::types::ProcedureRow;
use crate::thehive::{check, owner, reconcile};

ask!(
    /// `list-procedures`
    ListProcedures {
        /// Whose.
        owner: Owner,
    } = "thehive/procedures.list-procedures" -> Vec<Procedure>,
    |call, client, scopes| {
        check::named_id("owner", owner::id(&call.owner))?;
        owner::admit(client, &call.owner, scopes).await?;
        let rows = client.procedures(&call.owner).await?;
        Ok(rows.into_iter().map(ProcedureRow::into_procedure).collect())
    }
);
change!(
    /// `create-procedures`, one item. The marker that the client adds is not an argument.
    CreateProcedure {
        /// What it belongs to.
        owner: Owner,
        /// What the guest asks for.
        procedure: NewProcedure,
    } = Probe "thehive/procedures.create-procedures" -> Procedure,
    check: check::create_procedure, perform: reconcile::create_procedure, probe: reconcile::created_procedure,
    key: procedure.dedup_key
);
change!(
    /// `update-procedure`
    UpdateProcedure {
        /// The server's id.
        id: String,
        /// Absolute values.
        patch: ProcedurePatch,
    } = Keyed "thehive/procedures.update-procedure" -> Procedure,
    check: check::update_procedure, perform: reconcile::update_procedure
);
