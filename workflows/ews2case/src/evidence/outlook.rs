//! What becomes of Outlook's own files, `.msg` and `winmail.dat` (case D31)?

use std::collections::VecDeque;

use synapse_guest::blobs::Span;
use synapse_guest::error::Error;

use super::{Found, Taking, inline};
use crate::Host;
use crate::letter::{Letter, NO_SUBJECT};
use crate::names;
use crate::outlook::compound::Compound;
use crate::outlook::opened::{Content, Item, Opened};
use crate::outlook::source::{Broken, Source};
use crate::outlook::{MAIL_BYTES, msg, tnef};

/// Mails of one file that are read.
const MAILS: usize = 32;
/// Bytes of bodies of one file that are read.
const WORDS: u64 = 8 << 20;

/// A mail of the file that is to be read.
struct Level<M> {
    place: M,
    name: Option<String>,
    depth: u32,
}

impl<H: Host> Taking<'_, '_, H> {
    /// A `.msg`: kept whole, and taken apart down to the limit. Any other compound file (`declared`: it says that it is no other) is a
    /// file like all.
    pub(super) fn message_file(&mut self, found: Found<H::Blob>, size: u64, declared: bool) -> Result<(), Error> {
        let name = names::clean(found.name.as_deref(), "mail.msg");
        if let Some(reason) = self.too_deep(found.depth) {
            if declared {
                self.evidence
                    .note(format!("{name} was kept whole and not looked into: {reason}"));
            }
            return self.keep(found, name, if declared { &["attached-mail"] } else { &[] });
        }
        let host = self.run.host;
        let opened = {
            let source = Source::new(size, |offset, len| host.read_blob(&found.blob, offset, len));
            Compound::open(source).and_then(|mut file| {
                let root = file.root();
                self.levels(&found, root, false, |place, room| msg::open(&mut file, *place, room))
            })
        };
        match opened {
            Ok(true) => self.keep(found, name, &["attached-mail"]),
            Err(Broken::Host(error)) => Err(error),
            Ok(false) | Err(Broken::Damaged(_)) if !declared => self.file(found),
            unreadable => {
                let why = match unreadable {
                    Err(Broken::Damaged(why)) => why,
                    _ => "it holds no mail",
                };
                self.evidence.note(format!(
                    "{name} is an Outlook message that cannot be read ({why}); it was kept whole"
                ));
                self.keep(found, name, &["attached-mail"])
            }
        }
    }

    /// A `winmail.dat`: what is in it came with the mail that it came with.
    pub(super) fn tnef(&mut self, found: Found<H::Blob>, size: u64) -> Result<(), Error> {
        let name = names::clean(found.name.as_deref(), "winmail.dat");
        let host = self.run.host;
        let opened = {
            let mut source = Source::new(size, |offset, len| host.read_blob(&found.blob, offset, len));
            let all = Span { offset: 0, len: size };
            self.levels(&found, all, true, |place, room| {
                tnef::open(&mut source, place, room).map(Some)
            })
        };
        match opened {
            Err(Broken::Host(error)) => return Err(error),
            Err(Broken::Damaged(why)) => self.evidence.note(format!(
                "{name} is an Outlook container (TNEF) that cannot be read ({why}); it was kept whole"
            )),
            Ok(_) => {}
        }
        self.keep(found, name, &[])
    }

    /// Reads the mail that a file is, and the mails inside it, level by level. False: the file is no mail.
    fn levels<M>(
        &mut self,
        found: &Found<H::Blob>,
        first: M,
        is_wrapper: bool,
        mut read: impl FnMut(&M, u64) -> Result<Option<Opened<M>>, Broken>,
    ) -> Result<bool, Broken> {
        let file = names::clean(
            found.name.as_deref(),
            if is_wrapper { "winmail.dat" } else { "mail.msg" },
        );
        let (mut words, mut mails) = (WORDS, 1);
        let mut open = VecDeque::from([Level {
            place: first,
            name: None,
            depth: found.depth,
        }]);
        while let Some(level) = open.pop_front() {
            let is_first = level.name.is_none();
            let opened = match (read(&level.place, words.min(MAIL_BYTES)), is_first) {
                (Ok(Some(opened)), _) => opened,
                (Ok(None), true) => return Ok(false),
                (Err(error @ Broken::Host(_)), _) | (Err(error), true) => return Err(error),
                (Ok(None) | Err(Broken::Damaged(_)), false) => {
                    let inner = level.name.unwrap_or_default();
                    self.evidence.note(format!(
                        "{inner} inside {file} is no mail that can be read; {file} was kept whole"
                    ));
                    continue;
                }
            };
            let letter = opened.letter;
            words = words.saturating_sub(letter.text.as_ref().map_or(0, String::len) as u64);
            words = words.saturating_sub(letter.html.as_ref().map_or(0, String::len) as u64);
            for note in opened.notes {
                self.evidence.note(format!("{file}: {note}"));
            }
            let shown = inline::Shown::new(letter.html.as_deref());
            let wraps = is_first && is_wrapper;
            let own_name = level.name.unwrap_or_else(|| file.clone());
            let (depth, within) = if wraps {
                (level.depth, found.within.clone())
            } else {
                (level.depth + 1, Some(own_name))
            };
            self.words(letter, wraps, found.depth);
            for (n, item) in (1..).zip(opened.items) {
                if let Content::Message(place) = item.content {
                    let fallback = item.name.unwrap_or_else(|| NO_SUBJECT.to_owned());
                    let name = names::clean(Some(&fallback), NO_SUBJECT);
                    let reason = self.too_deep(depth);
                    let reason = reason.or((mails == MAILS).then(|| format!("more than {MAILS} mails in one file")));
                    match reason {
                        Some(reason) => self
                            .evidence
                            .note(format!("{name} inside {file} was not looked into: {reason}")),
                        None => {
                            mails += 1;
                            open.push_back(Level {
                                place,
                                name: Some(name),
                                depth,
                            });
                        }
                    }
                } else if self.run.config.inline_images
                    || !shown.hides_image(&item.media_type, item.content_id.as_deref())
                {
                    self.piece(found, &item, n, depth, within.as_deref())?;
                }
            }
        }
        Ok(true)
    }

    /// The words of a mail go where its kind of mail belongs: a wrapper's are the mail's own (as case D35).
    fn words(&mut self, letter: Letter, wraps: bool, depth: u32) {
        if !wraps {
            self.evidence.letters.push(letter);
        } else if letter.text.is_some() || letter.html.is_some() {
            if depth == 0 {
                self.evidence.unwrapped.get_or_insert(letter);
            } else {
                self.evidence.letters.push(letter);
            }
        }
    }

    /// A file in the file becomes a blob of its own, without its bytes passing through the workflow.
    fn piece<M>(
        &mut self,
        found: &Found<H::Blob>,
        item: &Item<M>,
        n: usize,
        depth: u32,
        within: Option<&str>,
    ) -> Result<(), Error> {
        let name = names::clean(item.name.as_deref(), &format!("part-{n}"));
        match &item.content {
            Content::Bytes(spans) => {
                if self.has_room() {
                    let made = self.run.host.gather_blob(&found.blob, spans, &name, &item.media_type);
                    self.found(made, Some(name.clone()), &name, &item.media_type, depth, within)?;
                }
            }
            Content::Missing(why) => self
                .evidence
                .note(format!("{name} could not be taken out of its mail: {why}")),
            Content::Message(_) => {}
        }
        Ok(())
    }
}
