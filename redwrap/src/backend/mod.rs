//! What carries a launch plan out. The rest of the program knows just this trait.

pub mod bubblewrap;
pub mod direct;
mod error;
mod prepare;

pub use error::Error;

use redpak::plan::Plan;

/// How a launch ended, as the caller's shell will see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The program ran and ended with this status; 128+N when signal N ended it.
    Program(u8),
    /// The launcher failed before the program ran.
    Failed,
    /// The program exists and cannot be executed.
    NotExecutable,
    /// The program, or the interpreter that it names, does not exist.
    NotFound,
}

impl Exit {
    /// Status of redwrap's own failures, as env(1) has it.
    pub const OWN_FAILURE: u8 = 125;

    /// Exit status of a program that `signal` ended.
    pub fn from_signal(signal: i32) -> Self {
        // Signals are at most 64, so the sum fits.
        Exit::Program(128u8.saturating_add(u8::try_from(signal).unwrap_or(u8::MAX)))
    }

    /// The number that the shell sees.
    pub fn status(self) -> u8 {
        match self {
            Exit::Program(status) => status,
            Exit::Failed => Self::OWN_FAILURE,
            Exit::NotExecutable => 126,
            Exit::NotFound => 127,
        }
    }
}

/// Something that can start a program in the namespace that a plan describes.
pub trait Backend {
    /// Does what `plan` says and waits for the program to end.
    ///
    /// # Errors
    /// When the program could not be started for a reason that is not the program's. The program has not run then.
    fn carry_out(&self, plan: &Plan) -> Result<Exit, Error>;
}
