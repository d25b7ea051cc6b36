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
    pub releasever: Option<String>,
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
    /// Do not install documentation
    #[arg(long, alias = "nodocs", global = true)]
    pub no_docs: bool,
    /// Do not check signatures (where the family allows it)
    #[arg(long, alias = "nogpgcheck", global = true)]
    pub no_gpgchecks: bool,
    /// Disable all libdnf5 plugins
    #[arg(long, alias = "noplugins", global = true)]
    pub no_plugins: bool,
    /// Comment kept with the transaction in the history
    #[arg(long, value_name = "COMMENT", global = true)]
    pub comment: Option<String>,

    /// The command line, the subcommand first, for the history: dnf5 shows its beginning.
    #[arg(skip)]
    pub command_line: Vec<OsString>,
}

fn parse_assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("\"{text}\" is not of the form NAME=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn parse_repofrompath(text: &str) -> Result<(String, String), String> {
    // dnf5 makes the id from the path when there is just a path.
    let (id, path) = text.split_once(',').unwrap_or(("", text));
    if path.is_empty() {
        return Err(format!("\"{text}\" is not of the form REPO_ID,REPO_PATH"));
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
