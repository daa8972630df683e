//! How does a guest look into bytes that stay on the host, and make new ones of them?

use serde::{Deserialize, Serialize};
use synapse_domain::digest::Digest;
use synapse_domain::operation::Operation;
use wasmtime::component::Resource;

use crate::bindings::synapse::workflow::blobs::{BlobInfo, Encoding, Host, HostBlob, Span};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Decoder, Held, media_type_of, name_of};

const CREATE: Operation = Operation::local("workflow/blobs.create");
const EXTRACT: Operation = Operation::local("workflow/blobs.extract");
const GATHER: Operation = Operation::local("workflow/blobs.gather");

/// Arguments of `blobs.create`: the bytes are named, never held.
#[derive(Serialize, Deserialize)]
struct CreateArguments {
    name: String,
    media_type: String,
    size: u64,
    sha256: Digest,
}

/// Arguments of `blobs.extract`.
#[derive(Serialize, Deserialize)]
struct ExtractArguments {
    source: String,
    offset: u64,
    len: u64,
    encoding: Encoding,
    name: String,
    media_type: String,
}

/// Arguments of `blobs.gather`: the ranges are named by their digest, as a guest may give very many.
#[derive(Serialize, Deserialize)]
struct GatherArguments {
    source: String,
    spans: u64,
    layout: Digest,
    name: String,
    media_type: String,
}

impl HostBlob for crate::context::Host {
    async fn info(&mut self, blob: Resource<Held>) -> wasmtime::Result<BlobInfo> {
        Ok(self.blob(&blob)?.info())
    }

    /// A pure function of the digest, so it needs no journal; the file is there as long as the run is not over. A file that is lost ends
    /// the attempt: an error here and bytes on a replay would be two answers.
    async fn read(&mut self, blob: Resource<Held>, offset: u64, len: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let kept = self.blob(&blob)?;
        Ok(Ok(self.gate.read_blob(&kept, offset, len).await?))
    }

    async fn drop(&mut self, blob: Resource<Held>) -> wasmtime::Result<()> {
        self.table.delete(blob)?;
        Ok(())
    }
}

impl Host for crate::context::Host {
    async fn create(
        &mut self,
        name: String,
        media_type: String,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<Result<Resource<Held>, Error>> {
        // Some milliseconds for 4 MiB: not on a thread that others wait for.
        let (bytes, sha256) = tokio::task::spawn_blocking(move || {
            let digest = Digest::of(&bytes);
            (bytes, digest)
        })
        .await?;
        let arguments = CreateArguments {
            name: name_of(&name),
            media_type: media_type_of(&media_type),
            size: bytes.len() as u64,
            sha256,
        };
        let answer = self.gate.spooled(CREATE, &arguments, |spool| async move {
            let mut writer = spool.begin(u64::MAX).await?;
            writer.write(&bytes).await?;
            writer.keep(&name, &media_type).await
        });
        let answer = answer.await?;
        self.handed_out(answer)
    }

    async fn extract(
        &mut self,
        source: Resource<Held>,
        offset: u64,
        len: u64,
        encoding: Encoding,
        name: String,
        media_type: String,
    ) -> wasmtime::Result<Result<Resource<Held>, Error>> {
        let source = self.blob(&source)?;
        let arguments = ExtractArguments {
            source: source.sha256.clone(),
            offset,
            len,
            encoding,
            name: name_of(&name),
            media_type: media_type_of(&media_type),
        };
        let answer = self.gate.spooled(EXTRACT, &arguments, |spool| async move {
            let decoder = Decoder::of(encoding);
            spool.extract(&source, (offset, len), decoder, &name, &media_type).await
        });
        let answer = answer.await?;
        self.handed_out(answer)
    }

    async fn gather(
        &mut self,
        source: Resource<Held>,
        spans: Vec<Span>,
        name: String,
        media_type: String,
    ) -> wasmtime::Result<Result<Resource<Held>, Error>> {
        let source = self.blob(&source)?;
        let layout: Vec<u8> = spans
            .iter()
            .flat_map(|span| [span.offset, span.len])
            .flat_map(u64::to_le_bytes)
            .collect();
        let arguments = GatherArguments {
            source: source.sha256.clone(),
            spans: spans.len() as u64,
            layout: Digest::of(&layout),
            name: name_of(&name),
            media_type: media_type_of(&media_type),
        };
        let answer = self.gate.spooled(GATHER, &arguments, |spool| async move {
            spool.gather(&source, &spans, &name, &media_type).await
        });
        let answer = answer.await?;
        self.handed_out(answer)
    }
}
