//! Which requests does each capability function really make? Written down while tests run, so that a table of all functions can be
//! made from what happened and not from what was meant (`cargo xtask test`).
//!
//! Compiled under `debug_assertions` only. `SYNAPSE_OBSERVED=<file>` gets one line per function, route and test:
//! operation, method, the route that the simulator says it took (header `x-sim-route`), the test.

use std::future::Future;

use http::{HeaderMap, Method};
use synapse_domain::operation::Operation;
#[cfg(test)]
use synapse_domain::permission::Scopes;

#[cfg(test)]
use crate::bindings::synapse::workflow::types::Error;

/// Carries a call out; requests of the future are this function's.
#[cfg(not(debug_assertions))]
pub(crate) fn during<F: Future>(_operation: Operation, call: F) -> F {
    call
}

/// A request was answered.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) fn answered(_method: &Method, _headers: &HeaderMap) {}

/// Carries a call out; requests of the future are this function's.
#[cfg(debug_assertions)]
pub(crate) fn during<F: Future>(operation: Operation, call: F) -> impl Future<Output = F::Output> {
    active::OPERATION.scope(operation.name, call)
}

/// A request was answered.
#[cfg(debug_assertions)]
pub(crate) fn answered(method: &Method, headers: &HeaderMap) {
    active::answered(method, headers);
}

/// A read carried out as the gate does it, for tests that have no gate.
#[cfg(test)]
pub(crate) trait CarryOutRead: super::Read + Sized {
    async fn carry_out(&self, target: &Self::Target, scopes: &Scopes) -> Result<Self::Answer, Error> {
        during(Self::OPERATION, self.perform(target, scopes)).await
    }
}

#[cfg(test)]
impl<C: super::Read> CarryOutRead for C {}

/// A write carried out as the gate does it, for tests that have no gate.
#[cfg(test)]
pub(crate) trait CarryOutWrite: super::Write + Sized {
    async fn carry_out(
        &self,
        target: &Self::Target,
        scopes: &Scopes,
        effect: &super::EffectId,
    ) -> Result<super::Done<Self::Answer>, super::Failure> {
        during(Self::OPERATION, self.perform(target, scopes, effect)).await
    }
}

#[cfg(test)]
impl<C: super::Write> CarryOutWrite for C {}

#[cfg(debug_assertions)]
mod active {
    use std::collections::HashSet;
    use std::fs::File;
    use std::io::Write as _;
    use std::sync::{LazyLock, Mutex, PoisonError};

    use http::{HeaderMap, Method};

    tokio::task_local! {
        pub static OPERATION: &'static str;
    }

    struct Log {
        file: File,
        test: Option<String>,
        known: Mutex<HashSet<String>>,
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "chosen by environment, in debug builds only, as fail points are"
    )]
    static LOG: LazyLock<Option<Log>> = LazyLock::new(|| {
        let path = std::env::var_os("SYNAPSE_OBSERVED")?;
        let file = File::options().create(true).append(true).open(path).ok()?;
        Some(Log {
            file,
            test: std::env::var("SYNAPSE_OBSERVED_TEST").ok(),
            known: Mutex::default(),
        })
    });

    pub fn answered(method: &Method, headers: &HeaderMap) {
        let Some(log) = LOG.as_ref() else { return };
        let (Ok(operation), Some(route)) = (OPERATION.try_with(|name| *name), headers.get("x-sim-route")) else {
            return;
        };
        let thread = std::thread::current();
        let test = log.test.as_deref().or(thread.name()).unwrap_or_default();
        let line = format!(
            "{operation}\t{method}\t{}\t{test}\n",
            route.to_str().unwrap_or_default()
        );
        let mut known = log.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert(line.clone()) {
            // A line that cannot be written is missing in the table, which then has a gap.
            drop((&log.file).write_all(line.as_bytes()));
        }
    }
}
