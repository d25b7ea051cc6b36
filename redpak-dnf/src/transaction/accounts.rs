//! Who the users and groups of a package's files are.
//!
//! rpm looks names up in the passwd and group files of the root that it installs into, where a leaf has none: the
//! accounts are the family's. So it is pointed to files made for the transaction. With a user namespace of one id
//! everything belongs to that id, and every name has to mean it; the intended owners stay recorded in the rpmdb.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use librpm::{Engine, MacroGuard};
use redpak::package::Package;
use redpak::transaction::accounts;
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};

use crate::confinement::Owners;
use crate::databases::cache_directory;
use crate::node::Node;

/// Largest passwd or group file that is read.
const LIMIT: usize = 4 << 20;

/// The macros that lead rpm to the files, as long as they are in force.
#[derive(Debug)]
pub struct Accounts<'e> {
    _macros: [MacroGuard<'e>; 4],
}

impl<'e> Accounts<'e> {
    /// Makes the files, and leads rpm to them.
    pub fn provide(
        engine: &'e Engine,
        node: &Node,
        owners: Owners,
        (inbound, declared): (&[Package], &Declared),
    ) -> Result<Self> {
        let files = inbound.iter().flat_map(|package| &package.files);
        let (users, groups) = match owners {
            Owners::Single => {
                let users = files.clone().map(|file| file.user.as_os_str()).collect();
                (
                    all_root(&users, "0:0::/:/sbin/nologin"),
                    all_root(&files.map(|file| file.group.as_os_str()).collect(), "0:"),
                )
            }
            Owners::All | Owners::Range => (
                [declared.0.passwd.as_bytes(), &family(node, PASSWD)].concat(),
                [declared.0.group.as_bytes(), &family(node, GROUP)].concat(),
            ),
        };
        let pin = |name: &str, macro_name: &str, text: &[u8]| -> Result<MacroGuard<'e>> {
            let place = cache_directory(node);
            write::within(&Dir::open(&place)?, Path::new(name), text, 0o644, Existing::Replace)?;
            let inside = Path::new("/")
                .join(place.strip_prefix(node.path()).unwrap_or(&place))
                .join(name);
            Ok(engine.macros().push_global(macro_name, inside)?)
        };
        Ok(Self {
            _macros: [
                pin("passwd", "_passwd_path", &users)?,
                pin("group", "_group_path", &groups)?,
                // rpm's own program for declared accounts would run outside of the node, and needs useradd(8) there.
                engine.macros().push_global("__systemd_sysusers", "")?,
                // A plugin of rpm's that cuts the network off, which is cut off already, and fails where it may not.
                engine.macros().push_global("__transaction_unshare", "")?,
            ],
        })
    }
}

/// The accounts that a transaction's packages declare, in the whole files of the node; empty where there are no new ones.
#[derive(Debug, Clone)]
pub struct Declared(accounts::Accounts);

impl Declared {
    /// Ids are chosen so that no two accounts of the family share one.
    pub fn of(node: &Node, inbound: &[Package]) -> Self {
        let text = |file| String::from_utf8_lossy(&accounts::first_of_each(&family(node, file))).into_owned();
        let before = accounts::Accounts {
            passwd: text(PASSWD),
            group: text(GROUP),
        };
        let mut after = before.clone();
        after.add(&accounts::declared(inbound));
        let unless = |same: bool, text: String| if same { String::new() } else { text };
        Self(accounts::Accounts {
            passwd: unless(after.passwd == before.passwd, after.passwd),
            group: unless(after.group == before.group, after.group),
        })
    }

    /// Writes the node's files.
    pub fn write(&self, node: &Path) -> Result<()> {
        for (file, text) in [(PASSWD, &self.0.passwd), (GROUP, &self.0.group)] {
            if !text.is_empty() {
                write::within(
                    &Dir::open(node)?,
                    Path::new(file),
                    text.as_bytes(),
                    0o644,
                    Existing::Replace,
                )?;
            }
        }
        Ok(())
    }
}

/// Every name means id 0.
fn all_root(names: &BTreeSet<&OsStr>, rest: &str) -> Vec<u8> {
    let is_plain = |name: &&&OsStr| !name.as_bytes().iter().any(|byte| matches!(byte, b':' | b'\n' | 0));
    names
        .iter()
        .filter(is_plain)
        .flat_map(|name| [name.as_bytes(), b":x:", rest.as_bytes(), b"\n"].concat())
        .collect()
}

const PASSWD: &str = "etc/passwd";
const GROUP: &str = "etc/group";

/// The leaf's accounts, then its ancestors', then those of the core OS: the first of a name counts.
fn family(node: &Node, file: &str) -> Vec<u8> {
    levels(node, file, 0)
}

/// Both files, as the nodes above the leaf have them.
pub fn of_ancestors(node: &Node) -> Vec<(PathBuf, Vec<u8>)> {
    let of = |file: &str| (file.into(), accounts::first_of_each(&levels(node, file, 1)));
    [PASSWD, GROUP].map(of).into()
}

/// Without the `skip` youngest levels.
fn levels(node: &Node, file: &str, skip: usize) -> Vec<u8> {
    let nodes = node.family.nodes.iter().rev().map(|node| node.path.clone());
    let levels: Vec<PathBuf> = nodes.chain([node.root.clone()]).skip(skip).collect();
    let read = |level: &PathBuf| {
        let dir = if *level == node.root {
            Dir::open_root(level)
        } else {
            Dir::open(level)
        };
        // A level without accounts, or with unreadable ones, adds none.
        let mut text = read::beneath(&dir.ok()?, Path::new(file), LIMIT).ok()??;
        text.push(b'\n');
        Some(text)
    };
    levels.iter().filter_map(read).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::all_root;
    use std::ffi::OsStr;

    #[test]
    fn every_name_is_root_and_none_can_forge_a_line() {
        let names = ["root", "mysql", "evil:x:7:7\n"].iter().map(OsStr::new).collect();
        assert_eq!(all_root(&names, "0:"), b"mysql:x:0:\nroot:x:0:\n");
    }
}
