//! Questions about keys.

use std::ffi::{OsStr, OsString, c_void};

use dnf5_sys as raw;

use super::callbacks::CallState;
use super::strings::{copy_list, view};

/// An OpenPGP key of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// The key's id.
    pub key_id: OsString,
    /// The key's fingerprint.
    pub fingerprint: OsString,
    /// Whose key it says it is.
    pub user_ids: Vec<OsString>,
    /// Where it came from.
    pub url: OsString,
    /// The file that it is in.
    pub path: OsString,
    /// When it was made, in seconds since the epoch.
    pub timestamp: i64,
}

/// Asked before keys are imported or removed. Without an answer none is.
pub trait RepoCallbacks {
    /// May this key be imported?
    fn repokey_import(&mut self, _repo_id: &OsStr, _key: &KeyInfo) -> bool {
        false
    }

    /// It was imported.
    fn repokey_imported(&mut self, _repo_id: &OsStr, _key: &KeyInfo) {}

    /// May this key be removed? `reason` says why it should.
    fn repokey_remove(&mut self, _repo_id: &OsStr, _key: &KeyInfo, _reason: &OsStr) -> bool {
        false
    }

    /// It was removed.
    fn repokey_removed(&mut self, _repo_id: &OsStr, _key: &KeyInfo) {}
}

/// Imports nothing.
impl RepoCallbacks for () {}

pub(crate) type KeyState<'a> = CallState<'a, dyn RepoCallbacks + 'a>;

/// The C side of a state, for one call.
pub(crate) fn to_raw(state: &mut KeyState<'_>) -> raw::Rdnf5RepoCallbacks {
    raw::Rdnf5RepoCallbacks {
        user: state.user(),
        event: Some(event),
    }
}

/// # Safety
/// As C callback of [`to_raw`] only.
unsafe extern "C" fn event(user: *mut c_void, event: *const raw::Rdnf5RepoKeyEvent) -> i32 {
    // SAFETY: `user` is the state of the call that is running, which touches it in its callbacks alone; the event lives until this
    // function returns.
    let (state, event) = unsafe { (&mut *user.cast::<KeyState<'_>>(), &*event) };
    state.run(false, |callbacks| dispatch(callbacks, event)).into()
}

fn dispatch(callbacks: &mut (dyn RepoCallbacks + '_), event: &raw::Rdnf5RepoKeyEvent) -> bool {
    let key = key_info(event);
    // SAFETY: the views live as long as the event.
    let (repo_id, message) = unsafe { (view(event.repo_id), view(event.message)) };
    match event.kind {
        raw::RDNF5_REPO_KEY_IMPORT => return callbacks.repokey_import(repo_id, &key),
        raw::RDNF5_REPO_KEY_IMPORTED => callbacks.repokey_imported(repo_id, &key),
        raw::RDNF5_REPO_KEY_REMOVE => return callbacks.repokey_remove(repo_id, &key, message),
        raw::RDNF5_REPO_KEY_REMOVED => callbacks.repokey_removed(repo_id, &key),
        _ => {}
    }
    false
}

fn key_info(event: &raw::Rdnf5RepoKeyEvent) -> KeyInfo {
    // SAFETY: views and list live as long as the event and are copied.
    unsafe {
        KeyInfo {
            key_id: view(event.key_id).to_owned(),
            fingerprint: view(event.fingerprint).to_owned(),
            user_ids: copy_list(event.user_ids),
            url: view(event.url).to_owned(),
            path: view(event.path).to_owned(),
            timestamp: event.timestamp,
        }
    }
}
