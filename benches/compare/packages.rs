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

/// A family, an installroot, and copies of both as they are before anything was installed.
pub struct Roots {
    pool: Pool,
    work: TempDir,
    _repositories: (TempDir, Repository),
}

impl Roots {
    pub fn new() -> Self {
        let listed = directory();
        write_metadata(listed.path(), LISTED);
        let real = Repository::new(&(0..INSTALLED).map(package).collect::<Vec<_>>());
        let pool = Pool::new(&User::current());
        pool.create("platform");
        pool.create(NODE);
        let work = directory();
        let listed_file = format!("[listed]\nname=listed\nbaseurl=file://{}\n", listed.path().display());
        for (id, text) in [("listed", listed_file), ("real", real.repo_file("real"))] {
            pool.repository(NODE, id, &text);
            write(&work.path().join(format!("root/etc/yum.repos.d/{id}.repo")), &text);
        }
        copy(&pool.node(NODE), &work.path().join("node.pristine"));
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
            Case {
                name: format!("install {INSTALLED} packages, {FILES} files each"),
                runs: few,
                peers: self.peers(
                    &["install", "-y", "--repo=real", "bulk-*"],
                    [Box::new(pristine), Box::new(pristine)],
                ),
            },
        ]
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
        let mut command = Command::new(built_program("redwrap-dnf"));
        command
            .arg(format!("--redpath={}", self.pool.node(NODE).display()))
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
        for mut command in [self.ours(&["clean", "all"]), self.theirs(&["clean", "all"])] {
            let output = command.output().expect("start a cleaner");
            assert!(
                output.status.success(),
                "{command:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }

    /// Brings both back to before anything was installed, with metadata cached.
    fn restore(&self) {
        for (now, before) in [(self.pool.node(NODE), "node.pristine"), (self.root(), "root.pristine")] {
            fs::remove_dir_all(&now).expect("remove a root");
            copy(&self.work.path().join(before), &now);
        }
        for mut command in [
            self.ours(&["makecache", "--repo=real"]),
            self.theirs(&["makecache", "--repo=real"]),
        ] {
            assert!(
                command.output().expect("start makecache").status.success(),
                "{command:?} failed"
            );
        }
    }
}

/// A package of the size that applications have: many small files.
fn package(number: usize) -> Package {
    let name = format!("bulk-{number:03}");
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
