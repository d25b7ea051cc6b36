//! A solution: what will be done, and doing it.

use std::ffi::{OsStr, OsString, c_void};

use dnf5_sys as raw;

use super::base::Base;
use super::callbacks::CallState;
use super::download_callbacks::{self, DownloadCallbacks, DownloadState};
use super::error::Result;
use super::handle::Owned;
use super::package::{self, Package, Reason};
use super::repo_callbacks::{self, KeyState, RepoCallbacks};
use super::strings::{bytes, view};
use super::transaction_callbacks::{self, TransactionCallbacks, TransactionListener, TransactionState};
use super::transaction_package::{self, Action, TransactionPackage};

number_enum! {
    /// What came of a run.
    pub enum RunResult {
        /// It was carried out.
        Success = RDNF5_RUN_SUCCESS,
        /// The transaction was run already.
        ErrorRerun = RDNF5_RUN_ERROR_RERUN,
        /// It is not resolved.
        ErrorResolve = RDNF5_RUN_ERROR_RESOLVE,
        /// Another transaction runs.
        ErrorLock = RDNF5_RUN_ERROR_LOCK,
        /// rpm's check or test failed. Nothing was changed.
        ErrorCheck = RDNF5_RUN_ERROR_CHECK,
        /// rpm failed while it ran.
        ErrorRpmRun = RDNF5_RUN_ERROR_RPM_RUN,
        /// A signature is missing or bad. Nothing was changed.
        ErrorGpgCheck = RDNF5_RUN_ERROR_GPG_CHECK,
    }
    else ErrorRpmRun
}

impl RunResult {
    /// libdnf5's text for it.
    pub fn text(self) -> Result<OsString> {
        string!(rdnf5_run_result_copy(self.number()))
    }
}

/// What stands in the way of a solution: bits of libdnf5's `GoalProblem`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problems(u32);

impl Problems {
    /// Nothing.
    pub const NO_PROBLEM: Self = Self(raw::RDNF5_PROBLEM_NO_PROBLEM);
    /// The solver found no solution.
    pub const SOLVER_ERROR: Self = Self(raw::RDNF5_PROBLEM_SOLVER_ERROR);
    /// No such package.
    pub const NOT_FOUND: Self = Self(raw::RDNF5_PROBLEM_NOT_FOUND);
    /// An exclude hides it.
    pub const EXCLUDED: Self = Self(raw::RDNF5_PROBLEM_EXCLUDED);
    /// There is only the source package.
    pub const ONLY_SRC: Self = Self(raw::RDNF5_PROBLEM_ONLY_SRC);
    /// Not in the chosen repositories.
    pub const NOT_FOUND_IN_REPOSITORIES: Self = Self(raw::RDNF5_PROBLEM_NOT_FOUND_IN_REPOSITORIES);
    /// Not installed.
    pub const NOT_INSTALLED: Self = Self(raw::RDNF5_PROBLEM_NOT_INSTALLED);
    /// No repository has it.
    pub const NOT_AVAILABLE: Self = Self(raw::RDNF5_PROBLEM_NOT_AVAILABLE);
    /// It is installed.
    pub const ALREADY_INSTALLED: Self = Self(raw::RDNF5_PROBLEM_ALREADY_INSTALLED);

    /// It is installed in another version than the stored transaction says.
    pub const INSTALLED_IN_DIFFERENT_VERSION: Self = Self(raw::RDNF5_PROBLEM_INSTALLED_IN_DIFFERENT_VERSION);
    /// The stored transaction does not have it.
    pub const EXTRA: Self = Self(raw::RDNF5_PROBLEM_EXTRA);

    /// libdnf5's number.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are among them.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A line of the resolve log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// libdnf5's number of what was to be done.
    pub action: u32,
    /// What stood in the way.
    pub problem: Problems,
    /// The specification that it is about.
    pub spec: OsString,
    /// The line as dnf5 prints it.
    pub text: OsString,
}

/// A group, an environment or a module of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionGroup {
    /// What happens to it.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Its id; a module's name.
    pub id: OsString,
    /// Its name; a module's stream.
    pub name: OsString,
}

/// A resolved transaction.
#[derive(Debug)]
pub struct Transaction<'b> {
    handle: Owned<raw::Rdnf5Transaction>,
    base: &'b Base<'b>,
}

impl<'b> Transaction<'b> {
    pub(crate) fn from_handle(handle: Owned<raw::Rdnf5Transaction>, base: &'b Base<'b>) -> Self {
        Self { handle, base }
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5Transaction {
        self.handle.raw()
    }

    /// What stands in the way of a solution.
    pub fn problems(&self) -> Result<Problems> {
        value!(0_u32, rdnf5_transaction_problems(self.raw())).map(Problems)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> Result<bool> {
        value!(0_u8, rdnf5_transaction_empty(self.raw())).map(|value| value != 0)
    }

    fn strings(&self, field: u32) -> Result<Vec<OsString>> {
        strings!(rdnf5_transaction_get_strings_copy(self.raw(), field))
    }

    /// The resolve log as dnf5 prints it.
    pub fn resolve_logs_as_strings(&self) -> Result<Vec<OsString>> {
        self.strings(raw::RDNF5_TRANSACTION_RESOLVE_LOGS)
    }

    /// The resolve log for programs.
    pub fn resolve_logs(&self) -> Result<Vec<LogEvent>> {
        let mut events = Vec::new();
        self.each_log(&mut |event| events.push(event))?;
        Ok(events)
    }

    fn each_log(&self, take: &mut dyn FnMut(LogEvent)) -> Result<()> {
        let mut state = CallState::new(take);
        let result = call!(rdnf5_transaction_resolve_logs(self.raw(), state.user(), Some(take_log)));
        state.resume();
        result
    }

    /// What went wrong in [`test`](Self::test) or [`run`](Self::run).
    pub fn transaction_problems(&self) -> Result<Vec<OsString>> {
        self.strings(raw::RDNF5_TRANSACTION_TRANSACTION_PROBLEMS)
    }

    /// What [`check_gpg_signatures`](Self::check_gpg_signatures) found.
    pub fn gpg_signature_problems(&self) -> Result<Vec<OsString>> {
        self.strings(raw::RDNF5_TRANSACTION_GPG_SIGNATURE_PROBLEMS)
    }

    /// What rpm said while it ran.
    pub fn rpm_messages(&self) -> Result<Vec<OsString>> {
        self.strings(raw::RDNF5_TRANSACTION_RPM_MESSAGES)
    }

    /// What the scriptlet that ran last has printed. In callbacks it is known from `script_stop` on.
    pub fn last_script_output(&self) -> Result<Option<OsString>> {
        Ok(self.strings(raw::RDNF5_TRANSACTION_LAST_SCRIPT_OUTPUT)?.pop())
    }

    fn packages(&self, field: u32) -> Result<Vec<Package<'b>>> {
        package::list(&object!(rdnf5_transaction_get_packages_copy(self.raw(), field))?)
    }

    /// Packages left out because their dependencies are broken.
    pub fn broken_dependency_packages(&self) -> Result<Vec<Package<'b>>> {
        self.packages(raw::RDNF5_TRANSACTION_BROKEN_DEPENDENCY_PACKAGES)
    }

    /// Packages left out because they conflict.
    pub fn conflicting_packages(&self) -> Result<Vec<Package<'b>>> {
        self.packages(raw::RDNF5_TRANSACTION_CONFLICTING_PACKAGES)
    }

    /// What is done, package by package.
    pub fn transaction_packages(&self) -> Result<Vec<TransactionPackage<'b>>> {
        transaction_package::list(&object!(rdnf5_transaction_transaction_packages_copy(self.raw()))?)
    }

    /// What is done to groups.
    pub fn transaction_groups(&self) -> Result<Vec<TransactionGroup>> {
        self.items(raw::RDNF5_TRANSACTION_GROUPS)
    }

    /// What is done to environments.
    pub fn transaction_environments(&self) -> Result<Vec<TransactionGroup>> {
        self.items(raw::RDNF5_TRANSACTION_ENVIRONMENTS)
    }

    /// What is done to modules.
    pub fn transaction_modules(&self) -> Result<Vec<TransactionGroup>> {
        self.items(raw::RDNF5_TRANSACTION_MODULES)
    }

    fn items(&self, kind: u32) -> Result<Vec<TransactionGroup>> {
        let mut items = Vec::new();
        let mut take: &mut dyn FnMut(TransactionGroup) = &mut |item| items.push(item);
        let mut state = CallState::new(&mut take);
        let result = call!(rdnf5_transaction_items(self.raw(), kind, state.user(), Some(take_item)));
        state.resume();
        result.map(|()| items)
    }

    /// The command line for the history.
    pub fn set_description(&mut self, text: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_transaction_set_description(self.raw(), bytes(text.as_ref())))
    }

    /// The user's comment for the history.
    pub fn set_comment(&mut self, text: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_transaction_set_comment(self.raw(), bytes(text.as_ref())))
    }

    /// The user for the history; by default the one of the login session.
    pub fn set_user_id(&mut self, user_id: u32) -> Result<()> {
        call!(rdnf5_transaction_set_user_id(self.raw(), user_id))
    }

    /// Whether package files of the command line are copied to the download directory too.
    pub fn set_download_local_pkgs(&mut self, value: bool) -> Result<()> {
        call!(rdnf5_transaction_set_download_local_pkgs(self.raw(), value.into()))
    }

    /// Downloads the packages.
    pub fn download(&mut self, downloads: &mut dyn DownloadCallbacks) -> Result<()> {
        let mut state = DownloadState::new(downloads);
        let callbacks = download_callbacks::to_raw(&mut state);
        let result = self.base.with_callbacks(|| {
            call!(rdnf5_transaction_download(
                self.base.raw(),
                self.raw(),
                &raw const callbacks
            ))
        });
        state.resume();
        result
    }

    /// Runs a call that may ask about keys.
    fn with_keys<T>(
        &self,
        keys: &mut dyn RepoCallbacks,
        call: impl FnOnce(*const raw::Rdnf5RepoCallbacks) -> Result<T>,
    ) -> Result<T> {
        let mut state = KeyState::new(keys);
        let callbacks = repo_callbacks::to_raw(&mut state);
        let result = self.base.with_callbacks(|| call(&raw const callbacks));
        state.resume();
        result
    }

    /// Checks the signatures of the downloaded packages as the configuration wants, importing keys as `keys` allows.
    pub fn check_gpg_signatures(&mut self, keys: &mut dyn RepoCallbacks) -> Result<bool> {
        self.with_keys(keys, |keys| {
            value!(
                0_u8,
                rdnf5_transaction_check_gpg_signatures(self.base.raw(), self.raw(), keys)
            )
        })
        .map(|good| good != 0)
    }

    /// Lets rpm check and test the transaction. Nothing is changed.
    pub fn test(&mut self, keys: &mut dyn RepoCallbacks) -> Result<RunResult> {
        self.with_keys(keys, |keys| {
            value!(0_u32, rdnf5_transaction_test(self.base.raw(), self.raw(), keys))
        })
        .map(RunResult::from_number)
    }

    /// Carries the transaction out. When `before_begin` fails nothing is changed; see
    /// [`Error::into_callback_error`](super::Error::into_callback_error) for its error.
    pub fn run(&mut self, callbacks: &mut dyn TransactionCallbacks, keys: &mut dyn RepoCallbacks) -> Result<RunResult> {
        let mut listener = TransactionListener { callbacks, error: None };
        let mut state = TransactionState::new(&mut listener);
        let raw_callbacks = transaction_callbacks::to_raw(&mut state);
        let result = self.with_keys(keys, |keys| {
            value!(
                0_u32,
                rdnf5_transaction_run(self.base.raw(), self.raw(), &raw const raw_callbacks, keys)
            )
        });
        state.resume();
        let error = listener.error;
        result
            .map(RunResult::from_number)
            .map_err(|stopped| stopped.with_source(error))
    }

    /// The transaction as JSON, to be replayed elsewhere with packages and groups from these directories.
    pub fn serialize(&self, packages_path: &OsStr, comps_path: &OsStr, repo_prefix: &OsStr) -> Result<OsString> {
        let (packages, comps, prefix) = (bytes(packages_path), bytes(comps_path), bytes(repo_prefix));
        string!(rdnf5_transaction_serialize_copy(self.raw(), packages, comps, prefix))
    }

    /// Writes the transaction's groups and environments to a directory.
    pub fn store_comps(&self, path: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_transaction_store_comps(self.raw(), bytes(path.as_ref())))
    }
}

type TakeLog<'a> = CallState<'a, dyn FnMut(LogEvent) + 'a>;
type TakeItem<'a, 'f> = CallState<'a, &'f mut dyn FnMut(TransactionGroup)>;

/// # Safety
/// As C callback of [`Transaction::each_log`] only.
unsafe extern "C" fn take_log(user: *mut c_void, event: *const raw::Rdnf5LogEvent) {
    // SAFETY: `user` is the state of the call that is running; event and views live until this function returns.
    let (state, event, spec, text) = unsafe {
        let event = &*event;
        (
            &mut *user.cast::<TakeLog<'_>>(),
            event,
            view(event.spec).to_owned(),
            view(event.text).to_owned(),
        )
    };
    let event = LogEvent {
        action: event.action,
        problem: Problems(event.problem),
        spec,
        text,
    };
    state.run((), |take| take(event));
}

/// # Safety
/// As C callback of [`Transaction::items`] only.
unsafe extern "C" fn take_item(user: *mut c_void, item: *const raw::Rdnf5TransactionItem) {
    // SAFETY: `user` is the state of the call that is running; item and views live until this function returns.
    let (state, item, id, name) = unsafe {
        let item = &*item;
        (
            &mut *user.cast::<TakeItem<'_, '_>>(),
            item,
            view(item.id).to_owned(),
            view(item.name).to_owned(),
        )
    };
    let (action, reason) = (Action::from_number(item.action), Reason::from_number(item.reason));
    state.run((), |take| {
        take(TransactionGroup {
            action,
            reason,
            id,
            name,
        })
    });
}
