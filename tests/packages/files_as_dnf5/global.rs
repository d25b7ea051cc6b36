//! Options of every command that show or change the configuration.

use crate::pair::Pair;

#[test]
fn configuration_is_shown_as_dnf5_shows_it() {
    let pair = Pair::new();
    pair.same(
        &[
            "--releasever=1 --dump-variables --setvar=q=1 --releasever-minor=7",
            "--releasever=1 --dump-variables --releasever-major=5",
            "--releasever=1 --dump-repo-config=m*de --dump-variables",
            "--dump-variables --releasever=3 --releasever=",
            "--dump-variables --releasever=3.1 --releasever=4",
            "--dump-variables --setvar=releasever=5.6 --releasever=3.1",
            "--dump-variables --releasever=3.1 --setvar=releasever=5.6 repo list",
            "--dump-variables --releasever-major=9 --releasever=3.1",
            "--releasever=3.1 repo list --releasever-major=9 --dump-variables --setvar=q=1 --setvar=q=2",
            "--dump-repo-config=none",
            "--dump-variables --releasever=1 repo list",
            "--color=always repo list",
            "--color=always --releasever=1 --assumeno install app",
            "--color=sometimes repo list",
            "",
        ],
        &[],
    );
    let list = pair.ours("-q --color=always list --available").success().out();
    assert!(list.contains("lib.noarch"), "{list}");
    let main = pair.ours("--dump-main-config --setopt=best=0").success().out();
    assert!(
        main.starts_with("======== Main configuration: ========\n") && main.contains("\nbest = 0\n"),
        "{main}"
    );
    assert!(main.contains("\ncomment\n"), "an option without a value: {main}");
}

#[test]
fn options_that_mean_nothing_for_a_node_are_refused_with_the_reason() {
    let pair = Pair::new();
    let cases = [
        ("--installroot=/x repo list", "--redpath"),
        ("--enable-plugin=actions repo list", "plugins"),
        ("--skip-file-locks repo list", "family"),
    ];
    for (line, word) in cases {
        pair.ours(line).refuses(2, &[word]);
    }
    pair.ours("--disable-plugin=actions repo list").success();
}

#[test]
fn the_version_is_printed_wherever_it_is_asked_for_and_nothing_else_done() {
    let pair = Pair::new();
    for line in [
        "--version",
        "list --version",
        "--version -q repo list",
        "--version install app",
    ] {
        let version = pair.ours(line).success().out();
        let names = version.lines().filter_map(|line| line.split(" version ").next());
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["redwrap-dnf", "libdnf5", "librpm"],
            "{line}"
        );
    }
    pair.ours("--version nonsense")
        .refuses(2, &["Unknown argument \"nonsense\" for command \"redwrap-dnf\"."]);
    pair.ours("-V").refuses(2, &["Unknown argument \"-V\""]);
}

#[test]
fn the_first_mistake_of_a_line_is_told() {
    Pair::new().same(
        &[
            "--color list lib",
            "--color=sometimes",
            "--color= repo list",
            "list --color=sometimes --nonsense",
            "list --nonsense --color=sometimes",
            "install --color sometimes",
            "--color --version",
            "--color=sometimes --color=always repo list",
            "--color=sometimes --version",
            "--color=on repo list",
            "--version install --nonsense",
            "list --nonsense --version",
            "install --version",
            "repo --version",
            "--version=1 repo list",
            "--version --releasever",
            "--releasever= --dump-variables",
            "--releasever= repo list",
            "in --nonsense",
            "in",
            "install -x",
            "history store -o",
            "--repo=made --disablerepo=made list",
            "repo --nonsense list",
            "--repo install repo --nonsense list",
        ],
        &[],
    );
}
