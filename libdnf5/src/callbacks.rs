//! The way back from C: the state of one call, which keeps callbacks and panics together.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A caught panic.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Callbacks for the time of one call of the shim. A panic in one of them is kept here, and no callback runs after it.
pub(crate) struct CallState<'a, C: ?Sized> {
    callbacks: &'a mut C,
    panic: Option<Panic>,
}

impl<'a, C: ?Sized> CallState<'a, C> {
    pub(crate) fn new(callbacks: &'a mut C) -> Self {
        Self { callbacks, panic: None }
    }

    /// The `user` pointer of the C callbacks.
    pub(crate) fn user(&mut self) -> *mut c_void {
        (&raw mut *self).cast()
    }

    /// Runs a callback; `stopped` is the answer when it panics and ever after.
    pub(crate) fn run<R>(&mut self, stopped: R, callback: impl FnOnce(&mut C) -> R) -> R {
        if self.panic.is_some() {
            return stopped;
        }
        match catch_unwind(AssertUnwindSafe(|| callback(self.callbacks))) {
            Ok(result) => result,
            Err(panic) => {
                self.panic = Some(panic);
                stopped
            }
        }
    }

    /// Goes on with a panic that a callback began. To be called when C++ has returned.
    pub(crate) fn resume(self) {
        if let Some(panic) = self.panic {
            resume_unwind(panic);
        }
    }
}
