//! How are triggers seen, and watched sources operated, from the command line?

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use synapse_domain::ids::TriggerName;

use super::api::Api;
use super::{Of, Server, say};

/// Longest time for a look, beside the client's own patience: a console that is slow is waited for.
const LOOKING: Duration = Duration::from_secs(240);

#[derive(Subcommand)]
pub enum Command {
    /// The triggers of a deployment.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        server: Server,
    },
    /// How far a source was read, and what became of what was found.
    Show {
        #[command(flatten)]
        trigger: Trigger,
        /// List the items in this state: `new`, `handed`, `done`, `skipped`, `poison`.
        #[arg(long)]
        items: Option<String>,
    },
    /// Look at a source now.
    Look {
        #[command(flatten)]
        trigger: Trigger,
    },
    /// Set a source's cursor: leave out everything until now, or read again from a moment on.
    Reset {
        #[command(flatten)]
        trigger: Trigger,
        /// `now`, `2026-11-25T08:00:00Z`, or milliseconds since 1970.
        #[arg(long)]
        to: String,
    },
    /// Import older items: shows how many there are and three of them; begins when it is confirmed.
    Backfill {
        #[command(flatten)]
        trigger: Trigger,
        /// Items since this moment.
        #[arg(long = "since", visible_alias = "backfill-since", required_unless_present_any = ["confirm", "stop"])]
        since: Option<String>,
        /// At most so many, the newest ones.
        #[arg(long, default_value_t = 100)]
        max: u32,
        /// Runs a minute.
        #[arg(long, default_value_t = 6)]
        rate: u32,
        /// The word that the first answer gave.
        #[arg(long, conflicts_with_all = ["since", "stop"])]
        confirm: Option<String>,
        /// Stop the one under way.
        #[arg(long, conflicts_with = "since")]
        stop: bool,
    },
    /// Hand an item over again.
    Replay {
        #[command(flatten)]
        trigger: Trigger,
        /// Its id, as `show --items` has it.
        item: String,
    },
}

#[derive(Args)]
pub struct Trigger {
    #[command(flatten)]
    of: Of,
    /// Trigger.
    name: TriggerName,
    #[command(flatten)]
    server: Server,
}

impl Trigger {
    fn path(&self, what: &str) -> String {
        format!("{}/{}/{what}", path(&self.of), self.name)
    }

    fn api(&self, wait: Duration) -> anyhow::Result<Api> {
        Api::new(&self.server, wait)
    }

    fn say(&self, answer: &Value, text: impl FnOnce(&Value) -> String) -> ExitCode {
        say(if self.server.json {
            answer.to_string()
        } else {
            text(answer)
        });
        ExitCode::SUCCESS
    }
}

fn path(of: &Of) -> String {
    format!("/v1/tenants/{}/deployments/{}/triggers", of.tenant, of.deployment)
}

/// Runs a `triggers` command.
pub async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { of, server } => {
            let answer = Api::new(&server, Duration::ZERO)?.get(&path(&of)).await?;
            say(if server.json { answer.to_string() } else { list(&answer) });
            Ok(ExitCode::SUCCESS)
        }
        Command::Show { trigger, items: None } => {
            let answer = trigger.api(Duration::ZERO)?.get(&trigger.path("cursor")).await?;
            Ok(trigger.say(&answer, cursor))
        }
        Command::Show {
            trigger,
            items: Some(state),
        } => {
            let path = trigger.path(&format!("items?state={state}"));
            let answer = trigger.api(Duration::ZERO)?.get(&path).await?;
            Ok(trigger.say(&answer, items))
        }
        Command::Look { trigger } => {
            let answer = trigger
                .api(LOOKING)?
                .post(&trigger.path("look"), &json!({}), &[])
                .await?;
            Ok(trigger.say(&answer, cursor))
        }
        Command::Reset { trigger, to } => {
            let body = json!({ "to": moment(&to) });
            let answer = trigger
                .api(Duration::ZERO)?
                .post(&trigger.path("reset"), &body, &[])
                .await?;
            Ok(trigger.say(&answer, cursor))
        }
        Command::Backfill {
            trigger, stop: true, ..
        } => {
            let answer = trigger.api(Duration::ZERO)?.delete(&trigger.path("backfill")).await?;
            Ok(trigger.say(&answer, cursor))
        }
        Command::Backfill {
            trigger,
            confirm: Some(word),
            ..
        } => {
            let body = json!({ "confirm": word });
            let answer = trigger
                .api(Duration::ZERO)?
                .post(&trigger.path("backfill"), &body, &[])
                .await?;
            Ok(trigger.say(&answer, cursor))
        }
        Command::Backfill {
            trigger,
            since,
            max,
            rate,
            ..
        } => {
            let body = json!({ "since": moment(since.as_deref().unwrap_or_default()), "max": max, "rate": rate });
            let answer = trigger
                .api(LOOKING)?
                .post(&trigger.path("backfill"), &body, &[])
                .await?;
            Ok(trigger.say(&answer, offer))
        }
        Command::Replay { trigger, item } => {
            let path = trigger.path(&format!("items/{item}/replay"));
            let answer = trigger.api(Duration::ZERO)?.post(&path, &json!({}), &[]).await?;
            Ok(trigger.say(&answer, |_| format!("item {item} waits for a run")))
        }
    }
}

/// A number is milliseconds; anything else is the server's to read.
fn moment(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("-")
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn shown_moment(value: &Value, name: &str) -> String {
    let milliseconds = value.get(name).and_then(Value::as_i64);
    let moment = milliseconds.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(
        || "never".to_owned(),
        |moment| moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

fn rows<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn list(answer: &Value) -> String {
    let mut out = format!("{:24}  {:10}  {:10}  {}", "TRIGGER", "KIND", "STATE", "NEXT");
    for trigger in rows(answer, "triggers") {
        let name = trigger
            .get("name")
            .or_else(|| trigger.get("trigger"))
            .and_then(Value::as_str)
            .unwrap_or("-");
        let next = shown_moment(trigger, "next_at");
        write!(
            out,
            "\n{name:24}  {:10}  {:10}  {next}",
            text(trigger, "kind"),
            text(trigger, "state")
        )
        .ok();
    }
    out
}

fn cursor(answer: &Value) -> String {
    let counts = answer.get("items").cloned().unwrap_or_default();
    let mut out = format!(
        "{} of {}: {}\n  watches {}\n  looked {}, read well {}, next {}\n  acts on what is new since {}",
        text(answer, "trigger"),
        text(answer, "deployment"),
        text(answer, "state"),
        text(answer, "watches"),
        shown_moment(answer, "looked_at"),
        shown_moment(answer, "ok_at"),
        shown_moment(answer, "next_at"),
        shown_moment(answer, "since"),
    );
    if let Some(problem) = answer.get("problem").and_then(Value::as_str) {
        write!(out, "\n  {} looks failed: {problem}", number(answer, "failures")).ok();
    }
    write!(
        out,
        "\n  items: {} wait, {} wait in the backlog, {} in runs, {} done, {} skipped, {} poison",
        number(&counts, "live"),
        number(&counts, "backlog"),
        number(&counts, "handed"),
        number(&counts, "done"),
        number(&counts, "skipped"),
        number(&counts, "poison"),
    )
    .ok();
    if let Some(gap) = answer.pointer("/position/gap") {
        write!(
            out,
            "\n  an outage from {} to {} is still read",
            shown_moment(gap, "from"),
            shown_moment(gap, "to")
        )
        .ok();
    }
    if let Some(backfill) = answer.get("backfill").filter(|backfill| backfill.is_object()) {
        let ended = backfill.get("ended").and_then(Value::as_str).unwrap_or("under way");
        write!(
            out,
            "\n  backfill since {}: {} of {} found, {} runs a minute, {ended}",
            shown_moment(backfill, "since"),
            number(backfill, "found"),
            number(backfill, "total").min(number(backfill, "max")),
            number(backfill, "rate"),
        )
        .ok();
    }
    out
}

fn items(answer: &Value) -> String {
    let mut out = format!("{:32}  {:8}  {:8}  {}", "ITEM", "STATE", "LANE", "WHAT");
    for item in rows(answer, "items") {
        let what = format!("{} ({})", text(item, "title"), text(item, "key"));
        write!(
            out,
            "\n{:32}  {:8}  {:8}  {what}",
            text(item, "id"),
            text(item, "state"),
            text(item, "lane")
        )
        .ok();
        if let Some(reason) = item.get("reason").and_then(Value::as_str) {
            write!(out, "\n{:32}  why: {reason}", "").ok();
        }
    }
    out
}

fn offer(answer: &Value) -> String {
    let mut out = format!(
        "{} items since {}; {} would be imported, in about {} minute(s). The newest:",
        number(answer, "count"),
        shown_moment(answer, "since"),
        number(answer, "taken"),
        number(answer, "minutes"),
    );
    for sample in rows(answer, "samples") {
        if sample.get("id").is_some() {
            let (id, magnitude) = (number(sample, "id"), number(sample, "magnitude"));
            write!(
                out,
                "\n  offense {id}, magnitude {magnitude}: {}",
                text(sample, "description")
            )
            .ok();
        } else {
            let (received, subject) = (shown_moment(sample, "received"), text(sample, "subject"));
            write!(out, "\n  {received}  {subject}  from {}", text(sample, "sender")).ok();
        }
    }
    write!(
        out,
        "\nNothing was done yet. To begin: --confirm {}",
        text(answer, "confirm")
    )
    .ok();
    out
}
