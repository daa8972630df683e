//! How do a mail's or an attachment's bytes reach the spool? Streamed: decoded on a thread of its own, never whole in memory.

use std::io::{self, BufRead, Read};

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc;

use super::super::query::invalid;
use super::super::refusal;
use super::super::wire::{self, AttachmentKind, ByteAnswer, ByteOperation, Envelope, Shape, Trouble};
use super::Client;
use super::ask::{Parse, inconsistent, judge, streaming};
use super::fault::Fault;
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool, Writer};
use crate::egress::Streamed;
use crate::gate::Certainty;

/// Pieces that wait between two steps: the slowest sets the pace, and memory stays at a few of them.
const WAITING: usize = 4;
/// Decoded bytes that are handed on at once.
const PIECE: usize = 128 << 10;
/// What an envelope has around its content, bytes.
const AROUND: u64 = 1 << 20;
/// Longest answer without content: a refusal.
const REFUSAL: usize = 1 << 20;

/// What is fetched.
struct Wanted {
    operation: ByteOperation,
    /// Largest content, bytes.
    limit: u64,
}

impl Client {
    /// The MIME text of a message.
    pub(in crate::ews) async fn mime(&self, id: &str, spool: &Spool) -> Result<Kept, Error> {
        let wanted = Wanted {
            operation: ByteOperation::GetItem,
            limit: self.options.max_mime_bytes,
        };
        let build = |envelope: &Envelope<'_>| wire::get_item(envelope, &[id], Shape::Mime);
        let (answer, writer) = self.fetch(&wanted, build, spool).await?;
        if answer.written.is_none() {
            return Err(no_content("the message"));
        }
        writer.keep("message.eml", "message/rfc822").await
    }

    /// The bytes of an attachment: a file's own, or the MIME text of an attached item.
    pub(in crate::ews) async fn attachment(&self, id: &str, spool: &Spool) -> Result<Kept, Error> {
        let wanted = Wanted {
            operation: ByteOperation::GetAttachment,
            limit: self.options.max_attachment_bytes,
        };
        let build = |envelope: &Envelope<'_>| wire::get_attachment(envelope, id);
        let (answer, writer) = self.fetch(&wanted, build, spool).await?;
        let (name, media_type) = match answer.kind {
            Some(AttachmentKind::Reference) => return Err(reference()),
            Some(AttachmentKind::Item) => ("message.eml", "message/rfc822"),
            Some(AttachmentKind::File) | None => ("attachment.bin", "application/octet-stream"),
        };
        // An empty file has nothing to be left out.
        if answer.written.is_none() && answer.size != Some(0) {
            return Err(no_content("the attachment"));
        }
        let name = answer.name.as_deref().unwrap_or(name);
        let media_type = answer.media_type.as_deref().unwrap_or(media_type);
        writer.keep(name, media_type).await
    }

    /// Largest attachment that is fetched, bytes.
    pub(in crate::ews) fn max_attachment_bytes(&self) -> u64 {
        self.options.max_attachment_bytes
    }

    async fn fetch(
        &self,
        wanted: &Wanted,
        build: impl Fn(&Envelope<'_>) -> Vec<u8>,
        spool: &Spool,
    ) -> Result<(ByteAnswer, Writer), Error> {
        let mut patience = self.patience();
        let mut version = self.version();
        loop {
            let fault = match self.fetch_once(wanted, build(&self.envelope(version)), spool).await {
                Ok(fetched) => {
                    self.trust();
                    return Ok(fetched);
                }
                Err(fault) => fault,
            };
            if let Some(older) = self.older(&fault, version) {
                version = older;
                continue;
            }
            let pause = patience.pause(&fault, self.is_trusted());
            self.distrust(&fault);
            let Some(pause) = pause else {
                return Err(fault.into_error(self));
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn fetch_once(
        &self,
        wanted: &Wanted,
        envelope: Vec<u8>,
        spool: &Spool,
    ) -> Result<(ByteAnswer, Writer), Fault> {
        self.not_busy()?;
        let mut request = self.request(envelope);
        request.deadline = Some(streaming(self.egress.request_deadline()));
        request.max_bytes = Some(encoded(wanted.limit));
        let answer = self.egress.stream(&request).await;
        let answer = answer.map_err(|failure| match failure.error {
            Error::TooLarge(_) => too_large(wanted.limit),
            _ => Fault::Failed(failure),
        })?;
        if answer.status != 200 {
            let refused = answer.whole(REFUSAL).await.map_err(Fault::Failed)?;
            let judged = judge(refused, request.body_bytes(), refusal_of(wanted.operation)).await;
            return Err(match judged {
                Ok(_) => inconsistent("content under status 500"),
                Err(fault) => fault,
            });
        }
        pipe(wanted, answer, spool).await
    }
}

/// Three at once: the answer's bytes come in, a thread decodes them, the spool takes what is decoded.
async fn pipe(wanted: &Wanted, answer: Streamed, spool: &Spool) -> Result<(ByteAnswer, Writer), Fault> {
    let (raw, source) = mpsc::channel(WAITING);
    let (sink, decoded) = mpsc::channel(WAITING);
    let operation = wanted.operation;
    let decoding = tokio::task::spawn_blocking(move || decode(operation, source, sink));
    let (fed, kept, read) = tokio::join!(feed(answer, raw), keep(wanted.limit, decoded, spool), decoding);
    // The first one that stopped stopped the others.
    let writer = kept.map_err(|error| Fault::new(error, Certainty::Unknown))?;
    let read = read.unwrap_or_else(|error| Err(Trouble::Malformed(format!("it could not be decoded: {error}"))));
    match (read, fed) {
        (Ok(answer), _) => Ok((answer, writer)),
        (Err(Trouble::Fault(refusal)), _) => Err(Fault::Refused(refusal)),
        (Err(Trouble::Io(..)), Err(fault)) => Err(match fault {
            Fault::Failed(failure) if matches!(failure.error, Error::TooLarge(_)) => too_large(wanted.limit),
            fault => fault,
        }),
        (Err(trouble), _) => Err(Fault::new(refusal::trouble(trouble), Certainty::Unknown)),
    }
}

/// What comes from the server, until it ends or nobody wants more. An answer that is dropped before its end takes its connection with it.
async fn feed(mut answer: Streamed, raw: mpsc::Sender<io::Result<Bytes>>) -> Result<(), Fault> {
    loop {
        match answer.chunk().await {
            Ok(Some(bytes)) => {
                if raw.send(Ok(bytes)).await.is_err() {
                    return Ok(());
                }
            }
            Ok(None) => return Ok(()),
            Err(failure) => {
                raw.send(Err(io::ErrorKind::BrokenPipe.into())).await.ok();
                return Err(Fault::Failed(failure));
            }
        }
    }
}

/// What is decoded, into the spool.
async fn keep(limit: u64, mut decoded: mpsc::Receiver<Vec<u8>>, spool: &Spool) -> Result<Writer, Error> {
    let mut writer = spool.begin(limit).await?;
    while let Some(piece) = decoded.recv().await {
        writer.write(&piece).await?;
    }
    Ok(writer)
}

fn decode(
    operation: ByteOperation,
    source: mpsc::Receiver<io::Result<Bytes>>,
    sink: mpsc::Sender<Vec<u8>>,
) -> Result<ByteAnswer, Trouble> {
    let mut source = Chunks {
        source,
        at: Bytes::new(),
    };
    let mut waiting = Vec::with_capacity(PIECE);
    let hand_on = |piece: Vec<u8>| {
        sink.blocking_send(piece)
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    };
    let answer = wire::read_bytes(operation, &mut source, &mut |piece| {
        waiting.extend_from_slice(piece);
        if waiting.len() >= PIECE {
            hand_on(std::mem::replace(&mut waiting, Vec::with_capacity(PIECE)))?;
        }
        Ok(())
    })?;
    hand_on(waiting).map_err(|error| Trouble::Io(error.kind(), error.to_string()))?;
    drop(sink);
    // Read to its end, the connection can be used again.
    while let Some(Ok(_)) = source.source.blocking_recv() {}
    Ok(answer)
}

/// The chunks of an answer as something to read from, on a thread that may wait.
struct Chunks {
    source: mpsc::Receiver<io::Result<Bytes>>,
    at: Bytes,
}

impl Read for Chunks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.len().min(into.len());
        if let Some(into) = into.get_mut(..count) {
            self.at.copy_to_slice(into);
        }
        Ok(count)
    }
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at.is_empty() {
            match self.source.blocking_recv() {
                Some(chunk) => self.at = chunk?,
                None => break,
            }
        }
        Ok(&self.at)
    }

    fn consume(&mut self, count: usize) {
        self.at.advance(count.min(self.at.len()));
    }
}

fn refusal_of(operation: ByteOperation) -> Parse<ByteAnswer> {
    match operation {
        ByteOperation::GetItem => |body| wire::read_bytes(ByteOperation::GetItem, body, &mut |_| Ok(())),
        ByteOperation::GetAttachment => |body| wire::read_bytes(ByteOperation::GetAttachment, body, &mut |_| Ok(())),
    }
}

/// Content as it travels: base64 with line breaks, in an envelope.
fn encoded(limit: u64) -> usize {
    let bytes = limit.saturating_add(limit.div_ceil(2)).saturating_add(AROUND);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn too_large(limit: u64) -> Fault {
    Fault::new(Error::TooLarge(limit), Certainty::Unknown)
}

fn no_content(what: &str) -> Error {
    Error::Unreadable(format!("the server answered without the content of {what}"))
}

/// A link has no bytes here.
pub(in crate::ews) fn reference() -> Error {
    invalid(
        "attachment-id",
        "a reference has no bytes; its `url` says where it leads",
    )
}
