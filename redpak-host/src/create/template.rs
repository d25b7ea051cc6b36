//! Templates: shipped, overridden by the system's, or any file.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use redpak::node::{Alias, files};
use redpak::templates::{self, Values};
use rustix::fs::{Mode, OFlags};

use crate::create::{CreateError, NewNode};
use crate::dir::{Dir, PathError};
use crate::{family, read};

/// Where a config comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// The template of this name.
    Named(String),
    /// This file.
    File(PathBuf),
}

/// A template's text, and the file that it is from.
pub(super) struct Text {
    pub text: String,
    pub file: PathBuf,
}

impl Template {
    /// What a user wrote: a path has a `/` or ends in `.yaml`, all else is a name.
    pub fn from_argument(argument: &OsStr) -> Self {
        let path = Path::new(argument);
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        match argument.to_str() {
            Some(name) if !name.contains('/') && !is_yaml => Self::Named(name.to_owned()),
            _ => Self::File(path.to_path_buf()),
        }
    }

    /// The admin template that goes with it, if there is one; a file has none.
    pub(super) fn admin(&self, root: &Path) -> Result<Option<Self>, CreateError> {
        let Self::Named(name) = self else { return Ok(None) };
        let name = format!("{name}-admin");
        Ok(named(&name, root)?.map(|_| Self::Named(name)))
    }

    fn load(&self, root: &Path) -> Result<Text, CreateError> {
        match self {
            Self::File(file) => text(read::file(file, read::MAX_CONFIG)?, file.clone()),
            Self::Named(name) => named(name, root)?.ok_or_else(|| CreateError::NoTemplate {
                name: name.clone(),
                known: known(root),
            }),
        }
    }
}

/// Bytes that are not UTF-8 get the YAML reader's own message, with their place.
fn text(bytes: Vec<u8>, file: PathBuf) -> Result<Text, CreateError> {
    if let Err(problems) = redpak::config::parse_bytes(&bytes, &file)
        && std::str::from_utf8(&bytes).is_err()
    {
        return Err(CreateError::Config(problems));
    }
    Ok(Text {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        file,
    })
}

/// A template by name: the system's own before the shipped one.
fn named(name: &str, root: &Path) -> Result<Option<Text>, CreateError> {
    let dir = Dir::open_root(root)?;
    for folder in [files::TEMPLATES, files::TEMPLATES_LEGACY] {
        let file = Path::new(folder).join(format!("{name}.yaml"));
        if let Some(bytes) = read::beneath(&dir, &file, read::MAX_CONFIG)? {
            return text(bytes, dir.join(file)).map(Some);
        }
    }
    let shipped = templates::get(name);
    Ok(shipped.map(|text| Text {
        text: text.to_owned(),
        file: PathBuf::from(format!("{name}.yaml")),
    }))
}

/// Names of all templates; for a message, so that folders that cannot be read are left out.
fn known(root: &Path) -> String {
    let folders = [files::TEMPLATES, files::TEMPLATES_LEGACY].map(|folder| root.join(folder));
    let entries = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .flatten();
    let own = entries.filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned));
    let names: BTreeSet<_> = own.chain(templates::names().map(str::to_owned)).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// What the templates of a node are filled with.
pub(super) struct Filling<'a> {
    new: &'a NewNode,
    path: &'a Path,
    alias: &'a Alias,
}

impl<'a> Filling<'a> {
    pub fn new(new: &'a NewNode, path: &'a Path, alias: &'a Alias) -> Self {
        Self { new, path, alias }
    }

    pub fn fill(&self, template: &Template) -> Result<Text, CreateError> {
        let Text { text, file } = template.load(&self.new.root)?;
        let root = Dir::open_root(&self.new.root)?;
        let target = family::on_target(self.path, &self.new.root);
        let rpmdb = self.new.rpmdb.clone().map_or_else(|| rpmdb(&root), Ok)?;
        let info = match template {
            Template::Named(name) => format!("made from the template {name}"),
            Template::File(_) => String::new(),
        };
        let values = Values {
            alias: self.alias,
            name: &redpak::display::path(&target),
            info: &info,
            multiarch: &multiarch(),
            rpmdb: &rpmdb,
            exists: &|path| exists(&root, path),
        };
        Ok(Text {
            text: templates::fill(&text, &values),
            file,
        })
    }
}

fn exists(root: &Dir, path: &Path) -> bool {
    let relative = path.strip_prefix("/").unwrap_or(path);
    let flags = OFlags::PATH | OFlags::NOFOLLOW;
    root.open_file(relative, flags, Mode::empty())
        .is_ok_and(|file| file.is_some())
}

/// Debian's name of the directory with this architecture's libraries.
fn multiarch() -> String {
    let abi = match std::env::consts::ARCH {
        "arm" => "gnueabihf",
        _ => "gnu",
    };
    let cpu = match std::env::consts::ARCH {
        "x86" => "i386",
        "powerpc64" if cfg!(target_endian = "little") => "powerpc64le",
        other => other,
    };
    format!("{cpu}-linux-{abi}")
}

/// Files that define rpm's macros, the later ones winning.
const MACROS: [&str; 4] = [
    "usr/lib/rpm/macros",
    "usr/lib/rpm/macros.d",
    "usr/lib/rpm/redhat/macros",
    "etc/rpm",
];

/// Where rpm looks for its database on a system, as far as its macro files say so plainly.
fn rpmdb(root: &Dir) -> Result<PathBuf, PathError> {
    let mut found = PathBuf::from("/").join(files::RPMDB);
    for place in MACROS {
        for file in macro_files(root, Path::new(place)) {
            let bytes = read::beneath(root, &file, read::MAX_CONFIG)?.unwrap_or_default();
            found = dbpath(&String::from_utf8_lossy(&bytes)).unwrap_or(found);
        }
    }
    Ok(found)
}

fn macro_files(root: &Dir, place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root.join(place)) else {
        return vec![place.to_path_buf()];
    };
    let is_macros = |name: &OsStr| name.as_encoded_bytes().starts_with(b"macros");
    let names = entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name());
    let mut files: Vec<_> = names
        .filter(|name| is_macros(name))
        .map(|name| place.join(name))
        .collect();
    files.sort();
    files
}

/// The last `%_dbpath` of a macro file.
fn dbpath(macros: &str) -> Option<PathBuf> {
    let mut values = macros
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("%_dbpath"));
    let value = values.rfind(|rest| rest.starts_with([' ', '\t']))?.trim();
    let plain = [
        ("%{_var}", "/var"),
        ("%{_localstatedir}", "/var"),
        ("%{_usr}", "/usr"),
        ("%{_prefix}", "/usr"),
    ]
    .iter()
    .fold(value.to_owned(), |text, (name, directory)| {
        text.replace(name, directory)
    });
    (plain.starts_with('/') && !plain.contains('%')).then(|| PathBuf::from(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_names_or_files() {
        let of = |argument: &str| Template::from_argument(OsStr::new(argument));
        assert_eq!(of("leaf"), Template::Named("leaf".into()));
        for file in ["./leaf", "/a/leaf", "leaf.yaml", "leaf.yml"] {
            assert_eq!(of(file), Template::File(file.into()));
        }
    }

    #[test]
    fn the_place_of_the_rpmdb_is_read_from_plain_macros() {
        let path = |macros: &str| dbpath(macros).map(|path| path.display().to_string());
        assert_eq!(path("%_dbpath\t\t%{_var}/lib/rpm\n").as_deref(), Some("/var/lib/rpm"));
        assert_eq!(
            path("%_dbpath /a\n%_dbpath_rebuild /b\n%_dbpath %{_usr}/lib/sysimage/rpm\n").as_deref(),
            Some("/usr/lib/sysimage/rpm")
        );
        assert_eq!(path("%_dbpath %{lua: print('/x')}\n"), None);
    }
}
