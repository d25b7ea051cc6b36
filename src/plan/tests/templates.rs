//! A family made from the shipped templates plans without a word, on systems of several kinds.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{Source, parse};
use crate::merge::fixture;
use crate::node::{Alias, Family, Node, State, Status};
use crate::plan::{Facts, Kind, Operation, Plan, Request, Warning, build, questions};
use crate::templates::{Values, fill, get};

const DEBIAN: &str = "/usr /bin /sbin /lib /lib64 /etc/ld.so.cache /etc/alternatives /etc/passwd /etc/group /etc/nsswitch.conf \
    /etc/hosts /etc/resolv.conf /etc/ssl/certs /etc/ssl/openssl.cnf /etc/localtime /etc/os-release /usr/bin /usr/lib";
const FEDORA: &str = "/usr /bin /sbin /lib /lib64 /etc/ld.so.cache /etc/alternatives /etc/passwd /etc/group /etc/hosts \
    /etc/pki/ca-trust/extracted /etc/pki/tls/certs /etc/crypto-policies /etc/rpm /usr/lib/sysimage/rpm";
const YOCTO: &str = "/usr /bin /sbin /lib /etc/passwd /etc/group /etc/resolv.conf";

fn node(path: &str, template: &str, system: &str, rpmdb: &str) -> Node {
    let path = Path::new(path);
    let alias = Alias::from_name(path.file_name().unwrap().to_str().unwrap());
    let present: BTreeSet<&Path> = system.split_whitespace().map(Path::new).collect();
    let values = Values {
        alias: &alias,
        name: "",
        info: "",
        multiarch: "x86_64-linux-gnu",
        rpmdb: Path::new(rpmdb),
        exists: &|path| present.contains(path),
    };
    let config = |name: &str, file: &str| -> Source {
        let text = fill(get(name).expect("a template"), &values);
        parse(&text, &path.join(file)).unwrap_or_else(|errors| panic!("{errors:?}"))
    };
    Node {
        path: path.to_path_buf(),
        status: Status::new(State::Enable, path, 0, ""),
        config: config(template, "etc/redpack.yaml"),
        admin: Some(config(&format!("{template}-admin"), "etc/redpack-admin.yaml")),
    }
}

fn launch(nodes: Vec<Node>, system_node: bool, system: &str, admin: bool) -> (Plan, Vec<Warning>) {
    let family = Family {
        nodes,
        system: system_node,
        main: None,
        main_admin: None,
    };
    let merged = fixture::merge(&family, admin).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(merged.warnings, []);
    let request = Request {
        program: vec!["bash".into()],
        ..Request::default()
    };
    let present: BTreeSet<&str> = system.split_whitespace().collect();
    let kind = |path: &Path| {
        let there = present.contains(path.to_str().unwrap()) || path.starts_with("/pool");
        if there { Kind::Directory } else { Kind::Missing }
    };
    let sources = questions(&merged, &request).sources;
    let sources = sources.into_iter().map(|path| (path.clone(), kind(&path))).collect();
    let facts = Facts {
        uid: 1000,
        sources,
        ..Facts::default()
    };
    build(&merged, &facts, &request).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn writable(plan: &Plan) -> Vec<&str> {
    let mounts = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::Bind {
            mount, writable: true, ..
        } => mount.to_str(),
        _ => None,
    });
    mounts.collect()
}

fn environment(plan: &Plan, name: &str) -> Option<String> {
    plan.steps.iter().find_map(|step| match &step.operation {
        Operation::SetEnvironment { key, value } if key == name => value.to_str().map(str::to_owned),
        _ => None,
    })
}

#[test]
fn three_nodes_below_a_system_node() {
    for (system, rpmdb) in [
        (DEBIAN, "/var/lib/rpm"),
        (FEDORA, "/usr/lib/sysimage/rpm"),
        (YOCTO, "/var/lib/rpm"),
    ] {
        let nodes = || {
            let made = [
                ("/pool", "root"),
                ("/pool/platform", "leaf"),
                ("/pool/platform/app", "leaf"),
            ];
            made.map(|(path, template)| node(path, template, system, rpmdb))
                .to_vec()
        };
        let (plan, warnings) = launch(nodes(), true, system, false);
        let files: Vec<_> = warnings
            .iter()
            .filter(|warning| !warning.message.contains("the mode"))
            .collect();
        assert!(
            files.iter().all(|warning| warning.message.contains("is a directory")),
            "{files:?}"
        );
        assert_eq!(writable(&plan), [""; 0]);
        let path = environment(&plan, "PATH").unwrap();
        assert!(
            path.starts_with("/nodes/app/usr/local/bin:/nodes/app/usr/bin:"),
            "{path}"
        );
        assert!(
            path.ends_with(":/nodes/platform/sbin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"),
            "{path}"
        );
        let libraries = environment(&plan, "LD_LIBRARY_PATH").unwrap();
        assert!(
            libraries.contains("/nodes/platform/usr/lib/x86_64-linux-gnu"),
            "{libraries}"
        );
        let rpmdbs: Vec<_> = plan
            .steps
            .iter()
            .filter_map(|step| match &step.operation {
                Operation::Bind { source, mount, .. } if mount == Path::new(rpmdb) => {
                    Some(source.path.to_str().unwrap())
                }
                _ => None,
            })
            .collect();
        assert_eq!(rpmdbs, ["/pool/platform/app/var/lib/rpm"]);
        let (plan, _) = launch(nodes(), true, system, true);
        let mut expected = ["/nodes/app", rpmdb];
        expected.sort_unstable();
        assert_eq!(writable(&plan), expected);
    }
}

#[test]
fn a_full_node_alone_and_with_a_leaf_below() {
    let full = || node("/pool/top", "full", DEBIAN, "/var/lib/rpm");
    let (plan, _) = launch(vec![full()], false, DEBIAN, false);
    assert_eq!(writable(&plan), [""; 0]);
    let path = environment(&plan, "PATH").unwrap();
    assert!(
        path.starts_with("/nodes/top/usr/local/bin:") && path.ends_with(":/usr/sbin:/sbin"),
        "{path}"
    );
    let (plan, _) = launch(vec![full()], false, DEBIAN, true);
    assert_eq!(writable(&plan), ["/nodes/top", "/var/lib/rpm"]);
    let leaf = node("/pool/top/app", "leaf", DEBIAN, "/var/lib/rpm");
    let (plan, _) = launch(vec![full(), leaf], false, DEBIAN, true);
    assert_eq!(writable(&plan), ["/nodes/app", "/var/lib/rpm"]);
}
