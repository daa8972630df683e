//! How do calls on alerts reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::alerts::{self, Alert, AlertKey, AlertPatch, NewAlert};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{
    CreateAlert, DeleteAlert, FindAlerts, FollowAlert, GetAlert, ObservableTypes, UpdateAlert, UpdateAlerts,
};

impl alerts::Host for Host {
    async fn create_alerts(
        &mut self,
        organisation: Resource<Handle>,
        origin: String,
        alerts: Vec<NewAlert>,
    ) -> wasmtime::Result<Vec<Result<Alert, Error>>> {
        let handle = self.handle(&organisation)?;
        let source = match self.gate.source_id(&origin) {
            Ok(source) => source,
            Err(denied) => return Ok(alerts.iter().map(|_| Err(denied.clone())).collect()),
        };
        let calls = alerts
            .into_iter()
            .map(|alert| CreateAlert {
                source: source.clone(),
                alert,
            })
            .collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn find_alerts(
        &mut self,
        organisation: Resource<Handle>,
        keys: Vec<AlertKey>,
    ) -> wasmtime::Result<Result<Vec<Option<Alert>>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, FindAlerts { keys }).await?)
    }

    async fn get_alert(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
    ) -> wasmtime::Result<Result<Alert, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetAlert { id }).await?)
    }

    async fn update_alert(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
        patch: AlertPatch,
    ) -> wasmtime::Result<Result<Alert, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateAlert { id, patch }).await?)
    }

    async fn observable_types(
        &mut self,
        organisation: Resource<Handle>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ObservableTypes {}).await?)
    }

    async fn update_alerts(
        &mut self,
        organisation: Resource<Handle>,
        ids: Vec<String>,
        patch: AlertPatch,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateAlerts { ids, patch }).await?)
    }

    async fn delete_alerts(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteAlert { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn follow_alert(&mut self, organisation: Resource<Handle>, id: String, follow: bool) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, FollowAlert { id, follow }).await?)
    }
}
