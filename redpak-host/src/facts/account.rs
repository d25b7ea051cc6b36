//! Users and groups by name or number.

use std::ffi::{CString, OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use nix::unistd::{Gid, Group, Uid, User, getgrouplist};
use redpak::display;
use redpak::merge::Accounts;
use redpak::plan::{Account, Request};

/// The caller, as the kernel knows it.
pub(super) fn caller() -> Account {
    let groups = nix::unistd::getgroups().unwrap_or_default();
    account(Uid::effective(), Gid::effective(), groups)
}

fn account(uid: Uid, gid: Gid, groups: Vec<Gid>) -> Account {
    let mut groups: Vec<u32> = groups.into_iter().map(Gid::as_raw).collect();
    groups.sort_unstable();
    groups.dedup();
    Account {
        uid: uid.as_raw(),
        gid: gid.as_raw(),
        groups,
    }
}

/// Who the program will run as, when that is not the caller; in an error the key that it is about.
pub(super) fn target(accounts: &Accounts, request: &Request) -> Result<Option<Account>, (&'static str, String)> {
    let tag = |tag: &Option<redpak::merge::Entry<OsString>>| tag.as_ref().map(|entry| entry.value.clone());
    let name = request.user.clone().or_else(|| tag(&accounts.user));
    let group_name = request.group.clone().or_else(|| tag(&accounts.group));
    let user = name
        .map(|name| user(&name, group_name.as_deref()))
        .transpose()
        .map_err(|error| ("set-user", error))?;
    let gid = group_name
        .map(|name| group(&name))
        .transpose()
        .map_err(|error| ("set-group", error))?;
    Ok(match (user, gid) {
        (None, None) => None,
        (user, gid) => {
            let user = user.unwrap_or_else(caller);
            Some(Account {
                gid: gid.unwrap_or(user.gid),
                ..user
            })
        }
    })
}

/// The account of a user, name or number. A number that the user database lacks needs a group beside it.
///
/// # Errors
/// When there is no such user.
pub fn user(name: &OsStr, group_name: Option<&OsStr>) -> Result<Account, String> {
    let shown = display::os(name);
    let text = name
        .to_str()
        .ok_or_else(|| format!("the user '{shown}' does not exist"))?;
    let number = text.parse::<u32>().ok().map(Uid::from_raw);
    let found = match number {
        Some(uid) => User::from_uid(uid),
        None => User::from_name(text),
    };
    match (found, number) {
        (Ok(Some(user)), _) => Ok(of_entry(&user)),
        (Ok(None), None) => Err(format!("the user '{shown}' does not exist")),
        (Ok(None), Some(uid)) => match group_name {
            Some(name) => group(name).map(|gid| account(uid, Gid::from_raw(gid), Vec::new())),
            None => Err(format!(
                "the user id {uid} has no entry in the user database; name a group too"
            )),
        },
        (Err(error), _) => Err(format!("cannot look up the user '{shown}': {}", error.desc())),
    }
}

/// The account of a user id; one without an entry in the user database has the group of the same number alone.
pub fn account_of(uid: u32) -> Account {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => of_entry(&user),
        _ => account(Uid::from_raw(uid), Gid::from_raw(uid), Vec::new()),
    }
}

fn of_entry(user: &User) -> Account {
    let groups = CString::new(user.name.as_bytes())
        .ok()
        .and_then(|name| getgrouplist(&name, user.gid).ok());
    account(user.uid, user.gid, groups.unwrap_or_else(|| vec![user.gid]))
}

/// The local part of the user database, see passwd(5).
const PASSWD: &str = "/etc/passwd";

/// The name of a user id, the number where it has none.
pub(super) fn name(uid: u32) -> String {
    // Each launch wants to know. Nearly every id is in the file; to ask the name services takes much longer.
    let local = fs::read(PASSWD).ok().and_then(|database| name_in(&database, uid));
    local.unwrap_or_else(|| match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    })
}

/// The name of a user id in a file of lines `NAME:PASSWORD:UID:…`. Lines that begin with + or - are for the name services,
/// those with # for readers.
fn name_in(database: &[u8], uid: u32) -> Option<String> {
    let mut entries = database.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = std::str::from_utf8(line).ok()?.split(':');
        Some((fields.next()?, fields.nth(1)?))
    });
    let (name, _) = entries.find(|(name, id)| !name.starts_with(['+', '-', '#']) && id.parse() == Ok(uid))?;
    Some(name.to_owned())
}

/// A group id by name or number.
///
/// # Errors
/// When there is no such group.
pub fn group(name: &OsStr) -> Result<u32, String> {
    let missing = || format!("the group '{}' does not exist", display::os(name));
    let text = std::str::from_utf8(name.as_bytes()).map_err(|_| missing())?;
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    match Group::from_name(text) {
        Ok(Some(group)) => Ok(group.gid.as_raw()),
        Ok(None) => Err(missing()),
        Err(error) => Err(format!(
            "cannot look up the group '{}': {}",
            display::os(name),
            error.desc()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_local_file() {
        let database =
            b"root:x:0:0::/root:/bin/sh\n+nis:x:7:7:::\n\xff:x:8:8:::\nshort:x\n#old:x:1000:100:::\nuser:x:1000:100:A: B:/home:\n";
        for (uid, name) in [
            (0, Some("root")),
            (1000, Some("user")),
            (100, None),
            (7, None),
            (8, None),
        ] {
            assert_eq!(name_in(database, uid).as_deref(), name, "{uid}");
        }
        assert_eq!(name_in(b"", 0), None);
    }

    #[test]
    fn the_name_is_the_one_that_the_user_database_has() {
        let uid = Uid::effective();
        let known = User::from_uid(uid).unwrap();
        assert_eq!(name(uid.as_raw()), known.map_or(uid.to_string(), |user| user.name));
        assert_eq!(name(4_000_000_000), "4000000000");
    }
}
