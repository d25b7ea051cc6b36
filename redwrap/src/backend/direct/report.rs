//! What the processes of a launch tell the launcher: one JSON object a line, over a pipe.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use serde::{Deserialize, Serialize};

use crate::backend::Error;
use crate::backend::prepare::pipe;

/// The ids that a user namespace has: inside, and in the namespace above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maps {
    /// User ids.
    pub uid: (u32, u32),
    /// Group ids.
    pub gid: (u32, u32),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// The first process of the sandbox, by its id outside.
    Started(i32),
    /// The first process waits for its user namespace to be mapped.
    Map(Maps),
    /// What was done failed, with an error number. The program has not run.
    Failed {
        /// What was tried.
        step: String,
        /// Error number, see errno(3).
        errno: i32,
    },
    /// The program could not be executed.
    NotExecuted(i32),
    /// The program's status.
    Ended(u8),
}

impl Message {
    /// Of a step and the kernel's reason.
    pub fn failed(step: &str, error: &io::Error) -> Self {
        Self::Failed {
            step: step.to_owned(),
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}

/// Sends a message. When the launcher is gone nobody is left to tell.
pub fn send(writer: &OwnedFd, message: &Message) {
    if let Ok(mut line) = serde_json::to_vec(message) {
        line.push(b'\n');
        let _ = nix::unistd::write(writer, &line);
    }
}

/// The launcher's end.
#[derive(Debug)]
pub struct Reader {
    pipe: File,
    read: RefCell<Read>,
}

#[derive(Debug, Default)]
struct Read {
    bytes: Vec<u8>,
    has_ended: bool,
}

impl Reader {
    /// Makes the pipe: reading, writing.
    ///
    /// # Errors
    /// When descriptors run out.
    pub fn new() -> Result<(Self, OwnedFd), Error> {
        let (reader, writer) = pipe()?;
        let reader = Self {
            pipe: File::from(reader),
            read: RefCell::default(),
        };
        Ok((reader, writer))
    }

    /// From now on reading never waits.
    ///
    /// # Errors
    /// Never, for a pipe.
    pub fn do_not_wait(&self) -> Result<(), Error> {
        fcntl(self.pipe.as_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
            .map(drop)
            .map_err(|errno| Error::System {
                verb: "set up a pipe",
                source: errno.into(),
            })
    }

    /// The next message, `None` when there is none for now or nobody is left to send one.
    pub fn next(&self) -> Option<Message> {
        let mut read = self.read.borrow_mut();
        loop {
            if let Some(end) = read.bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = read.bytes.drain(..=end).collect();
                return serde_json::from_slice(&line).ok();
            }
            let mut buffer = [0; 512];
            match (&self.pipe).read(&mut buffer) {
                Ok(0) => {
                    read.has_ended = true;
                    return None;
                }
                Ok(count) => read.bytes.extend(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // An empty pipe: nothing more for now.
                Err(_) => return None,
            }
        }
    }

    /// What to watch for more; nothing once all who could send have ended.
    pub fn watched(&self) -> Option<BorrowedFd<'_>> {
        (!self.read.borrow().has_ended).then(|| self.pipe.as_fd())
    }
}
