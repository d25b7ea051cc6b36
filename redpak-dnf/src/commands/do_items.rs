//! `do`: several actions in one transaction.

use anyhow::{Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::Outcome;
use super::jobs::{self, Choice};
use crate::options::usage::Usage;
use crate::options::{Advisories, Download, Global, InstalledFrom, Resolve, Selection};
use crate::transaction::{Jobs, Wanted, execute};
use libdnf5::{Goal, GoalFlag, GoalJobSettings, GroupJob, Job, Load, Reason};

/// Does several actions in one transaction.
#[derive(Debug, Args)]
pub struct Do {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub advisories: Advisories,
    #[command(flatten)]
    pub download: Download,
    #[command(flatten)]
    pub words: Words,
}

/// Items and the options that hold for those behind them, in the order of the command line.
#[derive(Debug, Clone, Default)]
pub struct Words(Vec<(&'static str, String)>);

const ACTION: &str = "action";
const TYPE: &str = "type";
const INSTALLED_FROM_REPO: &str = "installed-from-repo";
const FROM_REPO: &str = "from-repo";
const FROM_VENDOR: &str = "from-vendor";
const ITEMS: &str = "items";

/// Options, their values as dnf5 names them, and what they mean.
const OPTIONS: [(&str, &str, &str); 5] = [
    (
        ACTION,
        "install/remove/upgrade/downgrade/reinstall",
        "Action to be done on the following items",
    ),
    (TYPE, "auto/package/group", "Type of the following items"),
    (
        INSTALLED_FROM_REPO,
        "REPO_ID,...",
        "Of the following items only packages that were installed from these repositories",
    ),
    (
        FROM_REPO,
        "REPO_ID,...",
        "Take the following items from these repositories only",
    ),
    (
        FROM_VENDOR,
        "VENDOR,...",
        "Take the following items from these vendors only",
    ),
];

impl Args for Words {
    fn augment_args(command: Command) -> Command {
        let command = OPTIONS.iter().fold(command, |command, (name, value, help)| {
            let option = Arg::new(*name).long(*name).value_name(*value).help(*help);
            command.arg(option.action(ArgAction::Append))
        });
        let items = Arg::new(ITEMS).help("Items to take action on");
        command.arg(items.action(ArgAction::Append).num_args(0..))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Words {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut words = Vec::new();
        for name in OPTIONS.iter().map(|(name, _, _)| *name).chain([ITEMS]) {
            let indices = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            words.extend(indices.zip(values).map(|(index, value)| (index, name, value.clone())));
        }
        words.sort_by_key(|(index, _, _)| *index);
        Ok(Self(words.into_iter().map(|(_, name, value)| (name, value)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What is done with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Install,
    Remove,
    Upgrade,
    Downgrade,
    Reinstall,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Auto,
    Package,
    Group,
}

/// An item with what holds for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    spec: String,
    action: Action,
    kind: Type,
    installed_from_repo: Vec<String>,
    from_repo: Vec<String>,
    from_vendor: Vec<String>,
}

impl Words {
    fn items(&self) -> Result<Vec<Item>, Usage> {
        let (mut action, mut kind) = (None, Type::Auto);
        let [mut installed_from_repo, mut from_repo, mut from_vendor] = [const { Vec::new() }; 3];
        let mut items = Vec::new();
        for (name, value) in &self.0 {
            match *name {
                ACTION => action = Some(to_action(value)?),
                TYPE => kind = to_type(value)?,
                INSTALLED_FROM_REPO => installed_from_repo = list(value),
                FROM_REPO => from_repo = list(value),
                FROM_VENDOR => from_vendor = list(value),
                _ => {
                    let action = action.ok_or_else(|| Usage("Action was not defined.".into()))?;
                    check(action, kind)?;
                    items.push(Item {
                        spec: value.clone(),
                        action,
                        kind,
                        installed_from_repo: installed_from_repo.clone(),
                        from_repo: from_repo.clone(),
                        from_vendor: from_vendor.clone(),
                    });
                }
            }
        }
        Ok(items)
    }
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}

fn to_action(name: &str) -> Result<Action, Usage> {
    Ok(match name {
        "install" => Action::Install,
        "remove" => Action::Remove,
        "upgrade" => Action::Upgrade,
        "downgrade" => Action::Downgrade,
        "reinstall" => Action::Reinstall,
        _ => return Err(Usage(format!("Unsupported action \"{name}\"."))),
    })
}

fn to_type(name: &str) -> Result<Type, Usage> {
    Ok(match name {
        "auto" => Type::Auto,
        "package" => Type::Package,
        "group" => Type::Group,
        _ => return Err(Usage(format!("Unsupported item type \"{name}\"."))),
    })
}

impl Do {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.advisories.kinds.check()?;
        let items = self.words.items()?;
        let from_repo: Vec<String> = items.iter().flat_map(|item| item.from_repo.clone()).collect();
        execute(
            global,
            &Wanted::new(load(&items), &|jobs, goal| {
                items.iter().try_for_each(|item| self.add(jobs, goal, item))
            })
            .resolving(&self.resolve)
            .enabling(&from_repo)
            .ending(self.download.ending()),
        )
    }

    fn add(&self, jobs: &Jobs<'_>, goal: &mut Goal<'_>, item: &Item) -> Result<()> {
        let settings = self.settings(jobs, item)?;
        if item.kind == Type::Group {
            return add_group(goal, item, settings);
        }
        let (auto, package) = match item.action {
            Action::Install => (Job::Install, Job::RpmInstall),
            Action::Remove => (Job::Remove, Job::RpmRemove),
            Action::Upgrade => (Job::Upgrade, Job::RpmUpgrade),
            Action::Downgrade => (Job::Downgrade, Job::RpmDowngrade),
            Action::Reinstall => (Job::Reinstall, Job::RpmReinstall),
        };
        let job = if item.kind == Type::Auto { auto } else { package };
        jobs::add(jobs, goal, job, std::slice::from_ref(&item.spec), &settings)
    }

    fn settings(&self, jobs: &Jobs<'_>, item: &Item) -> Result<GoalJobSettings> {
        let selection = Selection {
            from_repo: item.from_repo.clone(),
            from_vendor: item.from_vendor.clone(),
        };
        let installed_from = InstalledFrom {
            installed_from_repo: item.installed_from_repo.clone(),
        };
        let choice = Choice {
            resolve: Some(&self.resolve),
            selection: Some(&selection),
            installed_from: Some(&installed_from),
            advisories: Some(&self.advisories),
        };
        choice.settings(jobs)
    }
}

/// Removing needs no other repository than the installed packages.
fn load(items: &[Item]) -> Load {
    if items.iter().all(|item| item.action == Action::Remove) {
        Load::System
    } else {
        Load::All
    }
}

/// A group is named by its id or by its name, and which of both is said.
fn add_group(goal: &mut Goal<'_>, item: &Item, mut settings: GoalJobSettings) -> Result<()> {
    let (by_id, spec) = match item.spec.split_once('=') {
        Some(("id", id)) => (true, id),
        Some(("name", name)) => (false, name),
        _ => bail!("Invalid Environment/Group specification: {}", item.spec),
    };
    settings
        .set_flag(GoalFlag::GroupWithId, by_id)?
        .set_flag(GoalFlag::GroupWithName, !by_id)?;
    let settings = Some(&settings);
    let added = match item.action {
        Action::Install => goal.add_group(GroupJob::Install, spec, Reason::User, settings),
        Action::Remove => goal.add_group(GroupJob::Remove, spec, Reason::User, settings),
        // Others are mistakes on the command line, see [`check`].
        _ => goal.add(Job::GroupUpgrade, spec, settings),
    };
    Ok(added?)
}

/// Groups have no versions.
fn check(action: Action, kind: Type) -> Result<(), Usage> {
    let name = match (action, kind) {
        (Action::Downgrade, Type::Group) => "downgrade",
        (Action::Reinstall, Type::Group) => "reinstall",
        _ => return Ok(()),
    };
    Err(Usage(format!("Only package {name} is supported..")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(line: &str) -> Result<Vec<Item>, Usage> {
        let command = Do::augment_args(Command::new("do"));
        let matches = command.try_get_matches_from(line.split(' ')).unwrap();
        Words::from_arg_matches(&matches).unwrap().items()
    }

    #[test]
    fn options_hold_for_the_items_behind_them() {
        let found =
            items("do --action=install a --from-repo=x,y --type package b c --action=remove --type=auto d").unwrap();
        let short: Vec<_> = found
            .iter()
            .map(|item| (item.spec.as_str(), item.action, item.kind, item.from_repo.join("+")))
            .collect();
        let repos = || "x+y".to_owned();
        assert_eq!(
            short,
            [
                ("a", Action::Install, Type::Auto, String::new()),
                ("b", Action::Install, Type::Package, repos()),
                ("c", Action::Install, Type::Package, repos()),
                ("d", Action::Remove, Type::Auto, repos()),
            ]
        );
    }

    #[test]
    fn mistakes_are_told_in_dnf5s_words() {
        for (line, words) in [
            ("do a", "Action was not defined."),
            ("do a --action=install", "Action was not defined."),
            ("do --action=foo a", "Unsupported action \"foo\"."),
            ("do --action=install --type=foo a", "Unsupported item type \"foo\"."),
            (
                "do --action=downgrade --type=group a",
                "Only package downgrade is supported..",
            ),
        ] {
            assert!(items(line).unwrap_err().to_string().starts_with(words), "{line}");
        }
        assert!(items("do --action=install").unwrap().is_empty());
    }
}
