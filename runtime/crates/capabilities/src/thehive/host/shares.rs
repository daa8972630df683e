//! How do calls on shares, owners and access reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::shares::{self, Access, NewShare, Share, Shared};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{
    AddShares, ChangeOwner, ListShares, RemoveShares, SetAccess, SetShareProfile, SetShares, ShareWith,
};

impl shares::Host for Host {
    async fn list_shares(&mut self, organisation: Resource<Handle>, shared: Shared) -> Answer<Vec<Share>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListShares { shared }).await?)
    }

    async fn add_shares(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
        shares: Vec<NewShare>,
    ) -> Answer<Vec<Share>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, AddShares { case_id, shares }).await?)
    }

    async fn set_shares(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
        shares: Vec<NewShare>,
    ) -> Answer<Vec<Share>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, SetShares { case_id, shares }).await?)
    }

    async fn share_with(
        &mut self,
        organisation: Resource<Handle>,
        shared: Shared,
        organisations: Vec<String>,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, ShareWith { shared, organisations }).await?)
    }

    async fn remove_shares(
        &mut self,
        organisation: Resource<Handle>,
        shared: Shared,
        organisations: Vec<String>,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, RemoveShares { shared, organisations }).await?)
    }

    async fn set_share_profile(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
        other: String,
        profile: String,
    ) -> Answer<Share> {
        let handle = self.handle(&organisation)?;
        let call = SetShareProfile {
            case_id,
            other,
            profile,
        };
        Ok(self.gate.write(&handle, call).await?)
    }

    async fn change_owner(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
        owner: String,
        keep_profile: Option<String>,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self
            .gate
            .write(
                &handle,
                ChangeOwner {
                    case_id,
                    owner,
                    keep_profile,
                },
            )
            .await?)
    }

    async fn set_access(&mut self, organisation: Resource<Handle>, case_id: String, access: Access) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, SetAccess { case_id, access }).await?)
    }
}
