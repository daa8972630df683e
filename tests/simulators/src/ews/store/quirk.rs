//! When does an operation go wrong, and how? Quirks of the server, by the name of the operation.

use serde::{Deserialize, Serialize};

/// Quirks at one time; a test needs a handful.
const MAX_QUIRKS: usize = 1000;

/// One way to go wrong. Exactly one of `code` and `answer_of`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// The operation, for example `GetItem`; absent = every one.
    pub operation: Option<String>,
    /// Answer every item of the batch with this response code; nothing is performed.
    pub code: Option<String>,
    /// The text beside the code.
    pub text: Option<String>,
    /// `BackOffMilliseconds` beside the code.
    pub back_off_ms: Option<u64>,
    /// A SOAP fault with this HTTP status (500 on Exchange, 200 on others) in place of response messages.
    pub fault_status: Option<u16>,
    /// Answer an (empty) response of this operation instead, as a connection out of step does; nothing is performed.
    pub answer_of: Option<String>,
    /// The first `skip` requests pass.
    #[serde(default)]
    pub skip: u64,
    /// How many requests go wrong; -1 = all.
    #[serde(default = "once")]
    pub count: i64,
    /// How many went wrong so far.
    #[serde(default)]
    pub fired: u64,
}

fn once() -> i64 {
    1
}

/// The quirks, tried in order.
#[derive(Clone, Debug, Default)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// Adds one. Errors: it would do nothing or two things, too many.
    pub fn add(&mut self, quirk: Quirk) -> Result<(), String> {
        if quirk.code.is_some() == quirk.answer_of.is_some() {
            return Err("a quirk has either `code` or `answer_of`".to_owned());
        }
        if self.0.len() >= MAX_QUIRKS {
            return Err(format!("more than {MAX_QUIRKS} quirks"));
        }
        self.0.push(quirk);
        Ok(())
    }

    /// The quirk for this request, if one applies.
    pub fn fire(&mut self, operation: &str) -> Option<Quirk> {
        for quirk in &mut self.0 {
            let other = quirk.operation.as_deref().is_some_and(|wanted| wanted != operation);
            let spent = quirk.count >= 0 && quirk.fired >= quirk.count.unsigned_abs();
            if other || spent {
                continue;
            }
            if quirk.skip > 0 {
                quirk.skip -= 1;
                continue;
            }
            quirk.fired += 1;
            return Some(quirk.clone());
        }
        None
    }

    /// All of them with their counters.
    pub fn list(&self) -> &[Quirk] {
        &self.0
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
