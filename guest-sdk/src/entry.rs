//! How does an event reach the workflow's function, and how does its answer get back?

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Failure, WorkflowError};
use crate::workflow::Event;

pub use crate::bindings::workflow::exports::synapse::workflow::handler::Guest;

/// Largest answer, bytes: the runtime's own limit, checked here so that the message can say what to do.
pub const ANSWER_BYTES: usize = 1 << 20;

/// Exports a function as the component's handler.
///
/// `workflow!(handler)` for `fn handler(host: &impl Host, params: P) -> Result<A, WorkflowError>`: the event's JSON becomes `P`
/// (what does not fit is a `bad-event`), the answer `A` becomes JSON. `workflow!(event handler)` passes the whole
/// [`Event`] instead of `P`.
#[macro_export]
macro_rules! workflow {
    (event $handler:path) => {
        $crate::workflow!(@export $crate::entry::handle_event, $handler);
    };
    ($handler:path) => {
        $crate::workflow!(@export $crate::entry::handle, $handler);
    };
    (@export $entry:path, $handler:path) => {
        #[allow(dead_code, unsafe_code, unused_qualifications, reason = "the export is called by the host only")]
        const _: () = {
            struct Component;
            impl $crate::entry::Guest for Component {
                fn run(event: $crate::workflow::Event) -> ::core::result::Result<String, $crate::error::Failure> {
                    $entry(event, |input| $handler(&$crate::live::Live, input))
                }
            }
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::workflow::export_handler!(Component with_types_in $crate::bindings::workflow);
        };
    };
}

/// Parses the event's data, calls the handler, serialises its answer.
///
/// # Errors
/// `bad-event` for data that is no `P`; what the handler returned; `failed` for an answer that cannot be sent.
pub fn handle<P, A>(event: Event, handler: impl FnOnce(P) -> Result<A, WorkflowError>) -> Result<String, Failure>
where
    P: DeserializeOwned,
    A: Serialize,
{
    handle_event(event, |event| handler(parse(&event)?))
}

/// As [`handle`], without the parsing.
///
/// # Errors
/// What the handler returned; `failed` for an answer that cannot be sent.
pub fn handle_event<A: Serialize>(
    event: Event,
    handler: impl FnOnce(Event) -> Result<A, WorkflowError>,
) -> Result<String, Failure> {
    report_panics();
    let answer = handler(event)?;
    let text =
        serde_json::to_string(&answer).map_err(|error| Failure::Failed(format!("the answer is no JSON: {error}")))?;
    if text.len() > ANSWER_BYTES {
        let size = text.len();
        return Err(Failure::Failed(format!(
            "the answer has {size} bytes, at most {ANSWER_BYTES} can be sent"
        )));
    }
    Ok(text)
}

/// The event's data as a type of the workflow.
///
/// # Errors
/// `bad-event` that names the field and the position.
pub fn parse<P: DeserializeOwned>(event: &Event) -> Result<P, WorkflowError> {
    // An HTTP trigger without a body is an event without data.
    let data = if event.data.trim().is_empty() {
        "null"
    } else {
        event.data.as_str()
    };
    serde_json::from_str(data).map_err(|error| WorkflowError::BadEvent(error.to_string()))
}

/// A panic ends the instance, and nothing can be returned any more; so the reason goes to the run's log first.
#[cfg(target_arch = "wasm32")]
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        use crate::workflow::Workflow;
        crate::live::Live.log(crate::workflow::Level::Error, &info.to_string(), &[("kind", "panic")]);
    }));
}

#[cfg(not(target_arch = "wasm32"))]
fn report_panics() {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Params {
        n: u32,
    }

    fn event(data: &str) -> Event {
        Event {
            id: "1".into(),
            source: "/test".into(),
            type_: "test".into(),
            time: 0,
            datacontenttype: "application/json".into(),
            data: data.into(),
        }
    }

    fn check(data: &str) -> Result<String, Failure> {
        handle(event(data), |params: Params| Ok(params.n + 1))
    }

    #[test]
    fn data_that_does_not_fit_is_a_bad_event_that_names_the_problem() {
        assert_eq!(check(r#"{"n": 1}"#), Ok("2".to_owned()));
        for (data, named) in [
            ("", "null"),
            ("{", "EOF"),
            (r#"{"n": "x"}"#, "u32"),
            (r#"{"n": 1, "m": 2}"#, "`m`"),
        ] {
            let Err(Failure::BadEvent(why)) = check(data) else {
                panic!("{data} was accepted")
            };
            assert!(why.contains(named), "{data}: {why}");
        }
    }

    #[test]
    fn an_answer_over_the_limit_fails_with_both_numbers() {
        let answer = handle_event(event(""), |_| Ok("x".repeat(ANSWER_BYTES)));
        let Err(Failure::Failed(why)) = answer else {
            panic!("it was sent")
        };
        assert!(why.contains("1048578") && why.contains("1048576"), "{why}");
    }
}
