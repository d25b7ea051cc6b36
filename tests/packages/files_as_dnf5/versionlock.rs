//! `versionlock`

use crate::pair::Pair;

const FILE: &str = "etc/dnf/versionlock.toml";

#[test]
fn locks_are_written_shown_and_removed_as_dnf5_does_it() {
    let pair = Pair::new();
    pair.same(
        &[
            "versionlock list",
            "versionlock add app",
            "versionlock add app lib-2-1 none",
            "versionlock exclude lib-1-1 tool",
            "versionlock exclude lib-1-1",
            "versionlock exclude lib",
            "versionlock list",
            "versionlock delete none lib",
            "versionlock delete a*",
            "versionlock list",
            "versionlock clear",
            "versionlock list",
            "versionlock add lib*",
            "-y install tool lib",
            "versionlock add tool lib",
            "versionlock",
            "versionlock add",
        ],
        &[FILE],
    );
}

#[test]
fn a_locked_version_is_what_is_installed() {
    let pair = Pair::new();
    pair.same(&["versionlock add lib-1-1", "-y install app", "-y upgrade"], &[FILE]);
}

/// Where dnf5 aborts, or loses entries of a version that it does not know.
#[test]
fn a_file_that_is_not_understood_stays() {
    let pair = Pair::new();
    let newer = "version = \"2.0\"\n[[packages]]\nname = \"app\"\n";
    for (text, word) in [("bad = ", "versionlock.toml"), (newer, "does not understand")] {
        pair.write(FILE, text);
        pair.ours("versionlock add lib").refuses(1, &[word]);
        pair.ours("versionlock delete app").refuses(1, &[word]);
        assert_eq!(std::fs::read_to_string(pair.node().join(FILE)).expect("read"), text);
    }
}
