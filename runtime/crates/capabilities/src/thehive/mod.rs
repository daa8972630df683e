//! TheHive 5 (API v1), whole: alerts, cases and all that belongs to them, what an organisation is configured with, Cortex, typed searches,
//! and requests as they are. The contract is `contracts/thehive.md`; its section numbers are cited where they decide something.
//!
//! A call comes in by `host`, is a value of `calls`, names its permission in `permission`, is checked by `check`, sent by `client`
//! (`types` and `observables` make the body, `query` the search, `refusal` reads a "no"), and settled by `reconcile` when its
//! outcome is unknown. `checkup` examines a connection, with `rights`. Each of these has one file per interface of the WIT; `owner` is what several of them share.

mod calls;
mod check;
mod checkup;
pub mod client;
mod host;
mod observables;
mod owner;
mod permission;
mod query;
mod reconcile;
mod refusal;
mod rights;
mod search;
mod types;

pub use calls::{
    AddAttachment, AddComment, AddFileObservable, AddObservable, AddShares, ApplyTemplate, AttachToLog, CasesToMerge,
    ChangeOwner, CloseCase, Count, CreateAlert, CreateCase, CreateDefinition, CreateEvent, CreateLog, CreatePage,
    CreateProcedure, CreateTask, CreateTemplate, CreateUser, CurrentUser, DeleteAlert, DeleteAttachment, DeleteCase,
    DeleteComment, DeleteDefinition, DeleteEvent, DeleteLog, DeleteObservable, DeletePage, DeleteProcedure, DeleteTask,
    DeleteTemplate, Download, Find, FindAlerts, FindCases, FollowAlert, GetAlert, GetCase, GetJob, GetObservable,
    GetOrganisation, GetTask, GetTemplate, GetUser, ImportAlert, LinkCase, LinkKinds, LinkUrl, ListActions,
    ListAnalyzers, ListAttachments, ListComments, ListCortexActions, ListDefinitions, ListJobs, ListLinks, ListLogs,
    ListObservables, ListOrganisationLinks, ListOrganisations, ListPages, ListProcedures, ListProfiles, ListResponders,
    ListShares, ListStatuses, ListTags, ListTasks, ListTemplates, ListUsers, MergeAlert, MergeAlerts, MergeCases,
    MergeObservables, ObservableTypes, Parts, PromoteAlert, RawRead, RawWrite, ReadTimeline, RelatedCases, Removal,
    RemoveShares, ReopenCase, RunAnalyzer, RunResponder, SetAccess, SetAction, SetLocked, SetShareProfile, SetShares,
    ShareWith, SimilarObservables, UnlinkAlert, UnlinkCase, UnlinkUrl, UpdateAlert, UpdateAlerts, UpdateCase,
    UpdateCases, UpdateComment, UpdateDefinition, UpdateEvent, UpdateLog, UpdateObservable, UpdateObservables,
    UpdatePage, UpdateProcedure, UpdateTask, UpdateTasks, UpdateTemplate,
};
pub use owner::{Belonging, Seen};

#[cfg(test)]
mod tests;
