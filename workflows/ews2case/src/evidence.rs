//! What came with the mail: files, mails inside mails, links?
//!
//! Attachments go from the mailbox to TheHive as blobs; the workflow looks into mails only, level by level. Each attachment is decided
//! for itself (case D03), and one that cannot be had is named, not fatal (case D32).

mod container;
mod inline;
mod outlook;

use std::collections::{BTreeSet, VecDeque};

use synapse_guest::blobs::Encoding;
use synapse_guest::error::{Error, explain};
use synapse_guest::ews::{Attachment, AttachmentKind, Message};
use synapse_guest::text;

use crate::Host;
use crate::failure;
use crate::letter::Letter;
use crate::mime::{self, Walked};
use crate::names;
use crate::run::Run;
use crate::sniff::{self, Kind};

/// Largest mail that is looked into, bytes: it is read into the workflow's own 64 MiB.
pub const LOOKED_INTO: usize = 16 << 20;
/// Notes of one mail.
const NOTES: usize = 100;

/// A file that becomes an observable.
pub struct File<B> {
    /// Its bytes, under the name it shall have.
    pub blob: B,
    /// Digest of its bytes.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// Where it was, for the analyst.
    pub message: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// Everything that came with a mail.
pub struct Evidence<B> {
    /// Files, the outermost first.
    pub files: Vec<File<B>>,
    /// Mails inside the mail, the outermost first.
    pub letters: Vec<Letter>,
    /// Attachments that are links: name and address.
    pub links: Vec<(String, String)>,
    /// What was inside a signed wrapper, if the mail is one (case D35).
    pub unwrapped: Option<Letter>,
    /// The mail is encrypted; nobody here can read it.
    pub encrypted: bool,
    /// What is missing, and why.
    pub notes: Vec<String>,
}

impl<B> Evidence<B> {
    const fn new() -> Self {
        Self {
            files: Vec::new(),
            letters: Vec::new(),
            links: Vec::new(),
            unwrapped: None,
            encrypted: false,
            notes: Vec::new(),
        }
    }

    fn note(&mut self, note: String) {
        match self.notes.len() {
            n if n < NOTES => self.notes.push(note),
            NOTES => self.notes.push("and more that is not named here".to_owned()),
            _ => {}
        }
    }
}

/// Something that was found and not looked at yet.
struct Found<B> {
    blob: B,
    name: Option<String>,
    media_type: String,
    depth: u32,
    within: Option<String>,
}

/// Fetches and takes apart what came with the mail.
///
/// # Errors
/// The mailbox or the spool cannot be used at all; a single attachment's failure is a note.
pub fn gather<H: Host>(run: &Run<'_, H>, message: &Message) -> Result<Evidence<H::Blob>, Error> {
    let mut taken = Taking {
        run,
        evidence: Evidence::new(),
        known: BTreeSet::new(),
        over: 0,
        open: VecDeque::new(),
    };
    let shown = inline::Shown::new(message.html.as_deref());
    let mut hidden = 0;
    for (n, attachment) in (1..).zip(&message.attachments) {
        let fallback = format!("attachment-{n}");
        if attachment.kind == AttachmentKind::Reference {
            let name = names::clean(attachment.name.as_deref(), &fallback);
            match &attachment.url {
                Some(url) => taken.evidence.links.push((name, url.clone())),
                None => taken
                    .evidence
                    .note(format!("{name}: attached as a link that leads nowhere")),
            }
        } else if !run.config.inline_images && shown.hides(attachment) {
            hidden += 1;
        } else if let Some(found) = taken.fetch(message, attachment, &fallback)? {
            taken.open.push_back(found);
            taken.all()?;
        }
    }
    if hidden > 0 {
        taken.evidence.note(format!(
            "{hidden} inline images were left out (setting `inline_images`)"
        ));
    }
    if taken.over > 0 {
        let limit = run.config.attachments_max;
        taken.evidence.note(format!(
            "{} files over the limit of {limit} were left out (setting `attachments_max`)",
            taken.over
        ));
    }
    Ok(taken.evidence)
}

struct Taking<'a, 'r, H: Host> {
    run: &'a Run<'r, H>,
    evidence: Evidence<H::Blob>,
    known: BTreeSet<String>,
    over: usize,
    open: VecDeque<Found<H::Blob>>,
}

impl<H: Host> Taking<'_, '_, H> {
    /// One attachment's bytes; none, and a note, where they cannot be had.
    fn fetch(
        &mut self,
        message: &Message,
        attachment: &Attachment,
        fallback: &str,
    ) -> Result<Option<Found<H::Blob>>, Error> {
        let config = &self.run.config;
        let name = names::clean(attachment.name.as_deref(), fallback);
        if self.evidence.files.len() >= config.attachments_max {
            self.over += 1;
            return Ok(None);
        }
        let size = attachment.size;
        if size > config.attachment_bytes_max {
            let limit = config.attachment_bytes_max;
            self.evidence.note(format!("{name} ({size} bytes) is larger than {limit} bytes and was not fetched (setting `attachment_bytes_max`)"));
            return Ok(None);
        }
        match self
            .run
            .host
            .get_attachment(&self.run.mailbox, &message.summary.id, &attachment.id)
        {
            Ok(blob) => Ok(Some(Found {
                blob,
                name: Some(match attachment.kind {
                    AttachmentKind::Item => names::mail(attachment.name.as_deref(), None),
                    AttachmentKind::File | AttachmentKind::Reference => name,
                }),
                media_type: match attachment.kind {
                    AttachmentKind::Item => "message/rfc822".to_owned(),
                    _ => attachment
                        .media_type
                        .clone()
                        .unwrap_or_else(|| "application/octet-stream".to_owned()),
                },
                depth: 0,
                within: None,
            })),
            Err(error) if failure::is_general(&error) => Err(error),
            Err(error) => {
                self.evidence.note(format!(
                    "{name} ({size} bytes) could not be fetched: {}",
                    explain(&error)
                ));
                Ok(None)
            }
        }
    }

    /// Looks at everything that is open, and at what comes up meanwhile.
    fn all(&mut self) -> Result<(), Error> {
        while let Some(found) = self.open.pop_front() {
            let info = self.run.host.blob_info(&found.blob);
            let is_image = sniff::media_type(&found.media_type).starts_with("image/");
            if is_image && self.run.config.skip_image_hashes.contains(&info.sha256) {
                continue;
            }
            // The same bytes twice are one observable; a copy is not looked into again.
            if !self.known.insert(info.sha256.clone()) {
                continue;
            }
            let start = self.run.host.read_blob(&found.blob, 0, sniff::LOOKED_AT)?;
            let name = found.name.clone().unwrap_or_default();
            let kind = sniff::kind(&name, &found.media_type, &start);
            match kind {
                Kind::Mail => self.mail(found, info.size)?,
                Kind::Smime => self.smime(found, info.size)?,
                Kind::OutlookMessage => self.message_file(found, info.size, true)?,
                Kind::Compound => self.message_file(found, info.size, false)?,
                Kind::Tnef => self.tnef(found, info.size)?,
                Kind::Protected => self.protected(found)?,
                Kind::File => self.file(found)?,
            }
        }
        Ok(())
    }

    /// A file as it is.
    fn file(&mut self, found: Found<H::Blob>) -> Result<(), Error> {
        let name = names::clean(found.name.as_deref(), "attachment");
        self.keep(found, name, &[])
    }

    fn protected(&mut self, found: Found<H::Blob>) -> Result<(), Error> {
        let name = names::clean(found.name.as_deref(), "attachment");
        self.evidence.encrypted = true;
        self.evidence.note(format!(
            "{name}: the mail is encrypted by Rights Management; it was kept and cannot be read here"
        ));
        self.keep(found, name, &[])
    }

    /// An attached mail: kept as `.eml`, and taken apart down to the limit.
    fn mail(&mut self, found: Found<H::Blob>, size: u64) -> Result<(), Error> {
        let shown = names::clean(found.name.as_deref(), "an attached mail");
        let too_large = (size > LOOKED_INTO as u64).then(|| format!("larger than {LOOKED_INTO} bytes"));
        let reason = self.too_deep(found.depth).or(too_large);
        if let Some(reason) = reason {
            self.evidence
                .note(format!("{shown} was kept whole and not looked into: {reason}"));
            let name = names::mail(found.name.as_deref(), None);
            return self.keep(found, name, &["attached-mail"]);
        }
        let walked = self.walk(&found.blob)?;
        if walked.cut {
            self.evidence.note(format!(
                "{shown} has more or deeper parts than are taken apart; the whole mail was kept"
            ));
        }
        // A signed wrapper has no sender of its own: what is in it is the mail that lies in the mailbox.
        let is_wrapper =
            found.depth == 0 && walked.letter.from.is_none() && shown.to_ascii_lowercase().ends_with(".p7m");
        if is_wrapper {
            self.children(&found.blob, &walked, 0, None)?;
            self.evidence.unwrapped.get_or_insert(walked.letter);
            return self.keep(found, shown, &["smime"]);
        }
        let name = names::mail(found.name.as_deref(), walked.letter.subject.as_deref());
        self.children(&found.blob, &walked, found.depth + 1, Some(&name))?;
        self.evidence.letters.push(walked.letter);
        self.keep(found, name, &["attached-mail"])
    }

    /// Why a mail at this depth is not looked into, if it is not.
    fn too_deep(&self, depth: u32) -> Option<String> {
        let limit = self.run.config.nesting_max;
        (depth >= limit).then(|| format!("deeper than {limit} levels (setting `nesting_max`)"))
    }

    fn walk(&self, blob: &H::Blob) -> Result<Walked, Error> {
        Ok(mime::walk(&self.run.host.read_start(blob, LOOKED_INTO)?))
    }

    /// The parts of a mail become blobs of their own, without their bytes passing through the workflow.
    fn children(&mut self, mail: &H::Blob, walked: &Walked, depth: u32, within: Option<&str>) -> Result<(), Error> {
        let shown = inline::Shown::new(walked.letter.html.as_deref());
        for (n, part) in (1..).zip(&walked.parts) {
            if !self.run.config.inline_images && shown.hides_part(part) {
                continue;
            }
            if !self.has_room() {
                continue;
            }
            let is_mail = part.media_type.starts_with("message/");
            let fallback = if is_mail { String::new() } else { format!("part-{n}") };
            let name = Some(names::clean(part.name.as_deref(), &fallback)).filter(|name| !name.is_empty());
            let (offset, len) = (part.range.start as u64, part.range.len() as u64);
            let shown_name = name.clone().unwrap_or_else(|| "mail.eml".to_owned());
            let made = self
                .run
                .host
                .extract_blob(mail, offset, len, part.encoding, &shown_name, &part.media_type);
            self.found(made, name, &shown_name, &part.media_type, depth, within)?;
        }
        Ok(())
    }

    /// Is there room for one more file? If not, it is counted.
    fn has_room(&mut self) -> bool {
        let fits = self.evidence.files.len() + self.open.len() < self.run.config.attachments_max;
        self.over += usize::from(!fits);
        fits
    }

    /// What was taken out of a mail is to be looked at; what could not be is named.
    fn found(
        &mut self,
        made: Result<H::Blob, Error>,
        name: Option<String>,
        shown_name: &str,
        media_type: &str,
        depth: u32,
        within: Option<&str>,
    ) -> Result<(), Error> {
        match made {
            Ok(blob) => self.open.push_back(Found {
                blob,
                name,
                media_type: media_type.to_owned(),
                depth,
                within: within.map(str::to_owned),
            }),
            Err(error) if failure::is_general(&error) => return Err(error),
            Err(error) => self.evidence.note(format!(
                "{shown_name} could not be taken out of its mail: {}",
                explain(&error)
            )),
        }
        Ok(())
    }

    /// Puts a file among the evidence, under the name it shall have.
    fn keep(&mut self, found: Found<H::Blob>, name: String, tags: &[&str]) -> Result<(), Error> {
        if self.evidence.files.len() >= self.run.config.attachments_max {
            self.over += 1;
            return Ok(());
        }
        let info = self.run.host.blob_info(&found.blob);
        let media_type = sniff::media_type(&found.media_type);
        let blob = if info.name == name {
            found.blob
        } else {
            self.run
                .host
                .extract_blob(&found.blob, 0, info.size, Encoding::Identity, &name, &media_type)?
        };
        let place = match &found.within {
            Some(mail) => format!("Inside the attached mail {mail}"),
            None => "Attached to the mail".to_owned(),
        };
        let mut all = vec!["mail-attachment".to_owned()];
        all.extend(tags.iter().map(|tag| (*tag).to_owned()));
        if !media_type.is_empty() {
            all.push(format!("media-type:{media_type}"));
        }
        self.evidence.files.push(File {
            blob,
            sha256: info.sha256,
            message: text::cut(&format!("{place}: {name} ({media_type}, {} bytes)", info.size), 1_000),
            name,
            tags: all,
        });
        Ok(())
    }
}
