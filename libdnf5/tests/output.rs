//! What is printed is what plain dnf5 prints on the same root.

mod support;

use std::ffi::OsStr;

use libdnf5::output::{self as print, ChangelogFilter, Detail, ProvidesMatchedBy, Section};
use libdnf5::{Base, EnvironmentQuery, Goal, GroupQuery, History, Job, OptionPriority, QueryCmp, RepoQuery};
use redpak_testing::{Group, Package, Repository};
use support::{Root, load, output, query, resolve, run, turn};

fn shop() -> Repository {
    let repository = Repository::new(&[
        Package::new("app", "1-1").requires("lib(x) >= 1").summary("The app"),
        Package::new("app", "2-1")
            .requires("lib(x) >= 1")
            .file("/usr/bin/app", "app")
            .obsoletes("old-app"),
        Package::new("lib", "1-1").provides("lib(x) = 1"),
        Package::new("old-app", "1-1"),
        Package::new("broken", "1-1").requires("not-there"),
    ]);
    repository.groups(&[Group::new("tools", "The tools", &["app"]).optional("lib")]);
    repository
}

/// What `call` prints.
fn printed<T>(call: impl FnOnce() -> T) -> String {
    let (_, text) = print::capture(call).expect("the standard output can be captured");
    String::from_utf8(text).expect("it is UTF-8")
}

/// What plain dnf5 prints, from its own cache.
fn dnf5(root: &Root, arguments: &[&str]) -> String {
    let cache = format!("--setopt=cachedir={}", root.join("var/cache/libdnf5").display());
    let mut all = vec![cache.as_str(), "--quiet"];
    all.extend(arguments);
    output(&root.dnf5(&all))
}

fn with_metadata<'e>(root: &Root, engine: &'e librpm::Engine) -> Base<'e> {
    let base = root.base(engine);
    base.config()
        .set(
            "optional_metadata_types",
            "comps,filelists,updateinfo,other",
            OptionPriority::Commandline,
        )
        .unwrap();
    load(&base);
    base
}

#[test]
fn repoquery() {
    let turn = turn();
    let root = Root::with(shop());
    let base = with_metadata(&root, &turn.engine);
    let mut available = query(&base);
    available.filter_available().unwrap();
    let format = "%{name} %{evr} [%{requires}] %{summary}\n";
    assert_eq!(
        printed(|| print::queryformat(&available, format).unwrap()),
        dnf5(&root, &["repoquery", "--queryformat", format])
    );
    for attribute in ["requires", "provides", "files", "obsoletes"] {
        let option = format!("--{attribute}");
        assert_eq!(
            printed(|| print::package_attribute(&available, attribute).unwrap()),
            dnf5(&root, &["repoquery", &option]),
            "{attribute}"
        );
    }
    assert_eq!(
        printed(|| print::querytags().unwrap()),
        dnf5(&root, &["repoquery", "--querytags"])
    );
    assert!(print::requires_filelists("%{files}").unwrap());
    assert!(!print::requires_filelists("%{name}").unwrap());
    let mut lib = query(&base);
    lib.filter_name(&["lib"], QueryCmp::EQ).unwrap();
    let lib = lib.list().unwrap().remove(0);
    assert_eq!(
        printed(|| print::package_info(&lib).unwrap()).trim_end(),
        dnf5(&root, &["repoquery", "--info", "lib"]).trim_end()
    );
    assert_eq!(
        printed(|| print::provides(&lib, "lib(x)", ProvidesMatchedBy::Provides).unwrap()).trim_end(),
        dnf5(&root, &["provides", "lib(x)"]).trim_end()
    );
}

#[test]
fn list_and_info() {
    let turn = turn();
    let root = Root::with(shop());
    root.install(&turn.engine, &["app-1"]);
    let base = with_metadata(&root, &turn.engine);
    let mut installed = query(&base);
    installed.filter_installed().unwrap();
    let mut available = query(&base);
    available.filter_available().unwrap().filter_latest_evr(1).unwrap();
    let names: Vec<_> = installed
        .list()
        .unwrap()
        .iter()
        .map(|package| package.nevra().unwrap())
        .collect();
    available.filter_nevra(&names, QueryCmp::NOT | QueryCmp::EQ).unwrap();
    let sections = [("Installed packages", installed), ("Available packages", available)];
    for (detail, json, command) in [
        (Detail::List, false, ["list"].as_slice()),
        (Detail::List, true, &["list", "--json"]),
        (Detail::Info, false, &["info"]),
    ] {
        let text = printed(|| assert!(print::package_sections(&sections, detail, json, None).unwrap()));
        assert_eq!(text.trim_end(), dnf5(&root, command).trim_end(), "{command:?}");
    }
    let nothing = [("Nothing", libdnf5::PackageQuery::empty(&base).unwrap())];
    assert!(!print::package_sections(&nothing, Detail::List, false, None).unwrap());
}

#[test]
fn obsoletes_are_listed_with_what_they_replace() {
    let turn = turn();
    let repository = shop();
    let old = repository.file(&Package::new("old-app", "1-1"));
    let root = Root::with(repository);
    // Not by libdnf5, which would install what obsoletes it.
    output(&root.rpm(&["-i", "--nodeps", old.to_str().unwrap()]));
    let base = with_metadata(&root, &turn.engine);
    let mut new = query(&base);
    new.filter_available()
        .unwrap()
        .filter_obsoletes(&["old-app"], QueryCmp::EQ)
        .unwrap();
    let mut old = query(&base);
    old.filter_installed().unwrap();
    let pair = [(new.list().unwrap().remove(0), old.list().unwrap().remove(0))];
    let section = Section {
        heading: OsStr::new("Obsoleting packages"),
        packages: &new,
        obsoletes: &pair,
    };
    let text = printed(|| assert!(print::colored_sections(&[section], Detail::List, false, None).unwrap()));
    assert_eq!(text.trim_end(), dnf5(&root, &["list", "--obsoletes"]).trim_end());
}

#[test]
fn repositories() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut repos = RepoQuery::new(&base).unwrap();
    repos.filter_type(libdnf5::RepoType::Available).unwrap();
    assert_eq!(
        printed(|| print::repolist(&repos, false, false).unwrap()),
        dnf5(&root, &["repo", "list"])
    );
    assert_eq!(
        printed(|| print::repolist(&repos, true, false).unwrap()),
        dnf5(&root, &["repo", "list", "--all"])
    );
    assert_eq!(
        printed(|| print::repolist(&repos, false, true).unwrap()),
        dnf5(&root, &["repo", "list", "--json"])
    );
    assert_eq!(
        printed(|| print::repoinfo(&repos, false).unwrap()).trim_end(),
        dnf5(&root, &["repo", "info"]).trim_end()
    );
    assert_eq!(
        printed(|| print::repoinfo(&repos, true).unwrap()).trim_end(),
        dnf5(&root, &["repo", "info", "--json"]).trim_end()
    );
}

#[test]
fn transactions() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let transaction = resolve(&base, Job::Install, &["app"]);
    let text = printed(|| print::transaction(&transaction).unwrap());
    let cache = format!("--setopt=cachedir={}", root.join("var/cache/libdnf5").display());
    let reference = root.dnf5(&[&cache, "--assumeno", "install", "app"]);
    let reference = String::from_utf8(reference.stdout).unwrap();
    assert!(text.contains("Transaction Summary:"), "{text}");
    assert!(reference.contains(&text), "{text}\n--- is not in\n{reference}");
    let table = printed(|| print::transaction_table(&transaction).unwrap());
    let summary = printed(|| print::transaction_summary(&transaction).unwrap());
    assert!(text.starts_with(&table) && text.contains(&summary), "{text}");

    let empty = Goal::new(&base).unwrap().resolve().unwrap();
    assert_eq!(printed(|| print::transaction(&empty).unwrap()), "Nothing to do.\n");
}

#[test]
fn history() {
    let turn = turn();
    let root = Root::with(shop());
    root.install(&turn.engine, &["app-1"]);
    {
        let base = root.loaded(&turn.engine);
        let mut transaction = resolve(&base, Job::Upgrade, &["app"]);
        transaction.set_description("redwrap-dnf upgrade app").unwrap();
        transaction.set_comment("because").unwrap();
        transaction.set_user_id(0).unwrap();
        run(&mut transaction);
    }
    let base = root.base(&turn.engine);
    let history = History::all(&base).unwrap();
    let transactions = history.transactions().unwrap();
    assert_eq!(
        transactions
            .iter()
            .map(|transaction| transaction.id)
            .collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(transactions[0].description, "redwrap-dnf upgrade app");
    assert_eq!(transactions[0].comment, "because");
    let names: Vec<_> = history.packages(0).unwrap().into_iter().map(|item| item.name).collect();
    assert!(names.iter().any(|name| name == "app-0:2-1.noarch"), "{names:?}");
    assert_eq!(
        printed(|| print::history_list(&history, false).unwrap()),
        dnf5(&root, &["history", "list"])
    );
    assert_eq!(
        printed(|| print::history_list(&history, true).unwrap()).trim_end(),
        dnf5(&root, &["history", "list", "--json"]).trim_end()
    );
    let last = History::of_ids(&base, &[2]).unwrap();
    assert_eq!(
        printed(|| print::history_info(&last, false).unwrap()).trim_end(),
        dnf5(&root, &["history", "info", "2"]).trim_end()
    );
    let mut of_lib = History::all(&base).unwrap();
    of_lib.filter_package_names(&["lib"]).unwrap();
    assert_eq!(of_lib.size(), 1);
    assert!(History::of_ids(&base, &[]).unwrap().size() == 0);
    let stored = history.serialize(1).unwrap().to_string_lossy().into_owned();
    assert!(stored.contains("\"app-1-1.noarch\""), "{stored}");
}

#[test]
fn groups() {
    let turn = turn();
    let root = Root::with(shop());
    let base = with_metadata(&root, &turn.engine);
    let groups = GroupQuery::new(&base).unwrap();
    let table = printed(|| print::grouplist(&groups).unwrap());
    assert_eq!(
        format!("{table}Groups: 1 (0 installed, 1 available)\n"),
        dnf5(&root, &["group", "list"])
    );
    assert_eq!(
        printed(|| print::groupinfo(&groups).unwrap()).trim_end(),
        dnf5(&root, &["group", "info"]).trim_end()
    );
    let environments = EnvironmentQuery::new(&base).unwrap();
    assert!(environments.list().unwrap().is_empty());
    print::environmentlist(&environments).unwrap();
}

#[test]
fn changelogs() {
    let turn = turn();
    let repository = Repository::new(&[
        Package::new("app", "1-1").section("changelog", "* Thu Jan 01 2026 A <a@b.c> - 1-1\n- first\n")
    ]);
    let root = Root::with(repository);
    let base = with_metadata(&root, &turn.engine);
    let packages = query(&base);
    assert_eq!(packages.list().unwrap()[0].changelogs().unwrap().len(), 1);
    let text = printed(|| print::changelogs(&packages, &ChangelogFilter::All).unwrap());
    let heading = "Listing all changelogs\n";
    assert_eq!(
        format!("{heading}{}", text.trim_end()),
        dnf5(&root, &["changelog", "app"]).trim_end()
    );
}
