//! A resolved transaction that is resolved once more, with the reasons that libdnf5 could not find.
//!
//! libdnf5 undoes a change of a reason by looking up the one from before in the history. A package that no transaction of the
//! node installed has none there: it is of an ancestor, or rpm installed it. libdnf5 then resolves to the reason "None", and
//! aborts when it records that (`State::set_package_reason`, up to 5.4 at least).

use std::ffi::OsStr;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::temporary::Temporary;
use crate::transaction::store;
use libdnf5::{Goal, GoalFlag, GoalJobSettings, Transaction};

/// The names that `transaction.json` has for actions and reasons (libdnf5/transaction/transaction_item_*.cpp).
const REASON_CHANGE: &str = "Reason Change";
const NONE: &str = "None";
const EXTERNAL_USER: &str = "External User";

/// A stored transaction, which lies in a directory of its own until this is dropped.
#[derive(Debug)]
pub struct Replay {
    directory: Temporary,
}

impl Replay {
    /// The same transaction; packages whose reason is not known from before are external again, as they were.
    pub fn restoring(transaction: &Transaction<'_>) -> Result<Self> {
        let directory = Temporary::new()?;
        transaction.store_comps(directory.path())?;
        let text = transaction.serialize("".as_ref(), directory.path().as_os_str(), "".as_ref())?;
        let text = external_again(&text.to_string_lossy())?;
        store::write_text(directory.path(), OsStr::new(&text))?;
        Ok(Self { directory })
    }

    /// Adds it to a goal. It was resolved over the same packages, so nothing has to be compared again.
    pub fn add(&self, goal: &mut Goal<'_>) -> Result<()> {
        let mut settings = GoalJobSettings::new()?;
        settings
            .set_flag(GoalFlag::IgnoreExtras, true)?
            .set_flag(GoalFlag::IgnoreInstalled, true)?;
        let file = self.directory.path().join(store::TRANSACTION);
        Ok(goal.add_serialized_transaction(file, Some(&settings))?)
    }
}

/// Replaces the reason "None" of each package that is to get another reason.
fn external_again(serialized: &str) -> Result<String> {
    let mut transaction: Value = serde_json::from_str(serialized).context("cannot read libdnf5's transaction")?;
    let Some(packages) = transaction.get_mut("rpms").and_then(Value::as_array_mut) else {
        bail!("libdnf5's transaction has no packages");
    };
    for package in packages {
        if package["action"] == REASON_CHANGE && package["reason"] == NONE {
            package["reason"] = EXTERNAL_USER.into();
        }
    }
    Ok(transaction.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reason_that_is_not_known_is_replaced() {
        let text = r#"{"rpms":[
            {"nevra":"a-1-1.noarch","action":"Reason Change","reason":"None"},
            {"nevra":"b-1-1.noarch","action":"Reason Change","reason":"Dependency"},
            {"nevra":"c-1-1.noarch","action":"Remove","reason":"None"}
        ],"version":"1.0"}"#;
        let replaced: Value = serde_json::from_str(&external_again(text).unwrap()).unwrap();
        let reasons: Vec<&Value> = replaced["rpms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|package| &package["reason"])
            .collect();
        assert_eq!(reasons, ["External User", "Dependency", "None"]);
        assert_eq!(replaced["version"], "1.0");
        assert!(external_again("{}").is_err());
        assert!(external_again("noise").is_err());
    }
}
