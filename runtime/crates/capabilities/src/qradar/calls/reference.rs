//! Which calls on reference data are there?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::reference::{EntryPage, ReferenceSet, ReferenceTable, TableKind, ValuePage};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::qradar::check;
use crate::qradar::client::{Client, not_sent};
use crate::qradar::permission::{self, Domains, Request};
use crate::qradar::reconcile;

read!(
    /// All sets that the grant covers.
    ListSets {} = LIST_SETS -> Vec<ReferenceSet>,
    |_call, client, scopes, _domains| {
        let mut sets = client.sets().await?;
        sets.retain(|set| permission::allows_set(scopes, &set.name));
        Ok(sets)
    }
);
read!(
    /// One set.
    GetSet {
        /// Its name.
        name: String,
    } = GET_SET -> ReferenceSet,
    |call, client, _scopes, _domains| {
        check::reference_name(&call.name)?;
        client.set_named(&call.name).await
    }
);
read!(
    /// A page of a set's values.
    ListValues {
        /// Its name.
        name: String,
        /// Where the page starts.
        cursor: Option<String>,
    } = LIST_VALUES -> ValuePage,
    |call, client, _scopes, domains| {
        check::reference_name(&call.name)?;
        client.set_values(&call.name, call.cursor.as_deref(), domains).await
    }
);
read!(
    /// Which values are in a set.
    Contains {
        /// Its name.
        name: String,
        /// At most 100.
        values: Vec<String>,
    } = CONTAINS -> Vec<bool>,
    |call, client, _scopes, domains| {
        check::reference_name(&call.name)?;
        check::reference_values(&call.values)?;
        client.set_contains(&call.name, &call.values, domains).await
    }
);
keyed!(
    /// Adds one value to a set.
    AddValue {
        /// The set's name.
        name: String,
        /// The value.
        value: String,
        /// Of which domain; none: shared.
        domain: Option<u64>,
    } = ADD_VALUES -> (),
    check |call| check::reference_name(&call.name).and_then(|()| check::reference_value("values", &call.value)),
    |call, client, _scopes, _domains, _effect| reconcile::add_value(client, call).await
);
keyed!(
    /// Removes one value from a set.
    RemoveValue {
        /// The set's name.
        name: String,
        /// The value.
        value: String,
        /// Of which domain; none: shared.
        domain: Option<u64>,
    } = REMOVE_VALUES -> (),
    check |call| check::reference_name(&call.name).and_then(|()| check::reference_value("values", &call.value)),
    |call, client, _scopes, _domains, _effect| reconcile::remove_value(client, call).await
);
read!(
    /// All maps or tables of a kind that the grant covers.
    ListTables {
        /// Which kind.
        kind: TableKind,
    } = LIST_TABLES -> Vec<ReferenceTable>,
    |call, client, scopes, _domains| {
        let mut tables = client.tables(call.kind).await?;
        tables.retain(|table| permission::allows_set(scopes, &table.name));
        Ok(tables)
    }
);
read!(
    /// A page of a map's or table's entries.
    ListEntries {
        /// Which kind.
        kind: TableKind,
        /// Its name.
        name: String,
        /// Where the page starts.
        cursor: Option<String>,
    } = LIST_ENTRIES -> EntryPage,
    |call, client, _scopes, domains| {
        check::reference_name(&call.name)?;
        client
            .table_entries(call.kind, &call.name, call.cursor.as_deref(), domains)
            .await
    }
);
