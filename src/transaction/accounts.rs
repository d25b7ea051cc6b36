//! Users and groups: the lines of passwd(5) and group(5), and what packages add to them.
//!
//! A package declares accounts as lines of sysusers.d(5); rpm keeps them, in base64, as versions of its provides
//! `user(NAME)`, `group(NAME)` and `groupmember(USER/GROUP)`.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;

use crate::package::{Comparison, Package};

mod declaration;

pub use declaration::{Declaration, Group, Number};

/// Ids that are given to accounts that ask for none: as systemd-sysusers(8), from the highest down.
const SYSTEM: std::ops::RangeInclusive<u32> = 1..=999;

/// The first line of each name; the rest, and what is no line of such a file, is left out.
pub fn first_of_each(text: &[u8]) -> Vec<u8> {
    let mut seen = HashSet::new();
    let is_first = |line: &&[u8]| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        !name.is_empty() && line.contains(&b':') && seen.insert(name.to_owned())
    };
    let lines = text.split(|byte| *byte == b'\n').filter(is_first);
    lines.flat_map(|line| [line, b"\n"].concat()).collect()
}

/// What packages declare, groups before the users that are in them.
pub fn declared<'p>(packages: impl IntoIterator<Item = &'p Package>) -> Vec<Declaration> {
    let is_account = |name: &[u8]| {
        [&b"user("[..], b"group(", b"groupmember("]
            .iter()
            .any(|kind| name.starts_with(kind))
    };
    let provides = packages.into_iter().flat_map(|package| &package.provides);
    let lines = provides
        .filter(|provide| provide.comparison == Comparison::Equal && is_account(provide.name.as_bytes()))
        .filter_map(|provide| declaration::decode(provide.version.as_bytes()));
    let mut declared: Vec<Declaration> = lines.filter_map(|line| Declaration::parse(&line)).collect();
    declared.sort_by_key(Declaration::turn);
    declared.dedup();
    declared
}

/// The texts of passwd and group, and whether anything was added to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// passwd(5)
    pub passwd: String,
    /// group(5)
    pub group: String,
}

impl Accounts {
    /// Adds what is declared and not there. An account that is there stays as it is.
    pub fn add(&mut self, declared: &[Declaration]) {
        for declaration in declared {
            match declaration {
                Declaration::Group { name, number } => {
                    self.add_group(name, *number);
                }
                Declaration::User { .. } => self.add_user(declaration),
                Declaration::Member { user, group } => {
                    self.add(&[Declaration::plain_user(user)]);
                    self.add_group(group, Number::Any);
                    self.group = with_member(&self.group, user, group);
                }
            }
        }
    }

    fn add_user(&mut self, declaration: &Declaration) {
        let Declaration::User {
            name,
            number,
            group,
            description,
            home,
            shell,
        } = declaration
        else {
            return;
        };
        if id_of(&self.passwd, name).is_some() {
            return;
        }
        let gid = match group {
            Group::Number(gid) => *gid,
            Group::Name(group) => self.add_group(group, Number::Any),
            Group::Own => self.add_group(name, *number),
        };
        // The user and its group have one number where that is possible.
        let wanted = match number {
            Number::Wanted(uid) => *uid,
            Number::Any => gid,
        };
        let uid = if has_id(&self.passwd, wanted) {
            self.free()
        } else {
            wanted
        };
        self.passwd
            .push_str(&format!("{name}:x:{uid}:{gid}:{description}:{home}:{shell}\n"));
    }

    /// Returns its id.
    fn add_group(&mut self, name: &str, number: Number) -> u32 {
        if let Some(gid) = id_of(&self.group, name) {
            return gid;
        }
        let gid = match number {
            Number::Wanted(gid) if !has_id(&self.group, gid) => gid,
            Number::Wanted(_) | Number::Any => self.free(),
        };
        self.group.push_str(&format!("{name}:x:{gid}:\n"));
        gid
    }

    /// An id that neither a user nor a group has. A system without any is full: then root would be wrong, and nobody is right.
    fn free(&self) -> u32 {
        const NOBODY: u32 = 65534;
        let is_free = |id: &u32| !has_id(&self.passwd, *id) && !has_id(&self.group, *id);
        SYSTEM.rev().find(is_free).unwrap_or(NOBODY)
    }
}

fn fields(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.split(':').collect())
}

fn id_of(text: &str, name: &str) -> Option<u32> {
    fields(text)
        .find(|fields| fields.first() == Some(&name))?
        .get(2)?
        .parse()
        .ok()
}

fn has_id(text: &str, id: u32) -> bool {
    fields(text).any(|fields| fields.get(2).and_then(|field| field.parse().ok()) == Some(id))
}

fn with_member(text: &str, user: &str, group: &str) -> String {
    let change = |line: &str| {
        let mut fields: Vec<&str> = line.split(':').collect();
        let is_meant = fields.len() == 4 && fields[0] == group && !fields[3].split(',').any(|member| member == user);
        let members = if is_meant && fields[3].is_empty() {
            user.to_owned()
        } else {
            format!("{},{user}", fields.get(3).unwrap_or(&""))
        };
        if is_meant {
            fields[3] = &members;
        }
        fields.join(":") + "\n"
    };
    text.lines().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Dependency;

    fn base() -> Accounts {
        Accounts {
            passwd: "root:x:0:0:root:/root:/bin/sh\nlow:x:999:998::/:/bin/sh\n".into(),
            group: "root:x:0:\nlow:x:998:\nwheel:x:10:root\n".into(),
        }
    }

    fn added(lines: &[&str]) -> (String, String) {
        let mut accounts = base();
        let declared: Vec<_> = lines.iter().filter_map(|line| Declaration::parse(line)).collect();
        assert_eq!(declared.len(), lines.len(), "{lines:?}");
        accounts.add(&declared);
        let new = |text: &str, old: &str| {
            text.lines()
                .filter(|line| !old.contains(line))
                .collect::<Vec<_>>()
                .join("|")
        };
        (
            new(&accounts.passwd, &base().passwd),
            new(&accounts.group, &base().group),
        )
    }

    #[test]
    fn accounts_are_added_as_declared() {
        let cases: [(&[&str], &str, &str); 9] = [
            (
                &["u my - \"My user\" /var/lib/my /bin/sh"],
                "my:x:997:997:My user:/var/lib/my:/bin/sh",
                "my:x:997:",
            ),
            (&["u my 300 - -"], "my:x:300:300::/:/sbin/nologin", "my:x:300:"),
            (&["u! my 300:10"], "my:x:300:10::/:/sbin/nologin", ""),
            (&["u my 300:wheel"], "my:x:300:10::/:/sbin/nologin", ""),
            (&["u my 999"], "my:x:997:999::/:/sbin/nologin", "my:x:999:"),
            (&["g grp 0"], "", "grp:x:997:"),
            (&["u root 5", "g wheel 5"], "", ""),
            (&["m low wheel"], "", "wheel:x:10:root,low"),
            (
                &["m new grp"],
                "new:x:997:997::/:/sbin/nologin",
                "new:x:997:|grp:x:996:new",
            ),
        ];
        for (lines, passwd, group) in cases {
            assert_eq!(added(lines), (passwd.to_owned(), group.to_owned()), "{lines:?}");
        }
    }

    #[test]
    fn declarations_are_found_among_the_provides() {
        let provide = |name: &str, version: &str| Dependency {
            name: name.into(),
            comparison: if version.is_empty() {
                Comparison::Any
            } else {
                Comparison::Equal
            },
            version: version.into(),
            flags: 8,
        };
        let mut package = super::super::fixture::package("p-1-1", Vec::new());
        // "u myuser - "My user" /var/lib/my" with the NUL that rpm puts behind it, and "g grp".
        package.provides = vec![
            provide("user(myuser)", "dSBteXVzZXIgLSAiTXkgdXNlciIgL3Zhci9saWIvbXkA"),
            provide("group(myuser)", ""),
            provide("group(grp)", "ZyBncnA="),
            provide("user(broken)", "!!"),
            provide("other(grp)", "ZyBncnA="),
        ];
        let declared = declared([&package]);
        let names: Vec<&str> = declared.iter().map(Declaration::name).collect();
        assert_eq!(names, ["grp", "myuser"]);
    }

    #[test]
    fn the_first_line_of_a_name_counts() {
        let text = b"a:x:1:\n\n# note\nb:x:2:\na:x:3:\nnoline\n";
        assert_eq!(first_of_each(text), b"a:x:1:\nb:x:2:\n");
    }
}
