//! Scriptlets of interrupted transactions.

use std::fs;

use redpak_testing::{Package, Pool, Scriptlet, Trigger, User, package};

use crate::*;

fn says(line: &str) -> String {
    format!("echo {line} >> /var/said")
}

fn said(pool: &Pool) -> Vec<String> {
    let text = fs::read_to_string(pool.node(LEAF).join("var/said")).unwrap_or_default();
    text.lines().map(Into::into).collect()
}

/// Packages with every scriptlet; each says its name.
fn talking(version: u32) -> Package {
    let kinds = [
        (Scriptlet::Pre, "pre"),
        (Scriptlet::Post, "post"),
        (Scriptlet::PreUn, "preun"),
        (Scriptlet::PostUn, "postun"),
        (Scriptlet::PostTrans, "posttrans"),
    ];
    let package = package("talking", version);
    kinds.into_iter().fold(package, |package, (kind, name)| {
        package.scriptlet(kind, &says(&format!("{name}-{version}")))
    })
}

#[test]
fn scriptlets_that_were_missed_run_or_are_named() {
    let (_repository, pool) = pool_with_shell(vec![talking(1), talking(2), package("other", 1)]);
    let kept = Kept::of(&pool);
    // %post had not begun, or not ended: the package is installed again for it.
    for point in ["scriptlet:2", "installed"] {
        kept.restore();
        kill(&pool, "install talking-1", point);
        let outcome = repair(&pool).success().never_says("as planned");
        let outcome = outcome.never_says("could not be installed");
        assert!(
            said(&pool).contains(&"post-1".to_owned()),
            "{point}: {}",
            outcome.report()
        );
        assert!(said(&pool).contains(&"posttrans-1".to_owned()), "{point}");
        if said(&pool).iter().filter(|line| *line == "pre-1").count() > 1 {
            let text = outcome.err();
            assert!(
                (text.contains("may run again") || text.contains("run as in a reinstallation"))
                    && text.contains("%pre of talking-1-1.noarch"),
                "{text}"
            );
        }
        require_whole(&pool);
    }
    // One that was interrupted twice is named, and not tried a third time.
    kept.restore();
    kill(&pool, "install talking-1", "scriptlet:2");
    let run = dnf(&pool, "manager --repair").env("REDPAK_TEST_FAILURE_POINT", "kill:scriptlet:2");
    run.run().exits(1);
    let outcome = repair(&pool).success();
    outcome
        .complains("did not run")
        .complains("%post of talking-1-1.noarch");
    require_whole(&pool);
    // The old package is gone, and its %postun with it.
    kept.restore();
    dnf(&pool, "install talking-1").run().success();
    kill(&pool, "remove talking", "removed");
    let outcome = repair(&pool).success();
    if !said(&pool).contains(&"postun-1".to_owned()) {
        outcome
            .complains("did not run")
            .complains("%postun of talking-1-1.noarch");
    }
    assert_eq!(pool.installed(LEAF), [""; 0]);
    // Nothing is said of what ran.
    kept.restore();
    kill(&pool, "install talking-1", "ended");
    repair(&pool)
        .success()
        .never_says("may run again")
        .never_says("did not run");
    assert_eq!(said(&pool), ["pre-1", "post-1", "posttrans-1"]);
}

/// Nothing tells which triggers ran, so their packages are named, also those that went.
#[test]
fn packages_whose_triggers_may_not_have_run_are_named() {
    let watcher = |name: &str| package(name, 1).trigger(Trigger::In, "talking", &says(name));
    let (_repository, pool) = pool_with_shell(vec![talking(1), watcher("stays"), watcher("goes")]);
    dnf(&pool, "install stays goes").run().success();
    let kept = Kept::of(&pool);
    for (words, point) in [("install talking-1", "installed"), ("remove goes", "removed")] {
        kept.restore();
        kill(&pool, words, point);
        let outcome = repair(&pool).success().complains("may not have run");
        outcome
            .complains("trigger scriptlets of stays-1-1.noarch")
            .complains("trigger scriptlets of goes-1-1.noarch");
    }
    // rpm ran once and to its end.
    kept.restore();
    kill(&pool, "install talking-1", "ended");
    repair(&pool).success().never_says("trigger scriptlets");
}

/// A repair runs no scriptlets that the user had switched off.
#[test]
fn a_repair_has_the_flags_of_its_transaction() {
    let (_repository, pool) = pool_with_shell(vec![talking(1)]);
    for point in ["installed", "completed"] {
        let kept = Kept::of(&pool);
        kill(&pool, "install talking-1 --setopt=tsflags=noscripts", point);
        fs::write(pool.node(LEAF).join("usr/share/talking"), "cut off").expect("a packaged file");
        repair(&pool).success().never_says("These scriptlets");
        assert_eq!(said(&pool), [""; 0], "{point}");
        require_whole(&pool);
        kept.restore();
    }
}

#[test]
fn a_scriptlet_that_fails_loses_no_reason() {
    let packages = vec![
        package("lib", 1),
        package("app", 1).requires("lib"),
        package("bad", 1).scriptlet(Scriptlet::Post, "exit 1"),
    ];
    for user in User::owners() {
        let (_repository, pool) = pool_of(&user, packages.clone());
        dnf(&pool, "install app bad")
            .run()
            .exits(1)
            .never_says("interrupted")
            .never_says("Complete!");
        assert_eq!(pool.installed(LEAF).len(), 3);
        require_whole(&pool);
        dnf(&pool, "remove app").run().success().never_says("interrupted");
        assert_eq!(
            pool.installed(LEAF),
            ["bad-1-1.noarch"],
            "lib was a dependency, bad was asked for"
        );
    }
}

/// A scriptlet that fails each time stops one repair, and not all of them.
#[test]
fn a_package_that_refuses_is_given_up() {
    let (_repository, pool) = pool_with_shell(vec![
        package("good", 1),
        package("bad", 1).scriptlet(Scriptlet::Pre, "exit 1"),
        package("stays", 1).scriptlet(Scriptlet::PreUn, "exit 1"),
    ]);
    kill(&pool, "install good bad", "journal");
    repair(&pool).exits(1).complains("Error in %pre scriptlet: bad");
    let outcome = repair(&pool).success();
    outcome
        .complains("a scriptlet of theirs failed")
        .complains("bad-1-1.noarch");
    assert_eq!(pool.installed(LEAF), ["good-1-1.noarch"]);
    require_whole(&pool);
    dnf(&pool, "install stays").run().success();
    kill(&pool, "remove good stays", "journal");
    repair(&pool).exits(1).complains("Error in %preun scriptlet: stays");
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["stays-1-1.noarch"]);
    require_whole(&pool);
}
