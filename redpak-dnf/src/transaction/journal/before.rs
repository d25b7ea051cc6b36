//! libdnf5's system state as it was before a transaction.
//!
//! libdnf5 writes these files over when rpm is done, and does not wait until they are on the disk: a power cut then leaves them
//! empty, or cut off at the end of a page, and no command of libdnf5 works any more. The journal has what they held.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use redpak::display;
use redpak::node::files::DNF_STATE;
use redpak_fs::dir::Dir;
use redpak_fs::read;
use redpak_fs::write::{self, Existing};

/// The files, see dnf5-system-state(7).
const FILES: [&str; 6] = [
    "packages.toml",
    "nevras.toml",
    "groups.toml",
    "environments.toml",
    "modules.toml",
    "system.toml",
];
/// Longest that is kept: some hundred thousand packages.
const LIMIT: usize = 16 << 20;
/// What reaches the disk does so in multiples of this.
const PAGE: usize = 4096;

/// Texts by the names of their files.
pub type Before = BTreeMap<String, String>;

/// Reads those that there are. One that cannot be read would be no help.
pub fn keep(node: &Dir) -> Before {
    let text = |name: &str| {
        let bytes = read::beneath(node, &place(name), LIMIT).ok().flatten()?;
        let text = String::from_utf8(bytes).ok().filter(|text| is_whole(text.as_bytes()))?;
        Some((name.to_owned(), text))
    };
    FILES.into_iter().filter_map(text).collect()
}

/// Puts back what a power cut has left without its end. Where there was nothing before, libdnf5 begins anew.
pub fn restore(node: &Path, before: &Before) -> Result<()> {
    let directory = Dir::open(node)?;
    for name in FILES {
        let place = place(name);
        let found = read::beneath(&directory, &place, LIMIT)?;
        match (found, before.get(name)) {
            (Some(bytes), _) if is_whole(&bytes) => continue,
            (None, None) => continue,
            (_, Some(text)) => write::within(&directory, &place, text.as_bytes(), 0o644, Existing::Replace)?,
            (Some(_), None) => directory.remove_file(&place),
        }
        eprintln!(
            "{} was not whole; it is as it was before the transaction.",
            display::path(&directory.join(&place))
        );
    }
    Ok(())
}

fn place(name: &str) -> PathBuf {
    Path::new(DNF_STATE).join(name)
}

/// Whether libdnf5 can have written it to its end: it ends with a line, and not where a page does. One that does by chance is
/// taken for cut off, which costs no more than what the transaction itself would have added.
fn is_whole(bytes: &[u8]) -> bool {
    let has_version = || {
        bytes
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(b"version"))
    };
    !bytes.len().is_multiple_of(PAGE) && bytes.ends_with(b"\n") && !bytes.contains(&0) && has_version()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_put_back() {
        let node = tempfile::tempdir().unwrap();
        let state = node.path().join(DNF_STATE);
        std::fs::create_dir_all(&state).unwrap();
        let whole = "version = \"1.0\"\n[packages]\nlib = {reason = \"User\"}\n";
        for name in ["packages.toml", "nevras.toml"] {
            std::fs::write(state.join(name), whole).unwrap();
        }
        let before = keep(&Dir::open(node.path()).unwrap());
        assert_eq!(before.len(), 2);
        let page = whole.to_owned() + &"x".repeat(PAGE - whole.len() - 1) + "\n";
        for left in ["", "version = \"1.0\"\n[pack", &"\0".repeat(50), "[packages]\n", &page] {
            for name in ["packages.toml", "groups.toml"] {
                std::fs::write(state.join(name), left).unwrap();
            }
            let later = whole.to_owned() + "other = {reason = \"User\"}\n";
            std::fs::write(state.join("nevras.toml"), &later).unwrap();
            restore(node.path(), &before).unwrap();
            let now = |name: &str| std::fs::read_to_string(state.join(name)).ok();
            assert_eq!(now("packages.toml").as_deref(), Some(whole), "{left:?}");
            assert_eq!((now("groups.toml"), now("nevras.toml")), (None, Some(later)));
        }
    }
}
