//! Which imports stand behind TheHive's capabilities?

mod around;
mod evidence;
mod platform;
mod work;

use super::Live;
use crate::bindings::thehive::synapse::thehive::{alerts, connection};
use crate::error::Error;
use crate::thehive::{Alert, AlertKey, AlertPatch, NewAlert, TheHive};

impl TheHive for Live {
    type Organisation = connection::Organisation;

    fn organisation(&self, binding: &str) -> Result<Self::Organisation, Error> {
        connection::Organisation::open(binding)
    }

    fn create_alerts(
        &self,
        organisation: &Self::Organisation,
        origin: &str,
        new: &[NewAlert],
    ) -> Vec<Result<Alert, Error>> {
        alerts::create_alerts(organisation, origin, new)
    }

    fn find_alerts(&self, organisation: &Self::Organisation, keys: &[AlertKey]) -> Result<Vec<Option<Alert>>, Error> {
        alerts::find_alerts(organisation, keys)
    }

    fn get_alert(&self, organisation: &Self::Organisation, id: &str) -> Result<Alert, Error> {
        alerts::get_alert(organisation, id)
    }

    fn update_alert(&self, organisation: &Self::Organisation, id: &str, patch: &AlertPatch) -> Result<Alert, Error> {
        alerts::update_alert(organisation, id, patch)
    }

    fn observable_types(&self, organisation: &Self::Organisation) -> Result<Vec<String>, Error> {
        alerts::observable_types(organisation)
    }

    fn update_alerts(
        &self,
        organisation: &Self::Organisation,
        ids: &[String],
        patch: &AlertPatch,
    ) -> Result<(), Error> {
        alerts::update_alerts(organisation, ids, patch)
    }

    fn delete_alerts(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        alerts::delete_alerts(organisation, ids)
    }

    fn follow_alert(&self, organisation: &Self::Organisation, id: &str, follow: bool) -> Result<(), Error> {
        alerts::follow_alert(organisation, id, follow)
    }
}
