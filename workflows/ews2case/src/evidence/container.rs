//! What becomes of an S/MIME container (case D35)?

use synapse_guest::blobs::Encoding;
use synapse_guest::error::Error;

use super::{Found, LOOKED_INTO, Taking};
use crate::Host;
use crate::names;
use crate::smime::{self, Container};

/// Largest content that is put together from pieces, bytes: what one host call may carry, less its overhead.
const JOINED: usize = 3 << 20;

impl<H: Host> Taking<'_, '_, H> {
    /// The container is kept; a signed mail inside takes the place of the wrapper, an encrypted one is named.
    pub(super) fn smime(&mut self, found: Found<H::Blob>, size: u64) -> Result<(), Error> {
        let name = names::clean(found.name.as_deref(), "smime.p7m");
        if size > LOOKED_INTO as u64 {
            self.evidence.note(format!(
                "{name} was kept whole and not looked into: larger than {LOOKED_INTO} bytes"
            ));
            return self.keep(found, name, &["smime"]);
        }
        let bytes = self.run.host.read_start(&found.blob, LOOKED_INTO)?;
        match smime::open(&bytes) {
            Container::Encrypted => {
                self.evidence.encrypted = true;
                self.evidence.note(format!(
                    "{name}: the mail is encrypted (S/MIME); it was kept and cannot be read here"
                ));
            }
            Container::Unknown => self.evidence.note(format!(
                "{name} is an S/MIME container that cannot be read; it was kept whole"
            )),
            Container::Signed(pieces) => {
                let total: usize = pieces.iter().map(ExactSizeIterator::len).sum();
                let content = match pieces.as_slice() {
                    [piece] => {
                        let (offset, len) = (piece.start as u64, piece.len() as u64);
                        Some(self.run.host.extract_blob(
                            &found.blob,
                            offset,
                            len,
                            Encoding::Identity,
                            "signed.eml",
                            "message/rfc822",
                        )?)
                    }
                    pieces if total <= JOINED => {
                        let joined: Vec<u8> = pieces
                            .iter()
                            .flat_map(|piece| bytes[piece.clone()].iter().copied())
                            .collect();
                        Some(self.run.host.create_blob("signed.eml", "message/rfc822", &joined)?)
                    }
                    _ => None,
                };
                drop(bytes);
                match content {
                    None => self.evidence.note(format!(
                        "{name} holds a signed mail in many pieces; it was kept whole and not looked into"
                    )),
                    Some(content) => self.unwrap(&found, &content)?,
                }
            }
        }
        self.keep(found, name, &["smime"])
    }

    fn unwrap(&mut self, found: &Found<H::Blob>, content: &H::Blob) -> Result<(), Error> {
        let walked = self.walk(content)?;
        self.children(content, &walked, found.depth, found.within.as_deref())?;
        if found.depth == 0 && found.within.is_none() && self.evidence.unwrapped.is_none() {
            self.evidence.unwrapped = Some(walked.letter);
        } else {
            self.evidence.letters.push(walked.letter);
        }
        Ok(())
    }
}
