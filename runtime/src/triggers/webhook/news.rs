//! How does who waits learn that something was recorded or decided?

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use synapse_domain::ids::TenantId;
use tokio::sync::watch;

/// Counts what was committed about a tenant's events: its own only, because a number says how much is going on. It begins anew with the
/// process; a number of an earlier one is news as well.
#[derive(Default)]
pub(super) struct News(Mutex<HashMap<TenantId, watch::Sender<u64>>>);

impl News {
    fn of<R>(&self, tenant: &TenantId, look: impl FnOnce(&watch::Sender<u64>) -> R) -> R {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // As many as the configuration has; an operator who names one that is not there costs one number.
        look(counts.entry(tenant.clone()).or_insert_with(|| watch::channel(1).0))
    }

    /// Something was committed.
    pub(super) fn tell(&self, tenant: &TenantId) {
        self.of(tenant, |count| {
            count.send_modify(|count| *count = count.wrapping_add(1));
        });
    }

    /// The number of the last change.
    pub(super) fn now(&self, tenant: &TenantId) -> u64 {
        self.of(tenant, |count| *count.borrow())
    }

    /// The number as soon as it is another one than this, or as it is when the time is over.
    pub(super) async fn after(&self, tenant: &TenantId, known: u64, at_most: Duration) -> u64 {
        let mut listener = self.of(tenant, watch::Sender::subscribe);
        // Over or gone: what is known now is the answer all the same.
        tokio::time::timeout(at_most, listener.wait_for(|count| *count != known))
            .await
            .ok();
        self.now(tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_knows_less_is_answered_at_once_and_who_knows_all_when_there_is_news() {
        let (news, tenant): (_, TenantId) = (News::default(), "acme".parse().unwrap());
        let known = news.now(&tenant);
        let wait = |known, time| news.after(&tenant, known, time);
        assert_eq!(wait(known, Duration::ZERO).await, known, "the time is over");
        let (heard, ()) = tokio::join!(wait(known, Duration::from_secs(60)), async { news.tell(&tenant) });
        assert_ne!(heard, known);
        let late = wait(known, Duration::from_secs(60)).await;
        assert_eq!(late, heard, "told before it was asked for");
    }

    #[test]
    fn g9_a_number_says_nothing_about_another_tenants_events() {
        let news = News::default();
        let [acme, umbrella]: [TenantId; 2] = ["acme", "umbrella"].map(|name| name.parse().unwrap());
        let before = news.now(&umbrella);
        news.tell(&acme);
        assert_eq!(news.now(&umbrella), before);
    }
}
