//! Commands that ask: in a single node they print what dnf5 prints, in a family the ancestors' packages are installed.

use redpak_testing::{Pool, Tree, User};

use crate::shop::{Shop, repository};

/// `c("list --all")`: the words of a command.
macro_rules! commands {
    ($($line:literal)+) => { &[$(&$line.split(' ').collect::<Vec<_>>()[..]),+] };
}

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";

#[test]
fn packages_as_dnf5_shows_them() {
    let shop = Shop::new();
    shop.same(commands![
        "status" "leaves" "leaves x"
        "check-upgrade" "check-update --json" "check-upgrade lib" "check-upgrade nosuch" "check-upgrade EDITOR"
        "check-upgrade --minimal" "check-upgrade --security" "check-upgrade --security lib" "check-upgrade --newpackage"
        "check-upgrade --cves=NONE" "check-upgrade --cves=NONE --json" "check-upgrade --changelogs"
        "check-upgrade --advisory-severities=foo" "check-upgrade --minimal --advisories=A-1" "-q check-upgrade"
        "search editor" "se EDITOR" "search edit*" "search --all lib" "search viewer" "search package painter"
        "search --all editor viewer" "search --name Lib" "search --summary files" "search --name --summary x" "search nosuch"
        "search --showduplicates editor" "search" "search --disable-repo=* nosuch"
        "provides editor" "provides /usr/bin/lib" "provides */lib" "provides nosuch editor" "provides nosuch" "provides edit*"
        "changelog noted" "changelog --count=1 noted" "changelog --count=-1 noted" "changelog --count=x noted"
        "changelog --since=2023-11-14 noted" "changelog --since=x" "changelog --upgrades" "changelog --count=1 --upgrades"
        "repoclosure" "repoclosure --json" "repoclosure editor" "repoclosure nosuch" "repoclosure --check=made --newest"
    ]);
    shop.same(commands![
        "list" "list --upgrades" "list --obsoletes" "list --obsoletes --json" "list --obsoletes viewer" "info --obsoletes"
        "list nosuch" "list nosuch --json" "list --installed --available" "list --installed-from-repo=made" "list --autoremove"
        "list --extras" "list --recent lib" "info --json lib" "list --available --showduplicates editor"
        "repo list" "repo list --json" "repo info nosuch" "repo info --disable-repo=*" "repo list --all --enabled"
        "repoquery --changelogs noted" "repoquery --advisories=A-1" "repoquery --security" "repoquery --cves=NONE"
        "repoquery --providers-of=requires editor" "repoquery --providers-of=requires --recursive editor"
        "repoquery --providers-of=x" "repoquery --recursive editor" "repoquery --exactdeps editor" "repoquery --srpm editor"
        "repoquery --whatrequires=lib --recursive" "repoquery --installed --providers-of=requires"
        "repoquery --disable-modular-filtering inside-*" "repoquery inside-*" "repoquery --latest-limit=x"
        "repoquery --latest-limit=-1 editor" "repoquery --upgrades"
    ]);
    shop.same(commands![
        "list lib nosuch" "list lib nosuch other no*" "info LIB nosuch" "list --installed table lib" "list --upgrades table lib"
        "list --recent table nosuch" "list --obsoletes newviewer nosuch" "list --disable-repo=made nosuch" "list nosuch lib --json"
        "list --installed-from-repo=made --installed-from-repo=other" "download --from-repo=made --from-repo=other table"
        "--assumeno install --from-repo=made --from-repo=made table" "--assumeno install --from-vendor=a --from-vendor=b table"
        "-y install --skip-broken broken" "install --best=1 table" "--setopt=foo list" "--setvar=foo list" "--refresh -C list"
        "--repo=made --disable-repo=made list" "remove" "--releasever=1 --releasever=2 list lib" "changelog --count=2 --count=1 noted"
        "history store 99" "history store x" "group list --disable-repo=made"
    ]);
    odd_terminals(&shop);
    shop.same_on_a_terminal(commands![
        "list" "list --installed" "list --available --showduplicates" "list --obsoletes" "info lib" "check-upgrade" "repo list"
        "advisory list" "advisory info A-1" "group list" "search lib" "--setopt=color_list_available_upgrade=magenta,underline list"
        "--color=never list" "-C --assumeno install table" "-C --assumeno install broken"
    ]);
}

fn odd_terminals(shop: &Shop) {
    for columns in ["-1", "0", "1", "1000000", "x"] {
        shop.same_with(
            commands!["list" "info lib" "advisory list" "search lib" "group list"],
            |run| run.env("COLUMNS", columns),
        );
    }
    for locale in ["C", "tr_TR.UTF-8", "no_SUCH"] {
        shop.same_with(commands!["list" "group info office" "search LIB"], |run| {
            run.env("LC_ALL", locale)
        });
    }
}

#[test]
fn groups_advisories_and_modules_as_dnf5_shows_and_changes_them() {
    let shop = Shop::new();
    shop.same(commands![
        "advisory list" "updateinfo list --all" "advisory list --installed" "advisory list --updates" "advisory list --json"
        "advisory list A-1" "advisory list NOSUCH" "advisory list NOSUCH --json" "advisory list --security --bugfix"
        "advisory list --with-cve" "advisory list --with-bz --json" "advisory list --contains-pkgs=lib" "advisory list --bzs=1"
        "advisory list --all --updates" "advisory list --disable-repo=*" "advisory info" "advisory info A-1 --json"
        "advisory info --installed" "advisory summary" "advisory summary --all" "advisory summary --installed" "advisory"
        "module list" "module list --enabled" "module list nosuch" "module list mod nosuch" "module list mod:one" "module info mod"
        "module enable" "-y module enable nosuch" "-y module enable mod:two" "-y module enable mod:one" "module list --enabled"
        "module list" "repoquery inside-*" "-y module reset mod" "-y module disable mod" "module list --disabled"
        "-y module reset mod"
    ]);
    shop.same(commands![
        "group list" "group list --hidden" "grp list --installed" "group list nosuch" "group list OFFICE nosuch"
        "group list --contains-pkgs=paint* --hidden" "group list --available --installed" "group info office" "group"
        "group list --disable-repo=*" "environment list" "environment list nosuch" "environment info desktop"
        "-y group install nosuch" "-y group install Office" "-y group install office" "group list" "group list --available"
        "group info office" "-y group install office" "-y group upgrade office" "-y group upgrade nosuch" "status"
        "-y group remove office" "-y group install --with-optional office" "-y group remove --no-packages office"
        "-y group install --no-packages office" "-y group remove office" "-y group remove nosuch"
        "-y environment install desktop" "environment list" "environment list --installed" "-y environment upgrade desktop"
        "-y environment remove desktop" "environment list --installed nosuch"
    ]);
}

#[test]
fn a_leaf_sees_its_family_and_changes_itself() {
    let repository = repository();
    let pool = Pool::new(&User::current());
    for node in [PLATFORM, LEAF] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    let run = |node: &str, command: &str| pool.dnf(node).args(command.split(' ')).run();
    run(PLATFORM, "-y --setopt=obsoletes=0 install editor-1 lib-1 viewer").success();
    // What an ancestor has is not the leaf's to upgrade; in the platform it is.
    run(LEAF, "check-upgrade").success().never_says("editor");
    run(LEAF, "list --upgrades").success().complains("No matches found.");
    run(PLATFORM, "check-upgrade").exits(100).prints("editor.noarch");
    run(LEAF, "-y install table circle").success();
    let out = run(LEAF, "leaves").success().out();
    let expected = "- circle-0:1-1.noarch\n  radius-0:1-1.noarch\n- editor-0:1-1.noarch\n- table-0:1-1.noarch\n- viewer-0:1-1.noarch\n";
    assert_eq!(out, expected);
    run(LEAF, "provides editor").success().prints("@System");
    // Advisories tell about all that the node runs with.
    run(LEAF, "advisory list").success().prints("A-1");
    let before = Tree::except(pool.path(), &[LEAF]);
    // A group would make an ancestor's package its own: refused, and the group alone can be noted.
    let refused = run(LEAF, "-y group install office");
    refused.refuses(1, &["editor", "ancestor platform"]);
    run(LEAF, "-y group install --no-packages office").success();
    run(LEAF, "group list --installed").success().prints("office");
    run(LEAF, "-y group remove --no-packages office").success();
    run(LEAF, "-y group install hidden").success();
    let held = [
        "circle-1-1.noarch",
        "painter-1-1.noarch",
        "radius-1-1.noarch",
        "table-1-1.noarch",
    ];
    assert_eq!(pool.installed(LEAF), held);
    run(LEAF, "-y group remove hidden").success();
    assert_eq!(
        pool.installed(LEAF),
        ["circle-1-1.noarch", "radius-1-1.noarch", "table-1-1.noarch"]
    );
    // Streams are the node's own.
    run(LEAF, "-y module enable mod:two").success();
    before.unchanged();
    run(LEAF, "repoquery inside-*").success().prints("inside-two");
    run(PLATFORM, "module list --enabled")
        .success()
        .complains("no module streams are enabled");
}
