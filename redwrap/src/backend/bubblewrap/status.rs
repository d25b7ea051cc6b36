//! What bubblewrap tells through `--json-status-fd`: one JSON object a line, see bwrap(1).

use std::cell::RefCell;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::Pid;
use serde::Deserialize;

use super::wait::Report;
use crate::backend::Error;
use crate::backend::prepare::pipe;

/// The pipe, while both ends are ours.
#[derive(Debug)]
pub struct Status {
    reader: OwnedFd,
    writer: OwnedFd,
}

/// The reading end, and what was read so far.
#[derive(Debug)]
pub struct Reading {
    pipe: RefCell<File>,
    text: RefCell<Vec<u8>>,
}

#[derive(Debug, Deserialize)]
struct Line {
    #[serde(rename = "child-pid")]
    child: Option<i32>,
    #[serde(rename = "exit-code")]
    exit: Option<i32>,
}

impl Status {
    /// A new pipe; reading from it never waits.
    pub fn new() -> Result<Self, Error> {
        let (reader, writer) = pipe()?;
        fcntl(reader.as_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(|errno| Error::System {
            verb: "set up a pipe",
            source: errno.into(),
        })?;
        Ok(Self { reader, writer })
    }

    /// The end for bubblewrap.
    pub const fn writer(&self) -> &OwnedFd {
        &self.writer
    }

    /// Gives up the writing end, once bubblewrap has it.
    pub fn reading(self) -> Reading {
        Reading {
            pipe: RefCell::new(File::from(self.reader)),
            text: RefCell::default(),
        }
    }
}

impl Report for Reading {
    fn child(&self) -> Option<Pid> {
        self.lines().find_map(|line| line.child).map(Pid::from_raw)
    }

    /// bubblewrap tells none when it failed before the program.
    fn exit_code(&self) -> Option<i32> {
        self.lines().find_map(|line| line.exit)
    }
}

impl Reading {
    fn lines(&self) -> impl Iterator<Item = Line> {
        let mut text = self.text.borrow_mut();
        // An empty pipe is an error of the kind WouldBlock: nothing more to read for now.
        let _ = self.pipe.borrow_mut().read_to_end(&mut text);
        let lines: Vec<Line> = text
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        lines.into_iter()
    }
}
