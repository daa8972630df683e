//! Which permission does a request need? A total function: a new request does not compile until it is answered here (threat row 24).
//!
//! The scopes limit alerts, and what belongs to an alert. Cases, their tasks and logs, and users have no scope yet: who is granted an
//! interface is granted it for the whole organisation that the connection opens.

use std::collections::BTreeSet;

use synapse_domain::permission::Scopes;

use super::check::RawPath;
use crate::bindings::synapse::thehive::raw::{Method, RawRequest};

use super::calls::{
    AddAttachment, AddComment, AddFileObservable, AddObservable, AddShares, ApplyTemplate, AttachToLog, CasesToMerge,
    ChangeOwner, CloseCase, Count, CreateAlert, CreateCase, CreateDefinition, CreateEvent, CreateLog, CreatePage,
    CreateProcedure, CreateTask, CreateTemplate, CreateUser, DeleteAlert, DeleteAttachment, DeleteCase, DeleteComment,
    DeleteDefinition, DeleteEvent, DeleteLog, DeleteObservable, DeletePage, DeleteProcedure, DeleteTask,
    DeleteTemplate, Download, Find, FindAlerts, FindCases, FollowAlert, GetAlert, GetCase, GetJob, GetObservable,
    GetOrganisation, GetTask, GetTemplate, GetUser, ImportAlert, LinkCase, LinkKinds, LinkUrl, ListActions,
    ListAnalyzers, ListAttachments, ListComments, ListCortexActions, ListDefinitions, ListJobs, ListLinks, ListLogs,
    ListObservables, ListOrganisationLinks, ListOrganisations, ListPages, ListProcedures, ListProfiles, ListResponders,
    ListShares, ListStatuses, ListTags, ListTasks, ListTemplates, MergeAlert, MergeAlerts, MergeCases,
    MergeObservables, PromoteAlert, RawRead, RawWrite, ReadTimeline, RelatedCases, RemoveShares, ReopenCase,
    RunAnalyzer, RunResponder, SetAccess, SetAction, SetLocked, SetShareProfile, SetShares, ShareWith,
    SimilarObservables, UnlinkAlert, UnlinkCase, UnlinkUrl, UpdateAlert, UpdateAlerts, UpdateCase, UpdateCases,
    UpdateComment, UpdateDefinition, UpdateEvent, UpdateLog, UpdateObservable, UpdateObservables, UpdatePage,
    UpdateProcedure, UpdateTask, UpdateTasks, UpdateTemplate,
};

/// Scope: which alert types.
const TYPE: &str = "alert-type";
/// Scope: which alert sources.
const SOURCE: &str = "alert-source";
/// Scope: which methods of requests as they are.
const METHOD: &str = "raw-method";
/// Scope: which paths of requests as they are.
const PATH: &str = "raw-path";

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
    CloseCase(&'a CloseCase),
    ReopenCase(&'a ReopenCase),
    ListStatuses(&'a ListStatuses),
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
    AddShares(&'a AddShares),
    ApplyTemplate(&'a ApplyTemplate),
    AttachToLog(&'a AttachToLog),
    CasesToMerge(&'a CasesToMerge),
    ChangeOwner(&'a ChangeOwner),
    Count(&'a Count),
    CreateDefinition(&'a CreateDefinition),
    CreateEvent(&'a CreateEvent),
    CreatePage(&'a CreatePage),
    CreateProcedure(&'a CreateProcedure),
    CreateTemplate(&'a CreateTemplate),
    DeleteAlert(&'a DeleteAlert),
    DeleteAttachment(&'a DeleteAttachment),
    DeleteCase(&'a DeleteCase),
    DeleteComment(&'a DeleteComment),
    DeleteDefinition(&'a DeleteDefinition),
    DeleteEvent(&'a DeleteEvent),
    DeleteLog(&'a DeleteLog),
    DeleteObservable(&'a DeleteObservable),
    DeletePage(&'a DeletePage),
    DeleteProcedure(&'a DeleteProcedure),
    DeleteTask(&'a DeleteTask),
    DeleteTemplate(&'a DeleteTemplate),
    Download(&'a Download),
    Find(&'a Find),
    FollowAlert(&'a FollowAlert),
    GetJob(&'a GetJob),
    GetObservable(&'a GetObservable),
    GetOrganisation(&'a GetOrganisation),
    GetTask(&'a GetTask),
    GetTemplate(&'a GetTemplate),
    GetUser(&'a GetUser),
    ImportAlert(&'a ImportAlert),
    LinkCase(&'a LinkCase),
    LinkKinds(&'a LinkKinds),
    LinkUrl(&'a LinkUrl),
    ListActions(&'a ListActions),
    ListAnalyzers(&'a ListAnalyzers),
    ListAttachments(&'a ListAttachments),
    ListCortexActions(&'a ListCortexActions),
    ListDefinitions(&'a ListDefinitions),
    ListJobs(&'a ListJobs),
    ListLinks(&'a ListLinks),
    ListOrganisationLinks(&'a ListOrganisationLinks),
    ListOrganisations(&'a ListOrganisations),
    ListPages(&'a ListPages),
    ListProcedures(&'a ListProcedures),
    ListProfiles(&'a ListProfiles),
    ListResponders(&'a ListResponders),
    ListShares(&'a ListShares),
    ListTags(&'a ListTags),
    ListTemplates(&'a ListTemplates),
    MergeAlert(&'a MergeAlert),
    MergeAlerts(&'a MergeAlerts),
    MergeCases(&'a MergeCases),
    MergeObservables(&'a MergeObservables),
    RawRead(&'a RawRead),
    RawWrite(&'a RawWrite),
    ReadTimeline(&'a ReadTimeline),
    RelatedCases(&'a RelatedCases),
    RemoveShares(&'a RemoveShares),
    RunAnalyzer(&'a RunAnalyzer),
    RunResponder(&'a RunResponder),
    SetAccess(&'a SetAccess),
    SetAction(&'a SetAction),
    SetLocked(&'a SetLocked),
    SetShareProfile(&'a SetShareProfile),
    CreateUser(&'a CreateUser),
    UpdateEvent(&'a UpdateEvent),
    SetShares(&'a SetShares),
    ShareWith(&'a ShareWith),
    SimilarObservables(&'a SimilarObservables),
    UnlinkAlert(&'a UnlinkAlert),
    UnlinkCase(&'a UnlinkCase),
    UnlinkUrl(&'a UnlinkUrl),
    UpdateAlerts(&'a UpdateAlerts),
    UpdateCases(&'a UpdateCases),
    UpdateComment(&'a UpdateComment),
    UpdateDefinition(&'a UpdateDefinition),
    UpdateLog(&'a UpdateLog),
    UpdateObservable(&'a UpdateObservable),
    UpdateObservables(&'a UpdateObservables),
    UpdatePage(&'a UpdatePage),
    UpdateProcedure(&'a UpdateProcedure),
    UpdateTasks(&'a UpdateTasks),
    UpdateTemplate(&'a UpdateTemplate),
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
        | Request::CloseCase(CloseCase { id: _, closing: _ })
        | Request::ReopenCase(ReopenCase { id: _ })
        | Request::CreateTask(CreateTask { task: _ })
        | Request::ListTasks(ListTasks { case_id: _ })
        | Request::UpdateTask(UpdateTask { id: _, patch: _ })
        | Request::CreateLog(CreateLog { log: _, .. })
        | Request::ListLogs(ListLogs { task_id: _ }) => Vec::new(),
        Request::ListStatuses(ListStatuses { subject: _ }) => Vec::new(),
        // What is an alert, or may belong to one, is compared with the grant once that alert is known (`owner`, `search`).
        Request::Count(Count { search: _ })
        | Request::CreateProcedure(CreateProcedure { owner: _, procedure: _ })
        | Request::DeleteAlert(DeleteAlert { id: _ })
        | Request::DeleteAttachment(DeleteAttachment { holder: _, id: _ })
        | Request::DeleteComment(DeleteComment { id: _ })
        | Request::DeleteObservable(DeleteObservable { id: _ })
        | Request::DeleteProcedure(DeleteProcedure { id: _ })
        | Request::Download(Download {
            holder: _,
            id: _,
            spool: _,
        })
        | Request::Find(Find { search: _, cursor: _ })
        | Request::FollowAlert(FollowAlert { id: _, follow: _ })
        | Request::GetJob(GetJob { id: _ })
        | Request::GetObservable(GetObservable { id: _ })
        | Request::ImportAlert(ImportAlert {
            alert_id: _,
            case_id: _,
        })
        | Request::ListAttachments(ListAttachments { holder: _ })
        | Request::ListCortexActions(ListCortexActions { subject: _ })
        | Request::ListJobs(ListJobs { observable_id: _ })
        | Request::ListProcedures(ListProcedures { owner: _ })
        | Request::ListResponders(ListResponders { subject: _ })
        | Request::MergeAlert(MergeAlert {
            alert_id: _,
            case_id: _,
        })
        | Request::MergeAlerts(MergeAlerts {
            alert_ids: _,
            case_id: _,
        })
        | Request::RelatedCases(RelatedCases { owner: _ })
        | Request::RunAnalyzer(RunAnalyzer {
            observable_id: _,
            analyzer_id: _,
            server: _,
        })
        | Request::RunResponder(RunResponder {
            subject: _,
            responder_id: _,
            server: _,
        })
        | Request::SimilarObservables(SimilarObservables { owner: _, other: _ })
        | Request::UnlinkAlert(UnlinkAlert {
            case_id: _,
            alert_id: _,
        })
        | Request::UpdateAlerts(UpdateAlerts { ids: _, patch: _ })
        | Request::UpdateComment(UpdateComment { id: _, message: _ })
        | Request::UpdateObservable(UpdateObservable { id: _, patch: _ })
        | Request::UpdateObservables(UpdateObservables { ids: _, patch: _ })
        | Request::UpdateProcedure(UpdateProcedure { id: _, patch: _ }) => Vec::new(),
        // A request as it is needs both: which methods, and which paths.
        Request::RawRead(RawRead { request }) | Request::RawWrite(RawWrite { request }) => raw(request),
        // No scope limits cases, what belongs to them, and what the organisation is configured with.
        Request::AddShares(AddShares { case_id: _, shares: _ })
        | Request::ApplyTemplate(ApplyTemplate {
            case_ids: _,
            template: _,
            parts: _,
        })
        | Request::AttachToLog(AttachToLog {
            log_id: _,
            file: _,
            spool: _,
        })
        | Request::CasesToMerge(CasesToMerge { ids: _ })
        | Request::ChangeOwner(ChangeOwner {
            case_id: _,
            owner: _,
            keep_profile: _,
        })
        | Request::CreateDefinition(CreateDefinition { definition: _ })
        | Request::CreateEvent(CreateEvent { event: _ })
        | Request::CreatePage(CreatePage { page: _ })
        | Request::CreateTemplate(CreateTemplate { template: _ })
        | Request::CreateUser(CreateUser { user: _ })
        | Request::DeleteCase(DeleteCase { id: _ })
        | Request::DeleteDefinition(DeleteDefinition { name: _ })
        | Request::DeleteEvent(DeleteEvent { id: _ })
        | Request::DeleteLog(DeleteLog { id: _ })
        | Request::DeletePage(DeletePage { case_id: _, id: _ })
        | Request::DeleteTask(DeleteTask { id: _ })
        | Request::DeleteTemplate(DeleteTemplate { name: _ })
        | Request::GetOrganisation(GetOrganisation { name: _ })
        | Request::GetTask(GetTask { id: _ })
        | Request::GetTemplate(GetTemplate { name: _ })
        | Request::GetUser(GetUser { login: _ })
        | Request::LinkCase(LinkCase { case_id: _, link: _ })
        | Request::LinkKinds(LinkKinds {})
        | Request::LinkUrl(LinkUrl { case_id: _, link: _ })
        | Request::ListActions(ListActions { task_id: _ })
        | Request::ListAnalyzers(ListAnalyzers { data_type: _ })
        | Request::ListDefinitions(ListDefinitions {})
        | Request::ListLinks(ListLinks { case_id: _ })
        | Request::ListOrganisationLinks(ListOrganisationLinks { name: _ })
        | Request::ListOrganisations(ListOrganisations {})
        | Request::ListPages(ListPages { case_id: _ })
        | Request::ListProfiles(ListProfiles {})
        | Request::ListShares(ListShares { shared: _ })
        | Request::ListTags(ListTags { text: _ })
        | Request::ListTemplates(ListTemplates {})
        | Request::MergeCases(MergeCases { ids: _, parts: _ })
        | Request::MergeObservables(MergeObservables { case_id: _ })
        | Request::ReadTimeline(ReadTimeline { case_id: _ })
        | Request::RemoveShares(RemoveShares {
            shared: _,
            organisations: _,
        })
        | Request::SetAccess(SetAccess { case_id: _, access: _ })
        | Request::SetAction(SetAction { task_id: _, action: _ })
        | Request::SetLocked(SetLocked { login: _, locked: _ })
        | Request::SetShareProfile(SetShareProfile {
            case_id: _,
            other: _,
            profile: _,
        })
        | Request::SetShares(SetShares { case_id: _, shares: _ })
        | Request::ShareWith(ShareWith {
            shared: _,
            organisations: _,
        })
        | Request::UnlinkCase(UnlinkCase { case_id: _, link: _ })
        | Request::UnlinkUrl(UnlinkUrl { case_id: _, link: _ })
        | Request::UpdateCases(UpdateCases { ids: _, patch: _ })
        | Request::UpdateDefinition(UpdateDefinition { definition: _ })
        | Request::UpdateEvent(UpdateEvent {
            case_id: _,
            id: _,
            patch: _,
        })
        | Request::UpdateLog(UpdateLog { id: _, message: _ })
        | Request::UpdatePage(UpdatePage {
            case_id: _,
            id: _,
            patch: _,
        })
        | Request::UpdateTasks(UpdateTasks { ids: _, patch: _ })
        | Request::UpdateTemplate(UpdateTemplate { template: _ }) => Vec::new(),
        Request::ObservableTypes | Request::ListUsers | Request::CurrentUser => Vec::new(),
    }
}

/// The method in capitals, and the path as it was understood; one that was not is not covered by any pattern.
fn raw(request: &RawRequest) -> Vec<(&'static str, String)> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    };
    let path = RawPath::read(&request.path).map_or_else(|_| String::new(), |path| path.plain());
    vec![(METHOD, method.to_owned()), (PATH, path)]
}

/// The fields of alerts that these scopes limit, and the values they may have.
pub(super) fn alert_limits(scopes: &Scopes) -> Vec<(&'static str, Vec<&str>)> {
    let of = |scope: &str, field: &'static str| {
        let values = scopes.get(scope)?;
        Some((field, values.iter().map(String::as_str).collect()))
    };
    [of(TYPE, "type"), of(SOURCE, "source")].into_iter().flatten().collect()
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
