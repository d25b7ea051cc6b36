//! One file per subcommand: its options, and what it does.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::options::Global;
use crate::transaction::warn_of_unfinished;
use libdnf5::output::Detail;

mod advisory;
mod autoremove;
mod builddep;
mod changelog;
mod check;
mod check_upgrade;
mod clean;
mod colors;
mod config_manager;
mod distro_sync;
mod do_items;
mod downgrade;
mod download;
mod group;
mod history;
mod install;
pub mod jobs;
mod leaves;
mod list;
mod makecache;
mod manager;
mod mark;
mod module;
mod offline;
mod provides;
mod reinstall;
mod remove;
mod replay;
pub mod repo;
mod repoclosure;
mod repomanage;
mod repoquery;
mod reposync;
mod sbom;
mod search;
mod status;
mod swap;
mod system_upgrade;
mod upgrade;
mod verify;
mod versionlock;
mod versions;
mod why;

/// Manages a red-pak node and its family: what dnf5 does on an installroot, for a node.
#[derive(Debug, Parser)]
#[command(name = "redwrap-dnf", disable_version_flag = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Every subcommand, with dnf5's aliases.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create nodes
    Manager(manager::Manager),
    /// Alias for 'repo list'
    Repolist(repo::Shown),
    /// Alias for 'repo info'
    Repoinfo(repo::Shown),
    /// List packages by their relation to the node
    #[command(visible_alias = "ls")]
    List(list::List),
    /// List packages with additional details
    #[command(visible_alias = "if")]
    Info(list::List),
    /// Search for packages matching various criteria
    #[command(visible_alias = "rq")]
    Repoquery(Box<repoquery::Repoquery>),
    /// Generate the metadata cache
    #[command(visible_alias = "mc")]
    Makecache(makecache::Makecache),
    /// Remove or expire cached data
    Clean(clean::Clean),
    /// Manage repositories
    #[command(subcommand)]
    Repo(repo::Repo),
    /// Install software
    #[command(visible_alias = "in")]
    Install(install::Install),
    /// Remove (uninstall) software
    #[command(visible_aliases = ["rm", "erase"])]
    Remove(remove::Remove),
    /// Upgrade software
    #[command(visible_aliases = ["up", "update"])]
    Upgrade(upgrade::Upgrade),
    /// Reinstall software
    #[command(visible_alias = "rei")]
    Reinstall(reinstall::Reinstall),
    /// Downgrade software
    #[command(visible_alias = "dg")]
    Downgrade(downgrade::Downgrade),
    /// Check for problems in the packagedb
    Check(check::Check),
    /// Prove that a family is coherent
    Verify(verify::Verify),
    /// Write a bill of materials (SPDX 2.3 or CycloneDX 1.6)
    Sbom(sbom::Sbom),
    /// Explain which node provides something and what needs it
    Why(why::Why),
    /// Upgrade or downgrade installed software to the latest available versions
    #[command(visible_alias = "dsync")]
    DistroSync(distro_sync::DistroSync),
    /// Upgrade to the lowest versions that fix something
    UpgradeMinimal(upgrade::Common),
    /// Remove packages that came as dependencies and are no longer needed
    Autoremove(autoremove::Autoremove),
    /// Remove software and install another in one transaction
    Swap(swap::Swap),
    /// Change the reason of installed packages
    Mark(mark::Mark),
    /// Carry out a stored transaction
    Replay(replay::Replay),
    /// Download software to the current directory
    Download(download::Download),
    /// Install build dependencies for package or spec file
    #[command(visible_alias = "build-dep")]
    Builddep(builddep::Builddep),
    /// Synchronize a remote repository to a local directory
    Reposync(reposync::Reposync),
    /// Manage a directory with repodata or with rpm packages
    Repomanage(repomanage::Repomanage),
    /// Manage versionlock configuration
    #[command(subcommand)]
    Versionlock(versionlock::Versionlock),
    /// Manage configuration, repositories and variables
    #[command(subcommand)]
    ConfigManager(config_manager::ConfigManager),
    /// Do several actions in one transaction
    Do(Box<do_items::Do>),
    /// Manage transaction history
    #[command(subcommand)]
    History(history::History),
    /// Manage offline transactions
    #[command(subcommand)]
    Offline(offline::Offline),
    /// Prepare the node for upgrade to a new release
    #[command(subcommand)]
    SystemUpgrade(system_upgrade::SystemUpgrade),
    /// Store an upgrade transaction to be performed offline
    #[command(subcommand)]
    OfflineUpgrade(system_upgrade::OfflineUpgrade),
    /// Store a distro-sync transaction to be performed offline
    #[command(subcommand)]
    OfflineDistrosync(system_upgrade::OfflineDistrosync),
    /// Check for available package upgrades
    #[command(visible_alias = "check-update")]
    CheckUpgrade(check_upgrade::CheckUpgrade),
    /// Search for software matching all specified strings
    #[command(visible_alias = "se")]
    Search(search::Search),
    /// Find what package provides the given value
    Provides(provides::Provides),
    /// List packages that no other package requires
    Leaves(leaves::Leaves),
    /// Show package changelogs
    Changelog(changelog::Changelog),
    /// Display numbers of installed and available packages, groups and repositories
    Status(status::Status),
    /// Print list of unresolved dependencies for repositories
    Repoclosure(repoclosure::Repoclosure),
    /// Manage groups
    #[command(subcommand, visible_alias = "grp")]
    Group(group::Group),
    /// Manage environments
    #[command(subcommand)]
    Environment(group::Environment),
    /// Manage modules
    #[command(subcommand)]
    Module(module::Module),
    /// Show advisories
    #[command(subcommand, visible_alias = "updateinfo")]
    Advisory(Box<advisory::Advisory>),
}

/// How a command ended, apart from errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or there was nothing to do.
    Done,
    /// What was asked for was not done, and a text has said why.
    Failed,
    /// There is something to upgrade.
    Upgradable,
    /// What was asked could not be found out, and a text has said why.
    CouldNotTell,
}

impl Command {
    /// It tells what is installed or what was done, and changes nothing. One that changes the node repairs it first.
    fn is_query(&self) -> bool {
        match self {
            Self::List(_) | Self::Info(_) | Self::Repoquery(_) | Self::Search(_) | Self::Provides(_) => true,
            Self::Check(_) | Self::CheckUpgrade(_) | Self::Sbom(_) | Self::Why(_) | Self::Leaves(_) => true,
            Self::Changelog(_) | Self::Status(_) | Self::Repoclosure(_) | Self::Advisory(_) => true,
            // They choose by what is installed.
            Self::Download(_) => true,
            Self::Group(command) => command.is_query(),
            Self::Environment(command) => command.is_query(),
            Self::Module(command) => command.is_query(),
            Self::History(command) => command.is_query(),
            Self::Offline(command) => command.is_query(),
            Self::SystemUpgrade(command) => command.is_query(),
            Self::OfflineUpgrade(command) => command.is_query(),
            Self::OfflineDistrosync(command) => command.is_query(),
            Self::Versionlock(command) => command.is_query(),
            // An interrupted transaction is a finding of its own.
            Self::Verify(_) => false,
            // Repositories, their metadata and the configuration.
            Self::Repolist(_) | Self::Repoinfo(_) | Self::Repo(_) | Self::ConfigManager(_) => false,
            Self::Makecache(_) | Self::Clean(_) | Self::Reposync(_) | Self::Repomanage(_) => false,
            Self::Manager(_) => false,
            Self::Install(_) | Self::Remove(_) | Self::Upgrade(_) | Self::Reinstall(_) | Self::Downgrade(_) => false,
            Self::DistroSync(_) | Self::UpgradeMinimal(_) | Self::Autoremove(_) | Self::Swap(_) => false,
            Self::Mark(_) | Self::Replay(_) | Self::Builddep(_) | Self::Do(_) => false,
        }
    }

    /// Carries the command out.
    pub fn run(self, global: &Global) -> Result<Outcome> {
        if self.is_query() {
            warn_of_unfinished(global);
        }
        match self {
            Self::Manager(command) => command.run(global),
            Self::Repolist(shown) => repo::Repo::List(shown).run(global),
            Self::Repoinfo(shown) => repo::Repo::Info(shown).run(global),
            Self::List(command) => command.run(global, Detail::List),
            Self::Info(command) => command.run(global, Detail::Info),
            Self::Repoquery(command) => command.run(global),
            Self::Makecache(command) => command.run(global),
            Self::Clean(command) => command.run(global),
            Self::Repo(command) => command.run(global),
            Self::Install(command) => command.run(global),
            Self::Remove(command) => command.run(global),
            Self::Upgrade(command) => command.run(global),
            Self::Reinstall(command) => command.run(global),
            Self::Downgrade(command) => command.run(global),
            Self::Check(command) => command.run(global),
            Self::Verify(command) => command.run(global),
            Self::Sbom(command) => command.run(global),
            Self::Why(command) => command.run(global),
            Self::DistroSync(command) => command.run(global),
            Self::UpgradeMinimal(command) => command.run(global, true),
            Self::Autoremove(command) => command.run(global),
            Self::Swap(command) => command.run(global),
            Self::Mark(command) => command.run(global),
            Self::Replay(command) => command.run(global),
            Self::Download(command) => command.run(global),
            Self::Builddep(command) => command.run(global),
            Self::Reposync(command) => command.run(global),
            Self::Repomanage(command) => command.run(global),
            Self::Versionlock(command) => command.run(global),
            Self::ConfigManager(command) => command.run(global),
            Self::Do(command) => command.run(global),
            Self::History(command) => command.run(global),
            Self::Offline(command) => command.run(global),
            Self::SystemUpgrade(command) => command.run(global),
            Self::OfflineUpgrade(command) => command.run(global),
            Self::OfflineDistrosync(command) => command.run(global),
            Self::CheckUpgrade(command) => command.run(global),
            Self::Search(command) => command.run(global),
            Self::Provides(command) => command.run(global),
            Self::Leaves(command) => command.run(global),
            Self::Changelog(command) => command.run(global),
            Self::Status(command) => command.run(global),
            Self::Repoclosure(command) => command.run(global),
            Self::Group(command) => command.run(global),
            Self::Environment(command) => command.run(global),
            Self::Module(command) => command.run(global),
            Self::Advisory(command) => command.run(global),
        }
    }
}
