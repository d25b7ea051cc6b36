//! What the steps of a plan mount and hold, opened once.

use std::collections::BTreeMap;
use std::os::fd::{AsRawFd as _, OwnedFd};

use redpak::plan::{Content, Operation, Plan};

use super::error::Error;
use super::sources::Opener;
use super::{inherited, memory_file};

/// Open descriptors by the index of the step that they were opened for.
#[derive(Debug, Default)]
pub struct Descriptors(BTreeMap<usize, OwnedFd>);

impl Descriptors {
    /// Opens the sources of binds and the contents of files.
    ///
    /// # Errors
    /// What cannot be opened, with the place that asks for it.
    pub fn open(plan: &Plan) -> Result<Self, Error> {
        let mut opener = Opener::default();
        let mut opened = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            let fd = open(&step.operation, &mut opener).map_err(|error| Error::Step {
                origin: step.origin.clone(),
                error: Box::new(error),
            })?;
            opened.extend(fd.map(|fd| (index, fd)));
        }
        Ok(Self(opened))
    }

    /// Their numbers, by step.
    pub fn numbers(&self) -> BTreeMap<usize, i32> {
        self.0.iter().map(|(index, fd)| (*index, fd.as_raw_fd())).collect()
    }
}

fn open(operation: &Operation, opener: &mut Opener) -> Result<Option<OwnedFd>, Error> {
    Ok(match operation {
        Operation::Bind { source, .. } => Some(opener.open(source)?),
        Operation::File {
            content: Content::Bytes(bytes),
            ..
        } => Some(memory_file::sealed("redwrap-file", bytes).map_err(Error::MemoryFile)?),
        Operation::File {
            content: Content::Descriptor(number),
            ..
        } => Some(inherited::duplicate(*number)?),
        _ => None,
    })
}
