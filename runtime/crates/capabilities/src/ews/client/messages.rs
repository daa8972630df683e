//! How are messages read? In batches, one answer each; a broken one is asked for again with less of it, and costs the others nothing (D32).

use futures::{StreamExt as _, stream};

use super::super::refusal::{self, Meaning};
use super::super::wire::{self, Body, ItemRow, Refusal, Shape};
use super::Client;
use super::ask::inconsistent;
use super::fault::Fault;
use crate::bindings::synapse::workflow::types::Error;

/// Items of one request (contract section 2).
const BATCH: usize = 10;
/// Batches of one call under way at once.
const PARALLEL: usize = 2;

/// A message, and its body as HTML if that was asked for.
#[derive(Debug)]
pub(in crate::ews) struct Content {
    pub row: ItemRow,
    pub html: Option<Body>,
}

impl Client {
    /// Messages with their content, one answer each, in order.
    ///
    /// # Errors
    /// A batch failed as a whole; the inner errors are those of single messages.
    pub(in crate::ews) async fn messages(
        &self,
        ids: &[String],
        html: bool,
    ) -> Result<Vec<Result<Content, Error>>, Error> {
        let batches: Vec<Vec<String>> = ids.chunks(BATCH).map(<[String]>::to_vec).collect();
        let asked = stream::iter(batches).map(|batch| self.batch(batch, html));
        let answers: Vec<_> = asked.buffered(PARALLEL).collect().await;
        let mut messages = Vec::with_capacity(ids.len());
        for answer in answers {
            messages.extend(answer?);
        }
        Ok(messages)
    }

    async fn batch(&self, ids: Vec<String>, html: bool) -> Result<Vec<Result<Content, Error>>, Error> {
        let results = match self.items(&ids, Shape::Text).await {
            Ok(results) => results
                .into_iter()
                .map(|result| result.map_err(Fault::Refused))
                .collect(),
            Err(fault) if is_one_items_fault(&fault) => self.one_by_one(&ids).await,
            Err(fault) => return Err(fault.into_error(self)),
        };
        let mut contents = Vec::with_capacity(ids.len());
        for (id, result) in ids.iter().zip(results) {
            let row = match result {
                Ok(row) => Ok(row),
                Err(fault) if is_one_items_fault(&fault) => self.remains(id, fault).await,
                Err(fault) => Err(fault.into_error(self)),
            };
            contents.push(row.map(|row| Content { row, html: None }));
        }
        if html {
            self.add_html(&ids, &mut contents).await;
        }
        Ok(contents)
    }

    /// One of several makes the whole answer useless: each alone shows which.
    async fn one_by_one(&self, ids: &[String]) -> Vec<Result<ItemRow, Fault>> {
        let mut results = Vec::with_capacity(ids.len());
        for id in ids {
            results.push(self.item(id, Shape::Text).await);
        }
        results
    }

    /// What can be read of a message that cannot be read as a whole.
    async fn remains(&self, id: &str, fault: Fault) -> Result<ItemRow, Error> {
        match self.item(id, Shape::Read).await {
            Ok(row) => Ok(row),
            // A moved or deleted one is not broken; otherwise the first fault tells more.
            Err(gone) if gone.meaning() == Some(Meaning::Missing) => Err(Error::NotFound),
            Err(_) => Err(fault.into_error(self)),
        }
    }

    /// A second request for the bodies as HTML. What fails leaves a message without (D01).
    async fn add_html(&self, ids: &[String], contents: &mut [Result<Content, Error>]) {
        let readable = ids
            .iter()
            .zip(contents)
            .filter_map(|(id, content)| Some((id, content.as_mut().ok()?)));
        let (wanted, open): (Vec<String>, Vec<&mut Content>) =
            readable.map(|(id, content)| (id.clone(), content)).unzip();
        if wanted.is_empty() {
            return;
        }
        match self.items(&wanted, Shape::Html).await {
            Ok(bodies) => {
                for (content, body) in open.into_iter().zip(bodies) {
                    content.html = body.ok().and_then(|row| row.body).filter(|body| body.html);
                }
            }
            Err(fault) => tracing::warn!(?fault, "bodies as HTML cannot be read; going on without them"),
        }
    }

    /// One item in a shape.
    pub(in crate::ews) async fn item(&self, id: &str, shape: Shape) -> Result<ItemRow, Fault> {
        match self.items(&[id.to_owned()], shape).await?.pop() {
            Some(result) => result.map_err(Fault::Refused),
            None => Err(inconsistent("nothing")),
        }
    }

    /// Items in a shape, one result each, in order. Those that the server had no time for are asked for again.
    pub(in crate::ews) async fn items(
        &self,
        ids: &[String],
        shape: Shape,
    ) -> Result<Vec<Result<ItemRow, Refusal>>, Fault> {
        let mut results: Vec<Result<ItemRow, Refusal>> = vec![Err(Refusal::default()); ids.len()];
        let mut open: Vec<usize> = (0..ids.len()).collect();
        let mut patience = self.patience();
        loop {
            let wanted: Vec<&String> = open.iter().filter_map(|n| ids.get(*n)).collect();
            let build = |envelope: &wire::Envelope<'_>| wire::get_item(envelope, &wanted, shape);
            let answers = self.read(build, wire::read_get_item).await?;
            check(&wanted, &answers)?;
            let mut pause = None;
            let mut again = Vec::new();
            for (n, answer) in open.iter().zip(answers) {
                if let Err(refusal) = &answer {
                    self.busy.note(refusal);
                    if pause.is_none() {
                        pause = patience.pause_for(refusal);
                    }
                    if matches!(
                        refusal::meaning(refusal),
                        Meaning::Busy | Meaning::Later | Meaning::Broken
                    ) {
                        again.push(*n);
                    }
                }
                if let Some(result) = results.get_mut(*n) {
                    *result = answer;
                }
            }
            match pause {
                Some(pause) if !again.is_empty() => tokio::time::sleep(pause).await,
                _ => return Ok(results),
            }
            open = again;
        }
    }
}

/// As many answers as questions, and about the items that were asked for (threat row 65).
fn check(wanted: &[&String], answers: &[Result<ItemRow, Refusal>]) -> Result<(), Fault> {
    if answers.len() != wanted.len() {
        return Err(inconsistent(&format!(
            "{} items where {} were asked for",
            answers.len(),
            wanted.len()
        )));
    }
    let stranger = wanted.iter().zip(answers).any(|(id, answer)| match answer {
        Ok(row) => row.item.as_ref().is_some_and(|item| item.id != **id),
        Err(_) => false,
    });
    if stranger {
        return Err(inconsistent("another item than the one asked for"));
    }
    Ok(())
}

/// Can one item alone be the reason?
fn is_one_items_fault(fault: &Fault) -> bool {
    match fault {
        Fault::Refused(_) => matches!(fault.meaning(), Some(Meaning::Unreadable | Meaning::Broken)),
        Fault::Failed(failure) => match &failure.error {
            Error::TooLarge(_) => true,
            Error::Other(other) => other.code == refusal::UNREADABLE,
            _ => false,
        },
    }
}
