//! A node's history, going back, and transactions that wait: what dnf5 does in a root, held against it.

use std::fs;
use std::path::Path;

use redpak_testing::{Group, Key, Outcome, Package, Pool, Repository, Run, Tree, User, directory, package};

const ALONE: &str = "alone";
const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

fn packages() -> Vec<Package> {
    vec![
        package("lib", 1),
        package("lib", 2),
        package("app", 1).requires("lib"),
        package("app", 2).requires("lib"),
        package("other", 1),
    ]
}

fn dnf5(root: &Path) -> Run {
    let installroot = format!("--installroot={}", root.display());
    Run::command("dnf5").arg(installroot)
}

fn ours(pool: &Pool, node: &str, words: &[&str]) -> Outcome {
    pool.dnf(node).args(["-y", "--releasever=1"]).args(words).run()
}

#[test]
fn the_history_of_a_node_is_shown_as_dnf5_shows_it() {
    let repository = Repository::new(&packages());
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    ours(&pool, PLATFORM, &["install", "other"]).success();
    for words in [
        vec!["install", "app-1", "lib-1", "--comment=the first"],
        vec!["upgrade", "lib"],
        vec!["mark", "dependency", "lib"],
        vec!["remove", "app"],
    ] {
        ours(&pool, LEAF, &words).success();
    }
    for words in [
        "list",
        "list --reverse",
        "list 2..last last-1 4",
        "list last..1 --contains-pkgs=a*,other",
        "list --json",
        "list --contains-pkgs=nope --json",
        "list 99",
        "list last-9",
        "list one",
        "info",
        "info 1..2 --reverse",
        "info --json 1..last",
        "info --contains-pkgs=other",
        "info 99",
        "info 1..",
        "store --output=/tmp 99",
        "store --output=/tmp 1..2",
        "undo 99",
        "undo 1..2",
        "redo last-9",
        "rollback 0",
        "undo",
        "",
    ] {
        let words: Vec<&str> = ["history"].into_iter().chain(words.split_whitespace()).collect();
        let of_ours = pool.dnf(LEAF).args(&words).run();
        let of_dnf5 = dnf5(&pool.node(LEAF)).args(&words).run();
        let (of_ours, of_dnf5) = (of_ours.steady(), of_dnf5.steady());
        assert!(of_ours == of_dnf5, "{words:?}\n{of_ours}\n--- dnf5 printed\n{of_dnf5}");
    }
    let list = pool.dnf(LEAF).args(["history", "list"]).run().success().out();
    assert_eq!(
        list.lines().count(),
        5,
        "a headline and what happened in this node:\n{list}"
    );
}

/// Each command in a node and in a root of dnf5's; both print and hold the same afterwards.
#[test]
fn going_back_comes_to_what_it_comes_to_in_dnf5s_root() {
    let repository = Repository::new(&packages());
    repository.groups(&[
        Group::new("tools", "Tools", &["other"]),
        Group::new("sundries", "Sundries", &["lib"]),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[ALONE]);
    let root = directory();
    let repos = root.path().join("etc/yum.repos.d");
    fs::create_dir_all(&repos).expect("make the directory of repositories");
    fs::write(repos.join("made.repo"), repository.repo_file("made")).expect("write a repository");
    let stores = [directory(), directory()];
    let mut installed = Vec::new();
    for words in [
        "install app-1 lib-1",
        "upgrade lib",
        "history undo 1",
        "history undo last",
        "history undo last-1 --ignore-installed",
        "history redo 1",
        "history redo 1",
        "history rollback 1",
        "history rollback last",
        "history undo 1 --ignore-extras",
        "history undo 1",
        "install app-1 --store=STORE",
        "history redo 1",
        "replay STORE",
        "replay STORE --ignore-extras",
        "replay STORE --ignore-installed",
        "do install other",
        "do --action=fly other",
        "do --action=install --type=thing other",
        "do --action=install other --action=remove app --action=downgrade lib",
        "do --action=remove --type=package other",
        "do --action=reinstall --type=group tools",
        "do --action=install --type=group tools",
        "do --action=install --type=group id=tools name=Sundries --type=package app",
        "do --action=upgrade --type=group id=tools",
        "do --action=remove --type=group id=tools id=sundries",
        "do --action=remove --type=group id=none",
        "do --action=install --type=group name=tools",
        "do",
        "--show-new-leaves install app",
        "--show-new-leaves remove app --no-autoremove",
    ] {
        let run = |run: Run, store: &Path| {
            let store = store.to_str().expect("UTF-8");
            let words = words.split(' ').map(|word| word.replace("STORE", store));
            let outcome = run.args(["-y", "--releasever=1"]).args(words).run();
            outcome.steady().replace(store, "STORE")
        };
        let of_ours = run(pool.dnf(ALONE), stores[0].path());
        let of_dnf5 = run(dnf5(root.path()), stores[1].path());
        assert!(of_ours == of_dnf5, "{words}\n{of_ours}\n--- dnf5 printed\n{of_dnf5}");
        let rpm = Run::command("rpm").arg("--root").arg(root.path());
        let expected = rpm.args(["-qa", "--qf", "%{NVRA}\n"]).run().success().sorted_lines();
        installed = pool.installed(ALONE);
        assert_eq!(installed, expected, "after {words}");
    }
    assert!(!installed.is_empty());
}

#[test]
fn going_back_leaves_ancestors_alone() {
    for owner in User::owners() {
        let repository = Repository::new(&packages());
        let pool = Pool::with(&owner, &repository, &[PLATFORM, LEAF]);
        ours(&pool, LEAF, &["install", "app-1", "lib-1"]).success();
        ours(&pool, LEAF, &["remove", "app", "lib"]).success();
        ours(&pool, PLATFORM, &["install", "lib-1"]).success();
        let before = Tree::except(pool.path(), &[LEAF]);
        // The platform has the library by now: it is not installed again, and what the history did to the leaf's own is not done to it.
        ours(&pool, LEAF, &["history", "redo", "1"]).success();
        before.unchanged();
        assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"]);
        for words in [["undo", "last"], ["undo", "1"], ["rollback", "1"], ["rollback", "0"]] {
            ours(&pool, LEAF, &[["history"].as_slice(), &words].concat());
            before.unchanged();
            assert_eq!(pool.installed(PLATFORM), ["lib-1-1.noarch"], "{words:?}");
            assert!(
                !pool.installed(LEAF).contains(&"lib-1-1.noarch".to_owned()),
                "{words:?}"
            );
        }
        // The platform's own history is its own, and knows nothing of the leaf's.
        ours(&pool, PLATFORM, &["history", "list"])
            .success()
            .prints("install")
            .never_says("app-1");
    }
}

#[test]
fn a_stored_past_transaction_is_replayed_elsewhere() {
    for owner in User::owners() {
        let repository = Repository::new(&packages());
        let another = "platform/another";
        let pool = Pool::with(&owner, &repository, &[PLATFORM, LEAF, another]);
        ours(&pool, LEAF, &["install", "app-1", "lib-1"]).success();
        let place = directory();
        owner.own(place.path());
        let words = ["history", "store", "--output=kept"];
        let store = |answer: &str| {
            let run = pool.dnf(LEAF).args(words).directory(place.path()).input(answer);
            run.run()
        };
        store("").success().complains("Transaction saved to kept.");
        let kept = place.path().join("kept/transaction.json");
        let first = fs::read(&kept).expect("the stored transaction");
        fs::write(&kept, "mine").expect("write");
        store("n\n").refuses(
            1,
            &[
                "File \"kept/transaction.json\" already exists",
                "Operation aborted by the user.",
            ],
        );
        assert_eq!(fs::read(&kept).expect("read"), b"mine");
        store("y\n").success();
        assert_eq!(fs::read(&kept).expect("read"), first);
        let path = place.path().join("kept");
        ours(&pool, another, &["replay", path.to_str().expect("UTF-8")]).success();
        assert_eq!(pool.installed(another), ["app-1-1.noarch", "lib-1-1.noarch"]);
    }
}

// Transactions that wait.

#[test]
fn an_offline_transaction_waits_and_is_carried_out_once() {
    for owner in User::owners() {
        let repository = Repository::new(&packages());
        let pool = Pool::with(&owner, &repository, &[PLATFORM, LEAF]);
        ours(&pool, LEAF, &["install", "app-1", "lib-1"]).success();
        ours(&pool, LEAF, &["offline", "reboot"]).refuses(1, &["No offline transaction is stored."]);
        ours(&pool, LEAF, &["offline", "status"])
            .success()
            .prints("No offline transaction is stored.\n");
        let before = pool.installed(LEAF);
        ours(&pool, LEAF, &["upgrade", "--offline"])
            .success()
            .complains("Testing offline transaction\n")
            .complains("Transaction stored to be performed offline.");
        assert_eq!(pool.installed(LEAF), before);
        let status = ours(&pool, LEAF, &["offline", "status"]).success().out();
        assert!(
            status.starts_with("An offline transaction was initiated by the following command:\n\tredwrap-dnf upgrade"),
            "{status}"
        );
        let status_of = |run: Run| {
            let out = run.args(["offline", "status"]).run().success().out();
            out.lines().take(2).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            status_of(pool.dnf(LEAF)),
            status_of(dnf5(&pool.node(LEAF))),
            "as dnf5 reads it"
        );
        // Nothing is fetched any more.
        fs::remove_dir_all(repository.path()).expect("remove the repository");
        ours(&pool, LEAF, &["offline", "reboot"])
            .success()
            .prints("The offline transaction initiated by the following command will now be performed:");
        assert_eq!(pool.installed(LEAF), ["app-2-1.noarch", "lib-2-1.noarch"]);
        ours(&pool, LEAF, &["offline", "reboot"]).refuses(1, &["No offline transaction is stored."]);
        ours(&pool, LEAF, &["history", "info"])
            .success()
            .prints("Upgrade  app-0:2-1.noarch")
            .prints("made");
        assert!(!pool.node(LEAF).join("var/lib/dnf/offline/packages").exists());
    }
}

#[test]
fn an_offline_transaction_holds_for_the_node_as_it_was() {
    for owner in User::owners() {
        let repository = Repository::new(&packages());
        let pool = Pool::with(&owner, &repository, &[PLATFORM, LEAF]);
        ours(&pool, LEAF, &["install", "app-1", "--offline"]).success();
        let replaced = ours(&pool, LEAF, &["install", "lib-1", "--offline"]);
        replaced
            .success()
            .complains("There is already an offline transaction queued");
        ours(&pool, LEAF, &["install", "other"])
            .success()
            .complains("will be invalidated: redwrap-dnf install")
            .complains("Warning: Pending offline transaction has been invalidated.\nTo reschedule, run: redwrap-dnf");
        ours(&pool, LEAF, &["offline", "status"])
            .success()
            .prints("is no longer valid:\n  redwrap-dnf install");
        ours(&pool, LEAF, &["offline", "reboot"]).refuses(
            1,
            &["The system has been modified since the offline transaction was prepared."],
        );
        assert_eq!(pool.installed(LEAF), ["other-1-1.noarch"]);
        ours(&pool, LEAF, &["offline", "clean"]).success();
        ours(&pool, LEAF, &["offline", "reboot"]).refuses(1, &["No offline transaction is stored."]);
        // An ancestor may change meanwhile: what was prepared is judged again.
        ours(&pool, LEAF, &["install", "app-1", "lib-1", "--offline"]).success();
        ours(&pool, PLATFORM, &["install", "lib"]).success();
        let before = Tree::except(pool.path(), &[LEAF]);
        ours(&pool, LEAF, &["offline", "reboot"]).check(|outcome| outcome.code() != 0, "a refusal");
        assert_eq!(pool.installed(LEAF), ["other-1-1.noarch"]);
        before.unchanged();
        let state = "usr/lib/sysimage/libdnf5/offline/offline-transaction-state.toml";
        pool.write(LEAF, state, "broken");
        for words in [["offline", "status"], ["offline", "reboot"]] {
            ours(&pool, LEAF, &words).refuses(1, &["Error reading state: "]);
        }
    }
}

#[test]
fn packages_of_an_offline_transaction_are_checked_when_it_is_carried_out() {
    let [ours_key, stranger] = ["Ours", "Stranger"].map(|name| Key::new(&format!("{name} <tests@redpak.invalid>")));
    let app = package("app", 1);
    let signed = Repository::signed(std::slice::from_ref(&app), &ours_key);
    let by_stranger = Repository::signed(std::slice::from_ref(&app), &stranger);
    let unsigned = Repository::new(std::slice::from_ref(&app));
    let pool = Pool::new(&User::current());
    pool.create(ALONE);
    let repo = signed.repo_file("made");
    pool.repository(
        ALONE,
        "made",
        &repo.replace("gpgcheck=0", &format!("gpgcheck=1\ngpgkey={}", ours_key.url())),
    );
    let prepare = || ours(&pool, ALONE, &["install", "app", "--offline"]).success();
    prepare();
    let kept = pool
        .node(ALONE)
        .join("var/lib/dnf/offline/packages")
        .join(format!("{}.rpm", app.nvra()));
    let good = fs::read(&kept).expect("the package that was kept");
    for other in [&by_stranger, &unsigned] {
        prepare();
        fs::copy(other.file(&app), &kept).expect("exchange the package");
        ours(&pool, ALONE, &["offline", "reboot"]).refuses(1, &["app-1-1.noarch"]);
        assert!(pool.installed(ALONE).is_empty());
    }
    prepare();
    fs::write(&kept, good).expect("put the package back");
    ours(&pool, ALONE, &["offline", "reboot"]).success();
    assert_eq!(pool.installed(ALONE), ["app-1-1.noarch"]);
}

#[test]
fn a_system_upgrade_needs_a_release_and_keeps_it() {
    let repository = Repository::new(&packages());
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    ours(&pool, PLATFORM, &["install", "other"]).success();
    ours(&pool, LEAF, &["install", "app-1", "lib-1"]).success();
    pool.dnf(LEAF)
        .args(["-y", "system-upgrade", "download"])
        .run()
        .refuses(1, &["Need a --releasever greater than the current system version."]);
    let download = pool
        .dnf(LEAF)
        .args(["-y", "--releasever=2", "system-upgrade", "download"]);
    download.run().success();
    pool.dnf(LEAF).args(["-y", "system-upgrade", "reboot"]).run().success();
    assert_eq!(pool.installed(LEAF), ["app-2-1.noarch", "lib-2-1.noarch"]);
    let info = pool.dnf(LEAF).args(["history", "info"]).run().success();
    info.prints("Releasever     : 2\n");
    ours(&pool, LEAF, &["downgrade", "app"]).success();
    for (prepare, carry_out) in [
        ("offline-upgrade", "offline-upgrade"),
        ("offline-distrosync", "offline"),
    ] {
        ours(&pool, LEAF, &[prepare, "download"]).success();
        ours(&pool, LEAF, &[carry_out, "status"]).success().prints(prepare);
        ours(&pool, LEAF, &[carry_out, "reboot"]).success();
        assert_eq!(pool.installed(LEAF), ["app-2-1.noarch", "lib-2-1.noarch"], "{prepare}");
        ours(&pool, LEAF, &["downgrade", "app"]).success();
    }
}

#[test]
fn a_system_upgrade_goes_to_another_release_than_the_nodes_own() {
    let release = Package::new("release", "40-1").provides("system-release = 40");
    let repository = Repository::new(&[package("lib", 1), package("lib", 2), release]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let root = directory();
    let repos = root.path().join("etc/yum.repos.d");
    fs::create_dir_all(&repos).expect("a directory");
    fs::write(repos.join("made.repo"), repository.repo_file("made")).expect("a repository");
    let both = |words: &[&str]| {
        let of_ours = pool.dnf(LEAF).arg("-y").args(words).run();
        let of_dnf5 = dnf5(root.path()).arg("-y").args(words).run();
        assert_eq!(of_ours.code(), of_dnf5.code(), "{words:?} {}", of_ours.report());
        (of_ours.err(), of_dnf5.err())
    };
    both(&["--releasever=40", "install", "release", "lib-1"]);
    for other in [
        "--releasever=39",
        "--releasever=41",
        "--releasever=40.0",
        "--releasever=",
    ] {
        let (of_ours, of_dnf5) = both(&[other, "--assumeno", "system-upgrade", "download"]);
        assert!(
            of_ours.contains("aborted by the user") && of_dnf5.contains("aborted by the user"),
            "{other}"
        );
    }
    for same in ["--releasever=40", "--setvar=releasever=40", "--best"] {
        let (of_ours, of_dnf5) = both(&[same, "system-upgrade", "download"]);
        assert_eq!(of_ours, of_dnf5, "{same}");
        assert_eq!(
            of_ours,
            "Need a --releasever greater than the current system version.\n"
        );
    }
    // The release of an ancestor is one that the leaf may follow to.
    ours(&pool, LEAF, &["remove", "release"]).success();
    ours(&pool, PLATFORM, &["install", "release"]).success();
    let follow = ["--releasever=40", "system-upgrade", "download"];
    pool.dnf(LEAF).arg("-y").args(follow).run().success();
}

/// The history of the node does not know why a package is installed that another program installed, or an ancestor has.
#[test]
fn going_back_over_a_reason_that_was_never_recorded_restores_it() {
    let repository = Repository::new(&packages());
    repository.groups(&[Group::new("tools", "Tools", &["other", "lib"])]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    ours(&pool, PLATFORM, &["install", "lib"]).success();
    let root = format!("--root={}", pool.node(LEAF).display());
    let by_rpm = Run::command("rpm").args([&root, "-i", "--nodeps", "--nosignature"]);
    by_rpm.arg(repository.file(&package("app", 1))).run().success();
    let reasons = || {
        let query = ["repoquery", "--installed", "--qf=%{full_nevra} %{reason}\n"];
        let shown = pool.dnf(LEAF).args(query).run().success().out();
        shown
            .lines()
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    let before = reasons();
    assert!(before.iter().any(|line| line.contains("External User")), "{before:?}");
    for words in [
        vec!["install", "app"],
        vec!["mark", "dependency", "app"],
        vec!["group", "install", "tools"],
    ] {
        ours(&pool, LEAF, &words).success();
        assert_ne!(reasons(), before, "{words:?}");
        ours(&pool, LEAF, &["history", "undo", "last"]).success();
        assert_eq!(reasons(), before, "{words:?}");
    }
    for words in [["install", "app"], ["install", "other"], ["mark", "weak"]] {
        let words = words.into_iter().chain((words[1] == "weak").then_some("app"));
        ours(&pool, LEAF, &words.collect::<Vec<_>>()).success();
    }
    ours(&pool, LEAF, &["history", "rollback", "6"]).success();
    assert_eq!(reasons(), before);
    assert!(!pool.node(LEAF).join(".rednode.journal").exists());
}
