//! Which calls on analyzers and responders are there?

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::cortex::{Action, Job, Subject, Worker};
use crate::thehive::owner::{self, Belonging};
use crate::thehive::types::{ActionRow, JobRow, WorkerRow};
use crate::thehive::{check, reconcile};

ask!(
    /// `list-analyzers`
    ListAnalyzers {
        /// For this type of observables.
        data_type: Option<String>,
    } = "thehive/cortex.list-analyzers" -> Vec<Worker>,
    |call, client, _scopes| {
        check::data_type(call.data_type.as_ref())?;
        let rows = client.analyzers(call.data_type.as_deref()).await?;
        Ok(rows.into_iter().map(WorkerRow::into_worker).collect())
    }
);
ask!(
    /// `list-responders`
    ListResponders {
        /// What they would act on.
        subject: Subject,
    } = "thehive/cortex.list-responders" -> Vec<Worker>,
    |call, client, scopes| {
        check::subject(&call.subject)?;
        owner::must_reach(client, owner::of_subject(&call.subject), scopes).await?;
        let rows = client.responders(&call.subject).await?;
        Ok(rows.into_iter().map(WorkerRow::into_worker).collect())
    }
);
ask!(
    /// `get-job`
    GetJob {
        /// The server's id.
        id: String,
    } = "thehive/cortex.get-job" -> Job,
    |call, client, scopes| {
        check::id(&call.id)?;
        let row = client.job(&call.id).await?;
        if let Some(observable) = row.observable() {
            owner::must_reach(client, Belonging::Child("getObservable", observable), scopes).await?;
        }
        row.into_job(true)
    }
);
ask!(
    /// `list-jobs`
    ListJobs {
        /// The observable's id.
        observable_id: String,
    } = "thehive/cortex.list-jobs" -> Vec<Job>,
    |call, client, scopes| {
        check::named_id("observable-id", &call.observable_id)?;
        owner::must_reach(client, Belonging::Child("getObservable", &call.observable_id), scopes).await?;
        let rows = client.jobs(&call.observable_id).await?;
        rows.into_iter().map(|row: JobRow| row.into_job(false)).collect()
    }
);
ask!(
    /// `list-actions`
    ListCortexActions {
        /// On what.
        subject: Subject,
    } = "thehive/cortex.list-actions" -> Vec<Action>,
    |call, client, scopes| {
        check::subject(&call.subject)?;
        owner::must_reach(client, owner::of_subject(&call.subject), scopes).await?;
        let rows = client.actions(&call.subject).await?;
        Ok(rows.into_iter().map(ActionRow::into_action).collect())
    }
);
change!(
    /// `run-analyzer`
    RunAnalyzer {
        /// The observable's id.
        observable_id: String,
        /// The analyzer's id.
        analyzer_id: String,
        /// Name of the Cortex server.
        server: String,
    } = Probe "thehive/cortex.run-analyzer" -> Job,
    check: check::run_analyzer, perform: reconcile::run_analyzer, probe: reconcile::ran_analyzer
);
change!(
    /// `run-responder`
    RunResponder {
        /// On what.
        subject: Subject,
        /// The responder's id.
        responder_id: String,
        /// Name of the Cortex server.
        server: Option<String>,
    } = Probe "thehive/cortex.run-responder" -> Action,
    check: check::run_responder, perform: reconcile::run_responder, probe: reconcile::ran_responder
);
