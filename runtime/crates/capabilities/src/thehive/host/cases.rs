//! How do calls on cases reach the gate?

use wasmtime::component::Resource;

use crate::bindings::synapse::thehive::cases::{self, Case, CaseFilter, CasePage, CasePatch, NewCase};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateCase, FindCases, GetCase, PromoteAlert, UpdateCase};

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
}
