//! Scriptlets and triggers of a transaction, and what they need.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use librpm::{Engine, MacroGuard};
use redpak::node::files;
use redpak::package::{File, Package};
use redpak::transaction::scriptlets::{Runs, present};
use redpak_packages::dbpath_below;

use super::accounts;
use crate::confinement::{Owners, root};
use crate::databases::{Databases, cache_directory};
use crate::node::Node;

/// A transaction that starts programs, or may do so.
#[derive(Debug)]
pub struct Scriptlets {
    family: root::Family,
    runs: Vec<Runs>,
    /// Directories that only packages own that go.
    abandoned: Vec<PathBuf>,
}

impl Scriptlets {
    /// None where no package of the transaction has a scriptlet, and no package of the leaf a trigger: then nothing has to be
    /// prepared. `triggered` are the leaf's packages that have triggers; those of ancestors are not in the rpmdb that rpm opens, and never run.
    pub fn of(
        node: &Node,
        databases: &Databases,
        triggered: &[Package],
        (inbound, going): (&[Package], &[Package]),
    ) -> Result<Option<Self>> {
        let changing: Vec<&Package> = inbound.iter().chain(going).collect();
        let changed = present(changing.iter().copied())
            .into_iter()
            .filter(Runs::in_transaction);
        let staying = present(triggered).into_iter().filter(Runs::is_trigger);
        let runs: Vec<Runs> = changed.chain(staying).collect();
        if runs.is_empty() {
            return Ok(None);
        }
        refuse_macros(
            changing
                .iter()
                .copied()
                .chain(triggered.iter().filter(|package| is_among(&runs, package))),
        )?;
        let family = root::Family {
            node: node.path().to_owned(),
            lower: lower(node),
            database: inside(node, databases.leaf.directory()),
            databases: files::RPMDBS.map(PathBuf::from).into(),
            state: inside(node, &cache_directory(node))
                .into_iter()
                .chain([files::DNF_STATE.into()])
                .collect(),
            below: node.below()?.to_owned(),
            accounts: accounts::of_ancestors(node),
            payload: payload(inbound, true).chain(payload(going, false)).collect(),
        };
        Ok(Some(Self {
            family,
            runs,
            abandoned: Vec::new(),
        }))
    }

    /// Finds the directories that nobody owns any more afterwards. `before` are all packages of the leaf.
    pub fn look_for_abandoned(&mut self, before: &[Package], (inbound, going): (&[Package], &[Package])) {
        let leaves: HashSet<_> = going.iter().map(|package| package.header_number).collect();
        let stay = before.iter().filter(|package| !leaves.contains(&package.header_number));
        let owned: HashSet<&Path> = stay.chain(inbound).flat_map(directories).collect();
        let abandoned = going.iter().flat_map(directories).filter(|path| !owned.contains(path));
        self.abandoned = abandoned.map(Path::to_owned).collect();
    }

    /// Directories to remove when all packages have gone that should.
    pub fn abandoned(&self) -> &[PathBuf] {
        &self.abandoned
    }

    /// Makes the root that they run in.
    pub fn compose(&self, owners: Owners, packages: &[&Path]) -> Result<()> {
        let names = self.runs.iter().map(|runs| format!("\n  {runs}"));
        root::compose(&self.family, owners, packages).with_context(|| {
            format!(
                "The transaction is refused, nothing has been changed: scriptlets cannot run here, and these packages have some:{}\nThey need a root made of the family's directories",
                names.collect::<String>()
            )
        })
    }

    /// Leads rpm to the rpmdb beside the node: in the node, where rpm's own scriptlets are, it is read-only.
    pub fn move_rpmdb<'e>(&self, engine: &'e Engine) -> Result<Option<MacroGuard<'e>>> {
        let Some(database) = &self.family.database else {
            return Ok(None);
        };
        let place = dbpath_below(&Path::new(root::BARE).join(database), &self.family.node);
        Ok(Some(engine.macros().push_global("_dbpath", place)?))
    }
}

fn directories(package: &Package) -> impl Iterator<Item = &Path> {
    let is_directory = |file: &&File| file.file_type() == libc::S_IFDIR;
    package.files.iter().filter(is_directory).map(|file| &*file.path)
}

fn payload(packages: &[Package], comes: bool) -> impl Iterator<Item = root::Payload> {
    let files = packages.iter().flat_map(|package| &package.files);
    files.map(move |file| root::Payload {
        path: file.path.clone(),
        kind: kind(file),
        comes,
    })
}

fn kind(file: &File) -> root::Kind {
    match file.file_type() {
        _ if file.flags.is_ghost() => root::Kind::Ghost,
        libc::S_IFDIR => root::Kind::Directory,
        _ if file.flags.is_config() => root::Kind::Config,
        _ => root::Kind::File,
    }
}

fn is_among(runs: &[Runs], package: &Package) -> bool {
    let nevra = package.nevra();
    runs.iter().any(|runs| runs.package.nevra == nevra)
}

/// rpm expands macros before it changes its root, and a macro may be the output of a command: that would run outside.
fn refuse_macros<'p>(packages: impl Iterator<Item = &'p Package>) -> Result<()> {
    let names: Vec<String> = packages
        .filter(|package| package.expands_macros)
        .map(|package| format!("\n  {}", package.nevra().display()))
        .collect();
    ensure!(
        names.is_empty(),
        "The transaction is refused, nothing has been changed: scriptlets in which rpm expands macros (%post -e) cannot be confined:{}",
        names.concat()
    );
    Ok(())
}

/// Takes from rpm's embedded Lua what would leave the confinement of scriptlets: it runs inside rpm, which may change its root.
/// Programs that it started without fork(2) would not be moved into the root of scriptlets; native code and macros that are
/// the output of commands neither. posix.fork and posix.exec stay. Compiled Lua is not checked by its interpreter, so it is text alone.
pub fn narrow_lua(engine: &Engine) -> Result<()> {
    const NARROW: &str = "%{lua:\
        package.loadlib = nil; package.searchers = {}; package.cpath = ''; \
        package.loaded.debug = nil; _G.debug = nil; _G.macros = nil; \
        io.popen = nil; os.execute = nil; string.dump = nil; \
        local load, loadfile = load, loadfile; \
        _G.load = function(chunk, name, mode, ...) return load(chunk, name, 't', ...) end; \
        _G.loadfile = function(name, mode, ...) return loadfile(name, 't', ...) end; \
        _G.dofile = function(name) local f, e = loadfile(name, 't'); if not f then error(e, 0) end return f() end; \
        for _, name in ipairs({'execute', 'spawn', 'expand', 'load', 'define'}) do rpm[name] = nil end}";
    engine
        .macros()
        .expand(NARROW)
        .context("cannot confine rpm's embedded Lua")?;
    Ok(())
}

/// The roots below the leaf's: its parent's first, the core OS's last.
fn lower(node: &Node) -> Vec<PathBuf> {
    let ancestors = node.family.nodes.iter().rev().skip(1).map(|node| node.path.clone());
    ancestors.chain([node.root.clone()]).collect()
}

fn inside(node: &Node, path: &Path) -> Option<PathBuf> {
    path.strip_prefix(node.path()).ok().map(Path::to_owned)
}
