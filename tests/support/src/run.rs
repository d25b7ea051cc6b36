//! Starts a built program as a user would.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Outcome, Tree, User, built_program, temporary, terminal};

/// Names the backend that `redwrap` is tested with; unset, it is redwrap's own choice.
const BACKEND: &str = "REDPAK_TEST_BACKEND";

/// The backend that `redwrap` is tested with, when it is not its own choice.
pub fn backend() -> Option<OsString> {
    std::env::var_os(BACKEND)
}

/// A program to start, with a clean environment, a home of its own and a time limit.
#[derive(Debug)]
pub struct Run {
    command: Command,
    home: TempDir,
    user: User,
    input: Vec<u8>,
    limit: Duration,
    shown: Vec<PathBuf>,
}

impl Run {
    /// A program of this workspace.
    pub fn program(name: &str) -> Self {
        Self::command(built_program(name))
    }

    /// `redwrap-dnf --redpath=NODE`
    pub fn dnf(node: &Path) -> Self {
        Self::program("redwrap-dnf").arg(redpath(node)).show(node)
    }

    /// `redwrap --redpath=NODE`
    pub fn redwrap(node: &Path) -> Self {
        let backend = backend().map(|name| format!("--backend={}", name.display()));
        Self::program("redwrap").args(backend).arg(redpath(node)).show(node)
    }

    /// Any other program, by path or looked up in the usual directories.
    pub fn command(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        let home = temporary::directory();
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", home.path());
        command.env("LANG", "C.UTF-8").env("TERM", "dumb").current_dir("/");
        let limit = Duration::from_secs(120);
        Self {
            command,
            home,
            user: User::current(),
            input: Vec::new(),
            limit,
            shown: Vec::new(),
        }
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// A variable of the environment.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// The working directory; `/` if not said.
    pub fn directory(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Starts it as another user, without supplementary groups. Needs root unless it is the current one.
    pub fn user(mut self, user: &User) -> Self {
        self.user = user.clone();
        self
    }

    /// What it reads from stdin; nothing if not said.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// How long it may take; two minutes if not said.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// A tree to list when an expectation is not met.
    pub fn show(mut self, tree: &Path) -> Self {
        self.shown.push(tree.to_owned());
        self
    }

    /// Starts it with all streams piped and lets it run. The home directory stays as long as the second value.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(mut self) -> (Child, TempDir) {
        let child = self.start();
        (child, self.home)
    }

    /// The same program below setsid(1), for [`crate::Terminal`], and its home.
    pub(crate) fn in_a_session(mut self) -> (Command, TempDir) {
        self.prepare();
        let mut session = terminal::session(self.command.get_program());
        let directory = self.command.get_current_dir().unwrap_or(Path::new("/"));
        session.args(self.command.get_args()).env_clear().current_dir(directory);
        session.envs(self.command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        self.command = session;
        self.become_user();
        (self.command, self.home)
    }

    fn prepare(&mut self) {
        self.user.own(self.home.path());
        self.command
            .env("USER", &self.user.name)
            .env("LOGNAME", &self.user.name);
    }

    fn become_user(&mut self) {
        if self.user != User::current() {
            self.command.uid(self.user.uid).gid(self.user.gid);
        }
    }

    fn start(&mut self) -> Child {
        self.prepare();
        self.become_user();
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        // A test that has just written the program may find a sibling of its own still holding it open: another thread forked
        // meanwhile, and has not executed anything yet.
        for _ in 0..500 {
            match self.command.spawn() {
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::sleep(Duration::from_millis(10)),
                Err(error) => panic!("cannot start {}: {error}", self.line()),
                Ok(child) => return child,
            }
        }
        panic!("cannot start {}: it stays busy", self.line())
    }

    fn line(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        format!("[{}] {}", self.user.name, words.join(" "))
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it cannot be started or takes longer than its limit.
    #[track_caller]
    pub fn run(mut self) -> Outcome {
        let mut child = self.start();
        let input = std::mem::take(&mut self.input);
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A program that does not read its input closes the pipe: no error.
        let writer = thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = read_all(child.stdout.take().expect("stdout is piped"));
        let stderr = read_all(child.stderr.take().expect("stderr is piped"));
        let status =
            wait(&mut child, self.limit).unwrap_or_else(|| panic!("killed after {:?}: {}", self.limit, self.line()));
        writer.join().expect("the writer does not panic");
        let [stdout, stderr] = [stdout, stderr].map(|reader| reader.join().expect("the reader does not panic"));
        let trees = self
            .shown
            .iter()
            .map(|tree| format!("--- {}\n{}", tree.display(), Tree::listing(tree)))
            .collect();
        Outcome {
            command: self.line(),
            trees,
            status,
            stdout,
            stderr,
        }
    }
}

/// `--redpath=PATH` as bytes.
fn redpath(node: &Path) -> OsString {
    let mut option = OsString::from("--redpath=");
    option.push(node);
    option
}

fn read_all(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("read from a pipe");
        bytes
    })
}

/// Waits, and kills the whole process group at the limit.
fn wait(child: &mut Child, limit: Duration) -> Option<std::process::ExitStatus> {
    let end = Instant::now() + limit;
    let mut pause = Duration::from_micros(500);
    while Instant::now() < end {
        if let Some(status) = child.try_wait().expect("wait for a child") {
            return Some(status);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    let group = rustix::process::Pid::from_child(child);
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    let _ = child.wait();
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_status_and_environment() {
        let outcome = Run::command("/bin/sh")
            .args(["-c", "cat; echo \"$USER\" >&2; exit 3"])
            .input("in")
            .run();
        assert_eq!(
            (outcome.code(), outcome.out().as_str(), outcome.err().trim()),
            (3, "in", User::current().name.as_str())
        );
        let environment = Run::command("/usr/bin/env").run().success().out();
        assert!(!environment.contains("CARGO"), "{environment}");
    }

    #[test]
    #[should_panic(expected = "killed after")]
    fn a_program_that_hangs_is_killed() {
        Run::command("/bin/sh")
            .args(["-c", "sleep 1000 & sleep 1000"])
            .limit(Duration::from_millis(100))
            .run();
    }
}
