//! libdnf5, configured for a node as dnf5 configures it for an installroot.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use librpm::{Engine, MacroGuard};
use redpak_host::facts::OwnPlaces;

use crate::confinement::{FileSize, ProcessorTime};
use crate::keys::Keys;
use crate::node::Node;
use crate::options::Global;
use crate::options::usage::Usage;
use crate::progress::Downloads;
use crate::system_state;
use crate::temporary::Temporary;
use crate::terminal::{Answers, Messages};
use crate::transaction::journal;
use caches::Loading;
use libdnf5::output::{self, Coloring};
use libdnf5::{Base, Load, OptionPriority, Repo, VarsPriority};
use metadata::Seen;

mod caches;
pub mod checks;
mod clock;
mod dump;
mod metadata;
mod repos;
mod shared_cache;
mod variables;

use shared_cache::SharedCache;

/// A configured libdnf5.
#[derive(Debug)]
pub struct Session<'e> {
    /// libdnf5's central object.
    pub base: Base<'e>,
    /// What to say while working.
    pub messages: Messages,
    /// How to answer questions.
    pub answers: Answers,
    /// What an empty answer means.
    pub default_yes: bool,
    shared_cache: SharedCache,
    seen: Seen,
    _macros: Vec<MacroGuard<'e>>,
    _stand_in: Option<Temporary>,
}

impl<'e> Session<'e> {
    /// Configuration, variables and repositories; nothing is loaded yet.
    pub fn open(engine: &'e Engine, node: &Node, global: &Global) -> Result<Self> {
        let base = Base::new(engine)?;
        let messages = Messages::new(global);
        if let Some(warning) = clock::warning() {
            messages.say(warning);
        }
        let places = node.places()?;
        configure(&base, (node, &places), global)?;
        let stand_in = stand_in(&base, node)?;
        base.setup()?;
        // Not before: it forgets all macros.
        let mut macros = checks::pin_macros(engine)?;
        if let Some(place) = &places.rpmdir {
            macros.push(engine.macros().push_global("_dbpath", below(node, place))?);
        }
        repos::configure(&base, node, global, messages)?;
        dump::print(&base, global)?;
        let answers = answers(&base, global)?;
        let default_yes = is_on(&base, "defaultyes")?;
        Ok(Self {
            base,
            messages,
            answers,
            default_yes,
            shared_cache: SharedCache::new(node),
            seen: Seen::new(node, global),
            _macros: macros,
            _stand_in: stand_in,
        })
    }

    /// Leaves messages out where a program reads the output.
    pub fn quiet_if(self, quiet: bool) -> Self {
        let messages = if quiet { Messages::none() } else { self.messages };
        Self { messages, ..self }
    }

    /// Loads repositories, in dnf5's words.
    pub fn load(&self, load: Load) -> Result<()> {
        let sack = self.base.repo_sack();
        if load == Load::System {
            return Ok(sack.load_repos(load, &mut (), &mut ())?);
        }
        self.shared_cache.take_over(&self.base)?;
        self.messages.say("Updating and loading repositories:");
        let limits = (FileSize::limit()?, ProcessorTime::limit()?);
        let loading = Loading::begin(self.seen.node(), &self.base)?;
        let mut downloads = Downloads::new(self.messages, None);
        let loaded = sack.load_repos(load, &mut downloads, &mut Keys::new(self.answers, self.default_yes));
        drop(limits);
        loading.end(&self.base, loaded.is_ok())?;
        loaded?;
        self.seen.judge(&self.base, self.messages)?;
        self.messages.say("Repositories loaded.");
        Ok(())
    }
}

impl Session<'_> {
    /// Enables the repositories that packages shall come from (`--from-repo`).
    pub fn enable_repos(&self, ids: &[String]) -> Result<()> {
        ids.iter()
            .filter(|ids| !ids.is_empty())
            .try_for_each(|ids| repos::switch(&self.base, ids, true))
    }

    /// The repositories whose ids match a glob, whether enabled or not.
    pub fn repos_matching(&self, ids: &str) -> Result<Vec<Repo<'_>>> {
        repos::matching(&self.base, ids)
    }

    /// The directories that a main option lists.
    pub fn directories(&self, option: &str) -> Result<Vec<PathBuf>> {
        let text = self.base.config().get(option)?;
        let text = text.to_string_lossy();
        let parts = text.split([',', ' ', '\n']).filter(|part| !part.is_empty());
        Ok(parts.map(PathBuf::from).collect())
    }

    /// Loads the lists of files too: something looks for a path.
    pub fn want_filelists(&self) -> Result<()> {
        self.want_metadata("filelists")
    }

    /// Loads another kind of metadata too.
    pub fn want_metadata(&self, kind: &str) -> Result<()> {
        let mut types = self.base.config().get("optional_metadata_types")?;
        types.push(",");
        types.push(kind);
        Ok(self
            .base
            .config()
            .set("optional_metadata_types", types, OptionPriority::Runtime)?)
    }
}

/// A specification that means files, as libdnf5 tells: a path, or a glob of one.
pub fn is_file_pattern(spec: &str) -> bool {
    spec.starts_with('/') || spec.starts_with("*/")
}

/// Where an interrupted transaction left files of libdnf5's system state that it cannot read, those who only look get a copy of
/// the state that is whole. The next command that changes the node repairs it.
fn stand_in(base: &Base<'_>, node: &Node) -> Result<Option<Temporary>> {
    if !journal::exists(node.path()) || !system_state::has_torn(node.path())? {
        return Ok(None);
    }
    // Who may not read the journal gets what is whole.
    let record = journal::interrupted(node.path()).ok().flatten();
    let before = record.map(|record| record.plan.before).unwrap_or_default();
    let copy = Temporary::new()?;
    system_state::copy(node.path(), &before, copy.path())?;
    // libdnf5 puts the installroot in front of it, as librpm does with its paths.
    let place = redpak_packages::dbpath_below(copy.path(), node.path());
    base.config().set("system_state_dir", place, OptionPriority::Runtime)?;
    Ok(Some(copy))
}

/// Everything that has to be known before libdnf5 sets itself up.
fn configure(base: &Base<'_>, (node, places): (&Node, &OwnPlaces), global: &Global) -> Result<()> {
    let config = base.config();
    let set = |option: &str, value: &OsStr| config.set(option, value, OptionPriority::Commandline);
    set("installroot", node.path().as_os_str())?;
    if global.use_host_config {
        set("use_host_config", OsStr::new("1"))?;
    }
    if let Some(file) = &global.config {
        set("config_file_path", file.as_os_str())?;
    }
    base.load_config()?;
    for (option, place) in [("cachedir", &places.cachedir), ("persistdir", &places.persistdir)] {
        if let Some(place) = place {
            config.set(option, below(node, place), OptionPriority::Mainconfig)?;
        }
    }
    options(base, global)?;
    setopt(base, global)?;
    color(base, global)?;
    caches(base)?;
    checks::pin_plugins(base)?;
    checks::demand(base, node)?;
    variables::set(base, node, global)
}

/// A place in the node as seen from the installroot, which the libraries put in front of it.
fn below(node: &Node, place: &Path) -> PathBuf {
    Path::new("/").join(place.strip_prefix(node.path()).unwrap_or(place))
}

/// The options that are short forms of configuration options.
fn options(base: &Base<'_>, global: &Global) -> Result<()> {
    let switches = [
        (global.cacheonly, "cacheonly", "all"),
        (global.best, "best", "1"),
        (global.no_best, "best", "0"),
        (global.allow_vendor_change, "allow_vendor_change", "1"),
        (global.no_allow_vendor_change, "allow_vendor_change", "0"),
        (global.debugsolver, "debug_solver", "1"),
        (global.no_docs, "tsflags", "nodocs"),
        (global.assumeyes, "assumeyes", "1"),
        (global.assumeno, "assumeno", "1"),
        (global.no_gpgchecks, "gpgcheck", "0"),
        (global.no_gpgchecks, "repo_gpgcheck", "0"),
        (global.no_gpgchecks, "localpkg_gpgcheck", "0"),
    ];
    for (_, option, value) in switches.into_iter().filter(|(given, _, _)| *given) {
        base.config().set(option, value, OptionPriority::Commandline)?;
    }
    if !global.exclude.is_empty() {
        base.config()
            .set("excludepkgs", global.exclude.join(","), OptionPriority::Commandline)?;
    }
    if let Some(directory) = global.debug_directory()? {
        base.config().set("debugdir", directory, OptionPriority::Commandline)?;
    }
    if let Some(arch) = &global.forcearch {
        base.config().set("ignorearch", "1", OptionPriority::Commandline)?;
        base.vars().set("arch", arch, VarsPriority::Commandline)?;
    }
    Ok(())
}

/// The configuration's colours, unless the command line has others.
fn color(base: &Base<'_>, global: &Global) -> Result<()> {
    if let Some(color) = &global.color {
        let set = base.config().set("color", color, OptionPriority::Commandline);
        // dnf5 names the class of the error here.
        set.map_err(|error| anyhow::anyhow!("OptionValueNotAllowedError: {}", error.message().display()))?;
    }
    output::coloring_enable(match base.config().get("color")?.to_str() {
        Some("always") => Coloring::Always,
        Some("never") => Coloring::Never,
        _ => Coloring::Auto,
    })?;
    Ok(())
}

/// `--setopt` of main options; those of repositories have a dot, and follow when there are repositories.
fn setopt(base: &Base<'_>, global: &Global) -> Result<()> {
    for (option, value) in global.setopt.iter().filter(|(option, _)| !option.contains('.')) {
        base.config()
            .set(option, value, OptionPriority::Commandline)
            .map_err(|error| Usage(format!("setopt: \"{option}={value}\": {}.", error.message().display())))?;
    }
    Ok(())
}

/// Caches lie in the node for every user, where dnf5 has them in the installroot for root. libdnf5 puts the installroot in
/// front of the place.
fn caches(base: &Base<'_>) -> Result<()> {
    let (_, priority) = base.config().get_with_priority("cachedir")?;
    if priority <= OptionPriority::Default {
        let place = base.config().get("system_cachedir")?;
        base.config().set("cachedir", place, OptionPriority::Mainconfig)?;
    }
    Ok(())
}

fn answers(base: &Base<'_>, global: &Global) -> Result<Answers> {
    // dnf5 lets no win over yes.
    Ok(if global.assumeno || is_on(base, "assumeno")? {
        Answers::No
    } else if is_on(base, "assumeyes")? {
        Answers::Yes
    } else {
        Answers::Ask
    })
}

/// A boolean option as libdnf5 writes it.
pub fn is_on(base: &Base<'_>, option: &str) -> Result<bool> {
    let value = base.config().get(option)?;
    Ok(value == "1" || value == "true")
}
