//! Repositories, queries and packages through the safe layer.

mod support;

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use libdnf5::{
    AdvisoryQuery, Base, CachePart, DownloadCallbacks, DownloadId, ErrorKind, ExcludeFlags, Flow, GroupQuery,
    OptionPriority, PackageQuery, QueryCmp, RepoQuery, SyncStrategy, TransferStatus, VarsPriority, rpmvercmp,
};
use redpak_testing::{Entry, Group, Package, Repository};
use support::{Root, load, nevras, query, turn};

fn shop() -> Repository {
    Repository::new(&[
        Package::new("app", "1-1")
            .requires("lib(x) >= 1")
            .recommends("docs")
            .summary("The app"),
        Package::new("app", "1:2-1")
            .requires("lib(x) >= 1")
            .file("/usr/bin/app", "app")
            .obsoletes("old-app < 2"),
        Package::new("lib", "1-1")
            .provides("lib(x) = 1")
            .tag("Vendor", "The vendor")
            .tag("License", "MIT"),
        Package::new("lib-arch", "1-1").arch("x86_64"),
        Package::new("docs", "1-1").entry(Entry::file("/usr/share/doc/docs/README", "read me")),
        Package::new("old-app", "1-1").conflicts("docs"),
    ])
}

fn filtered(base: &Base<'_>, filter: impl FnOnce(&mut PackageQuery<'_>)) -> Vec<OsString> {
    let mut packages = query(base);
    filter(&mut packages);
    nevras(&packages)
}

#[test]
fn filters_choose_packages() {
    let turn = turn();
    let root = Root::with(shop());
    root.install(&turn.engine, &["app-1-1", "lib"]);
    let base = root.loaded(&turn.engine);
    let eq = QueryCmp::EQ;
    type Filter = fn(&mut PackageQuery<'_>);
    let cases: [(Filter, &[&str]); 13] = [
        (
            |q| {
                q.filter_name(&["lib"], QueryCmp::EQ)
                    .unwrap()
                    .filter_available()
                    .unwrap();
            },
            &["lib-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_name(&["lib*"], QueryCmp::GLOB)
                    .unwrap()
                    .filter_installed()
                    .unwrap();
            },
            &["lib-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_name(&["LIB"], QueryCmp::ICASE | QueryCmp::EQ)
                    .unwrap()
                    .filter_installed()
                    .unwrap();
            },
            &["lib-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_arch(&["x86_64"], QueryCmp::EQ).unwrap();
            },
            &["lib-arch-1-1.x86_64"],
        ),
        (
            |q| {
                q.filter_provides(&["lib(x) >= 1"], QueryCmp::EQ)
                    .unwrap()
                    .filter_available()
                    .unwrap();
            },
            &["lib-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_requires(&["lib(x)"], QueryCmp::EQ)
                    .unwrap()
                    .filter_available()
                    .unwrap();
            },
            &["app-1-1.noarch", "app-1:2-1.noarch"],
        ),
        (
            |q| {
                q.filter_recommends(&["docs"], QueryCmp::EQ)
                    .unwrap()
                    .filter_installed()
                    .unwrap();
            },
            &["app-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_conflicts(&["docs"], QueryCmp::EQ).unwrap();
            },
            &["old-app-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_obsoletes(&["old-app"], QueryCmp::EQ).unwrap();
            },
            &["app-1:2-1.noarch"],
        ),
        (
            |q| {
                q.filter_file(&["/usr/bin/app"], QueryCmp::EQ).unwrap();
            },
            &["app-1:2-1.noarch"],
        ),
        (
            |q| {
                q.filter_upgrades().unwrap();
            },
            &["app-1:2-1.noarch"],
        ),
        (
            |q| {
                q.filter_upgradable().unwrap();
            },
            &["app-1-1.noarch"],
        ),
        (
            |q| {
                q.filter_available()
                    .unwrap()
                    .filter_latest_evr(1)
                    .unwrap()
                    .filter_name(&["app"], QueryCmp::EQ)
                    .unwrap();
            },
            &["app-1:2-1.noarch"],
        ),
    ];
    for (index, (filter, expected)) in cases.into_iter().enumerate() {
        assert_eq!(filtered(&base, filter), expected, "case {index}");
    }

    let mut app = query(&base);
    app.filter_name(&["app"], eq).unwrap().filter_installed().unwrap();
    let needed = filtered(&base, |packages| {
        packages
            .filter_provides_of(&app, "requires", QueryCmp::EQ)
            .unwrap()
            .filter_installed()
            .unwrap();
    });
    assert_eq!(needed, ["lib-1-1.noarch"]);
    let mut lib = query(&base);
    lib.filter_name(&["lib"], eq).unwrap();
    let needing = filtered(&base, |packages| {
        packages
            .filter_requires_of(&lib, QueryCmp::EQ)
            .unwrap()
            .filter_installed()
            .unwrap();
    });
    assert_eq!(needing, ["app-1-1.noarch"]);
}

#[test]
fn sets_are_combined() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut all = query(&base);
    let total = all.size().unwrap();
    let mut libs = query(&base);
    libs.filter_name(&["lib*"], QueryCmp::GLOB).unwrap();
    all.difference(&libs).unwrap();
    assert_eq!(all.size().unwrap(), total - 2);
    all.update(&libs).unwrap();
    assert_eq!(all.size().unwrap(), total);
    all.intersection(&libs).unwrap();
    assert_eq!(nevras(&all), ["lib-1-1.noarch", "lib-arch-1-1.x86_64"]);
    let first = &all.list().unwrap()[0];
    all.remove(first).unwrap();
    assert!(!all.contains(first).unwrap());
    all.add(first).unwrap();
    assert!(all.contains(first).unwrap());
    let copy = all.try_clone().unwrap();
    all.filter_name(&["nothing"], QueryCmp::EQ).unwrap();
    assert!(all.is_empty().unwrap());
    assert_eq!(copy.size().unwrap(), 2);
    assert!(PackageQuery::empty(&base).unwrap().is_empty().unwrap());
}

#[test]
fn specifications_mean_what_they_mean_on_the_command_line() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    for (spec, count) in [
        ("app", 2),
        ("app-1:2-1.noarch", 1),
        ("lib(x)", 1),
        ("/usr/bin/app", 1),
        ("l*", 2),
        ("nothing", 0),
    ] {
        let mut packages = query(&base);
        let matched = packages.resolve_pkg_spec(spec, None, false).unwrap();
        assert_eq!(matched, count > 0, "{spec}");
        assert_eq!(packages.size().unwrap(), count, "{spec}");
    }
    let mut packages = query(&base);
    assert!(packages.is_dep_satisfied("(lib(x) and docs)").unwrap());
    assert!(!packages.is_dep_satisfied("(lib(x) and nothing)").unwrap());
}

#[test]
fn packages_tell_all_about_themselves() {
    let turn = turn();
    let root = Root::with(shop());
    root.install(&turn.engine, &["app-1:2", "docs"]);
    let base = root.loaded(&turn.engine);
    let mut packages = query(&base);
    packages
        .filter_name(&["app"], QueryCmp::EQ)
        .unwrap()
        .filter_installed()
        .unwrap();
    let app = packages.list().unwrap().remove(0);
    let strings = [
        (app.name().unwrap(), "app"),
        (app.epoch().unwrap(), "1"),
        (app.version().unwrap(), "2"),
        (app.release().unwrap(), "1"),
        (app.arch().unwrap(), "noarch"),
        (app.evr().unwrap(), "1:2-1"),
        (app.full_nevra().unwrap(), "app-1:2-1.noarch"),
        (app.na().unwrap(), "app.noarch"),
        (app.repo_id().unwrap(), "@System"),
        (app.from_repo_id().unwrap(), "shop"),
    ];
    for (value, expected) in strings {
        assert_eq!(value, expected);
    }
    assert!(app.is_installed().unwrap());
    assert!(app.rpmdbid().unwrap() > 0);
    assert!(app.install_time().unwrap() > 0);
    assert_eq!(app.reason().unwrap(), libdnf5::Reason::User);
    assert!(app.requires().unwrap().contains(&OsString::from("lib(x) >= 1")));
    assert_eq!(app.files().unwrap(), ["/usr/bin/app"]);
    assert!(app.provides().unwrap().contains(&OsString::from("app = 1:2-1")));

    let mut packages = query(&base);
    packages
        .filter_name(&["lib"], QueryCmp::EQ)
        .unwrap()
        .filter_available()
        .unwrap();
    let lib = packages.list().unwrap().remove(0);
    assert_eq!(lib.rpmdbid().unwrap(), 0);
    assert_eq!(lib.license().unwrap(), "MIT");
    assert_eq!(lib.checksum().unwrap().algorithm, "sha256");
    assert_eq!(lib.checksum().unwrap().value.len(), 64);
    assert!(
        lib.location()
            .unwrap()
            .to_string_lossy()
            .ends_with("lib-1-1.noarch.rpm")
    );
    assert!(
        lib.remote_locations().unwrap()[0]
            .to_string_lossy()
            .starts_with("file://")
    );
    assert_eq!(lib.try_clone().unwrap().id().unwrap(), lib.id().unwrap());
}

#[derive(Default)]
struct Downloads(Vec<String>);

impl DownloadCallbacks for Downloads {
    fn add_new_download(&mut self, download: DownloadId, description: &OsStr, _total: f64) {
        self.0.push(format!("add {download} {}", description.display()));
    }

    fn end(&mut self, download: DownloadId, status: TransferStatus, _message: &OsStr) -> Flow {
        self.0.push(format!("end {download} {status:?}"));
        Flow::Continue
    }
}

#[test]
fn repositories_are_made_chosen_and_loaded() {
    let turn = turn();
    let mut root = Root::with(shop());
    root.repository("other", Repository::new(&[Package::new("other", "1-1")]));
    let base = root.base(&turn.engine);
    let extra = Repository::new(&[Package::new("extra", "1-1")]);
    base.repo_sack()
        .create_repos_from_paths(
            &[(OsStr::new("extra"), extra.path().as_os_str())],
            OptionPriority::Commandline,
        )
        .unwrap();
    let mut disabled = RepoQuery::new(&base).unwrap();
    for repo in disabled.filter_id(&["oth*"], QueryCmp::GLOB).unwrap().list().unwrap() {
        repo.disable().unwrap();
    }
    let mut downloads = Downloads::default();
    base.repo_sack()
        .load_repos(libdnf5::Load::All, &mut downloads, &mut ())
        .unwrap();
    assert!(
        downloads.0.iter().any(|event| event.starts_with("add 1 ")),
        "{:?}",
        downloads.0
    );
    assert!(
        downloads.0.iter().any(|event| event == "end 1 Successful"),
        "{:?}",
        downloads.0
    );

    let ids: Vec<_> = RepoQuery::new(&base)
        .unwrap()
        .filter_enabled(true)
        .unwrap()
        .list()
        .unwrap()
        .iter()
        .map(|repo| repo.id().unwrap())
        .collect();
    assert_eq!(ids, ["@System", "extra", "shop"]);
    let mut shop = RepoQuery::new(&base).unwrap();
    let shop = shop
        .filter_id(&["shop"], QueryCmp::EQ)
        .unwrap()
        .list()
        .unwrap()
        .remove(0);
    assert!(
        shop.repo_file_path()
            .unwrap()
            .as_bytes()
            .ends_with(b"etc/yum.repos.d/shop.repo")
    );
    assert!(shop.is_local().unwrap());
    assert!(!shop.revision().unwrap().is_empty());
    assert_eq!(shop.priority().unwrap(), 99);
    assert!(shop.metadata_path("primary").unwrap().is_some());
    assert_eq!(shop.metadata_path("nothing").unwrap(), None);
    shop.set_option("priority", "7", OptionPriority::Commandline).unwrap();
    assert_eq!(
        shop.option_with_priority("priority").unwrap(),
        ("7".into(), OptionPriority::Commandline)
    );
    shop.set_option("priority", "8", OptionPriority::Default).unwrap();
    assert_eq!(shop.option("priority").unwrap(), "7", "a lower priority does not win");
    assert!(!shop.is_expired().unwrap());
    shop.expire().unwrap();
    assert!(shop.is_expired().unwrap());
    let removed = base
        .repo_sack()
        .remove_cache(shop.cachedir().unwrap(), CachePart::All)
        .unwrap();
    assert!(removed.files > 0 && removed.errors == 0, "{removed:?}");
    let names = filtered(&base, |packages| {
        packages.filter_repo_id(&["extra"], QueryCmp::EQ).unwrap();
    });
    assert_eq!(names, ["extra-1-1.noarch"]);
}

#[test]
fn nothing_is_downloaded_when_only_the_cache_may_be_used() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base(&turn.engine);
    for repo in RepoQuery::new(&base).unwrap().list().unwrap() {
        repo.set_sync_strategy(SyncStrategy::OnlyCache).unwrap();
        assert_eq!(repo.sync_strategy().unwrap(), SyncStrategy::OnlyCache);
    }
    let error = base
        .repo_sack()
        .load_repos(libdnf5::Load::All, &mut (), &mut ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Download, "{error:?}");
}

#[test]
fn options_and_variables_are_read_and_set() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base_before_setup(&turn.engine);
    assert_eq!(base.config().get("installroot").unwrap().as_os_str(), root.path());
    assert_eq!(
        base.config().get("plugins").unwrap(),
        "0",
        "plugins are off unless asked for"
    );
    assert!(base.config().options().unwrap().contains(&OsString::from("reposdir")));
    base.vars().set("releasever", "41", VarsPriority::Commandline).unwrap();
    base.setup().unwrap();
    assert!(base.is_initialized().unwrap());
    assert!(base.loaded_plugins().unwrap().is_empty());
    assert_eq!(base.vars().get("releasever").unwrap().unwrap(), "41");
    assert_eq!(base.vars().get("no_such_variable").unwrap(), None);
    assert_eq!(base.vars().substitute("a $releasever b").unwrap(), "a 41 b");
    assert!(base.vars().names().unwrap().contains(&OsString::from("basearch")));
}

#[test]
fn excludes_hide_packages() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base(&turn.engine);
    base.config()
        .set("excludepkgs", "lib*", OptionPriority::Commandline)
        .unwrap();
    load(&base);
    let visible = filtered(&base, |packages| {
        packages.filter_name(&["lib*"], QueryCmp::GLOB).unwrap();
    });
    assert!(visible.is_empty(), "{visible:?}");
    let mut all = PackageQuery::new(&base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES).unwrap();
    assert_eq!(all.filter_name(&["lib*"], QueryCmp::GLOB).unwrap().size().unwrap(), 2);
}

#[test]
fn groups_and_advisories_are_found() {
    let turn = turn();
    let repository = shop();
    repository.groups(&[Group::new("tools", "The tools", &["app"]).optional("docs")]);
    repository.advisories(ADVISORY);
    let root = Root::with(repository);
    root.install(&turn.engine, &["app-1-1"]);
    let base = root.base(&turn.engine);
    base.config()
        .set(
            "optional_metadata_types",
            "comps,updateinfo,filelists",
            OptionPriority::Commandline,
        )
        .unwrap();
    load(&base);
    let groups = GroupQuery::new(&base).unwrap().list().unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!(
        (groups[0].id.as_os_str(), groups[0].name.as_os_str()),
        ("tools".as_ref(), "The tools".as_ref())
    );
    let names: Vec<_> = groups[0].packages.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["app", "docs"]);

    let mut advisories = AdvisoryQuery::new(&base).unwrap();
    assert_eq!(advisories.names().unwrap(), ["SHOP-1"]);
    assert_eq!(
        advisories
            .filter_cve(&["CVE-2026-0001"], QueryCmp::EQ)
            .unwrap()
            .size()
            .unwrap(),
        1
    );
    let mut fixed = query(&base);
    fixed
        .filter_available()
        .unwrap()
        .filter_advisories(&advisories, QueryCmp::EQ)
        .unwrap();
    assert_eq!(nevras(&fixed), ["app-1:2-1.noarch"]);
    assert_eq!(
        advisories
            .filter_type(&["bugfix"], QueryCmp::EQ)
            .unwrap()
            .size()
            .unwrap(),
        0
    );
}

const ADVISORY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<updates>
  <update from="shop" status="final" type="security" version="1">
    <id>SHOP-1</id><title>The app is safe now</title><severity>Important</severity>
    <issued date="2026-01-01 00:00:00"/>
    <references><reference href="https://example.invalid" id="CVE-2026-0001" title="It was not" type="cve"/></references>
    <pkglist><collection short="shop"><name>shop</name>
      <package name="app" epoch="1" version="2" release="1" arch="noarch" src="app-2-1.src.rpm">
        <filename>app-2-1.noarch.rpm</filename></package>
    </collection></pkglist>
  </update>
</updates>"#;

#[test]
fn versions_compare_as_rpm_does() {
    assert_eq!(rpmvercmp("1.10", "1.9").unwrap(), Ordering::Greater);
    assert_eq!(rpmvercmp("1~rc1", "1").unwrap(), Ordering::Less);
    assert_eq!(rpmvercmp("1", "1").unwrap(), Ordering::Equal);
}
