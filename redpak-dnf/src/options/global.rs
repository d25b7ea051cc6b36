//! Options of every command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args};

const FAMILY: &str = "Family options";

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Node to work on: the absolute path of the leaf
    #[arg(long, visible_aliases = ["rpath", "rp"], value_name = "PATH", global = true, help_heading = FAMILY)]
    pub redpath: Option<PathBuf>,
    /// Prefix of the core OS, for image builds and tests
    #[arg(long, value_name = "ROOTFS", global = true, help_heading = FAMILY)]
    pub root: Option<PathBuf>,
    /// Allow a second package of a name that an ancestor already has
    #[arg(long, global = true, help_heading = FAMILY)]
    pub forcenode: bool,
    /// Do not look whether nodes below this one still work
    #[arg(long, global = true, help_heading = FAMILY)]
    pub no_check_descendants: bool,
    /// Accept repository metadata that are older than what this node has seen
    #[arg(long, global = true, help_heading = FAMILY)]
    pub allow_older_metadata: bool,

    /// Answer yes to all questions
    #[arg(short = 'y', long, global = true)]
    pub assumeyes: bool,
    /// Answer no to all questions
    #[arg(long, global = true)]
    pub assumeno: bool,
    /// Show just the relevant content
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Write libdnf5's log messages to standard error; repeat for more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Run entirely from cache, even when it has expired
    #[arg(short = 'C', long, global = true)]
    pub cacheonly: bool,
    /// Refresh metadata before running the command
    #[arg(long, global = true, conflicts_with = "cacheonly")]
    pub refresh: bool,
    /// Configuration file instead of the node's etc/dnf/dnf.conf
    #[arg(short, long, value_name = "CONFIG_FILE_PATH", global = true)]
    pub config: Option<PathBuf>,
    /// Use configuration, repositories and variables of the host system rather than the node's
    #[arg(long, global = true)]
    pub use_host_config: bool,
    /// Use just these repositories (globs, several times)
    #[arg(
        long,
        alias = "repoid",
        value_name = "REPO_ID,...",
        value_delimiter = ',',
        global = true
    )]
    pub repo: Vec<String>,
    /// Enable more repositories (globs, several times)
    #[arg(
        long,
        alias = "enablerepo",
        value_name = "REPO_ID,...",
        value_delimiter = ',',
        global = true
    )]
    pub enable_repo: Vec<String>,
    /// Disable repositories (globs, several times)
    #[arg(
        long,
        conflicts_with = "repo",
        alias = "disablerepo",
        value_name = "REPO_ID,...",
        value_delimiter = ',',
        global = true
    )]
    pub disable_repo: Vec<String>,
    /// Add a repository for this command
    #[arg(long, value_name = "REPO_ID,REPO_PATH", value_parser = parse_repofrompath, global = true)]
    pub repofrompath: Vec<(String, String)>,
    /// Set a configuration or repository option
    #[arg(long, value_name = "[REPO_ID.]OPTION=VALUE", value_parser = parse_assignment, global = true)]
    pub setopt: Vec<(String, String)>,
    /// Set a variable
    #[arg(long, value_name = "VAR_NAME=VALUE", value_parser = parse_assignment, global = true)]
    pub setvar: Vec<(String, String)>,
    /// Override $releasever
    #[arg(long, value_name = "RELEASEVER", global = true)]
    pub releasever: Vec<String>,
    /// Override $releasever_major
    #[arg(long, value_name = "RELEASEVER_MAJOR", global = true)]
    pub releasever_major: Vec<String>,
    /// Override $releasever_minor
    #[arg(long, value_name = "RELEASEVER_MINOR", global = true)]
    pub releasever_minor: Vec<String>,
    /// Print the main configuration
    #[arg(long, global = true)]
    pub dump_main_config: bool,
    /// Print the configuration of repositories (globs, several times)
    #[arg(long, value_name = "REPO_ID,...", value_delimiter = ',', global = true)]
    pub dump_repo_config: Vec<String>,
    /// Print the variables
    #[arg(long, global = true)]
    pub dump_variables: bool,
    /// When output is coloured: auto, always, never
    #[arg(long, value_name = "COLOR", allow_hyphen_values = true, global = true)]
    pub color: Option<String>,
    /// Use another architecture
    #[arg(long, value_name = "FORCEARCH", global = true)]
    pub forcearch: Option<String>,
    /// Exclude packages by name or glob
    #[arg(short = 'x', long, value_name = "package,...", value_delimiter = ',', global = true)]
    pub exclude: Vec<String>,
    /// Try the best available versions
    #[arg(long, global = true, conflicts_with = "no_best")]
    pub best: bool,
    /// Do not limit the transaction to the best candidate
    #[arg(long, alias = "nobest", global = true)]
    pub no_best: bool,
    /// Allow automatic package replacements from different vendors
    #[arg(long, global = true, conflicts_with = "no_allow_vendor_change")]
    pub allow_vendor_change: bool,
    /// Do not allow automatic package replacements from different vendors
    #[arg(long, global = true)]
    pub no_allow_vendor_change: bool,
    /// Do not install documentation
    #[arg(long, alias = "nodocs", global = true)]
    pub no_docs: bool,
    /// Do not check signatures (where the family allows it)
    #[arg(long, alias = "nogpgcheck", global = true)]
    pub no_gpgchecks: bool,
    /// Disable all libdnf5 plugins: for a node they are off in any case
    #[arg(long, alias = "noplugins", global = true)]
    pub no_plugins: bool,
    /// Disable libdnf5 plugins by name (globs): for a node they are off in any case
    #[arg(
        long,
        alias = "disableplugin",
        value_name = "PLUGIN_NAME,...",
        value_delimiter = ',',
        global = true
    )]
    pub disable_plugin: Vec<String>,
    #[command(flatten)]
    pub refused: Refused,
    /// Show newly installed leaf packages and packages that became leaves after a transaction
    #[arg(long, global = true)]
    pub show_new_leaves: bool,
    /// Dump detailed solving results into files below ./debugdata
    #[arg(long, global = true)]
    pub debugsolver: bool,
    /// Print versions
    #[arg(long, global = true)]
    pub version: bool,
    /// Comment kept with the transaction in the history
    #[arg(long, value_name = "COMMENT", global = true)]
    pub comment: Option<String>,

    /// The variables that these options set, in their order.
    #[arg(skip)]
    pub variables: Vec<(String, String)>,
    /// The command line, the subcommand first, for the history: dnf5 shows its beginning.
    #[arg(skip)]
    pub command_line: Vec<OsString>,
}

/// Options of dnf5 that cannot mean for a node what they mean for an installroot. Who types one is told why.
#[derive(Debug, Clone, Default, Args)]
pub struct Refused {
    #[arg(long, hide = true, global = true, value_parser = refuse_installroot)]
    installroot: Option<String>,
    #[arg(long, alias = "enableplugin", hide = true, global = true, value_parser = refuse_plugins)]
    enable_plugin: Option<String>,
    #[arg(long, hide = true, global = true, num_args = 0, default_missing_value = "", value_parser = refuse_no_locks)]
    skip_file_locks: Option<String>,
}

fn refuse_installroot(_: &str) -> Result<String, String> {
    Err("a node is named by --redpath=PATH instead".into())
}

fn refuse_plugins(_: &str) -> Result<String, String> {
    Err("libdnf5's plugins act on the host, and are off for a node".into())
}

fn refuse_no_locks(_: &str) -> Result<String, String> {
    Err("two transactions never change one family at the same time".into())
}

impl Global {
    /// Where `--debugsolver` writes.
    pub fn debug_directory(&self) -> std::io::Result<Option<PathBuf>> {
        self.debugsolver.then(|| std::path::absolute("debugdata")).transpose()
    }
}

fn parse_assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("Badly formatted argument value \"{text}\""))?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Global {
    /// Something of the configuration shall be printed, with a command or without one.
    pub fn dumps(&self) -> bool {
        self.dump_main_config || self.dump_variables || !self.dump_repo_config.is_empty()
    }
}

fn parse_repofrompath(text: &str) -> Result<(String, String), String> {
    // dnf5 makes the id from the path when there is just a path.
    let (id, path) = text.split_once(',').unwrap_or(("", text));
    if path.is_empty() {
        return Err(format!("Incorrect repoid and path specification \"{text}\""));
    }
    let id = if id.is_empty() { id_of(path) } else { id.to_owned() };
    Ok((id, path.to_owned()))
}

/// What dnf5 does for a path without an id: every character that an id may not have becomes `_`.
fn id_of(path: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.:".contains(c) {
            c
        } else {
            '_'
        }
    };
    path.chars().map(keep).collect()
}
