//! How do calls on analyzers and responders reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::cortex::{self, Action, Job, Subject, Worker};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{
    GetJob, ListAnalyzers, ListCortexActions, ListJobs, ListResponders, RunAnalyzer, RunResponder,
};

impl cortex::Host for Host {
    async fn list_analyzers(
        &mut self,
        organisation: Resource<Handle>,
        data_type: Option<String>,
    ) -> Answer<Vec<Worker>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListAnalyzers { data_type }).await?)
    }

    async fn list_responders(&mut self, organisation: Resource<Handle>, subject: Subject) -> Answer<Vec<Worker>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListResponders { subject }).await?)
    }

    async fn run_analyzer(
        &mut self,
        organisation: Resource<Handle>,
        observable_id: String,
        analyzer_id: String,
        server: String,
    ) -> Answer<Job> {
        let handle = self.handle(&organisation)?;
        Ok(self
            .gate
            .write(
                &handle,
                RunAnalyzer {
                    observable_id,
                    analyzer_id,
                    server,
                },
            )
            .await?)
    }

    async fn get_job(&mut self, organisation: Resource<Handle>, id: String) -> Answer<Job> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetJob { id }).await?)
    }

    async fn list_jobs(&mut self, organisation: Resource<Handle>, observable_id: String) -> Answer<Vec<Job>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListJobs { observable_id }).await?)
    }

    async fn run_responder(
        &mut self,
        organisation: Resource<Handle>,
        subject: Subject,
        responder_id: String,
        server: Option<String>,
    ) -> Answer<Action> {
        let handle = self.handle(&organisation)?;
        Ok(self
            .gate
            .write(
                &handle,
                RunResponder {
                    subject,
                    responder_id,
                    server,
                },
            )
            .await?)
    }

    async fn list_actions(&mut self, organisation: Resource<Handle>, subject: Subject) -> Answer<Vec<Action>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListCortexActions { subject }).await?)
    }
}
