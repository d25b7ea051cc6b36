//! What was typed, validated and not yet looked up.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use redpak::node::Alias;

/// Shows, makes and checks the configuration of red-pak nodes.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Exit status: 0 done, 1 failed or problems found, 2 wrong usage."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of all commands.
    #[command(flatten)]
    pub global: Global,
}

/// Options of all commands.
#[derive(Debug, Args)]
pub struct Global {
    /// The node to work on, absolute; a PATH after the command may be relative.
    #[arg(long, visible_aliases = ["rpath", "rp"], value_name = "PATH", global = true)]
    pub redpath: Option<PathBuf>,
    /// Admin mode: admin configs count, with FILE as the main config's (not for create).
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, global = true)]
    pub admin: Option<Option<PathBuf>>,
    /// Another main config than the system's (mergeconfig, check).
    #[arg(long, value_name = "FILE", global = true)]
    pub rmain: Option<PathBuf>,
    /// Root file system of the core OS, where it is not the running one (mergeconfig, check, create).
    #[arg(long, value_name = "ROOTFS", global = true)]
    pub root: Option<PathBuf>,
    /// Print YAML; that of a config loads back to the same config.
    #[arg(long, conflicts_with = "json", global = true)]
    pub yaml: bool,
    /// Print JSON of a stable shape.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say on standard error which files are read; may be repeated for their headers.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// No warnings and no summaries.
    #[arg(short, long, conflicts_with = "verbose", global = true)]
    pub quiet: bool,
}

impl Global {
    /// Root of the core OS.
    pub fn root(&self) -> &Path {
        self.root.as_deref().unwrap_or(Path::new("/"))
    }
}

impl Arguments {
    /// Parses the command line; ends the program when it is wrong.
    pub fn typed() -> Self {
        let arguments = Self::parse();
        if let Some(option) = arguments.without_effect() {
            let message = format!("the option '{option}' has no effect on this command");
            Self::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
        arguments
    }

    /// An option that the command has no use for: nobody shall believe that it was heeded.
    fn without_effect(&self) -> Option<&'static str> {
        let Global { admin, rmain, root, .. } = &self.global;
        let (has_admin, has_family, has_root) = match self.command {
            Command::Tree(_) | Command::Config(_) => (true, false, false),
            Command::Mergeconfig(_) | Command::Check(_) => (true, true, true),
            Command::Create(_) => (false, false, true),
        };
        let given = [
            (admin.is_some() && !has_admin, "--admin"),
            (matches!(admin, Some(Some(_))) && !has_family, "--admin=FILE"),
            (rmain.is_some() && !has_family, "--rmain"),
            (root.is_some() && !has_root, "--root"),
        ];
        given
            .into_iter()
            .find_map(|(useless, option)| useless.then_some(option))
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Draw the nodes above and below a node.
    Tree(Place),
    /// Show the config of a node; with --admin its admin config.
    Config(Place),
    /// Show what the configs of a family amount to, and where each entry comes from.
    #[command(visible_alias = "merge")]
    Mergeconfig(Mergeconfig),
    /// Make a node.
    Create(Create),
    /// Tell every problem of config files and families.
    Check(Check),
}

/// A node.
#[derive(Debug, Args)]
pub struct Place {
    /// The node; the working directory when nothing is given.
    #[arg(value_name = "PATH", conflicts_with = "redpath")]
    pub path: Option<PathBuf>,
}

/// Arguments of `mergeconfig`.
#[derive(Debug, Args)]
pub struct Mergeconfig {
    /// The node.
    #[command(flatten)]
    pub place: Place,
    /// Expand variables and commands.
    #[arg(long)]
    pub expand: bool,
}

/// Arguments of `create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Directory of the new node.
    #[command(flatten)]
    pub place: Place,
    /// Alias; else made of the directory's name.
    #[arg(long, value_name = "ALIAS")]
    pub alias: Option<Alias>,
    /// Config: a file (with '/' or ending in .yaml) or the name of a template.
    #[arg(long, value_name = "FILE|TEMPLATE", conflicts_with = "model")]
    pub config: Option<OsString>,
    /// Admin config: likewise.
    #[arg(long, value_name = "FILE|TEMPLATE")]
    pub config_adm: Option<OsString>,
    /// Templates for a kind of node: leaf below a system node, root for a system node, full without one.
    #[arg(long)]
    pub model: Option<Model>,
    /// Refresh a node that is there: its status, and the configs that are named.
    #[arg(long)]
    pub update: bool,
}

/// A kind of node with templates of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// A tree of its own.
    Full,
    /// A node below a system node.
    Leaf,
    /// A system node.
    Root,
}

impl Model {
    /// Name of its template.
    pub const fn template(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Leaf => "leaf",
            Self::Root => "root",
        }
    }
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Config files, nodes, or directories that hold nodes, all of which are checked then; the working directory when nothing is given.
    #[arg(value_name = "PATH", conflicts_with = "redpath")]
    pub paths: Vec<PathBuf>,
    /// Warnings are errors, and so are missing export sources.
    #[arg(long)]
    pub strict: bool,
    /// Of a node check all nodes below too.
    #[arg(long)]
    pub all_below: bool,
    /// Run the commands of the configs and look up their users, as a launch does.
    #[arg(long)]
    pub expand: bool,
}
