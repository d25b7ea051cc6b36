//! What becomes of a configuration file (`%config`) when its package comes or goes.
//!
//! The rules are rpm's (`rpmfilesDecideFate` and `rpmfilesConfigConflict` of lib/rpmfi.c). The journal holds the answer, so that a
//! repair can tell a file that a power cut took back from one that a user wrote.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A configuration file before a transaction, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// SHA-256 of what the node had at its place; none where it had no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What rpm does.
    pub fate: Fate,
}

/// What rpm does with a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The package's file is put there.
    New,
    /// What is there stays: the user changed it, and the package did not.
    Kept,
    /// What is there stays, and the package's file is put beside it.
    KeptBesideNew,
    /// What is there is saved beside the package's file: the user changed a file of the package's older version.
    Saved,
    /// The same where no package owned the file.
    Backed,
    /// It is removed.
    Removed,
    /// The user changed it: it is saved under another name.
    RemovedSaved,
}

impl Fate {
    /// Of a file that comes, where the node has one already. `changed_from_old` says whether that differs from the file of the
    /// package that goes, none where no such package has it; `is_new` whether it is the new package's already; `old_is_new`
    /// whether both packages have the same.
    pub fn coming(changed_from_old: Option<bool>, is_new: bool, old_is_new: bool, noreplace: bool) -> Self {
        match changed_from_old {
            _ if is_new => Self::New,
            Some(false) => Self::New,
            Some(true) if old_is_new => Self::Kept,
            _ if noreplace => Self::KeptBesideNew,
            Some(true) => Self::Saved,
            None => Self::Backed,
        }
    }

    /// Of a file that goes.
    pub fn going(is_changed: bool) -> Self {
        if is_changed { Self::RemovedSaved } else { Self::Removed }
    }

    /// Where the user's file is afterwards.
    pub fn saved(self, path: &Path) -> Option<PathBuf> {
        match self {
            Self::Saved | Self::RemovedSaved => Some(with_suffix(path, ".rpmsave")),
            Self::Backed => Some(with_suffix(path, ".rpmorig")),
            Self::New | Self::Kept | Self::KeptBesideNew | Self::Removed => None,
        }
    }

    /// Where the package's file is afterwards.
    pub fn new_place(self, path: &Path) -> Option<PathBuf> {
        match self {
            Self::New | Self::Saved | Self::Backed => Some(path.to_owned()),
            Self::KeptBesideNew => Some(with_suffix(path, ".rpmnew")),
            Self::Kept | Self::Removed | Self::RemovedSaved => None,
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rpm_s_rules_for_a_file_that_comes() {
        // Changed from the old package's, the same as the new one's, old and new the same, noreplace.
        let cases = [
            (Some(false), false, false, false, Fate::New),
            (Some(false), false, false, true, Fate::New),
            (Some(true), true, false, true, Fate::New),
            (Some(true), false, true, false, Fate::Kept),
            (Some(true), false, true, true, Fate::Kept),
            (Some(true), false, false, false, Fate::Saved),
            (Some(true), false, false, true, Fate::KeptBesideNew),
            (None, false, false, false, Fate::Backed),
            (None, false, false, true, Fate::KeptBesideNew),
            (None, true, false, false, Fate::New),
        ];
        for (changed, is_new, same, noreplace, fate) in cases {
            assert_eq!(
                Fate::coming(changed, is_new, same, noreplace),
                fate,
                "{changed:?} {is_new} {same} {noreplace}"
            );
        }
    }

    #[test]
    fn the_user_s_file_and_the_package_s_have_their_places() {
        let path = Path::new("/etc/app.conf");
        let places = |fate: Fate| {
            let name = |place: Option<PathBuf>| place.map(|place| place.display().to_string());
            (name(fate.saved(path)), name(fate.new_place(path)))
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(places(Fate::New), (None, some("/etc/app.conf")));
        assert_eq!(places(Fate::Kept), (None, None));
        assert_eq!(places(Fate::KeptBesideNew), (None, some("/etc/app.conf.rpmnew")));
        assert_eq!(
            places(Fate::Saved),
            (some("/etc/app.conf.rpmsave"), some("/etc/app.conf"))
        );
        assert_eq!(
            places(Fate::Backed),
            (some("/etc/app.conf.rpmorig"), some("/etc/app.conf"))
        );
        assert_eq!(places(Fate::going(false)), (None, None));
        assert_eq!(places(Fate::going(true)), (some("/etc/app.conf.rpmsave"), None));
    }
}
