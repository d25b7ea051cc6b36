//! The installroot's past transactions.

use std::ffi::{OsStr, OsString, c_void};
use std::ptr;

use dnf5_sys as raw;

use super::base::Base;
use super::callbacks::CallState;
use super::error::Result;
use super::handle::Owned;
use super::package::Reason;
use super::strings::{bytes_list, view};
use super::transaction_package::{Action, ItemState};

number_enum! {
    /// How a past transaction ended.
    pub enum HistoryState {
        /// It did not.
        Started = RDNF5_HISTORY_STARTED,
        /// Well.
        Ok = RDNF5_HISTORY_OK,
        /// With an error.
        Error = RDNF5_HISTORY_ERROR,
    }
    else Error
}

/// A past transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryTransaction {
    /// Its number.
    pub id: i64,
    /// When it began, in seconds since the epoch.
    pub start: i64,
    /// When it ended, in seconds since the epoch.
    pub end: i64,
    /// Who did it.
    pub user_id: u32,
    /// How it ended.
    pub state: HistoryState,
    /// The command line.
    pub description: OsString,
    /// The user's comment.
    pub comment: OsString,
    /// The release of the distribution.
    pub releasever: OsString,
    /// A cookie of the rpm database before.
    pub rpmdb_version_begin: OsString,
    /// A cookie of the rpm database after.
    pub rpmdb_version_end: OsString,
}

/// A package, group or environment of a past transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryItem {
    /// What happened to it.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Whether it was done.
    pub state: ItemState,
    /// A package's NEVRA, or what a group is called.
    pub name: OsString,
    /// Where it came from.
    pub repo_id: OsString,
}

/// Past transactions, newest first.
#[derive(Debug)]
pub struct History<'b> {
    handle: Owned<raw::Rdnf5History>,
    base: &'b Base<'b>,
}

impl<'b> History<'b> {
    /// All of them.
    pub fn all(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_history_new(base.raw(), ptr::null(), 0))?,
            base,
        })
    }

    /// The newest transaction's number, 0 when there is none.
    pub fn last_id(base: &Base<'_>) -> Result<i64> {
        value!(0_i64, rdnf5_history_last_id(base.raw()))
    }

    /// Those with these numbers, as far as they exist, each as often as it is named.
    pub fn of_ids(base: &'b Base<'_>, ids: &[i64]) -> Result<Self> {
        // An empty slice's pointer is not null, so it does not mean all.
        Ok(Self {
            handle: object!(rdnf5_history_new(base.raw(), ids.as_ptr(), ids.len()))?,
            base,
        })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5History {
        self.handle.raw()
    }

    /// Keeps those with packages of these names, which may be globs. Not in libdnf5 5.2.
    pub fn filter_package_names<S: AsRef<OsStr>>(&mut self, names: &[S]) -> Result<&mut Self> {
        let names = bytes_list(names);
        call!(rdnf5_history_filter_package_names(
            self.base.raw(),
            self.raw(),
            names.as_ptr(),
            names.len()
        ))?;
        Ok(self)
    }

    /// Turns the order round.
    pub fn reverse(&mut self) -> Result<&mut Self> {
        call!(rdnf5_history_reverse(self.raw()))?;
        Ok(self)
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        // SAFETY: the handle is alive.
        unsafe { raw::rdnf5_history_size(self.raw()) }
    }

    /// All transactions.
    pub fn transactions(&self) -> Result<Vec<HistoryTransaction>> {
        (0..self.size()).map(|index| self.transaction(index)).collect()
    }

    /// One of the transactions, counted from 0.
    pub fn transaction(&self, index: usize) -> Result<HistoryTransaction> {
        // SAFETY: numbers and null pointers are valid for every field.
        let empty: raw::Rdnf5HistoryTransaction = unsafe { std::mem::zeroed() };
        let transaction = value!(empty, rdnf5_history_get_view(self.raw(), index))?;
        // SAFETY: the views live as long as the history, and are copied.
        Ok(unsafe { to_transaction(&transaction) })
    }

    /// The packages of the transaction at `index`.
    pub fn packages(&self, index: usize) -> Result<Vec<HistoryItem>> {
        self.items(index, raw::RDNF5_HISTORY_PACKAGES)
    }

    /// The groups of the transaction at `index`.
    pub fn groups(&self, index: usize) -> Result<Vec<HistoryItem>> {
        self.items(index, raw::RDNF5_HISTORY_GROUPS)
    }

    /// The environments of the transaction at `index`.
    pub fn environments(&self, index: usize) -> Result<Vec<HistoryItem>> {
        self.items(index, raw::RDNF5_HISTORY_ENVIRONMENTS)
    }

    fn items(&self, index: usize, kind: u32) -> Result<Vec<HistoryItem>> {
        let mut items = Vec::new();
        let mut state = CallState::new(&mut items);
        let result = call!(rdnf5_history_items(self.raw(), index, kind, state.user(), Some(take)));
        state.resume();
        result.map(|()| items)
    }

    /// The transaction at `index` as JSON, to be replayed.
    pub fn serialize(&self, index: usize) -> Result<OsString> {
        string!(rdnf5_history_serialize_copy(self.raw(), index))
    }
}

/// # Safety
/// The views are alive.
unsafe fn to_transaction(transaction: &raw::Rdnf5HistoryTransaction) -> HistoryTransaction {
    // SAFETY: the caller promises that the views are alive; they are copied.
    let copy = |bytes| unsafe { view(bytes) }.to_owned();
    HistoryTransaction {
        id: transaction.id,
        start: transaction.start,
        end: transaction.end,
        user_id: transaction.user_id,
        state: HistoryState::from_number(transaction.state),
        description: copy(transaction.description),
        comment: copy(transaction.comment),
        releasever: copy(transaction.releasever),
        rpmdb_version_begin: copy(transaction.rpmdb_version_begin),
        rpmdb_version_end: copy(transaction.rpmdb_version_end),
    }
}

type Items<'a> = CallState<'a, Vec<HistoryItem>>;

/// # Safety
/// As C callback of [`History::items`] only.
unsafe extern "C" fn take(user: *mut c_void, item: *const raw::Rdnf5HistoryItem) {
    // SAFETY: `user` is the state of the call that is running; item and views live until this function returns.
    let (state, item, name, repo_id) = unsafe {
        let item = &*item;
        (
            &mut *user.cast::<Items<'_>>(),
            item,
            view(item.name).to_owned(),
            view(item.repo_id).to_owned(),
        )
    };
    let item = HistoryItem {
        action: Action::from_number(item.action),
        reason: Reason::from_number(item.reason),
        state: ItemState::from_number(item.state),
        name,
        repo_id,
    };
    state.run((), |items| items.push(item));
}
