//! Which permission does a request need? A total function: a new request does not compile until it is answered here (threat row 24).
//!
//! The scopes limit alerts, and what belongs to an alert. Cases, their tasks and logs, and users have no scope yet: who is granted an
//! interface is granted it for the whole organisation that the connection opens.

use std::collections::BTreeSet;

use synapse_domain::permission::Scopes;

use super::calls::{
    AddAttachment, AddComment, AddFileObservable, AddObservable, CreateAlert, CreateCase, CreateLog, CreateTask,
    FindAlerts, FindCases, GetAlert, GetCase, ListComments, ListLogs, ListObservables, ListTasks, PromoteAlert,
    UpdateAlert, UpdateCase, UpdateTask,
};

/// Scope: which alert types.
const TYPE: &str = "alert-type";
/// Scope: which alert sources.
const SOURCE: &str = "alert-source";

/// Every request of this connector.
pub(super) enum Request<'a> {
    CreateAlert(&'a CreateAlert),
    FindAlerts(&'a FindAlerts),
    GetAlert(&'a GetAlert),
    UpdateAlert(&'a UpdateAlert),
    ObservableTypes,
    CreateCase(&'a CreateCase),
    FindCases(&'a FindCases),
    GetCase(&'a GetCase),
    UpdateCase(&'a UpdateCase),
    PromoteAlert(&'a PromoteAlert),
    CreateTask(&'a CreateTask),
    ListTasks(&'a ListTasks),
    UpdateTask(&'a UpdateTask),
    CreateLog(&'a CreateLog),
    ListLogs(&'a ListLogs),
    AddObservable(&'a AddObservable),
    AddFileObservable(&'a AddFileObservable),
    ListObservables(&'a ListObservables),
    AddAttachment(&'a AddAttachment),
    AddComment(&'a AddComment),
    ListComments(&'a ListComments),
    ListUsers,
    CurrentUser,
}

/// The arguments that a grant can limit.
pub(super) fn scoped(request: &Request<'_>) -> Vec<(&'static str, String)> {
    match request {
        Request::CreateAlert(call) => vec![(TYPE, call.alert.type_.clone()), (SOURCE, call.source.clone())],
        Request::FindAlerts(call) => {
            let named: BTreeSet<_> = call
                .keys
                .iter()
                .flat_map(|key| [(TYPE, key.type_.clone()), (SOURCE, key.source.clone())])
                .collect();
            named.into_iter().collect()
        }
        // An alert that is named by id only is compared with the grant once it is read ([`admits`]).
        Request::GetAlert(GetAlert { id: _ })
        | Request::UpdateAlert(UpdateAlert { id: _, patch: _ })
        | Request::PromoteAlert(PromoteAlert {
            alert_id: _,
            assignee: _,
            case_template: _,
        }) => Vec::new(),
        // So is the alert that owns an observable, attachment or comment (`owner`).
        Request::AddObservable(AddObservable { owner: _, .. })
        | Request::AddFileObservable(AddFileObservable { owner: _, .. })
        | Request::ListObservables(ListObservables { owner: _, cursor: _ })
        | Request::AddAttachment(AddAttachment { owner: _, .. })
        | Request::AddComment(AddComment { owner: _, .. })
        | Request::ListComments(ListComments { owner: _ }) => Vec::new(),
        // No scope limits cases, and what belongs to them.
        Request::CreateCase(CreateCase { case: _ })
        | Request::FindCases(FindCases { filter: _, cursor: _ })
        | Request::GetCase(GetCase { id: _ })
        | Request::UpdateCase(UpdateCase { id: _, patch: _ })
        | Request::CreateTask(CreateTask { task: _ })
        | Request::ListTasks(ListTasks { case_id: _ })
        | Request::UpdateTask(UpdateTask { id: _, patch: _ })
        | Request::CreateLog(CreateLog { log: _, .. })
        | Request::ListLogs(ListLogs { task_id: _ }) => Vec::new(),
        Request::ObservableTypes | Request::ListUsers | Request::CurrentUser => Vec::new(),
    }
}

/// Do these scopes limit which alerts may be seen or changed?
pub(super) fn limits_alerts(scopes: &Scopes) -> bool {
    scopes.contains_key(TYPE) || scopes.contains_key(SOURCE)
}

/// May an alert of this type and source be seen or changed?
pub(super) fn admits(scopes: &Scopes, kind: &str, source: &str) -> bool {
    let admitted = |scope: &str, value: &str| scopes.get(scope).is_none_or(|values| values.contains(value));
    admitted(TYPE, kind) && admitted(SOURCE, source)
}
