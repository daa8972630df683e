//! How do calls on cases reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::cases::{
    self, Case, CaseFilter, CasePage, CasePatch, Closing, MergedObservables, NewCase, TemplateParts,
};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{
    ApplyTemplate, CasesToMerge, CloseCase, CreateCase, DeleteCase, FindCases, GetCase, ImportAlert, MergeAlert,
    MergeAlerts, MergeCases, MergeObservables, PromoteAlert, ReopenCase, UnlinkAlert, UpdateCase, UpdateCases,
};

impl cases::Host for Host {
    async fn create_cases(
        &mut self,
        organisation: Resource<Handle>,
        cases: Vec<NewCase>,
    ) -> wasmtime::Result<Vec<Result<Case, Error>>> {
        let handle = self.handle(&organisation)?;
        let calls = cases.into_iter().map(|case| CreateCase { case }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn find_cases(
        &mut self,
        organisation: Resource<Handle>,
        filter: CaseFilter,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<CasePage, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, FindCases { filter, cursor }).await?)
    }

    async fn get_case(&mut self, organisation: Resource<Handle>, id: String) -> wasmtime::Result<Result<Case, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetCase { id }).await?)
    }

    async fn update_case(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
        patch: CasePatch,
    ) -> wasmtime::Result<Result<Case, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateCase { id, patch }).await?)
    }

    async fn close_case(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
        closing: Closing,
    ) -> wasmtime::Result<Result<Case, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, CloseCase { id, closing }).await?)
    }

    async fn reopen_case(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
    ) -> wasmtime::Result<Result<Case, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, ReopenCase { id }).await?)
    }

    async fn promote_alert(
        &mut self,
        organisation: Resource<Handle>,
        alert_id: String,
        assignee: Option<String>,
        case_template: Option<String>,
    ) -> wasmtime::Result<Result<Case, Error>> {
        let handle = self.handle(&organisation)?;
        let call = PromoteAlert {
            alert_id,
            assignee,
            case_template,
        };
        Ok(self.gate.write(&handle, call).await?)
    }

    async fn update_cases(&mut self, organisation: Resource<Handle>, ids: Vec<String>, patch: CasePatch) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateCases { ids, patch }).await?)
    }

    async fn delete_cases(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteCase { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    /// Two calls of the gate: one reads what the merged case is told by, the other merges.
    async fn merge_cases(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answer<Case> {
        let handle = self.handle(&organisation)?;
        let parts = match self.gate.read(&handle, CasesToMerge { ids: ids.clone() }).await? {
            Ok(parts) => parts,
            Err(error) => return Ok(Err(error)),
        };
        Ok(self.gate.write(&handle, MergeCases { ids, parts }).await?)
    }

    async fn merge_alert(&mut self, organisation: Resource<Handle>, alert_id: String, case_id: String) -> Answer<Case> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, MergeAlert { alert_id, case_id }).await?)
    }

    async fn import_alert(
        &mut self,
        organisation: Resource<Handle>,
        alert_id: String,
        case_id: String,
    ) -> Answer<Case> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, ImportAlert { alert_id, case_id }).await?)
    }

    async fn merge_alerts(
        &mut self,
        organisation: Resource<Handle>,
        alert_ids: Vec<String>,
        case_id: String,
    ) -> Answer<Case> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, MergeAlerts { alert_ids, case_id }).await?)
    }

    async fn unlink_alert(&mut self, organisation: Resource<Handle>, case_id: String, alert_id: String) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UnlinkAlert { case_id, alert_id }).await?)
    }

    async fn merge_observables(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
    ) -> Answer<MergedObservables> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, MergeObservables { case_id }).await?)
    }

    async fn apply_template(
        &mut self,
        organisation: Resource<Handle>,
        case_ids: Vec<String>,
        template: String,
        parts: TemplateParts,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self
            .gate
            .write(
                &handle,
                ApplyTemplate {
                    case_ids,
                    template,
                    parts,
                },
            )
            .await?)
    }
}
