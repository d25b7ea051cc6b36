//! `config-manager`

use std::fs;

use redpak_testing::{Server, directory};

use crate::pair::Pair;

const MAIN: &str = "etc/dnf/dnf.conf";
const OVERRIDES: &str = "etc/dnf/repos.override.d/99-config_manager.repo";

#[test]
fn options_are_set_and_removed_as_dnf5_does_it() {
    let pair = Pair::new();
    pair.same(
        &[
            "config-manager setopt keepcache=1",
            "config-manager setopt --create-missing-dir keepcache=1 log_size=10M",
            "config-manager setopt made.enabled=0",
            "config-manager setopt --create-missing-dir made*.priority=3 made.enabled=0",
            "config-manager setopt made.priority=4 best=0",
            "config-manager setopt none.enabled=1",
            "config-manager setopt bogus=1",
            "config-manager setopt made.bogus=1",
            "config-manager setopt made.enabled=maybe best=1",
            "config-manager setopt keepcache=1 keepcache=0",
            "config-manager setopt keepcache",
            "config-manager setopt .x=1",
            "config-manager setopt a.=1",
            "config-manager setopt",
            "config-manager unsetopt keepcache none",
            "config-manager unsetopt made*.priority none.priority made.bogus",
            "config-manager disable made*",
            "config-manager enable made",
            "config-manager enable none",
            "repo list --all",
        ],
        &[MAIN, OVERRIDES],
    );
    pair.write(MAIN, "# kept\n[main]\nbest=0\n\n[other]\nx=1\n");
    pair.same(
        &["config-manager setopt keepcache=1", "config-manager unsetopt best"],
        &[MAIN],
    );
}

#[test]
fn variables_are_set_and_removed_as_dnf5_does_it() {
    let pair = Pair::new();
    pair.same(
        &[
            "config-manager setvar a=b",
            "config-manager setvar --create-missing-dir a=b c=d",
            "config-manager setvar a/b=c",
            "config-manager setvar x",
            "config-manager setvar x=1 x=2",
            "config-manager unsetvar a none",
            "config-manager unsetvar ../dnf.conf",
        ],
        &["etc/dnf/vars/a", "etc/dnf/vars/c"],
    );
}

#[test]
fn repositories_are_added_as_dnf5_adds_them() {
    let pair = Pair::new();
    fs::write(
        pair.repository.path().join("more.repo"),
        "[more]\nname=More\nbaseurl=http://more.invalid/\n",
    )
    .expect("write");
    fs::write(pair.repository.path().join("bad.repo"), "[bad]\nbogus=1\n").expect("write");
    let add = "config-manager addrepo";
    let lines = [
        "--set=baseurl=http://example.invalid/a/repo?x=1",
        "--set=baseurl=http://x.invalid/ --id=ex --set=enabled=0 --set=name=N",
        "--set=baseurl=http://x.invalid/ --id=ex",
        "--set=baseurl=http://y.invalid/ --id=ex --add-or-replace",
        "--set=baseurl=http://z.invalid/ --id=ex2 --save-filename=ex --add-or-replace",
        "--set=baseurl=http://x.invalid/ --id=ex --save-filename=other",
        "--set=baseurl=http://w.invalid/ --id=ex --overwrite",
        "--set=name=x --id=c",
        "--set=bogus=1 --set=baseurl=http://x.invalid/ --id=c",
        "--set=baseurl --id=c",
        "--from-repofile=REPO/more.repo",
        "--from-repofile=REPO/more.repo",
        "--from-repofile=REPO/more.repo --overwrite",
        "--from-repofile=REPO/more.repo --save-filename=again",
        "--from-repofile=REPO/bad.repo",
        "--from-repofile=REPO/none.repo",
        "",
    ];
    let lines = lines.map(|line| format!("{add} {line}"));
    let files = ["ex", "other", "more", "again", "example.invalid_a_repo_x_3D1"]
        .map(|name| format!("etc/yum.repos.d/{name}.repo"));
    let (lines, files): (Vec<&str>, Vec<&str>) = (
        lines.iter().map(String::as_str).collect(),
        files.iter().map(String::as_str).collect(),
    );
    pair.same(&lines, &files);
}

#[test]
fn a_repository_file_comes_from_the_network_too() {
    let pair = Pair::new();
    let served = directory();
    fs::write(
        served.path().join("far.repo"),
        "[far]\nname=Far\nbaseurl=http://far.invalid/\n",
    )
    .expect("write");
    let server = Server::new(served.path());
    pair.ours(&format!(
        "config-manager addrepo --from-repofile={}/far.repo",
        server.url()
    ))
    .success();
    pair.ours("repo list far").success().prints("far");
    pair.ours(&format!(
        "config-manager addrepo --from-repofile={}/none.repo",
        server.url()
    ))
    .refuses(1, &["404"]);
}

/// The configuration of a node is its owner's; it may name any place, and nothing is written there.
#[test]
fn nothing_is_written_outside_of_the_node() {
    let pair = Pair::new();
    let outside = directory();
    let place = outside.path().display();
    let add = "config-manager addrepo --set=baseurl=http://x.invalid/ --id=x";
    pair.ours(&format!("--setopt=reposdir={place} {add}"))
        .refuses(1, &["the node alone"]);
    pair.ours(&format!("--setopt=varsdir={place} config-manager setvar a=b"))
        .refuses(1, &["the node alone"]);
    pair.ours(&format!("{add} --save-filename=../../../x"))
        .refuses(1, &["not the name of a file"]);
    pair.ours("--use-host-config config-manager setopt best=0")
        .refuses(1, &["the node alone"]);
    let dnf = pair.node().join("etc/dnf");
    std::os::unix::fs::symlink(outside.path(), &dnf).expect("link");
    for line in [
        "setopt --create-missing-dir best=0",
        "setvar --create-missing-dir a=b",
        "setopt --create-missing-dir made.cost=1",
    ] {
        let outcome = pair.ours(&format!("config-manager {line}"));
        assert_ne!(outcome.code(), 0, "{line}: {}", outcome.report());
    }
    assert_eq!(pair.ours("versionlock clear").code(), 1);
    assert_eq!(fs::read_dir(outside.path()).expect("read").count(), 0);
}
