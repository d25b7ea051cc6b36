//! Options of commands that make a transaction.

use std::path::PathBuf;

use clap::Args;

use crate::transaction::hints::Given;

/// How problems are resolved.
#[derive(Debug, Clone, Default, Args)]
pub struct Resolve {
    /// Allow removing of installed packages to resolve problems
    #[arg(long)]
    pub allowerasing: bool,
    /// Resolve problems by skipping packages
    #[arg(long)]
    pub skip_broken: bool,
    /// Skip what is not available
    #[arg(long)]
    pub skip_unavailable: bool,
    /// Allow downgrade of dependencies
    #[arg(long, conflicts_with = "no_allow_downgrade")]
    pub allow_downgrade: bool,
    /// Do not downgrade dependencies
    #[arg(long)]
    pub no_allow_downgrade: bool,
}

impl Resolve {
    /// What can be advised beyond what was given.
    pub fn given(&self) -> Given {
        Given {
            allow_erasing: Some(self.allowerasing),
            skip_broken: Some(self.skip_broken),
            skip_unavailable: Some(self.skip_unavailable),
            ..Given::default()
        }
    }

    /// Whether dependencies may be downgraded; `None` follows the configuration.
    pub fn downgrades(&self) -> Option<bool> {
        match (self.allow_downgrade, self.no_allow_downgrade) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

/// Where the packages named on the command line may come from.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Take the named packages from these repositories only
    #[arg(long, value_name = "REPO_ID,...", value_delimiter = ',')]
    pub from_repo: Vec<String>,
    /// Take the named packages from these vendors only
    #[arg(long, value_name = "VENDOR,...", value_delimiter = ',')]
    pub from_vendor: Vec<String>,
}

/// Which installed packages are meant.
#[derive(Debug, Clone, Default, Args)]
pub struct InstalledFrom {
    /// Only packages that were installed from these repositories
    #[arg(long, value_name = "REPO_ID,...", value_delimiter = ',')]
    pub installed_from_repo: Vec<String>,
}

/// Running the transaction another time.
#[derive(Debug, Clone, Default, Args)]
pub struct Postpone {
    /// Prepare the transaction and keep it in the node; `offline reboot` carries it out
    #[arg(long)]
    pub offline: bool,
    /// Store the transaction in a directory instead of running it
    #[arg(long, value_name = "STORED_TRANSACTION_PATH")]
    pub store: Option<PathBuf>,
}

/// What is done instead of running the transaction.
#[derive(Debug, Clone, Default, Args)]
pub struct Download {
    /// Only download the packages
    #[arg(long)]
    pub downloadonly: bool,
    #[command(flatten)]
    pub postpone: Postpone,
}

/// What a resolved transaction comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Ending {
    /// It is carried out.
    #[default]
    Run,
    /// Its packages are downloaded, to a directory or to the cache.
    Download(Option<PathBuf>),
    /// It is stored, with its packages.
    Store(PathBuf),
    /// It is prepared and kept in the node.
    Offline,
    /// It was prepared, and is carried out now.
    RunOffline,
}

impl Ending {
    /// Whether the node changes.
    pub fn is_run(&self) -> bool {
        matches!(self, Self::Run | Self::RunOffline)
    }
}

impl Postpone {
    /// As the option asks.
    pub fn ending(&self) -> Ending {
        match &self.store {
            Some(path) => Ending::Store(path.clone()),
            None if self.offline => Ending::Offline,
            None => Ending::Run,
        }
    }
}

impl Download {
    /// As the options ask.
    pub fn ending(&self) -> Ending {
        match self.postpone.ending() {
            Ending::Run if self.downloadonly => Ending::Download(None),
            ending => ending,
        }
    }
}
