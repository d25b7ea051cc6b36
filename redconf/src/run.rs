//! From arguments to the commands.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use redpak::config::Source;
use redpak::display;
use redpak::node::Family;
use redpak_host::family::{Admin, Request};

use crate::arguments::{Arguments, Command, Global, Place};
use crate::{check, config, create, merge, output, tree};

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Tree(place) => tree::run(global, place),
        Command::Config(place) => config::run(global, place),
        Command::Mergeconfig(options) => merge::run(global, options),
        Command::Create(options) => create::run(global, options),
        Command::Check(options) => return check::run(global, options),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// The path that a command works on. `--redpath` is taken as it is; all else may be relative.
pub fn path(global: &Global, place: &Place) -> Result<PathBuf> {
    match (&place.path, &global.redpath) {
        (Some(path), _) => absolute(path),
        (None, Some(redpath)) => Ok(redpath.clone()),
        (None, None) => absolute(Path::new(".")),
    }
}

/// A path seen from the working directory.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot make '{}' absolute", display::path(path)))
}

/// The request for the family of a path.
pub fn request(global: &Global, path: PathBuf) -> Request {
    Request {
        redpath: path,
        root: global.root().to_path_buf(),
        main: global.rmain.clone(),
        admin: match &global.admin {
            None => Admin::Off,
            Some(None) => Admin::On,
            Some(Some(file)) => Admin::File(file.clone()),
        },
    }
}

/// Says which files were read, and tells what is odd in them.
pub fn tell_sources(global: &Global, family: &Family) {
    let nodes = family
        .nodes
        .iter()
        .flat_map(|node| std::iter::once(&node.config).chain(&node.admin));
    for source in family.main.iter().chain(&family.main_admin).chain(nodes) {
        tell_source(global, source);
    }
}

/// Says that a file was read, and tells what is odd in it.
pub fn tell_source(global: &Global, source: &Source) {
    if global.verbose > 0 {
        output::note(&format!("read {}", display::path(&source.file)));
    }
    if global.verbose > 1 {
        let headers = &source.config.headers;
        let text = |field: &Option<redpak::location::Located<String>>| {
            field
                .as_ref()
                .map_or_else(|| "-".to_owned(), |text| display::text(text))
        };
        output::note(&format!(
            "  alias {}, name {}, info {}",
            headers.alias.value,
            text(&headers.name),
            text(&headers.info)
        ));
    }
    output::warn(global, &source.warnings);
}
