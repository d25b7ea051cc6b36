//! What a transaction does with one package.

use dnf5_sys as raw;

use super::error::Result;
use super::handle::Owned;
use super::package::{self, Package, Reason};

number_enum! {
    /// What happens to a package, group or module.
    pub enum Action {
        /// It is installed.
        Install = RDNF5_ACTION_INSTALL,
        /// It comes in place of an older version.
        Upgrade = RDNF5_ACTION_UPGRADE,
        /// It comes in place of a newer version.
        Downgrade = RDNF5_ACTION_DOWNGRADE,
        /// It is installed again.
        Reinstall = RDNF5_ACTION_REINSTALL,
        /// It is removed.
        Remove = RDNF5_ACTION_REMOVE,
        /// It leaves because another one comes.
        Replaced = RDNF5_ACTION_REPLACED,
        /// Only why it is installed changes.
        ReasonChange = RDNF5_ACTION_REASON_CHANGE,
        /// A module is enabled.
        Enable = RDNF5_ACTION_ENABLE,
        /// A module is disabled.
        Disable = RDNF5_ACTION_DISABLE,
        /// What was chosen for a module is forgotten.
        Reset = RDNF5_ACTION_RESET,
        /// A module's stream is changed.
        Switch = RDNF5_ACTION_SWITCH,
    }
    else Install
}

impl Action {
    /// Whether the package comes, rather than leaves or stays.
    pub fn is_inbound(self) -> bool {
        matches!(self, Self::Install | Self::Upgrade | Self::Downgrade | Self::Reinstall)
    }

    /// Whether the package leaves.
    pub fn is_outbound(self) -> bool {
        matches!(self, Self::Remove | Self::Replaced)
    }
}

number_enum! {
    /// How far an item of a transaction is.
    pub enum ItemState {
        /// Not done yet.
        Started = RDNF5_STATE_STARTED,
        /// Done.
        Ok = RDNF5_STATE_OK,
        /// Failed.
        Error = RDNF5_STATE_ERROR,
    }
    else Error
}

/// One package of a transaction.
#[derive(Debug)]
pub struct TransactionPackage<'b> {
    /// The package.
    pub package: Package<'b>,
    /// What happens to it.
    pub action: Action,
    /// Why it is (to be) installed.
    pub reason: Reason,
    /// How far it is.
    pub state: ItemState,
    /// The installed packages that it replaces; [`Package::rpmdbid`] tells which header each of them is.
    pub replaces: Vec<Package<'b>>,
    /// The packages that replace it.
    pub replaced_by: Vec<Package<'b>>,
}

/// Action, reason and state of an item.
pub(crate) fn info(item: *const raw::Rdnf5TransactionPackage) -> Result<(Action, Reason, ItemState)> {
    let (mut action, mut reason, mut state) = (0, 0, 0);
    call!(rdnf5_transaction_package_info(
        item,
        &raw mut action,
        &raw mut reason,
        &raw mut state
    ))?;
    Ok((
        Action::from_number(action),
        Reason::from_number(reason),
        ItemState::from_number(state),
    ))
}

fn copy<'b>(item: *const raw::Rdnf5TransactionPackage) -> Result<TransactionPackage<'b>> {
    let (action, reason, state) = info(item)?;
    Ok(TransactionPackage {
        package: object!(rdnf5_transaction_package_get_package_copy(item)).map(Package::from_handle)?,
        action,
        reason,
        state,
        replaces: package::list(&object!(rdnf5_transaction_package_get_replaces_copy(item))?)?,
        replaced_by: package::list(&object!(rdnf5_transaction_package_get_replaced_by_copy(item))?)?,
    })
}

/// The items of a list of the shim.
pub(crate) fn list<'b>(list: &Owned<raw::Rdnf5TransactionPackageList>) -> Result<Vec<TransactionPackage<'b>>> {
    // SAFETY: the list lives during the call.
    let size = unsafe { raw::rdnf5_transaction_package_list_size(list.raw()) };
    // SAFETY: the items live as long as the list, and are copied at once.
    (0..size)
        .map(|index| copy(unsafe { raw::rdnf5_transaction_package_list_view(list.raw(), index) }))
        .collect()
}
