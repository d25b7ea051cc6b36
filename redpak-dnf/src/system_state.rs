//! libdnf5's system state in a node, see dnf5-system-state(7).
//!
//! libdnf5 writes these files over when rpm is done, and does not wait until they are on the disk: a power cut then leaves them
//! empty, or cut off at the end of a page, and no command of libdnf5 works any more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak::display;
use redpak::node::files::DNF_STATE;
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};
use toml_edit::{DocumentMut, Item};

/// The files.
const FILES: [&str; 6] = [
    "packages.toml",
    "nevras.toml",
    "groups.toml",
    "environments.toml",
    "modules.toml",
    "system.toml",
];
/// Why packages are installed, by name and architecture.
const PACKAGES: &str = "packages.toml";
/// The table in it.
const TABLE: &str = "packages";
/// Longest that is read: some hundred thousand packages.
const LIMIT: usize = 16 << 20;
/// What reaches the disk does so in multiples of this.
const PAGE: usize = 4096;

/// Texts by the names of their files.
pub type Texts = BTreeMap<String, String>;

/// Reads those that there are. One that cannot be read would be no help.
pub fn keep(node: &Dir) -> Texts {
    let text = |name: &str| {
        let bytes = read::beneath(node, &place(name), LIMIT).ok().flatten()?;
        let text = String::from_utf8(bytes)
            .ok()
            .filter(|text| is_readable(text.as_bytes()))?;
        Some((name.to_owned(), text))
    };
    FILES.into_iter().filter_map(text).collect()
}

/// Puts back what a power cut has left without its end. Where there was nothing before, libdnf5 begins anew.
pub fn restore(node: &Path, before: &Texts) -> Result<()> {
    let directory = Dir::open(node)?;
    for name in FILES {
        let place = place(name);
        let before = before.get(name);
        match (is_torn(&directory, name, before)?, before) {
            (Some(false), _) | (None, None) => continue,
            (_, Some(text)) => write::within(&directory, &place, text.as_bytes(), 0o644, Existing::Replace)?,
            (Some(true), None) => directory.remove_file(&place),
        }
        eprintln!(
            "{} was not whole; it is as it was before the transaction.",
            display::path(&directory.join(&place))
        );
    }
    Ok(())
}

/// Whether a power cut left a file that libdnf5 cannot read.
pub fn has_torn(node: &Path) -> Result<bool> {
    let directory = Dir::open(node)?;
    for name in FILES {
        if is_torn(&directory, name, None)? == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes a copy of the files into another directory of the node, for those who may only read: files without their end are
/// there as they were before.
pub fn copy(node: &Path, before: &Texts, to: &Path) -> Result<()> {
    let now = keep(&Dir::open(node)?);
    for name in FILES {
        let whole = now.get(name).filter(|text| is_whole(text.as_bytes()));
        if let Some(text) = whole.or(before.get(name)) {
            let path = to.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Forgets why packages are installed that are not. libdnf5 keeps such a line where it saw the package of an ancestor under the
/// same name, and where it was killed before it could record that a package had gone. Names are those of libdnf5, with the
/// architecture: `hello.noarch`. `is_installed` is asked for those that are not in `before`, or that `is_concerned`.
pub fn forget_absent(
    node: &Path,
    before: &Texts,
    is_concerned: &dyn Fn(&str) -> bool,
    is_installed: &dyn Fn(&str) -> Result<bool>,
) -> Result<()> {
    let directory = Dir::open(node)?;
    let Some(text) = keep(&directory).remove(PACKAGES) else {
        return Ok(());
    };
    let known = before
        .get(PACKAGES)
        .map(|text| parse(text))
        .transpose()?
        .as_ref()
        .map(names)
        .unwrap_or_default();
    let mut now = parse(&text)?;
    let mut absent = Vec::new();
    for name in names(&now) {
        if (is_concerned(&name) || !known.contains(&name)) && !is_installed(&name)? {
            absent.push(name);
        }
    }
    if absent.is_empty() {
        return Ok(());
    }
    if let Some(packages) = now.get_mut(TABLE).and_then(Item::as_table_like_mut) {
        absent.iter().for_each(|name| drop(packages.remove(name)));
    }
    let text = now.to_string();
    Ok(write::within(
        &directory,
        &place(PACKAGES),
        text.as_bytes(),
        0o644,
        Existing::Replace,
    )?)
}

fn names(document: &DocumentMut) -> BTreeSet<String> {
    let packages = document.get(TABLE).and_then(Item::as_table_like);
    let names = packages
        .into_iter()
        .flat_map(|packages| packages.iter().map(|(name, _)| name.to_owned()));
    names.collect()
}

fn parse(text: &str) -> Result<DocumentMut> {
    text.parse()
        .with_context(|| format!("cannot read libdnf5's {PACKAGES}"))
}

fn place(name: &str) -> PathBuf {
    Path::new(DNF_STATE).join(name)
}

/// None where there is no such file. One that is as it was before the transaction is not torn, whatever its length.
fn is_torn(node: &Dir, name: &str, before: Option<&String>) -> Result<Option<bool>> {
    let found = read::beneath(node, &place(name), LIMIT)?;
    let is_as_before = |bytes: &[u8]| before.is_some_and(|text| text.as_bytes() == bytes);
    Ok(found.map(|bytes| !is_whole(&bytes) && !is_as_before(&bytes)))
}

/// Whether libdnf5 can have written it to its end: it does not end where a page does. One that does by chance is taken for cut
/// off, which costs no more than what the transaction itself would have added, since the text from before is kept.
fn is_whole(bytes: &[u8]) -> bool {
    !bytes.len().is_multiple_of(PAGE) && is_readable(bytes)
}

/// Whether it ends with a line and has what every file of libdnf5's has.
fn is_readable(bytes: &[u8]) -> bool {
    let has_version = || {
        bytes
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(b"version"))
    };
    bytes.ends_with(b"\n") && !bytes.contains(&0) && has_version()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn node() -> (tempfile::TempDir, PathBuf) {
        let node = tempfile::tempdir().unwrap();
        let state = node.path().join(DNF_STATE);
        std::fs::create_dir_all(&state).unwrap();
        (node, state)
    }

    #[test]
    fn what_was_cut_off_is_put_back() {
        let (node, state) = node();
        let whole = "version = \"1.0\"\n[packages]\nlib = {reason = \"User\"}\n";
        for name in ["packages.toml", "nevras.toml"] {
            std::fs::write(state.join(name), whole).unwrap();
        }
        let before = keep(&Dir::open(node.path()).unwrap());
        assert_eq!(before.len(), 2);
        let page = whole.to_owned() + &"x".repeat(PAGE - whole.len() - 1) + "\n";
        for left in ["", "version = \"1.0\"\n[pack", &"\0".repeat(50), "[packages]\n", &page] {
            assert!(!has_torn(node.path()).unwrap());
            for name in ["packages.toml", "groups.toml"] {
                std::fs::write(state.join(name), left).unwrap();
            }
            let later = whole.to_owned() + "other = {reason = \"User\"}\n";
            std::fs::write(state.join("nevras.toml"), &later).unwrap();
            assert!(has_torn(node.path()).unwrap(), "{left:?}");
            let copied = tempfile::tempdir().unwrap();
            copy(node.path(), &before, copied.path()).unwrap();
            let of_copy = |name: &str| std::fs::read_to_string(copied.path().join(name)).ok();
            assert_eq!(of_copy("packages.toml").as_deref(), Some(whole), "{left:?}");
            assert_eq!(
                (of_copy("groups.toml"), of_copy("nevras.toml")),
                (None, Some(later.clone()))
            );
            restore(node.path(), &before).unwrap();
            let now = |name: &str| std::fs::read_to_string(state.join(name)).ok();
            assert_eq!(now("packages.toml").as_deref(), Some(whole), "{left:?}");
            assert_eq!((now("groups.toml"), now("nevras.toml")), (None, Some(later)));
        }
    }

    /// One file in 4096 ends where a page does although nothing cut it off.
    #[test]
    fn a_file_that_ends_with_a_page_keeps_its_content() {
        let (node, state) = node();
        let text = "version = \"1.0\"\n[packages]\n".to_owned();
        let text = text.clone() + "#" + &"x".repeat(PAGE - text.len() - 2) + "\n";
        let path = state.join(PACKAGES);
        std::fs::write(&path, &text).unwrap();
        let before = keep(&Dir::open(node.path()).unwrap());
        let now = || std::fs::read_to_string(&path).ok();
        restore(node.path(), &before).unwrap();
        assert_eq!(now().as_ref(), Some(&text), "nothing has changed");
        let copied = tempfile::tempdir().unwrap();
        copy(node.path(), &before, copied.path()).unwrap();
        assert_eq!(std::fs::read_to_string(copied.path().join(PACKAGES)).unwrap(), text);
        std::fs::write(&path, "").unwrap();
        restore(node.path(), &before).unwrap();
        assert_eq!(now().as_ref(), Some(&text), "it was cut off");
    }

    #[test]
    fn reasons_of_packages_that_are_not_there_are_forgotten() {
        let (node, state) = node();
        let text = |names: &[&str]| {
            let lines = names.iter().map(|name| format!("\"{name}\" = {{reason = \"User\"}}\n"));
            format!("version = \"1.0\"\n[packages]\n{}", lines.collect::<String>())
        };
        let path = state.join(PACKAGES);
        std::fs::write(&path, text(&["old.noarch"])).unwrap();
        let before = keep(&Dir::open(node.path()).unwrap());
        std::fs::write(&path, text(&["a.b.noarch", "gone.noarch", "old.noarch"])).unwrap();
        let asked = RefCell::new(Vec::new());
        let is_installed = |name: &str| {
            asked.borrow_mut().push(name.to_owned());
            Ok(name == "a.b.noarch")
        };
        forget_absent(node.path(), &before, &|_| false, &is_installed).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            text(&["a.b.noarch", "old.noarch"])
        );
        assert_eq!(
            asked.take(),
            ["a.b.noarch", "gone.noarch"],
            "what was there before is not asked for"
        );
        forget_absent(node.path(), &before, &|name| name == "old.noarch", &is_installed).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text(&["a.b.noarch"]));
    }
}
