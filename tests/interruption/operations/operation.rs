//! Chooses what is done next.

use std::path::PathBuf;

use redpak_testing::Random;

use super::family::{Family, Installed, LEAVES, NODES, chain};
use super::packages::GROUPS;

/// One step of the test.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A command of redwrap-dnf.
    Command { node: &'static str, words: Vec<String> },
    /// The same as a transaction that waits, which is then carried out or dropped.
    Offline {
        node: &'static str,
        words: Vec<String>,
        carried_out: bool,
    },
    /// The repository gets or loses a package.
    Repository { nvra: String },
    /// The user writes into a configuration file.
    Edit { node: &'static str, file: PathBuf },
    /// A leaf is deleted with its directory and made anew.
    Renew { node: &'static str },
}

/// Kinds of operations.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Install,
    Remove,
    Upgrade,
    Downgrade,
    Reinstall,
    Swap,
    Autoremove,
    DistroSync,
    History,
    Group,
    Mark,
    Versionlock,
    Force,
    Mixed,
    Offline,
    Repository,
    Edit,
    Renew,
}

const KINDS: [(usize, Kind); 18] = [
    (26, Kind::Install),
    (11, Kind::Remove),
    (7, Kind::Upgrade),
    (5, Kind::Downgrade),
    (6, Kind::Reinstall),
    (4, Kind::Swap),
    (3, Kind::Autoremove),
    (4, Kind::DistroSync),
    (8, Kind::History),
    (5, Kind::Group),
    (4, Kind::Mark),
    (4, Kind::Versionlock),
    (4, Kind::Force),
    (3, Kind::Mixed),
    (4, Kind::Offline),
    (6, Kind::Repository),
    (5, Kind::Edit),
    (2, Kind::Renew),
];

/// How often each node is chosen.
const PLACES: [(usize, &str); 6] = [
    (10, NODES[0]),
    (14, NODES[1]),
    (16, NODES[2]),
    (20, NODES[3]),
    (20, NODES[4]),
    (20, NODES[5]),
];

impl Operation {
    /// The next one, which the state of the family allows.
    pub fn choose(random: &mut Random, family: &Family) -> Self {
        loop {
            let kind = random.weighted(&KINDS);
            let node = random.weighted(&PLACES);
            let mut choice = Choice {
                installed: family.installed(node).to_vec(),
                random,
                family,
                node,
            };
            if let Some(operation) = choice.operation(kind) {
                return operation;
            }
        }
    }

    /// The node that it is about.
    pub fn node(&self) -> Option<&'static str> {
        match self {
            Self::Command { node, .. } | Self::Offline { node, .. } => Some(node),
            Self::Edit { node, .. } | Self::Renew { node } => Some(node),
            Self::Repository { .. } => None,
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Command { node, words } => write!(f, "{node}: {}", words.join(" ")),
            Self::Offline {
                node,
                words,
                carried_out,
            } => write!(f, "{node}: {} (offline, carried out: {carried_out})", words.join(" ")),
            Self::Repository { nvra } => write!(f, "repository: offer or withdraw {nvra}"),
            Self::Edit { node, file } => write!(f, "{node}: edit {}", file.display()),
            Self::Renew { node } => write!(f, "{node}: delete and make anew"),
        }
    }
}

/// What an operation is chosen from.
struct Choice<'f> {
    random: &'f mut Random,
    family: &'f Family,
    node: &'static str,
    installed: Vec<Installed>,
}

impl Choice<'_> {
    fn operation(&mut self, kind: Kind) -> Option<Operation> {
        let node = self.node;
        match kind {
            Kind::Repository => Some(Operation::Repository { nvra: self.package() }),
            Kind::Edit => self.configuration().map(|file| Operation::Edit { node, file }),
            Kind::Renew => LEAVES.contains(&node).then_some(Operation::Renew { node }),
            Kind::Offline => {
                let inner = self.random.weighted(&[
                    (5, Kind::Install),
                    (2, Kind::Remove),
                    (2, Kind::Upgrade),
                    (1, Kind::Downgrade),
                ]);
                let words = self.words(inner)?;
                let carried_out = self.random.chance(80);
                Some(Operation::Offline {
                    node,
                    words,
                    carried_out,
                })
            }
            other => self.words(other).map(|words| Operation::Command { node, words }),
        }
    }

    /// The command line, unless the node has nothing that the kind needs.
    fn words(&mut self, kind: Kind) -> Option<Vec<String>> {
        let words = |command: &str, rest: Vec<String>| command.split(' ').map(str::to_owned).chain(rest).collect();
        Some(match kind {
            Kind::Install => words("install", self.several(3, Self::wanted)),
            Kind::Remove => {
                let names = self.several(2, Self::removable);
                words("remove", names)
            }
            Kind::Upgrade if self.random.chance(50) => words("upgrade", Vec::new()),
            Kind::Upgrade => words("upgrade", vec![self.present()?]),
            Kind::Downgrade => words("downgrade", vec![self.present()?]),
            Kind::Reinstall => {
                self.present()?;
                words(
                    "reinstall",
                    self.several(3, |choice| choice.present().expect("there is one")),
                )
            }
            Kind::Swap => words("swap", vec![self.present()?, self.wanted()]),
            Kind::Autoremove => words("autoremove", Vec::new()),
            Kind::DistroSync if self.random.chance(70) => words("distro-sync", Vec::new()),
            Kind::DistroSync => words("distro-sync", vec![self.present()?]),
            Kind::History => words("history", self.history()),
            Kind::Group => {
                let command = self
                    .random
                    .weighted(&[(3, "group install"), (2, "group remove"), (1, "group upgrade")]);
                words(command, vec![self.random.one_of(&GROUPS)?.to_string()])
            }
            Kind::Mark => {
                let command = self
                    .random
                    .weighted(&[(1, "mark user"), (2, "mark dependency"), (1, "mark weak")]);
                words(command, vec![self.present()?])
            }
            Kind::Versionlock => self.versionlock(),
            Kind::Force => words("install --forcenode", vec![self.of_an_ancestor()?]),
            Kind::Mixed => {
                let (install, remove) = (self.wanted(), self.present()?);
                let rest = vec!["--action=install".into(), install, "--action=remove".into(), remove];
                words("do", rest)
            }
            Kind::Offline | Kind::Repository | Kind::Edit | Kind::Renew => return None,
        })
    }

    fn several(&mut self, most: usize, mut choose: impl FnMut(&mut Self) -> String) -> Vec<String> {
        let count = 1 + self.random.below(most);
        let mut chosen: Vec<String> = (0..count).map(|_| choose(self)).collect();
        chosen.sort();
        chosen.dedup();
        chosen
    }

    /// `NAME-VERSION-RELEASE.ARCH` of any package.
    fn package(&mut self) -> String {
        let place = self.random.below(self.family.packages.len());
        self.family.packages[place].nvra()
    }

    /// Something to install: a name, or a version of it, which the repository may not have (any more).
    fn wanted(&mut self) -> String {
        let place = self.random.below(self.family.packages.len());
        let package = &self.family.packages[place];
        let offered: Vec<&String> = self.family.offered.iter().collect();
        match self.random.below(100) {
            0..60 => package.name().to_owned(),
            60..93 => self
                .random
                .one_of(&offered)
                .map_or("unknown-name".to_owned(), |nvra| nvra.to_string()),
            93..97 => package.nvra(),
            _ => "unknown-name".to_owned(),
        }
    }

    /// The name of a package that the node has.
    fn present(&mut self) -> Option<String> {
        self.random.one_of(&self.installed).map(|package| package.name.clone())
    }

    fn removable(&mut self) -> String {
        match self.present() {
            Some(name) if self.random.chance(85) => name,
            _ => self.wanted(),
        }
    }

    /// A version of a package whose name an ancestor has.
    fn of_an_ancestor(&mut self) -> Option<String> {
        let mut above = chain(self.node);
        above.pop();
        let above: Vec<&Installed> = above.iter().flat_map(|node| self.family.installed(node)).collect();
        let name = self.random.one_of(&above)?.name.clone();
        let versions = self.family.packages.iter().filter(|package| package.name() == name);
        let versions: Vec<String> = versions.map(|package| package.nvra()).collect();
        self.random.one_of(&versions).cloned()
    }

    fn history(&mut self) -> Vec<String> {
        let command = self.random.weighted(&[(5, "undo"), (3, "redo"), (3, "rollback")]);
        let which = self
            .random
            .weighted(&[(5, "last"), (3, "last-1"), (2, "last-3"), (1, "1")]);
        vec![command.to_owned(), which.to_owned()]
    }

    fn versionlock(&mut self) -> Vec<String> {
        let command = self
            .random
            .weighted(&[(3, "add"), (1, "exclude"), (3, "delete"), (3, "clear")]);
        let mut words = vec!["versionlock".to_owned(), command.to_owned()];
        if command != "clear" {
            words.push(self.present().unwrap_or_else(|| "library-alpha".to_owned()));
        }
        words
    }

    /// A configuration file of a package that the node has.
    fn configuration(&mut self) -> Option<PathBuf> {
        let root = self.family.pool.node(self.node);
        let directories = ["config-kept", "config-replaced", "config-steady", "scripted"];
        let files = directories.map(|directory| root.join("etc").join(directory).join("main.conf"));
        let there: Vec<PathBuf> = files.into_iter().filter(|file| file.exists()).collect();
        self.random.one_of(&there).cloned()
    }
}
