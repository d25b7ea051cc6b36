//! The shipped templates read, merge and plan without a word.

use std::path::Path;

use super::*;
use crate::config::parse;
use crate::node::Alias;

fn filled(name: &str, present: bool) -> String {
    let alias: Alias = "agl-core".parse().unwrap();
    let values = Values {
        alias: &alias,
        name: "a \"name\"",
        info: "line\r",
        multiarch: "x86_64-linux-gnu",
        rpmdb: Path::new("/usr/lib/sysimage/rpm"),
        exists: &|_| present,
    };
    fill(get(name).expect("a shipped template"), &values)
}

#[test]
fn the_templates_of_the_documentation_are_there() {
    let expected = ["full", "full-admin", "leaf", "leaf-admin", "main", "root", "root-admin"];
    assert_eq!(names().collect::<Vec<_>>(), expected);
    assert_eq!(get("other"), None);
}

#[test]
fn every_template_reads_as_it_is_and_filled_in() {
    for name in names() {
        for text in [get(name).unwrap().to_owned(), filled(name, true), filled(name, false)] {
            let source = parse(&text, Path::new(name)).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            assert_eq!(source.warnings, [], "{name}");
        }
    }
}

#[test]
fn words_are_filled_in() {
    for name in names().filter(|name| *name != "main") {
        let headers = parse(&filled(name, true), Path::new(name))
            .unwrap()
            .config
            .headers
            .value;
        assert_eq!(headers.alias.as_str(), "agl-core");
        assert_eq!(headers.name.unwrap().value, "a \"name\"");
        assert_eq!(headers.info.unwrap().value, "line ");
    }
}

#[test]
fn the_rpmdb_is_where_rpm_looks() {
    for name in ["leaf", "leaf-admin", "full", "full-admin"] {
        let exports = parse(&filled(name, true), Path::new(name)).unwrap().config.exports;
        assert!(
            exports
                .iter()
                .any(|export| export.mount.value == "/usr/lib/sysimage/rpm"),
            "{name}"
        );
        assert!(
            !exports.iter().any(|export| export.mount.value == "/var/lib/rpm"),
            "{name}"
        );
    }
}

#[test]
fn what_a_system_lacks_is_commented_out() {
    let mounts = |present| -> Vec<String> {
        let config = parse(&filled("root", present), Path::new("root")).unwrap().config;
        config.exports.iter().map(|export| export.mount.value.clone()).collect()
    };
    let (all, least) = (mounts(true), mounts(false));
    assert!(all.contains(&"/lib64".into()) && all.contains(&"/etc/pki/tls/certs".into()));
    assert!(
        !least.iter().any(|mount| mount == "/lib64" || mount.starts_with("/etc")),
        "{least:?}"
    );
    assert!(least.contains(&"/usr".into()) && least.contains(&"/dev".into()));
}
