//! What the program redwrap-dnf stands on: the safe layer over libdnf5.

pub mod dnf5;
