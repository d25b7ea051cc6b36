//! What the tests of red-pak stand on.
//!
//! Nothing here imitates rpm, dnf5, OpenPGP or the kernel: [`Package`] is built by rpmbuild, [`Repository`] indexed by createrepo_c, [`Key`] made by
//! gnupg, [`Server`] speaks HTTP on a real loopback socket, and [`Run`] starts the programs of this workspace as a user would, as root or as an
//! unprivileged [`User`]. Everything lives in temporary directories that disappear with the value, so that any number of tests run at once.
//!
//! A test that lacks what it needs calls [`skip`], which says so aloud, and fails where `REDPAK_TEST_MUST_RUN=1` is set.

mod build;
mod comps;
mod damage;
mod disk;
mod entry;
mod family;
mod fuse_file;
mod image;
mod key;
mod launch;
mod metadata;
mod mount;
mod outcome;
mod package;
mod program;
mod random;
mod repository;
mod run;
mod server;
mod spec;
mod temporary;
mod terminal;
mod tool;
mod tree;
mod user;

pub use build::build_packages;
pub use comps::Group;
pub use damage::{exchange, flip_byte, truncate};
pub use disk::{Disk, DiskImage, FileSystem};
pub use entry::Entry;
pub use family::{NodeFiles, Pool, register_with_rpm};
pub use image::ReadOnlyImage;
pub use key::Key;
pub use launch::{Config, Launch, Mount, Mounts};
pub use metadata::write_metadata;
pub use mount::SmallFilesystem;
pub use outcome::Outcome;
pub use package::{Package, Scriptlet, Trigger, package};
pub use program::built_program;
pub use random::Random;
pub use repository::Repository;
pub use run::{Run, backend};
pub use server::{Fault, Server};
pub use temporary::directory;
pub use terminal::Terminal;
pub use tool::{have, tool};
pub use tree::Tree;
pub use user::{User, skip};
