//! How does who waits learn that something was recorded or decided?

use std::time::Duration;

use tokio::sync::watch;

/// Counts what was committed about events. It begins anew with the process; a number of an earlier one is news as well.
pub(super) struct News(watch::Sender<u64>);

impl Default for News {
    fn default() -> Self {
        Self(watch::channel(1).0)
    }
}

impl News {
    /// Something was committed.
    pub(super) fn tell(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The number of the last change.
    pub(super) fn now(&self) -> u64 {
        *self.0.borrow()
    }

    /// The number as soon as it is another one than this, or as it is when the time is over.
    pub(super) async fn after(&self, known: u64, at_most: Duration) -> u64 {
        let mut listener = self.0.subscribe();
        // Over or gone: what is known now is the answer all the same.
        tokio::time::timeout(at_most, listener.wait_for(|count| *count != known))
            .await
            .ok();
        self.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_knows_less_is_answered_at_once_and_who_knows_all_when_there_is_news() {
        let news = News::default();
        let known = news.now();
        assert_eq!(news.after(known, Duration::ZERO).await, known, "the time is over");
        let (heard, ()) = tokio::join!(news.after(known, Duration::from_secs(60)), async { news.tell() });
        assert_ne!(heard, known);
        assert_eq!(
            news.after(known, Duration::from_secs(60)).await,
            heard,
            "told before it was asked for"
        );
    }
}
