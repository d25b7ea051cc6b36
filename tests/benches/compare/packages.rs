//! redwrap-dnf on a node, and dnf5 on an installroot, with the same repositories.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use redpak_testing::{Package, Pool, Repository, User, built_program, directory, skip, tool, write_metadata};
use tempfile::TempDir;

use crate::measure::{Case, Peer};

/// Packages in the repository that is metadata alone.
const LISTED: usize = 30_000;
/// Packages that are installed, and files in each.
const INSTALLED: usize = 200;
const FILES: usize = 40;

const NODE: &str = "platform/application";
/// A leaf with as many nodes above it as families have that are deep.
const DEEP: &str = "platform/board/product/variant/application";
/// Nodes below the one in which a transaction is looked at for what it breaks.
const POOL: usize = 100;
const CROWDED: &str = "crowded";

/// A family, an installroot, and copies of both as they are before anything was installed.
pub struct Roots {
    pool: Pool,
    work: TempDir,
    _repositories: (TempDir, Repository),
}

impl Roots {
    /// dnf5's root has the packages of the core OS installed too: it is what a family is to its leaf, and an application
    /// that is installed into an empty root is not one that uses the core OS.
    pub fn new(core_os: Option<&Path>) -> Self {
        let listed = directory();
        write_metadata(listed.path(), LISTED);
        let real = Repository::new(&(0..INSTALLED).map(package).collect::<Vec<_>>());
        let pool = Pool::new(&User::current());
        for node in [
            "platform",
            NODE,
            "platform/board",
            "platform/board/product",
            "platform/board/product/variant",
            DEEP,
        ] {
            pool.create(node);
        }
        let work = directory();
        if let Some(core_os) = core_os {
            let rpmdb = work.path().join("root/var/lib/rpm");
            fs::create_dir_all(rpmdb.parent().expect("it lies in a directory")).expect("make a directory");
            copy(&core_os.join("var/lib/rpm"), &rpmdb);
        }
        let listed_file = format!("[listed]\nname=listed\nbaseurl=file://{}\n", listed.path().display());
        for (id, text) in [("listed", listed_file), ("real", real.repo_file("real"))] {
            for node in [NODE, DEEP] {
                pool.repository(node, id, &text);
            }
            write(&work.path().join(format!("root/etc/yum.repos.d/{id}.repo")), &text);
        }
        crowd(&pool, &real);
        copy(&pool.node(NODE), &work.path().join("node.pristine"));
        copy(&pool.node(DEEP), &work.path().join("deep.pristine"));
        copy(&work.path().join("root"), &work.path().join("root.pristine"));
        Self {
            pool,
            work,
            _repositories: (listed, real),
        }
    }

    pub fn cases(&self, runs: usize) -> Vec<Case<'_>> {
        if !User::is_root() {
            skip("dnf5 --installroot needs root");
            return Vec::new();
        }
        let few = (runs / 6).max(3);
        let cached = || ();
        let uncached = || self.clean();
        let pristine = || self.restore();
        let case = |name: &str, prepare: &'static str, words: &[&'static str]| {
            let words = words.to_vec();
            let prepare: [Box<dyn Fn()>; 2] = [(); 2].map(|()| -> Box<dyn Fn()> {
                match prepare {
                    "cached" => Box::new(cached),
                    "uncached" => Box::new(uncached),
                    _ => Box::new(pristine),
                }
            });
            Case {
                name: format!("{name} ({LISTED} packages)"),
                runs: few,
                peers: self.peers(&words, prepare),
            }
        };
        vec![
            case("makecache", "uncached", &["makecache", "--repo=listed"]),
            case("repoquery, all", "cached", &["repoquery", "--repo=listed"]),
            case(
                "repoquery, by file",
                "cached",
                &["repoquery", "--repo=listed", "--whatprovides", "/usr/bin/bench-00007"],
            ),
            case("list, installed", "cached", &["list", "--installed"]),
            Case {
                name: format!("install {INSTALLED} packages, {FILES} files each"),
                runs: few,
                peers: self.peers(
                    &["install", "-y", "--repo=real", "bulk-*"],
                    [Box::new(pristine), Box::new(pristine)],
                ),
            },
            self.deep(few),
            self.second(few),
            self.crowded(few),
        ]
    }

    /// The same installation in a family that is five nodes deep.
    fn deep(&self, runs: usize) -> Case<'_> {
        let peer = |name, node: &'static str| Peer {
            name,
            prepare: Box::new(|| self.restore()),
            command: Box::new(move || self.in_node(node, &["install", "-y", "--repo=real", "bulk-*"])),
        };
        Case {
            name: format!("install {INSTALLED} packages, five deep"),
            runs,
            peers: vec![
                peer("redwrap-dnf, five deep", DEEP),
                peer("redwrap-dnf, two deep", NODE),
            ],
        }
    }

    /// One more package, in a leaf that has all others.
    fn second(&self, runs: usize) -> Case<'_> {
        let restore = || {
            self.restore();
            let others: Vec<String> = (1..INSTALLED).map(name).collect();
            let words: Vec<&str> = ["install", "-y", "--repo=real"]
                .into_iter()
                .chain(others.iter().map(String::as_str))
                .collect();
            succeed([self.ours(&words), self.theirs(&words)]);
        };
        Case {
            name: format!("install one package more, after {}", INSTALLED - 1),
            runs: runs.min(5),
            peers: self.peers(
                &["install", "-y", "--repo=real", "bulk-000"],
                [Box::new(restore), Box::new(restore)],
            ),
        }
    }

    /// What looking at the nodes below costs.
    fn crowded(&self, runs: usize) -> Case<'_> {
        let peer = |name, options: &'static [&'static str]| Peer {
            name,
            prepare: Box::new(|| succeed([self.in_node(CROWDED, &["install", "-y", "bulk-001"])])),
            command: Box::new(move || self.in_node(CROWDED, &[&["remove", "-y", "bulk-001"], options].concat())),
        };
        Case {
            name: format!("remove a package above {POOL} nodes"),
            runs,
            peers: vec![
                peer("redwrap-dnf", &[]),
                peer("redwrap-dnf, unchecked", &["--no-check-descendants"]),
            ],
        }
    }

    fn peers<'a>(&'a self, words: &[&'static str], prepare: [Box<dyn Fn() + 'a>; 2]) -> Vec<Peer<'a>> {
        let [ours, theirs] = prepare;
        let (our_words, their_words) = (words.to_vec(), words.to_vec());
        vec![
            Peer {
                name: "redwrap-dnf",
                prepare: ours,
                command: Box::new(move || self.ours(&our_words)),
            },
            Peer {
                name: "dnf5 --installroot",
                prepare: theirs,
                command: Box::new(move || self.theirs(&their_words)),
            },
        ]
    }

    fn ours(&self, words: &[&str]) -> Command {
        self.in_node(NODE, words)
    }

    fn in_node(&self, node: &str, words: &[&str]) -> Command {
        let mut command = Command::new(built_program("redwrap-dnf"));
        command
            .arg(format!("--redpath={}", self.pool.node(node).display()))
            .arg("--releasever=1")
            .args(words);
        command
    }

    fn theirs(&self, words: &[&str]) -> Command {
        let mut command = Command::new("dnf5");
        command
            .arg(format!("--installroot={}", self.root().display()))
            .arg("--releasever=1")
            .args(words);
        command
    }

    fn root(&self) -> PathBuf {
        self.work.path().join("root")
    }

    /// Forgets the metadata of both.
    fn clean(&self) {
        succeed([self.ours(&["clean", "all"]), self.theirs(&["clean", "all"])]);
    }

    /// Brings all back to before anything was installed, with metadata cached.
    fn restore(&self) {
        let roots = [
            (self.pool.node(NODE), "node.pristine"),
            (self.pool.node(DEEP), "deep.pristine"),
            (self.root(), "root.pristine"),
        ];
        for (now, before) in roots {
            fs::remove_dir_all(&now).expect("remove a root");
            copy(&self.work.path().join(before), &now);
        }
        let words = ["makecache", "--repo=real"];
        succeed([self.ours(&words), self.in_node(DEEP, &words), self.theirs(&words)]);
    }
}

/// A node with many nodes below, each of which has packages of its own; all have the same rpmdb.
fn crowd(pool: &Pool, repository: &Repository) {
    let first = format!("{CROWDED}/node-000");
    for node in [CROWDED, &first] {
        pool.create(node);
        pool.repository(node, "real", &repository.repo_file("real"));
    }
    let names: Vec<String> = (100..130).map(name).collect();
    pool.install(&first, &names.iter().map(String::as_str).collect::<Vec<_>>());
    for number in 1..POOL {
        let node = format!("{CROWDED}/node-{number:03}");
        pool.create(&node);
        let rpmdb = |node: &str| pool.node(node).join("var/lib/rpm");
        fs::create_dir_all(pool.node(&node).join("var/lib")).expect("make a directory");
        // Not there when the node is new, and `cp` would put one into the other.
        let _ = fs::remove_dir_all(rpmdb(&node));
        copy(&rpmdb(&first), &rpmdb(&node));
    }
}

fn succeed<const N: usize>(commands: [Command; N]) {
    for mut command in commands {
        let output = command.output().expect("start a program");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}");
    }
}

fn name(number: usize) -> String {
    format!("bulk-{number:03}")
}

/// A package of the size that applications have: many small files.
fn package(number: usize) -> Package {
    let name = name(number);
    (0..FILES).fold(Package::new(&name, "1.0-1"), |package, file| {
        let content = format!("{name} {file}\n").repeat(1 + (number * 7 + file * 13) % 200);
        package.file(
            &format!("/usr/share/{name}/directory-{}/file-{file:02}", file % 4),
            content,
        )
    })
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("make a directory");
    fs::write(path, text).expect("write a file");
}

fn copy(from: &Path, to: &Path) {
    tool("cp", [&Path::new("-a"), &from, &to]);
}
