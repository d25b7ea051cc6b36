//! What a repository or a stored transaction may call a group.

use std::ffi::OsStr;

use anyhow::{Result, ensure};

use libdnf5::Transaction;

/// libdnf5 keeps the definition of a group in a file of the group's id, which may not lead elsewhere.
pub fn refuse_paths(transaction: &Transaction<'_>) -> Result<()> {
    let groups = transaction.transaction_groups()?.into_iter();
    for group in groups.chain(transaction.transaction_environments()?) {
        ensure!(
            is_file_name(&group.id),
            "the group {:?} is refused: its id is no name of a file; whoever made its repository has to give it another",
            group.id
        );
    }
    Ok(())
}

fn is_file_name(id: &OsStr) -> bool {
    !id.is_empty() && !id.as_encoded_bytes().contains(&b'/')
}

#[cfg(test)]
mod tests {
    use super::is_file_name;

    #[test]
    fn ids_are_names_and_no_paths() {
        for (id, allowed) in [
            ("tools", true),
            ("a..b", true),
            ("..", true),
            ("", false),
            ("../x", false),
            ("/x", false),
            ("a/b", false),
        ] {
            assert_eq!(is_file_name(id.as_ref()), allowed, "{id}");
        }
    }
}
