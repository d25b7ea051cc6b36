//! Questions about OpenPGP keys, in dnf5's words.

use std::ffi::OsStr;

use crate::terminal::{self, Answers};
use libdnf5::{KeyInfo, RepoCallbacks};

/// Asks before a key is imported.
pub struct Keys<'k> {
    answers: Answers,
    default_yes: bool,
    /// How many keys were imported.
    pub imported: usize,
    watcher: Box<dyn FnMut(Import) + 'k>,
}

/// Moments of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// A key is about to be written.
    Begins,
    /// It was written.
    Done,
}

impl<'k> Keys<'k> {
    /// Answers as the options say.
    pub fn new(answers: Answers, default_yes: bool) -> Self {
        Self {
            answers,
            default_yes,
            imported: 0,
            watcher: Box::new(|_| {}),
        }
    }
}

impl<'k> Keys<'k> {
    /// `act` is called before and after a key is written.
    pub fn watched(self, act: impl FnMut(Import) + 'k) -> Self {
        Self {
            watcher: Box::new(act),
            ..self
        }
    }
}

impl RepoCallbacks for Keys<'_> {
    fn repokey_import(&mut self, _: &OsStr, key: &KeyInfo) -> bool {
        eprintln!("Importing OpenPGP key 0x{}:", short(&key.key_id.to_string_lossy()));
        for user in &key.user_ids {
            terminal::tell(format_args!(" UserID     : \"{}\"", user.display()));
        }
        terminal::tell(format_args!(" Fingerprint: {}", key.fingerprint.display()));
        terminal::tell(format_args!(" From       : {}", key.url.display()));
        let confirmed = self.answers.confirm(self.default_yes);
        if confirmed {
            (self.watcher)(Import::Begins);
        }
        confirmed
    }

    fn repokey_imported(&mut self, _: &OsStr, _: &KeyInfo) {
        self.imported += 1;
        eprintln!("The key was successfully imported.");
        (self.watcher)(Import::Done);
    }
}

/// dnf5 shows the last eight digits of an id.
fn short(key_id: &str) -> &str {
    let start = key_id.len().saturating_sub(8);
    key_id.get(start..).unwrap_or(key_id)
}
