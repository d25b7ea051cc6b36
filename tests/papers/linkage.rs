//! Linking librpm costs a start 2.6 ms and libdnf5 12.7 ms: the programs that run all the time link neither.

use redpak_testing::{built_program, tool};

/// Names of the shared libraries that a program loads at its start, indirectly needed ones too.
fn libraries(program: &str) -> Vec<String> {
    let printed = tool("ldd", [built_program(program)]);
    printed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn loads(libraries: &[String], name: &str) -> bool {
    libraries.iter().any(|library| library.starts_with(name))
}

#[test]
fn launcher_and_viewer_link_neither_library() {
    for program in ["redwrap", "redconf"] {
        let libraries = libraries(program);
        assert!(loads(&libraries, "libc.so"), "{program}: {libraries:?}");
        for heavy in ["librpm", "libdnf5", "libstdc++", "libsqlite3"] {
            assert!(!loads(&libraries, heavy), "{program} loads {heavy}: {libraries:?}");
        }
    }
}

#[test]
fn the_others_link_what_they_stand_on() {
    assert!(loads(&libraries("redwrap-dnf"), "libdnf5.so"));
    let check = libraries("redwrap-check");
    assert!(loads(&check, "librpm.so") && !loads(&check, "libdnf5.so"), "{check:?}");
}
