//! A repository with groups, advisories and modules, and what is installed from it in dnf5's root and in a node.

use std::fs;

use redpak_testing::{Outcome, Package, Pool, Repository, Run, Terminal, User, directory};
use tempfile::TempDir;

pub const NODE: &str = "alone";
/// Left as they are, whatever obsoletes them.
const OLD: &[&str] = &[
    "-y",
    "--setopt=obsoletes=0",
    "install",
    "editor-1",
    "lib-1",
    "viewer",
    "circle",
];

const COMPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<comps>
<group><id>office</id><name>Office</name><description>Office things</description><default>true</default>
<uservisible>true</uservisible><display_order>20</display_order><packagelist>
<packagereq type="mandatory">editor</packagereq><packagereq type="default">table</packagereq>
<packagereq type="optional">painter</packagereq></packagelist></group>
<group><id>hidden</id><name>Hidden</name><description>Not shown</description><uservisible>false</uservisible><packagelist>
<packagereq type="mandatory">painter</packagereq></packagelist></group>
<group><id>base</id><name>Base</name><description>Base</description><uservisible>true</uservisible><packagelist>
<packagereq type="mandatory">lib</packagereq></packagelist></group>
<environment><id>desktop</id><name>Desktop</name><description>A desktop</description><display_order>10</display_order>
<grouplist><groupid>base</groupid></grouplist><optionlist><groupid>office</groupid></optionlist></environment>
</comps>
"#;

const ADVISORIES: &str = r#"<updates>
<update from="x" status="final" type="security" version="1"><id>A-1</id><title>Editor</title><severity>Important</severity>
<issued date="2023-11-14 22:13:20"/><updated date="2023-11-15 22:13:20"/><description>Fixes it.
Twice.</description><references><reference href="http://b/1" id="1" type="bugzilla" title="bug"/>
<reference href="http://c/1" id="CVE-2026-0001" type="cve" title="cve"/></references><pkglist><collection short="c"><name>c</name>
<package name="editor" version="2" release="1" epoch="0" arch="noarch"><filename>editor-2-1.noarch.rpm</filename></package>
</collection></pkglist></update>
<update from="x" status="final" type="bugfix" version="1"><id>A-2</id><title>Lib</title><severity>None</severity>
<issued date="2023-11-16 22:13:20"/><description>d</description><pkglist><collection short="c"><name>c</name>
<package name="lib" version="2" release="1" epoch="0" arch="noarch"><filename>lib-2-1.noarch.rpm</filename></package>
</collection></pkglist></update>
<update from="x" status="final" type="enhancement" version="1"><id>A-3</id><title>Viewer</title><severity>Low</severity>
<issued date="2023-11-17 22:13:20"/><description>d</description><pkglist><collection short="c"><name>c</name>
<package name="viewer" version="1" release="1" epoch="0" arch="noarch"><filename>viewer-1-1.noarch.rpm</filename></package>
</collection></pkglist></update>
</updates>
"#;

fn stream(name: &str) -> String {
    let arch = std::env::consts::ARCH;
    format!(
        "---\ndocument: modulemd\nversion: 2\ndata:\n  name: mod\n  stream: {name}\n  version: 1\n  context: abcd1234\n  \
         arch: {arch}\n  summary: A module\n  description: A module of a test\n  license: {{module: [MIT]}}\n  profiles:\n    \
         default: {{rpms: [inside-{name}]}}\n  artifacts: {{rpms: [\"inside-{name}-0:1-1.noarch\"]}}\n...\n"
    )
}

/// Streams `one`, the default, and `two` of the module `mod`, each with one package.
pub fn modules() -> String {
    let defaults = "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: mod\n  stream: one\n...\n";
    [stream("one"), stream("two"), defaults.to_owned()].concat()
}

fn package(name: &str, version: u32) -> Package {
    Package::new(name, &format!("{version}-1")).file(&format!("/usr/bin/{name}"), format!("{name} {version}"))
}

fn packages() -> Vec<Package> {
    let changelog = "* Tue Nov 14 2023 A <a@b.c> - 2-1\n- second\n\n* Mon Nov 13 2023 A <a@b.c> - 1-1\n- first\n";
    vec![
        package("lib", 1),
        package("lib", 2),
        package("editor", 1).requires("lib"),
        package("editor", 2).requires("lib"),
        package("editor", 3)
            .requires("lib")
            .tag("URL", "https://example.invalid/lib"),
        package("viewer", 1).summary("Shows editor files"),
        package("newviewer", 1).obsoletes("viewer"),
        package("table", 1),
        package("painter", 1),
        package("circle", 1).requires("radius"),
        package("radius", 1).requires("circle"),
        package("broken", 1).requires("nowhere").requires("nothere >= 2"),
        package("inside-one", 1),
        package("inside-two", 1),
        package("noted", 2)
            .arch(std::env::consts::ARCH)
            .section("changelog", changelog),
    ]
}

/// The repository, for as many roots as are wanted.
pub fn repository() -> Repository {
    let repository = Repository::new(&packages());
    repository.comps(COMPS);
    repository.advisories(ADVISORIES);
    repository.modules(&modules());
    repository
}

/// dnf5's root and a node that hold the same.
pub struct Shop {
    _repository: Repository,
    root: TempDir,
    pool: Pool,
}

impl Shop {
    #[track_caller]
    pub fn new() -> Self {
        let (repository, root) = (repository(), directory());
        let pool = Pool::new(&User::current());
        pool.create(NODE);
        pool.repository(NODE, "made", &repository.repo_file("made"));
        let repos = root.path().join("etc/yum.repos.d");
        fs::create_dir_all(&repos).expect("make the directory of repositories");
        fs::write(repos.join("made.repo"), repository.repo_file("made")).expect("write a repository");
        let shop = Self {
            _repository: repository,
            root,
            pool,
        };
        shop.dnf5(OLD).run().success();
        shop.ours(OLD).run().success();
        shop
    }

    pub fn dnf5(&self, arguments: &[&str]) -> Run {
        let installroot = format!("--installroot={}", self.root.path().display());
        Run::command("dnf5").arg(installroot).args(arguments)
    }

    pub fn ours(&self, arguments: &[&str]) -> Run {
        self.pool.dnf(NODE).args(arguments)
    }

    /// Every command prints and returns what it does in dnf5's root.
    #[track_caller]
    pub fn same(&self, commands: &[&[&str]]) {
        self.same_with(commands, |run| run);
    }

    /// The same, both run as `change` says.
    #[track_caller]
    pub fn same_with(&self, commands: &[&[&str]], change: impl Fn(Run) -> Run) {
        let mut wrong = String::new();
        for command in commands {
            let theirs = shown(&change(self.dnf5(command)).run());
            let ours = shown(&change(self.ours(command)).run());
            if ours != theirs {
                wrong += &format!("$ {}\n{ours}\n--- but dnf5\n{theirs}\n", command.join(" "));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}

impl Shop {
    /// Every command shows on a terminal what it shows in dnf5's root, in the same colours.
    #[track_caller]
    pub fn same_on_a_terminal(&self, commands: &[&[&str]]) {
        let mut wrong = String::new();
        for command in commands {
            let [theirs, ours] =
                [self.dnf5(command), self.ours(command)].map(|run| Terminal::start(run).shows_to_the_end());
            if ours != theirs {
                wrong += &format!("$ {}\n{ours:?}\n--- but dnf5\n{theirs:?}\n", command.join(" "));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}

/// Status and streams, without progress, what names the place, and what dnf5 says of a locale that the system lacks.
fn shown(outcome: &Outcome) -> String {
    let volatile = [
        "100% |",
        "Last Transaction",
        "(last: ",
        "Config file",
        "repo_file_path",
        "\"timestamp\"",
        // Of a locale that the system lacks.
        "Failed to set locale",
    ];
    let keep = |text: String| -> String {
        let lines = text.split_inclusive('\n');
        lines
            .filter(|line| !line.starts_with("----") && !volatile.iter().any(|word| line.contains(word)))
            .collect()
    };
    format!(
        "{}--- stderr\n{}--- exit status {}",
        keep(outcome.out()),
        keep(outcome.err()),
        outcome.code()
    )
}
