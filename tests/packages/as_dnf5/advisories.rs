//! Upgrades that advisories choose.

use redpak_testing::{Package, Repository};

use crate::case::{After, Case};

fn package(name: &str, version: u32) -> Package {
    Package::new(name, &format!("{version}-1")).file(&format!("/usr/share/{name}"), format!("{version}"))
}

fn advisory(id: &str, kind: &str, severity: &str, package: &str) -> String {
    format!(
        "<update from=\"tests\" status=\"final\" type=\"{kind}\" version=\"1\"><id>{id}</id><title>{id}</title>\
         <severity>{severity}</severity><references><reference href=\"x\" id=\"CVE-2026-0001\" type=\"cve\" title=\"x\"/></references>\
         <pkglist><collection short=\"c\"><name>c</name><package name=\"{package}\" version=\"2\" release=\"1\" epoch=\"0\" \
         arch=\"noarch\"><filename>{package}-2-1.noarch.rpm</filename></package></collection></pkglist></update>"
    )
}

#[test]
fn advisories() {
    let names = ["weak", "slow"];
    let packages = names
        .map(|name| [package(name, 1), package(name, 2), package(name, 3)])
        .concat();
    let repository = Repository::new(&packages);
    let (security, bugfix) = (
        advisory("A-1", "security", "Important", "weak"),
        advisory("A-2", "bugfix", "None", "slow"),
    );
    repository.advisories(&format!("<updates>{security}{bugfix}</updates>"));
    let leaf = &["weak-1", "slow-1"];
    for (command, after) in [
        (
            ["upgrade", "--security"].as_slice(),
            ["slow-1-1.noarch", "weak-3-1.noarch"],
        ),
        (&["upgrade", "--bugfix"], ["slow-3-1.noarch", "weak-1-1.noarch"]),
        (&["upgrade", "--advisories=A-1"], ["slow-1-1.noarch", "weak-3-1.noarch"]),
        (
            &["upgrade", "--cves=CVE-2026-0001", "weak"],
            ["slow-1-1.noarch", "weak-3-1.noarch"],
        ),
        (&["upgrade", "--minimal"], ["slow-2-1.noarch", "weak-2-1.noarch"]),
        (
            &["upgrade", "--advisory-severities=important", "--minimal"],
            ["slow-1-1.noarch", "weak-2-1.noarch"],
        ),
    ] {
        let case = Case {
            platform: &[],
            leaf,
            command,
            after: After::Leaf(&after),
        };
        case.check(&repository);
    }
    // What is vulnerable above is not the leaf's to upgrade; dnf5 upgrades it in its one root.
    let case = Case {
        platform: &["weak-1"],
        leaf: &["slow-1"],
        command: &["upgrade", "--security", "weak"],
        after: After::Refused(&["weak", "platform"]),
    };
    case.check(&repository);
}
