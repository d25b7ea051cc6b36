//! librpm's macros.
#![allow(unsafe_code, reason = "calls librpm's macro functions")]

use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::ptr;

use rpm_sys as raw;

use crate::c_string;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// The global macro context.
#[derive(Debug, Clone, Copy)]
pub struct Macros<'e> {
    engine: &'e Engine,
}

impl<'e> Macros<'e> {
    pub(crate) fn new(engine: &'e Engine) -> Self {
        Self { engine }
    }

    /// Expands `text`, which may hold macros.
    pub fn expand(&self, text: impl AsRef<OsStr>) -> Result<OsString> {
        let text = text.as_ref();
        let source = c_string::to_c(text.as_bytes(), "the text to expand")?;
        let (expanded, log) = self.engine.capture(|| expand(&source));
        expanded.ok_or_else(|| macro_error(text, "expanding", log))
    }

    /// Whether a macro of this name exists.
    pub fn is_defined(&self, name: &str) -> Result<bool> {
        let name = c_string::to_c(name, "the macro's name")?;
        // SAFETY: null is the global context, the name is a C string.
        Ok(unsafe { raw::rpmMacroIsDefined(ptr::null_mut(), name.as_ptr()) } != 0)
    }

    /// Defines `name` as exactly `value`, over any definition there is, until the guard is dropped.
    ///
    /// The level is `RMIL_GLOBAL`: librpm pushes macros of the command line's level twice, and they would survive.
    /// The value is literal. Nothing in it is expanded, so that a `%` in a path stays one.
    pub fn push_global(&self, name: &str, value: impl AsRef<OsStr>) -> Result<MacroGuard<'e>> {
        let c_name = c_string::to_c(name, "the macro's name")?;
        let body = c_string::to_c(value.as_ref().as_bytes(), "the macro's value")?;
        let (status, log) = self.engine.capture(|| push_literal(&c_name, &body));
        if status != 0 {
            return Err(macro_error(OsStr::new(name), "defining", log));
        }
        Ok(MacroGuard {
            _macros: *self,
            name: c_name,
            value: OsString::from_vec(body.into_bytes()),
        })
    }
}

fn expand(source: &CStr) -> Option<OsString> {
    let mut expanded = ptr::null_mut();
    // SAFETY: null is the global context; the result goes to a pointer that is ours to free.
    let status = unsafe { raw::rpmExpandMacros(ptr::null_mut(), source.as_ptr(), &raw mut expanded, 0) };
    // SAFETY: librpm left it null or allocated it for us.
    let expanded = unsafe { c_string::take(expanded) };
    expanded.filter(|_| status >= 0)
}

fn push_literal(name: &CStr, body: &CStr) -> i32 {
    // SAFETY: null is the global context and "no options"; librpm copies name and body.
    unsafe {
        raw::rpmPushMacroFlags(
            ptr::null_mut(),
            name.as_ptr(),
            ptr::null(),
            body.as_ptr(),
            raw::RMIL_GLOBAL.cast_signed(),
            raw::RPMMACRO_LITERAL,
        )
    }
}

fn macro_error(name: &OsStr, action: &'static str, log: Vec<crate::LogRecord>) -> Error {
    Error::Macro {
        name: name.to_string_lossy().into_owned(),
        action,
        log,
    }
}

/// A definition that is undone when this is dropped.
#[must_use = "dropping the guard undoes the definition"]
#[derive(Debug)]
pub struct MacroGuard<'e> {
    _macros: Macros<'e>,
    name: CString,
    value: OsString,
}

impl MacroGuard<'_> {
    /// What the macro was defined as.
    pub fn value(&self) -> &OsStr {
        &self.value
    }

    /// Undoes the definition now.
    pub fn pop(self) {}

    /// Whether our definition is the one in force. Reading the configuration anew (as libdnf5's `Base::setup` does)
    /// forgets all definitions; popping then would take away somebody else's.
    fn is_in_force(&self) -> bool {
        let text = [b"%{", self.name.as_bytes(), b"}"].concat();
        // Not captured: a guard may go in the middle of a transaction of libdnf5, which listens to the log itself then.
        let current = CString::new(text).ok().and_then(|text| expand(&text));
        current.is_some_and(|current| current == self.value)
    }
}

impl Drop for MacroGuard<'_> {
    fn drop(&mut self) {
        if self.is_in_force() {
            // SAFETY: null is the global context, the name is a C string.
            unsafe { raw::rpmPopMacro(ptr::null_mut(), self.name.as_ptr()) };
        }
    }
}
