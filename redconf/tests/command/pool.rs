//! Temporary pools and the program run on them.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A pool of nodes, and an empty core OS beside it.
pub struct Pool(tempfile::TempDir);

/// What a run left behind.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Pool {
    pub fn new() -> Self {
        let pool = Self(tempfile::tempdir().expect("a temporary directory"));
        std::fs::create_dir(pool.path("core")).expect("a core OS");
        pool
    }

    /// A pool with a system node, a node and its child.
    pub fn family() -> Self {
        let pool = Self::new();
        pool.node("p", "system", "system node");
        pool.node("p/a", "platform", "");
        pool.node("p/a/b", "app", "");
        pool
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        std::fs::canonicalize(self.0.path()).expect("it exists").join(relative)
    }

    pub fn text(&self, relative: &str) -> String {
        self.path(relative).to_str().expect("UTF-8").to_owned()
    }

    pub fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(path, text).expect("a file");
    }

    pub fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).expect("a file")
    }

    pub fn node(&self, relative: &str, alias: &str, info: &str) {
        let path = self.text(relative);
        self.write(&format!("{relative}/.rednode.yaml"), &status("Enable", &path, info));
        self.config(relative, &format!("headers: {{alias: {alias}}}\n"));
    }

    pub fn config(&self, relative: &str, text: &str) {
        self.write(&format!("{relative}/etc/redpack.yaml"), text);
    }

    /// Runs redconf in the pool, with an environment of its own.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("redconf starts"), arguments)
    }

    /// The same as another user, where the tests run as root.
    pub fn run_as(&self, user: u32, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        Run::of(command.uid(user).gid(user).output().expect("redconf starts"), arguments)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redconf"));
        command
            .args(arguments)
            .env_clear()
            .env("TERM", "xterm")
            .current_dir(self.0.path());
        command
    }
}

pub fn status(state: &str, path: &str, info: &str) -> String {
    format!("state: {state}\nrealpath: {path}\ntimestamp: 1\ninfo: \"{info}\"\n")
}

pub fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        redpak_testing::skip("only root can become another user or mount");
    }
    root
}

impl Run {
    fn of(output: Output, arguments: &[&str]) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        let run = Self {
            status: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        // Shown when the test fails.
        println!("redconf {arguments:?}: {}\n{}{}", run.status, run.stdout, run.stderr);
        run
    }

    /// Standard output of a run that went well and had nothing to say beside.
    pub fn good(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""));
        self.stdout
    }

    /// Standard error of a run that failed and printed no result.
    pub fn bad(self) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (1, ""));
        self.stderr
    }
}

/// A file name, for messages.
pub fn shown(path: &Path) -> String {
    path.display().to_string()
}
