//! redwrap, and bubblewrap given the plan that redwrap prints.

use std::process::Command;

use redpak_testing::{Package, Pool, Repository, User, built_program};

use crate::measure::{Case, Peer};

/// Three nodes below a system node, as in the README's performance section, each with a package.
pub struct Family {
    pool: Pool,
    _repository: Repository,
}

const NODES: [&str; 3] = [
    "redpesk-dev",
    "redpesk-dev/agl-platform",
    "redpesk-dev/agl-platform/agl-demos",
];

impl Family {
    pub fn new() -> Self {
        let packages: Vec<Package> = (0..NODES.len())
            .map(|n| Package::new(&format!("package{n}"), "1-1"))
            .collect();
        let repository = Repository::new(&packages);
        let pool = Pool::new(&User::current());
        for (number, node) in NODES.iter().enumerate() {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
            pool.install(node, &[&format!("package{number}")]);
        }
        Self {
            pool,
            _repository: repository,
        }
    }

    pub fn cases(&self, runs: usize) -> Vec<Case<'_>> {
        let leaf = NODES[NODES.len() - 1];
        let words = self.plan(leaf);
        let ours = Peer {
            name: "redwrap",
            prepare: Box::new(|| ()),
            command: Box::new(self.redwrap(leaf)),
        };
        let bubblewrap = self.bubblewrap(words);
        let (first, words) = (self.redwrap(leaf), self.plan(leaf));
        let verdict = self.pool.node(leaf).join(".rednode.verdict");
        let unchecked = Peer {
            name: "redwrap",
            prepare: Box::new(move || {
                // Not there when the run before has not written one.
                let _ = std::fs::remove_file(&verdict);
            }),
            command: Box::new(first),
        };
        vec![
            Case {
                name: "launch, three nodes, nothing changed".into(),
                runs,
                peers: vec![ours, bubblewrap],
            },
            Case {
                name: "launch, three nodes, checked for the first time".into(),
                runs: (runs / 3).max(3),
                peers: vec![unchecked, self.bubblewrap(words)],
            },
        ]
    }

    fn redwrap(&self, leaf: &str) -> impl Fn() -> Command + use<> {
        let redpath = format!("--redpath={}", self.pool.node(leaf).display());
        move || {
            let mut command = Command::new(built_program("redwrap"));
            command.args([&redpath, "--", "true"]);
            command
        }
    }

    fn bubblewrap(&self, words: Vec<String>) -> Peer<'static> {
        Peer {
            name: "bwrap, same plan",
            prepare: Box::new(|| ()),
            command: Box::new(move || {
                let mut command = Command::new(&words[0]);
                command.args(&words[1..]);
                command
            }),
        }
    }

    /// bubblewrap's command line.
    fn plan(&self, leaf: &str) -> Vec<String> {
        let plan = self
            .pool
            .redwrap(leaf)
            .args(["--dump-only", "--", "true"])
            .run()
            .success();
        words(&plan.out())
    }
}

/// Splits at white space as a POSIX shell does that knows single quotes and backslashes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => word
                .get_or_insert_default()
                .extend(characters.by_ref().take_while(|c| *c != '\'')),
            '\\' => word.get_or_insert_default().extend(characters.next()),
            space if space.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}
