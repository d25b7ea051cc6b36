//! What libdnf5 is going to record of a transaction when rpm is done.

use std::fs::read_to_string;
use std::path::Path;

use anyhow::{Context, Result};

use crate::temporary::Temporary;
use crate::transaction::journal::State;
use libdnf5::Transaction;

/// Reasons, groups and environments, with their definitions: nothing else has them when the repositories are gone.
pub fn state(transaction: &Transaction<'_>) -> Result<State> {
    let has_groups =
        !transaction.transaction_groups()?.is_empty() || !transaction.transaction_environments()?.is_empty();
    let directory = has_groups.then(Temporary::new).transpose()?;
    let comps = directory.as_ref().map_or(Path::new(""), Temporary::path);
    if has_groups {
        transaction.store_comps(comps)?;
    }
    let serialized = transaction.serialize("".as_ref(), comps.as_os_str(), "".as_ref())?;
    State::of(&serialized.to_string_lossy(), &|path| {
        read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    })
}
