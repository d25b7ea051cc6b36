//! What the steps of a plan mount and hold, opened once.

use std::collections::BTreeMap;
use std::os::fd::{AsRawFd as _, OwnedFd};

use redpak::plan::{Content, Operation, Plan, Source};

use super::sources::Opener;
use super::{inherited, memory_file};
use crate::backend::Error;

/// Open descriptors by the index of the step that they were opened for.
#[derive(Debug, Default)]
pub struct Descriptors(BTreeMap<usize, OwnedFd>);

impl Descriptors {
    /// Opens the sources of binds and takes over what `Internal` exports name.
    ///
    /// # Errors
    /// What cannot be opened, with the place that asks for it.
    pub fn open(plan: &Plan) -> Result<Self, Error> {
        Self::open_if(plan, |_| true)
    }

    /// As [`Descriptors::open`], but of the sources those alone of which something has to be checked.
    ///
    /// # Errors
    /// As there.
    pub fn open_checked(plan: &Plan) -> Result<Self, Error> {
        Self::open_if(plan, must_be_checked)
    }

    fn open_if(plan: &Plan, is_wanted: impl Fn(&Source) -> bool) -> Result<Self, Error> {
        let mut opener = Opener::default();
        // The caller's first: their numbers must not be found to be descriptors that were opened here.
        let mut opened = each(plan, inherited)?;
        opened.extend(each(plan, |operation| match operation {
            Operation::Bind { source, .. } if is_wanted(source) => Ok(Some(opener.open(source)?)),
            _ => Ok(None),
        })?);
        Ok(Self(opened))
    }

    /// Opens the contents of files that the plan holds, too.
    ///
    /// # Errors
    /// When memory or descriptors run out.
    pub fn with_contents(mut self, plan: &Plan) -> Result<Self, Error> {
        self.0.extend(each(plan, content)?);
        Ok(self)
    }

    /// What was opened for a step.
    pub fn of(&self, index: usize) -> Option<&OwnedFd> {
        self.0.get(&index)
    }

    /// Their numbers, by step.
    pub fn numbers(&self) -> BTreeMap<usize, i32> {
        self.0.iter().map(|(index, fd)| (*index, fd.as_raw_fd())).collect()
    }
}

/// Whether a source lies in a node, or where an ancestor has to allow it: then it is the opened thing that is mounted.
pub fn must_be_checked(source: &Source) -> bool {
    source.beneath.is_some() || !source.allowed_roots.is_empty()
}

type Opened = BTreeMap<usize, OwnedFd>;

/// What `open` gives for each step; an error says where the step was written.
fn each(plan: &Plan, mut open: impl FnMut(&Operation) -> Result<Option<OwnedFd>, Error>) -> Result<Opened, Error> {
    let steps = plan.steps.iter().enumerate();
    let opened = steps.filter_map(|(index, step)| match open(&step.operation) {
        Ok(fd) => Some(Ok((index, fd?))),
        Err(error) => Some(Err(Error::Step {
            origin: step.origin.clone(),
            error: Box::new(error),
        })),
    });
    opened.collect()
}

fn inherited(operation: &Operation) -> Result<Option<OwnedFd>, Error> {
    match operation {
        Operation::File {
            content: Content::Descriptor(number),
            ..
        } => inherited::duplicate(*number).map(Some),
        _ => Ok(None),
    }
}

fn content(operation: &Operation) -> Result<Option<OwnedFd>, Error> {
    match operation {
        Operation::File {
            content: Content::Bytes(bytes),
            ..
        } => memory_file::sealed("redwrap-file", bytes)
            .map(Some)
            .map_err(Error::MemoryFile),
        _ => Ok(None),
    }
}
