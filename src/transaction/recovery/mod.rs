//! What a journal promises, and what an interrupted transaction left undone.
//!
//! [`change`] is the plan as the journal keeps it: package instances that come and go. [`configuration`] says what
//! becomes of files that users change. [`undone`] compares a plan with what
//! the rpmdb holds now. [`steps`] is the order in which a transaction reaches the disk; the program takes its steps from
//! there, and a model of a disk proves that no power cut in between loses anything.

pub mod change;
pub mod configuration;
pub mod steps;
pub mod undone;

pub use change::{Change, Inbound, Outbound, PlannedFile, Scripts, nevra};
pub use configuration::{Config, Fate};
pub use steps::{Ending, Step};
pub use undone::{Left, Present, Undone};
