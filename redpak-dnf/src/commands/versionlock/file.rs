//! The text of `versionlock.toml`, as libdnf5 writes it.

use std::fmt::Write as _;

use libdnf5::VersionlockPackage;

/// The whole file.
pub fn render(entries: &[VersionlockPackage]) -> String {
    if entries.is_empty() {
        return "packages = []\nversion = \"1.0\"\n\n".into();
    }
    let mut text = "version = \"1.0\"\n".to_owned();
    for entry in entries {
        text.push_str("\n[[packages]]\n");
        pair(&mut text, "name", &entry.name);
        if !entry.comment.is_empty() {
            pair(&mut text, "comment", &entry.comment);
        }
        if entry.conditions.is_empty() {
            text.push_str("conditions = []\n");
        }
        for condition in &entry.conditions {
            text.push_str("\n[[packages.conditions]]\n");
            pair(&mut text, "key", &condition.key);
            pair(&mut text, "comparator", &condition.comparator);
            pair(&mut text, "value", &condition.value);
        }
    }
    text.push('\n');
    text
}

fn pair(text: &mut String, key: &str, value: &str) {
    let mut quoted = String::new();
    for character in value.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    text.push_str(&format!("{key} = \"{quoted}\"\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use libdnf5::VersionlockCondition;

    #[test]
    fn text_is_what_libdnf5_writes() {
        let entry = VersionlockPackage {
            name: "a\"b".into(),
            comment: "x\ny".into(),
            conditions: vec![VersionlockCondition {
                key: "evr".into(),
                comparator: "=".into(),
                value: "1-1".into(),
            }],
            text: Default::default(),
            text_with_errors: Default::default(),
        };
        let expected = "version = \"1.0\"\n\n[[packages]]\nname = \"a\\\"b\"\ncomment = \"x\\u000Ay\"\n\n[[packages.conditions]]\n\
                        key = \"evr\"\ncomparator = \"=\"\nvalue = \"1-1\"\n\n";
        assert_eq!(render(&[entry]), expected);
        assert_eq!(render(&[]), "packages = []\nversion = \"1.0\"\n\n");
    }
}
