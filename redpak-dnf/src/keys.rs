//! Questions about OpenPGP keys, in dnf5's words.

use std::ffi::OsStr;

use crate::dnf5::{KeyInfo, RepoCallbacks};
use crate::terminal::Answers;

/// Asks before a key is imported.
pub struct Keys<'k> {
    answers: Answers,
    default_yes: bool,
    /// How many keys were imported.
    pub imported: usize,
    before_import: Box<dyn FnMut() + 'k>,
}

impl<'k> Keys<'k> {
    /// Answers as the options say.
    pub fn new(answers: Answers, default_yes: bool) -> Self {
        Self {
            answers,
            default_yes,
            imported: 0,
            before_import: Box::new(|| {}),
        }
    }
}

impl<'k> Keys<'k> {
    /// `act` is called before a key is written.
    pub fn before_import(self, act: impl FnMut() + 'k) -> Self {
        Self {
            before_import: Box::new(act),
            ..self
        }
    }
}

impl RepoCallbacks for Keys<'_> {
    fn repokey_import(&mut self, _: &OsStr, key: &KeyInfo) -> bool {
        eprintln!("Importing OpenPGP key 0x{}:", key.key_id.display());
        for user in &key.user_ids {
            eprintln!(" UserID     : \"{}\"", user.display());
        }
        eprintln!(" Fingerprint: {}", key.fingerprint.display());
        eprintln!(" From       : {}", key.url.display());
        let confirmed = self.answers.confirm(self.default_yes);
        if confirmed {
            (self.before_import)();
        }
        confirmed
    }

    fn repokey_imported(&mut self, _: &OsStr, _: &KeyInfo) {
        self.imported += 1;
        eprintln!("The key was successfully imported.");
    }
}
