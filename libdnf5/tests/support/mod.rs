//! An installroot with repositories, and a base over it.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use libdnf5::{Base, ExcludeFlags, Goal, Job, Load, OptionPriority, PackageQuery, RunResult, Transaction};
use librpm::Engine;
use redpak_testing::Repository;
use tempfile::TempDir;

/// librpm and libdnf5 have one state per process, so the tests of a binary take turns.
static TURN: Mutex<()> = Mutex::new(());

/// The engine, for as long as it is one test's turn.
pub struct Turn {
    pub engine: Engine,
    _turn: MutexGuard<'static, ()>,
}

pub fn turn() -> Turn {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    Turn {
        engine: Engine::start().expect("librpm starts"),
        _turn: turn,
    }
}

/// An empty root directory to install into.
pub struct Root {
    directory: TempDir,
    repositories: Vec<Repository>,
}

impl Root {
    pub fn new() -> Self {
        let directory = redpak_testing::directory();
        fs::create_dir_all(directory.path().join("etc/yum.repos.d")).expect("the root can be filled");
        fs::create_dir_all(directory.path().join("etc/dnf")).expect("the root can be filled");
        Self {
            directory,
            repositories: Vec::new(),
        }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// A root with the repository `shop`.
    pub fn with(repository: Repository) -> Self {
        let mut root = Self::new();
        root.repository("shop", repository);
        root
    }

    /// Declares a repository in a file of its own, and keeps it.
    pub fn repository(&mut self, id: &str, repository: Repository) {
        let file = self.join("etc/yum.repos.d").join(format!("{id}.repo"));
        fs::write(file, repository.repo_file(id)).expect("a repository file can be written");
        self.repositories.push(repository);
    }

    /// A base on this root, set up, with its repositories made but not loaded.
    pub fn base<'e>(&self, engine: &'e Engine) -> Base<'e> {
        let base = self.base_before_setup(engine);
        base.setup().expect("the base can be set up");
        base.repo_sack()
            .create_repos_from_system_configuration()
            .expect("the repositories can be made");
        base
    }

    /// A base whose configuration is loaded.
    pub fn base_before_setup<'e>(&self, engine: &'e Engine) -> Base<'e> {
        let base = Base::new(engine).expect("a base can be made");
        let config = base.config();
        let set = |option: &str, value: &Path| {
            config
                .set(option, value, OptionPriority::Commandline)
                .expect("the option can be set");
        };
        set("installroot", self.path());
        set("cachedir", &self.join("var/cache/libdnf5"));
        base.load_config().expect("the configuration can be loaded");
        base
    }

    /// A base with everything loaded.
    pub fn loaded<'e>(&self, engine: &'e Engine) -> Base<'e> {
        let base = self.base(engine);
        load(&base);
        base
    }

    /// Installs packages in a base of its own.
    pub fn install(&self, engine: &Engine, specs: &[&str]) {
        let base = self.loaded(engine);
        let mut transaction = resolve(&base, Job::Install, specs);
        run(&mut transaction);
    }

    /// What plain rpm says is installed.
    pub fn installed(&self) -> Vec<String> {
        let mut names: Vec<_> = output(&self.rpm(&["-qa"])).lines().map(str::to_owned).collect();
        names.sort();
        names
    }

    pub fn rpm(&self, arguments: &[&str]) -> std::process::Output {
        self.program("rpm", "--root", arguments)
    }

    pub fn dnf5(&self, arguments: &[&str]) -> std::process::Output {
        self.program("dnf5", "--installroot", arguments)
    }

    fn program(&self, program: &str, root_option: &str, arguments: &[&str]) -> std::process::Output {
        std::process::Command::new(program)
            .arg(root_option)
            .arg(self.path())
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("the program can be started")
    }
}

/// Standard output of a program that succeeded.
pub fn output(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("the program writes UTF-8")
}

pub fn load(base: &Base<'_>) {
    base.repo_sack()
        .load_repos(Load::All, &mut (), &mut ())
        .expect("the repositories can be loaded");
}

pub fn resolve<'b>(base: &'b Base<'_>, job: Job, specs: &[&str]) -> Transaction<'b> {
    let mut goal = Goal::new(base).expect("a goal can be made");
    for spec in specs {
        goal.add(job, spec, None).expect("a job can be added");
    }
    goal.resolve().expect("the goal can be resolved")
}

/// Downloads and runs a transaction that must succeed.
pub fn run(transaction: &mut Transaction<'_>) {
    assert_eq!(transaction.resolve_logs_as_strings().unwrap(), [""; 0]);
    transaction.download(&mut ()).expect("the packages can be downloaded");
    let result = transaction.run(&mut (), &mut ()).expect("the transaction can be run");
    assert_eq!(result, RunResult::Success, "{:?}", transaction.transaction_problems());
}

pub fn query<'b>(base: &'b Base<'_>) -> PackageQuery<'b> {
    PackageQuery::new(base, ExcludeFlags::APPLY_EXCLUDES).expect("a query can be made")
}

/// The NEVRAs of a query, sorted.
pub fn nevras(query: &PackageQuery<'_>) -> Vec<OsString> {
    query
        .list()
        .expect("the packages can be listed")
        .iter()
        .map(|package| package.nevra().unwrap())
        .collect()
}
