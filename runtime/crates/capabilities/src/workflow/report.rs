//! How does a guest say what it did?

use synapse_domain::run;

use crate::bindings::synapse::workflow::report::{Host, Item, Verdict};

impl Host for crate::context::Host {
    async fn scanned(&mut self, count: u64, window: String) -> wasmtime::Result<()> {
        Ok(self.gate.scanned(count, &window).await?)
    }

    async fn add(&mut self, item: Item) -> wasmtime::Result<()> {
        let verdict = match item.verdict {
            Verdict::Created => run::Verdict::Created,
            Verdict::Updated => run::Verdict::Updated,
            Verdict::Skipped => run::Verdict::Skipped,
            Verdict::Failed => run::Verdict::Failed,
            Verdict::Held => run::Verdict::Held,
        };
        let item = run::ReportItem {
            subject: item.subject,
            verdict,
            reason: item.reason,
            link: item.link,
        };
        Ok(self.gate.report(item).await?)
    }
}
