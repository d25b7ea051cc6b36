//! Options of commands that make a transaction.

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

/// What is done instead of running the transaction.
#[derive(Debug, Clone, Default, Args)]
pub struct Download {
    /// Only download the packages
    #[arg(long)]
    pub downloadonly: bool,
}
