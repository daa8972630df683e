//! Which calls does this connector offer, and what does the gate need to know about each? One file per interface.

mod declare;

mod alerts;
mod attachments;
mod bulk;
mod cases;
mod comments;
mod cortex;
mod links;
mod merging;
mod observables;
mod pages;
mod platform;
mod procedures;
mod raw;
mod removal;
mod search;
mod shares;
mod statuses;
mod tasks;
mod timeline;
mod users;

pub use alerts::{CreateAlert, FindAlerts, GetAlert, ObservableTypes, UpdateAlert};
pub use attachments::{AttachToLog, Download, ListAttachments};
pub use bulk::{UpdateAlerts, UpdateCases, UpdateObservables, UpdateTasks};
pub use cases::{CloseCase, CreateCase, FindCases, GetCase, PromoteAlert, ReopenCase, UpdateCase};
pub use comments::{AddComment, ListComments, UpdateComment};
pub use cortex::{GetJob, ListAnalyzers, ListCortexActions, ListJobs, ListResponders, RunAnalyzer, RunResponder};
pub use links::{LinkCase, LinkKinds, LinkUrl, ListLinks, RelatedCases, UnlinkCase, UnlinkUrl};
pub use merging::{
    ApplyTemplate, CasesToMerge, FollowAlert, ImportAlert, MergeAlert, MergeAlerts, MergeCases, MergeObservables,
    Parts, UnlinkAlert,
};
pub use observables::{
    AddAttachment, AddFileObservable, AddObservable, GetObservable, ListObservables, SimilarObservables,
    UpdateObservable,
};
pub use pages::{CreatePage, ListPages, UpdatePage};
pub use platform::{
    CreateDefinition, CreateTemplate, DeleteDefinition, GetOrganisation, GetTemplate, ListDefinitions,
    ListOrganisationLinks, ListOrganisations, ListProfiles, ListTags, ListTemplates, UpdateDefinition, UpdateTemplate,
};
pub use procedures::{CreateProcedure, ListProcedures, UpdateProcedure};
pub use raw::{RawRead, RawWrite};
pub use removal::{
    DeleteAlert, DeleteAttachment, DeleteCase, DeleteComment, DeleteEvent, DeleteLog, DeleteObservable, DeletePage,
    DeleteProcedure, DeleteTask, DeleteTemplate, Removal,
};
pub use search::{Count, Find};
pub use shares::{AddShares, ChangeOwner, ListShares, RemoveShares, SetAccess, SetShareProfile, SetShares, ShareWith};
pub use statuses::ListStatuses;
pub use tasks::{CreateLog, CreateTask, GetTask, ListActions, ListLogs, ListTasks, SetAction, UpdateLog, UpdateTask};
pub use timeline::{CreateEvent, ReadTimeline, UpdateEvent};
pub use users::{CreateUser, CurrentUser, GetUser, ListUsers, SetLocked};
