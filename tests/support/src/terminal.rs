//! A terminal to run a program on, as a person at a keyboard would.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tempfile::TempDir;

use crate::{Run, tool};

/// How long a program may take to show something, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(300);

/// A program with a pseudoterminal as its controlling terminal.
#[derive(Debug)]
pub struct Terminal {
    keyboard: File,
    screen: String,
    child: Child,
    _home: TempDir,
}

impl Terminal {
    /// Starts `run` in a session of its own on a new terminal of 24 lines and 80 columns.
    ///
    /// # Panics
    /// When the terminal or the program cannot be had.
    pub fn start(run: Run) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("open a terminal");
        grantpt(&keyboard)
            .and_then(|()| unlockpt(&keyboard))
            .expect("unlock the terminal");
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let screen = File::from(ioctl_tiocgptpeer(&keyboard, flags).expect("the other end of the terminal"));
        let stream = || Stdio::from(screen.try_clone().expect("duplicate a descriptor"));
        let (mut command, home) = run.in_a_session();
        command.stdin(stream()).stdout(stream()).stderr(stream());
        let child = command.spawn().expect("start setsid");
        let terminal = Self {
            keyboard: File::from(keyboard),
            screen: String::new(),
            child,
            _home: home,
        };
        terminal.resize(24, 80);
        terminal
    }

    /// Types.
    ///
    /// # Panics
    /// When nobody has the terminal open.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("type");
    }

    /// Gives the terminal another size, as when its window is resized.
    ///
    /// # Panics
    /// When it has gone.
    pub fn resize(&self, lines: u16, columns: u16) {
        let size = Winsize {
            ws_row: lines,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&self.keyboard, size).expect("resize the terminal");
    }

    /// Reads until the text has appeared since it was waited for last; what was shown since then, the text included.
    ///
    /// # Panics
    /// When it does not appear in time.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> String {
        while !self.screen.contains(text) {
            assert!(
                self.read(),
                "wanted {text:?} on the terminal, which shows:\n{}",
                self.screen
            );
        }
        let end = self.screen.find(text).map_or(0, |start| start + text.len());
        self.screen.drain(..end).collect()
    }

    /// Reads on to the end and returns the program's status.
    ///
    /// # Panics
    /// When it does not end in time.
    #[track_caller]
    pub fn ends(mut self) -> i32 {
        while self.read() {}
        let status = self.child.try_wait().expect("wait for the program").or_else(|| {
            std::thread::sleep(Duration::from_millis(500));
            self.child.try_wait().expect("wait for the program")
        });
        let status = status.unwrap_or_else(|| panic!("the program does not end; the terminal shows:\n{}", self.screen));
        status.code().expect("setsid turns signals into a status")
    }

    /// All that it shows until it ends.
    ///
    /// # Panics
    /// When it does not end in time.
    #[track_caller]
    pub fn shows_to_the_end(mut self) -> String {
        while self.read() {}
        let shown = std::mem::take(&mut self.screen);
        self.ends();
        shown
    }

    /// Reads what is there; `false` at the end, or when nothing comes.
    fn read(&mut self) -> bool {
        let timeout = Timespec::try_from(PATIENCE).expect("a small number");
        let mut ready = [PollFd::new(&self.keyboard, PollFlags::IN)];
        if poll(&mut ready, Some(&timeout)).expect("wait for the terminal") == 0 {
            return false;
        }
        let mut bytes = [0; 4096];
        match self.keyboard.read(&mut bytes) {
            Ok(length) => self.screen += &String::from_utf8_lossy(&bytes[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // EIO: nobody has the other end open any more.
            Err(_) => return false,
        }
        true
    }

    /// Process id of the session's leader.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Terminal {
    /// A failed test leaves no session behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Command that makes its stdin the controlling terminal of what it starts.
pub(crate) fn session(program: &std::ffi::OsStr) -> Command {
    assert!(tool::have("setsid"), "setsid(1) of util-linux is missing");
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait"]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_has_job_control_and_hears_the_keyboard() {
        let script = "test -t 0 && stty size; trap 'echo caught; exit 4' INT; trap 'stty size' WINCH; echo ready; while :; do sleep 0.02; done";
        let mut terminal = Terminal::start(Run::command("sh").args(["-c", script]));
        terminal.shows("24 80");
        terminal.shows("ready");
        terminal.resize(50, 100);
        terminal.shows("50 100");
        terminal.types("\x03");
        terminal.shows("caught");
        assert_eq!(terminal.ends(), 4);
    }
}
