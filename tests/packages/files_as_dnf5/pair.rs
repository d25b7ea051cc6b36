//! An installroot and a node that get the same commands.

use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Outcome, Package, Pool, Repository, Run, User, directory, tool};
use tempfile::TempDir;

const NODE: &str = "node";

/// How `app` is built.
const SPEC: &str = "Name: app\nVersion: 1\nRelease: 1\nSummary: -\nLicense: MIT\nBuildArch: noarch\n\
    BuildRequires: lib >= 2\nBuildRequires: tool\n%bcond_with extra\n%{?with_extra:BuildRequires: gone}\n\
    %{?more:BuildRequires: %more}\n%description\n-\n%files\n";

/// The two, and the repositories of both.
pub struct Pair {
    pool: Pool,
    installroot: TempDir,
    work: TempDir,
    pub repository: Repository,
    sources: Repository,
}

impl Pair {
    /// `app` needs `lib`, of which there are two versions; building it takes `tool` and the newer `lib`.
    pub fn new() -> Self {
        let packages = ["1-1", "2-1"].map(|evr| Package::new("lib", evr));
        let mut packages = packages.to_vec();
        packages.push(Package::new("app", "1-1").requires("lib"));
        packages.push(Package::new("tool", "1-1"));
        let pair = Self {
            pool: Pool::new(&User::current()),
            installroot: directory(),
            work: directory(),
            repository: Repository::new(&packages),
            sources: Repository::new(&[]),
        };
        pair.build_source();
        pair.pool.create(NODE);
        let repos = pair.repository.repo_file("made")
            + &pair.sources.repo_file("made-source").replace("enabled=1", "enabled=0");
        pair.write("etc/yum.repos.d/made.repo", &repos);
        pair
    }

    fn build_source(&self) {
        let spec = self.repository.path().join("app.spec");
        fs::write(&spec, SPEC).expect("write the spec file");
        let place = |name: &str, path: &Path| ["--define".to_owned(), format!("{name} {}", path.display())];
        let mut arguments = vec!["-bs".to_owned(), "--quiet".to_owned(), "--nodeps".to_owned()];
        arguments.extend(place("_topdir", &self.repository.path().join("build")));
        arguments.extend(place("_srcrpmdir", self.sources.path()));
        arguments.push(spec.display().to_string());
        tool("rpmbuild", arguments);
        self.sources.index();
    }

    /// A file of both.
    pub fn write(&self, file: &str, text: &str) {
        self.pool.write(NODE, file, text);
        let path = self.installroot.path().join(file);
        fs::create_dir_all(path.parent().expect("a directory")).expect("make the directory");
        fs::write(path, text).expect("write the file");
    }

    /// The node.
    pub fn node(&self) -> PathBuf {
        self.pool.node(NODE)
    }

    /// Where commands are typed, the same for both; emptied before each.
    pub fn work(&self) -> &Path {
        self.work.path()
    }

    /// `redwrap-dnf` on the node.
    pub fn ours(&self, line: &str) -> Outcome {
        self.pool.dnf(NODE).args(self.words(line)).directory(self.work()).run()
    }

    fn theirs(&self, line: &str) -> Outcome {
        let installroot = format!("--installroot={}", self.installroot.path().display());
        Run::command("dnf5")
            .arg(installroot)
            .args(self.words(line))
            .directory(self.work())
            .run()
    }

    fn words(&self, line: &str) -> Vec<String> {
        let [repository, sources] =
            [&self.repository, &self.sources].map(|repository| repository.path().display().to_string());
        let words = line.split_whitespace();
        words
            // A word with a blank is typed with an underscore in the place of it.
            .map(|word| {
                word.replace("REPO", &repository)
                    .replace("SOURCES", &sources)
                    .replace("more_", "more ")
                    .replace("_or_", " or ")
            })
            .collect()
    }

    /// Both do the same with each command. `files` are compared after it, too.
    #[track_caller]
    pub fn same(&self, lines: &[&str], files: &[&str]) {
        for line in lines {
            let theirs = self.seen(&self.theirs(line), files, self.installroot.path());
            let ours = self.seen(&self.ours(line), files, &self.node());
            assert!(ours == theirs, "{line}: redwrap-dnf\n{ours}\n--- dnf5\n{theirs}");
        }
    }

    fn seen(&self, outcome: &Outcome, files: &[&str], root: &Path) -> String {
        let mut text = format!(
            "status {}\n{}--- stderr\n{}",
            outcome.code(),
            outcome.out(),
            outcome.err()
        );
        for file in files {
            let content = fs::read_to_string(root.join(file)).unwrap_or_else(|error| error.kind().to_string());
            text += &format!("--- {file}\n{content}");
        }
        for path in listed(self.work()) {
            text += &format!("--- {}\n", path.strip_prefix(self.work()).expect("below").display());
        }
        fs::remove_dir_all(self.work())
            .and_then(|()| fs::create_dir(self.work()))
            .expect("empty the directory");
        // Speeds and times stand behind bars.
        let lines = text.lines().filter(|line| !line.contains(" | "));
        let lines = lines.map(|line| without_time(&line.replace(&root.display().to_string(), "ROOT")) + "\n");
        lines.collect()
    }
}

fn listed(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("read the directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(listed(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// `… command on 2026-01-31 12:34:56` ends at `on`.
fn without_time(line: &str) -> String {
    match line.split_once(" command on 2") {
        Some((start, end)) => format!("{start} command on{}", if end.ends_with('"') { "\"" } else { "" }),
        None => line.to_owned(),
    }
}
