//! The `.repo` files of a node: adding, removing and switching repositories.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use redpak::node::files;
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};

use crate::commands::Outcome;
use crate::commands::repo::Add;
use crate::glob;
use crate::node::Node;
use crate::repo_file::RepoFile;

/// A `.repo` file and where it is, relative to the node.
struct Stored {
    path: PathBuf,
    file: RepoFile,
}

/// `repo add`
pub fn add(node: &Node, command: &Add) -> Result<Outcome> {
    let dir = Dir::open(node.path())?;
    if command.id.ends_with(".repo") {
        return copy(&dir, command);
    }
    check_id(&command.id)?;
    let options = options(command)?;
    let mut stored = load(&dir)?;
    if let Some(place) = stored
        .iter_mut()
        .find(|stored| stored.file.ids().contains(&command.id.as_str()))
    {
        ensure!(
            command.overwrite,
            "repository {} is already in {}; replace it with --overwrite",
            command.id,
            dir.join(&place.path).display()
        );
        place.file.remove(&command.id);
        place.file.add(&command.id, &options);
        return save(&dir, place);
    }
    let mut place = place_for(stored, &command.id);
    place.file.add(&command.id, &options);
    save(&dir, &place)
}

/// The file of a new repository: its own, or one that is there under that name.
fn place_for(stored: Vec<Stored>, id: &str) -> Stored {
    let path = Path::new(files::REPOSITORIES).join(format!("{id}.repo"));
    let existing = stored.into_iter().find(|stored| stored.path == path);
    existing.unwrap_or_else(|| Stored {
        path,
        file: RepoFile::parse(""),
    })
}

/// libdnf5's rule for repository ids.
pub fn check_id(id: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    ensure!(
        !id.is_empty() && id != "main",
        "{id:?} cannot be the id of a repository"
    );
    match id.chars().find(|c| !allowed(*c)) {
        Some(wrong) => {
            bail!("the repository id {id:?} has the character {wrong:?}; letters, digits and -_.: are allowed")
        }
        None => Ok(()),
    }
}

fn options(command: &Add) -> Result<Vec<(String, String)>> {
    let urls = command.urls.iter().map(|url| as_url(url)).collect::<Result<Vec<_>>>()?;
    let keys = command
        .gpgkey
        .iter()
        .map(|url| as_url(url))
        .collect::<Result<Vec<_>>>()?;
    let mut options = vec![(
        "name".to_owned(),
        command.name.clone().unwrap_or_else(|| command.id.clone()),
    )];
    let mut add = |key: &str, value: Option<String>| options.extend(value.map(|value| (key.to_owned(), value)));
    add("baseurl", (!urls.is_empty()).then(|| urls.join("\n  ")));
    add("mirrorlist", command.mirrorlist.clone());
    add("metalink", command.metalink.clone());
    add("enabled", Some(if command.disabled { "0" } else { "1" }.to_owned()));
    add("gpgkey", (!keys.is_empty()).then(|| keys.join("\n  ")));
    let has_source = !urls.is_empty() || command.mirrorlist.is_some() || command.metalink.is_some();
    ensure!(
        has_source,
        "repository {} has no URL; give one, or --metalink or --mirrorlist",
        command.id
    );
    for assignment in &command.set {
        let (key, value) = assignment
            .split_once('=')
            .with_context(|| format!("{assignment:?} is not of the form OPTION=VALUE"))?;
        options.retain(|(old, _)| old != key);
        options.push((key.to_owned(), value.to_owned()));
    }
    ensure!(
        options
            .iter()
            .all(|(_, value)| !value.replace("\n  ", "").contains(['\n', '\r'])),
        "the value of an option has a line break"
    );
    Ok(options)
}

/// A directory or file on the command line is the caller's: relative ones count from his working directory.
fn as_url(text: &str) -> Result<String> {
    if text.contains("://") || text.starts_with('$') {
        return Ok(text.to_owned());
    }
    let path = std::path::absolute(text).with_context(|| format!("cannot make a URL of {text:?}"))?;
    let path = path.to_str().with_context(|| format!("{text:?} is not UTF-8"))?;
    Ok(format!("file://{path}"))
}

/// A whole .repo file of the caller's.
fn copy(dir: &Dir, command: &Add) -> Result<Outcome> {
    ensure!(
        command.urls.is_empty() && command.set.is_empty() && command.gpgkey.is_empty(),
        "a .repo file is copied as it is; no URL or option goes with it"
    );
    let source = Path::new(&command.id);
    let bytes = read::file(source, read::MAX_CONFIG)?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", source.display()))?;
    let file = RepoFile::parse(&text);
    ensure!(!file.is_empty(), "{} holds no repository", source.display());
    let stored = load(dir)?;
    let taken = |id: &&str| stored.iter().any(|stored| stored.file.ids().contains(id));
    if let Some(id) = file.ids().into_iter().find(|id| taken(id))
        && !command.overwrite
    {
        bail!("repository {id} is already there; replace it with --overwrite");
    }
    let name = source
        .file_name()
        .with_context(|| format!("{} has no name", source.display()))?;
    for mut other in stored.into_iter().filter(|other| other.path.file_name() != Some(name)) {
        let before = other.file.clone();
        file.ids().into_iter().for_each(|id| {
            other.file.remove(id);
        });
        if other.file != before {
            save(dir, &other)?;
        }
    }
    save(
        dir,
        &Stored {
            path: Path::new(files::REPOSITORIES).join(name),
            file,
        },
    )
}

/// `repo remove`
pub fn remove(node: &Node, specs: &[String]) -> Result<Outcome> {
    change(node, specs, |file, id| {
        file.remove(id);
    })
}

/// `repo enable`, `repo disable`
pub fn switch(node: &Node, specs: &[String], enabled: bool) -> Result<Outcome> {
    change(node, specs, |file, id| {
        file.set(id, "enabled", if enabled { "1" } else { "0" });
    })
}

/// All of it or nothing: a pattern that matches no repository is an error before any file is written.
fn change(node: &Node, specs: &[String], mut act: impl FnMut(&mut RepoFile, &str)) -> Result<Outcome> {
    let dir = Dir::open(node.path())?;
    let mut stored = load(&dir)?;
    let all: Vec<&str> = stored.iter().flat_map(|stored| stored.file.ids()).collect();
    let unknown: Vec<&str> = specs
        .iter()
        .map(String::as_str)
        .filter(|spec| !all.iter().any(|id| glob::matches(spec, id)))
        .collect();
    ensure!(
        unknown.is_empty(),
        "no repository of {} matches {}",
        node.path().display(),
        unknown.join(", ")
    );
    for place in &mut stored {
        let before = place.file.clone();
        let ids: Vec<String> = before.ids().into_iter().map(str::to_owned).collect();
        for id in ids.iter().filter(|id| specs.iter().any(|spec| glob::matches(spec, id))) {
            act(&mut place.file, id);
        }
        if place.file != before {
            save(&dir, place)?;
        }
    }
    Ok(Outcome::Done)
}

/// The node's `.repo` files in the order of their names.
fn load(dir: &Dir) -> Result<Vec<Stored>> {
    let directory = dir.join(files::REPOSITORIES);
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", directory.display())),
    };
    let mut names = entries
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<Vec<_>>>()?;
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "repo"));
    names.sort();
    let stored = names
        .into_iter()
        .map(|name| load_one(dir, Path::new(files::REPOSITORIES).join(name)));
    stored.filter_map(Result::transpose).collect()
}

fn load_one(dir: &Dir, path: PathBuf) -> Result<Option<Stored>> {
    let Some(bytes) = read::beneath(dir, &path, read::MAX_CONFIG)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", dir.join(&path).display()))?;
    Ok(Some(Stored {
        path,
        file: RepoFile::parse(&text),
    }))
}

fn save(dir: &Dir, stored: &Stored) -> Result<Outcome> {
    if stored.file.is_empty() {
        std::fs::remove_file(dir.join(&stored.path)).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        return Ok(Outcome::Done);
    }
    dir.make_directories(Path::new(files::REPOSITORIES))?;
    write::within(
        dir,
        &stored.path,
        stored.file.text().as_bytes(),
        0o644,
        Existing::Replace,
    )?;
    Ok(Outcome::Done)
}
