use super::*;
use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

fn package(name: &str, number: u32) -> Package {
    Package {
        name: name.into(),
        epoch: (number == 1).then_some(2),
        version: "1.0+x".into(),
        release: "3".into(),
        arch: Some("noarch".into()),
        header_number: number,
        header_digest: Some(format!("{number:064x}")),
        signed: false,
        provides: Vec::new(),
        requires: Vec::new(),
        conflicts: Vec::new(),
        obsoletes: Vec::new(),
        files: Vec::new(),
        scriptlets: Vec::new(),
        expands_macros: false,
    }
}

fn level(root: &str, is_core_os: bool, packages: Vec<Package>) -> Level {
    Level {
        root: PathBuf::from(root),
        is_core_os,
        packages,
        forced: BTreeSet::new(),
    }
}

/// A core OS with `base`, a node with `lib`, a leaf with `app`, which needs both.
fn with_bill(scope: fn(usize) -> bool, check: impl Fn(&Inventory<'_>)) {
    let levels = [
        level("/", true, vec![package("base", 1)]),
        level("/nodes/a", false, vec![package("lib", 2)]),
        level("/nodes/a/b", false, vec![package("app", 3)]),
    ];
    let details = [1, 2, 3].map(|number| {
        vec![Details {
            license: Some(if number == 2 { "GPLv2+".into() } else { "MIT".into() }),
            digests: vec![(DigestAlgorithm::Sha256, "ab".repeat(32))],
            installed: Some(number * 86_400),
            source_package: Some("x.src.rpm".into()),
            url: (number == 3).then(|| "not a web address".into()),
            ..Details::default()
        }]
    });
    let need = |provider, needer| Need {
        provider: (provider, 0),
        needer: (needer, 0),
        dependency: "x".into(),
    };
    let names = ["coreos", "a", "b"];
    let nodes: Vec<_> = (0..3)
        .map(|index| Node {
            name: names[index],
            level: &levels[index],
            details: &details[index],
            is_listed: scope(index),
        })
        .collect();
    check(&Inventory {
        nodes: &nodes,
        needs: &[need(0, 2), need(1, 2), need(1, 2), need(2, 2)],
        tool: ("tool", "1"),
        time: None,
    });
}

fn texts<'a>(values: &'a Value, key: &str) -> Vec<&'a str> {
    values
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value[key].as_str())
        .collect()
}

#[test]
fn a_bill_tells_who_holds_and_who_needs_what() {
    with_bill(
        |_| true,
        |inventory| {
            let bill = spdx(inventory);
            assert_eq!(bill["creationInfo"]["created"], "1970-01-04T00:00:00Z");
            assert_eq!(
                texts(&bill["packages"], "name"),
                ["coreos", "base", "a", "lib", "b", "app"]
            );
            let relations: Vec<_> = bill["relationships"].as_array().expect("a list").iter().collect();
            let has = |from: &str, kind: &str, to: &str| {
                relations.iter().any(|relation| {
                    relation["spdxElementId"] == format!("SPDXRef-{from}")
                        && relation["relationshipType"] == kind
                        && relation["relatedSpdxElement"] == format!("SPDXRef-{to}")
                })
            };
            assert!(has("Node-2-b", "CONTAINS", "Package-2-3-app-1.0-x-3.noarch"));
            assert!(has("Node-2-b", "DEPENDS_ON", "Node-1-a"));
            assert!(has(
                "Package-2-3-app-1.0-x-3.noarch",
                "DEPENDS_ON",
                "Package-1-2-lib-1.0-x-3.noarch"
            ));
            assert_eq!(relations.len(), 3 + 2 + 3 + 2);
            assert_eq!(bill["hasExtractedLicensingInfos"][0]["extractedText"], "GPLv2+");
            let other = cyclonedx(inventory);
            let app = &other["components"][2]["components"][0];
            assert_eq!(app["purl"], "pkg:rpm/app@1.0%2Bx-3?arch=noarch&upstream=x.src.rpm");
            assert!(app.get("externalReferences").is_none(), "{app}");
            let base = &other["components"][0]["components"][0];
            assert_eq!(
                base["purl"],
                "pkg:rpm/base@1.0%2Bx-3?arch=noarch&epoch=2&upstream=x.src.rpm"
            );
            let of_app = other["dependencies"]
                .as_array()
                .expect("a list")
                .iter()
                .find(|entry| entry["ref"] == app["bom-ref"]);
            assert_eq!(of_app.expect("app")["dependsOn"].as_array().expect("a list").len(), 2);
        },
    );
}

#[test]
fn what_is_not_listed_is_not_referred_to() {
    with_bill(
        |level| level == 2,
        |inventory| {
            let bill = spdx(inventory);
            assert_eq!(texts(&bill["packages"], "name"), ["b", "app"]);
            let known: BTreeSet<_> = texts(&bill["packages"], "SPDXID").into_iter().collect();
            let referred = texts(&bill["relationships"], "relatedSpdxElement");
            assert!(referred.iter().all(|id| known.contains(id)), "{referred:?}");
            let other = cyclonedx(inventory);
            assert_eq!(texts(&other["components"], "name"), ["b"]);
        },
    );
}

#[test]
fn another_content_is_another_document() {
    let mut namespaces = BTreeSet::new();
    for scope in [|_| true, |level| level > 0, |level| level == 2] as [fn(usize) -> bool; 3] {
        with_bill(scope, |inventory| {
            assert_eq!(spdx(inventory), spdx(inventory));
        });
        let found = std::cell::RefCell::new(Value::Null);
        with_bill(scope, |inventory| {
            *found.borrow_mut() = spdx(inventory)["documentNamespace"].take()
        });
        namespaces.insert(found.into_inner().to_string());
    }
    assert_eq!(namespaces.len(), 3);
}
