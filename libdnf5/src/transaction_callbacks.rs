//! What happens while a transaction runs.

use std::ffi::{OsStr, OsString, c_void};
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::callbacks::CallState;
use super::error::{BoxError, Result};
use super::package::{Package, Reason};
use super::strings::{copy_list, view};
use super::transaction_package::{self, Action};

number_enum! {
    /// Which scriptlet of a package.
    pub enum ScriptType {
        /// Not known.
        Unknown = RDNF5_SCRIPT_UNKNOWN,
        /// `%pre`
        PreInstall = RDNF5_SCRIPT_PRE_INSTALL,
        /// `%post`
        PostInstall = RDNF5_SCRIPT_POST_INSTALL,
        /// `%preun`
        PreUninstall = RDNF5_SCRIPT_PRE_UNINSTALL,
        /// `%postun`
        PostUninstall = RDNF5_SCRIPT_POST_UNINSTALL,
        /// `%pretrans`
        PreTransaction = RDNF5_SCRIPT_PRE_TRANSACTION,
        /// `%posttrans`
        PostTransaction = RDNF5_SCRIPT_POST_TRANSACTION,
        /// `%triggerprein`
        TriggerPreInstall = RDNF5_SCRIPT_TRIGGER_PRE_INSTALL,
        /// `%triggerin`
        TriggerInstall = RDNF5_SCRIPT_TRIGGER_INSTALL,
        /// `%triggerun`
        TriggerUninstall = RDNF5_SCRIPT_TRIGGER_UNINSTALL,
        /// `%triggerpostun`
        TriggerPostUninstall = RDNF5_SCRIPT_TRIGGER_POST_UNINSTALL,
        /// Users and groups that a package declares.
        Sysusers = RDNF5_SCRIPT_SYSUSERS,
        /// `%preuntrans`
        PreunTransaction = RDNF5_SCRIPT_PREUN_TRANSACTION,
        /// `%postuntrans`
        PostunTransaction = RDNF5_SCRIPT_POSTUN_TRANSACTION,
    }
    else Unknown
}

impl ScriptType {
    /// The name of its section in a spec file, without the percent sign.
    pub fn section(self) -> Option<&'static str> {
        Some(match self {
            Self::PreTransaction => "pretrans",
            Self::PreInstall => "pre",
            Self::PostInstall => "post",
            Self::PreUninstall => "preun",
            Self::PostUninstall => "postun",
            Self::PostTransaction => "posttrans",
            Self::PreunTransaction => "preuntrans",
            Self::PostunTransaction => "postuntrans",
            Self::TriggerPreInstall => "triggerprein",
            Self::TriggerInstall => "triggerin",
            Self::TriggerUninstall => "triggerun",
            Self::TriggerPostUninstall => "triggerpostun",
            Self::Unknown | Self::Sysusers => return None,
        })
    }

    /// libdnf5's name, such as `pre-install`.
    pub fn name(self) -> &'static OsStr {
        // SAFETY: takes a number; the name is static.
        unsafe { view(raw::rdnf5_script_type_view(self.number())) }
    }
}

/// A package of the transaction, as long as the callback runs.
#[derive(Debug, Clone, Copy)]
pub struct TransactionItem<'c> {
    item: *const raw::Rdnf5TransactionPackage,
    callback: PhantomData<&'c ()>,
}

impl<'c> TransactionItem<'c> {
    /// # Safety
    /// `item` is null or lives as long as `'c`.
    unsafe fn from_raw(item: *const raw::Rdnf5TransactionPackage) -> Option<Self> {
        (!item.is_null()).then_some(Self {
            item,
            callback: PhantomData,
        })
    }

    /// The package.
    pub fn package(self) -> Result<Package<'c>> {
        object!(rdnf5_transaction_package_get_package_copy(self.item)).map(Package::from_handle)
    }

    /// What happens to it.
    pub fn action(self) -> Result<Action> {
        transaction_package::info(self.item).map(|(action, _, _)| action)
    }

    /// Why.
    pub fn reason(self) -> Result<Reason> {
        transaction_package::info(self.item).map(|(_, reason, _)| reason)
    }
}

/// A scriptlet that ended.
#[derive(Debug)]
pub struct EndedScript<'c> {
    /// The package that owns it, in full.
    pub nevra: &'c OsStr,
    /// Which one.
    pub script: ScriptType,
    /// rpm's verdict: 0 it worked, 1 it failed and rpm goes on, 2 it failed and the package is left as it was.
    pub return_code: u64,
    /// What it printed, on both streams.
    pub output: &'c OsStr,
    /// All messages of rpm in this transaction so far.
    pub rpm_messages: Vec<OsString>,
}

/// Told what rpm does. The usual order: `before_begin`; verify; `%pretrans`; `transaction_*` (preparation); for each package
/// `elem_progress`, then `install_*` or `uninstall_*` with its scriptlets; `%posttrans`; `after_complete`.
#[allow(unused_variables, reason = "the names document what the arguments are")]
pub trait TransactionCallbacks {
    /// Called when checks and test run are over, before rpm opens the database for writing. An error (and a panic) ends the run
    /// without a change; [`Transaction::run`](super::Transaction::run) then returns it.
    fn before_begin(&mut self, total: u64) -> Result<(), BoxError> {
        Ok(())
    }

    /// rpm is done.
    fn after_complete(&mut self, success: bool) {}

    /// The files of a package begin to be installed.
    fn install_start(&mut self, item: TransactionItem<'_>, total: u64) {}

    /// `amount` of `total` is installed.
    fn install_progress(&mut self, item: TransactionItem<'_>, amount: u64, total: u64) {}

    /// All files of a package are installed.
    fn install_stop(&mut self, item: TransactionItem<'_>, amount: u64, total: u64) {}

    /// The preparation begins.
    fn transaction_start(&mut self, total: u64) {}

    /// `amount` of `total` packages are prepared.
    fn transaction_progress(&mut self, amount: u64, total: u64) {}

    /// The preparation is over.
    fn transaction_stop(&mut self, total: u64) {}

    /// The files of a package begin to be removed.
    fn uninstall_start(&mut self, item: TransactionItem<'_>, total: u64) {}

    /// `amount` of `total` is removed.
    fn uninstall_progress(&mut self, item: TransactionItem<'_>, amount: u64, total: u64) {}

    /// All files of a package are removed.
    fn uninstall_stop(&mut self, item: TransactionItem<'_>, amount: u64, total: u64) {}

    /// A package could not be unpacked.
    fn unpack_error(&mut self, item: TransactionItem<'_>) {}

    /// A package's archive is broken.
    fn cpio_error(&mut self, item: TransactionItem<'_>) {}

    /// A scriptlet failed.
    fn script_error(&mut self, ended: EndedScript<'_>) {}

    /// A scriptlet begins. `item` is none when its package is not part of the transaction (triggers).
    fn script_start(&mut self, item: Option<TransactionItem<'_>>, nevra: &OsStr, script: ScriptType) {}

    /// A scriptlet ended, perhaps with an error that is not critical.
    fn script_stop(&mut self, ended: EndedScript<'_>) {}

    /// The turn of package `amount`, counted from 0.
    fn elem_progress(&mut self, item: TransactionItem<'_>, amount: u64, total: u64) {}

    /// The package files' signatures begin to be verified.
    fn verify_start(&mut self, total: u64) {}

    /// `amount` of `total` are verified.
    fn verify_progress(&mut self, amount: u64, total: u64) {}

    /// All are verified.
    fn verify_stop(&mut self, total: u64) {}
}

/// For those who do not want to be told.
impl TransactionCallbacks for () {}

/// Callbacks, and the error with which `before_begin` stopped the run.
pub(crate) struct TransactionListener<'a> {
    pub(crate) callbacks: &'a mut dyn TransactionCallbacks,
    pub(crate) error: Option<BoxError>,
}

pub(crate) type TransactionState<'a, 'l> = CallState<'a, TransactionListener<'l>>;

/// The C side of a state, for one call.
pub(crate) fn to_raw(state: &mut TransactionState<'_, '_>) -> raw::Rdnf5TransactionCallbacks {
    raw::Rdnf5TransactionCallbacks {
        user: state.user(),
        event: Some(event),
    }
}

const GO_ON: i32 = raw::RDNF5_CALLBACK_OK.cast_signed();
const STOP: i32 = raw::RDNF5_CALLBACK_ERROR.cast_signed();

/// # Safety
/// As C callback of [`to_raw`] only.
unsafe extern "C" fn event(user: *mut c_void, event: *const raw::Rdnf5TransactionEvent) -> i32 {
    // SAFETY: `user` is the state of the call that is running, which touches it in its callbacks alone; the event lives until this
    // function returns.
    let (state, event) = unsafe { (&mut *user.cast::<TransactionState<'_, '_>>(), &*event) };
    state.run(STOP, |listener| dispatch(listener, event))
}

fn dispatch(listener: &mut TransactionListener<'_>, event: &raw::Rdnf5TransactionEvent) -> i32 {
    if event.kind == raw::RDNF5_TRANSACTION_BEFORE_BEGIN {
        listener.error = listener.callbacks.before_begin(event.total).err();
        return if listener.error.is_none() { GO_ON } else { STOP };
    }
    // SAFETY: the item lives as long as the event.
    let item = unsafe { TransactionItem::from_raw(event.item) };
    match item {
        Some(item) if !is_script(event.kind) => dispatch_item(listener.callbacks, event, item),
        _ => dispatch_other(listener.callbacks, event, item),
    }
    GO_ON
}

fn is_script(kind: u32) -> bool {
    matches!(
        kind,
        raw::RDNF5_TRANSACTION_SCRIPT_ERROR | raw::RDNF5_TRANSACTION_SCRIPT_START | raw::RDNF5_TRANSACTION_SCRIPT_STOP
    )
}

fn dispatch_item(
    callbacks: &mut dyn TransactionCallbacks,
    event: &raw::Rdnf5TransactionEvent,
    item: TransactionItem<'_>,
) {
    let (amount, total) = (event.amount, event.total);
    match event.kind {
        raw::RDNF5_TRANSACTION_INSTALL_START => callbacks.install_start(item, total),
        raw::RDNF5_TRANSACTION_INSTALL_PROGRESS => callbacks.install_progress(item, amount, total),
        raw::RDNF5_TRANSACTION_INSTALL_STOP => callbacks.install_stop(item, amount, total),
        raw::RDNF5_TRANSACTION_UNINSTALL_START => callbacks.uninstall_start(item, total),
        raw::RDNF5_TRANSACTION_UNINSTALL_PROGRESS => callbacks.uninstall_progress(item, amount, total),
        raw::RDNF5_TRANSACTION_UNINSTALL_STOP => callbacks.uninstall_stop(item, amount, total),
        raw::RDNF5_TRANSACTION_ELEM_PROGRESS => callbacks.elem_progress(item, amount, total),
        raw::RDNF5_TRANSACTION_UNPACK_ERROR => callbacks.unpack_error(item),
        raw::RDNF5_TRANSACTION_CPIO_ERROR => callbacks.cpio_error(item),
        _ => {}
    }
}

fn dispatch_other(
    callbacks: &mut dyn TransactionCallbacks,
    event: &raw::Rdnf5TransactionEvent,
    item: Option<TransactionItem<'_>>,
) {
    let (amount, total) = (event.amount, event.total);
    // SAFETY: the view lives as long as the event.
    let nevra = unsafe { view(event.nevra) };
    let script = ScriptType::from_number(event.script_type);
    match event.kind {
        raw::RDNF5_TRANSACTION_AFTER_COMPLETE => callbacks.after_complete(amount != 0),
        raw::RDNF5_TRANSACTION_PREPARE_START => callbacks.transaction_start(total),
        raw::RDNF5_TRANSACTION_PREPARE_PROGRESS => callbacks.transaction_progress(amount, total),
        raw::RDNF5_TRANSACTION_PREPARE_STOP => callbacks.transaction_stop(total),
        raw::RDNF5_TRANSACTION_SCRIPT_ERROR => callbacks.script_error(ended(event)),
        raw::RDNF5_TRANSACTION_SCRIPT_START => callbacks.script_start(item, nevra, script),
        raw::RDNF5_TRANSACTION_SCRIPT_STOP => callbacks.script_stop(ended(event)),
        raw::RDNF5_TRANSACTION_VERIFY_START => callbacks.verify_start(total),
        raw::RDNF5_TRANSACTION_VERIFY_PROGRESS => callbacks.verify_progress(amount, total),
        raw::RDNF5_TRANSACTION_VERIFY_STOP => callbacks.verify_stop(total),
        _ => {}
    }
}

fn ended(event: &raw::Rdnf5TransactionEvent) -> EndedScript<'_> {
    // SAFETY: views and list live as long as the event; the list is there at these events.
    let (nevra, output, rpm_messages) = unsafe {
        (
            view(event.nevra),
            view(event.script_output),
            copy_list(event.rpm_messages),
        )
    };
    EndedScript {
        nevra,
        script: ScriptType::from_number(event.script_type),
        return_code: event.return_code,
        output,
        rpm_messages,
    }
}
