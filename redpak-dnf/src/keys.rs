//! Questions about OpenPGP keys, in dnf5's words.

use std::ffi::OsStr;

use crate::dnf5::{KeyInfo, RepoCallbacks};
use crate::terminal::Answers;

/// Asks before a key is imported.
#[derive(Debug)]
pub struct Keys {
    answers: Answers,
    default_yes: bool,
    /// How many keys were imported.
    pub imported: usize,
}

impl Keys {
    /// Answers as the options say.
    pub fn new(answers: Answers, default_yes: bool) -> Self {
        Self { answers, default_yes, imported: 0 }
    }
}

impl RepoCallbacks for Keys {
    fn repokey_import(&mut self, _: &OsStr, key: &KeyInfo) -> bool {
        eprintln!("Importing OpenPGP key 0x{}:", key.key_id.display());
        for user in &key.user_ids {
            eprintln!(" UserID     : \"{}\"", user.display());
        }
        eprintln!(" Fingerprint: {}", key.fingerprint.display());
        eprintln!(" From       : {}", key.url.display());
        self.answers.confirm(self.default_yes)
    }

    fn repokey_imported(&mut self, _: &OsStr, _: &KeyInfo) {
        self.imported += 1;
        eprintln!("The key was successfully imported.");
    }
}
