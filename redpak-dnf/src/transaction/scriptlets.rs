//! Scriptlets and triggers of a transaction, and what they need.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use redpak::node::files;
use redpak::package::Package;
use redpak::transaction::scriptlets::{Runs, present};
use redpak_rpm::Engine;

use super::accounts;
use crate::confinement::{Owners, root};
use crate::databases::{Databases, cache_directory};
use crate::node::Node;

/// A transaction that starts programs, or may do so.
#[derive(Debug)]
pub struct Scriptlets {
    family: root::Family,
    runs: Vec<Runs>,
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
        let files = changing.iter().flat_map(|package| &package.files);
        let family = root::Family {
            node: node.path().to_owned(),
            lower: lower(node),
            governing: governing(node, databases.leaf.directory()),
            below: node.below()?.to_owned(),
            accounts: accounts::of_ancestors(node),
            payload: files.map(|file| file.path.clone()).collect(),
        };
        Ok(Some(Self { family, runs }))
    }

    /// Makes the root that they run in.
    pub fn compose(&self, owners: Owners) -> Result<()> {
        let names = self.runs.iter().map(|runs| format!("\n  {runs}"));
        root::compose(&self.family, owners).with_context(|| {
            format!(
                "The transaction is refused, nothing has been changed: scriptlets cannot run here, and these packages have some:{}\nThey need a root made of the family's directories",
                names.collect::<String>()
            )
        })
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
/// the output of commands neither. posix.fork and posix.exec stay.
pub fn narrow_lua(engine: &Engine) -> Result<()> {
    const NARROW: &str = "%{lua:\
        package.loadlib = nil; package.searchers = {}; package.cpath = ''; \
        package.loaded.debug = nil; _G.debug = nil; _G.macros = nil; \
        io.popen = nil; os.execute = nil; \
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

fn governing(node: &Node, database: &Path) -> Vec<PathBuf> {
    let own = [
        database.to_owned(),
        cache_directory(node),
        node.path().join(files::DNF_STATE),
    ];
    own.iter()
        .filter_map(|path| path.strip_prefix(node.path()).ok())
        .map(Path::to_owned)
        .collect()
}
