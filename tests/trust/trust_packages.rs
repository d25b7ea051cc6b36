//! Which packages a node believes: signatures by keys of the node or its ancestors, on every way by which a package can come.

use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{
    Key, Outcome, Package, Pool, Repository, Run, Server, User, build_packages, directory, exchange, flip_byte,
};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";
const SIBLING: &str = "platform/sibling";

fn package(name: &str) -> Package {
    Package::new(name, "1-1").file(&format!("/usr/share/{name}"), format!("{name}\n"))
}

/// A platform, and nodes below it.
fn pool(owner: &User) -> Pool {
    let pool = Pool::new(owner);
    for node in [PLATFORM, LEAF, SIBLING] {
        pool.create(node);
    }
    pool
}

/// A `.repo` file with gpgcheck, and the key if there shall be one.
fn checked(repository: &Repository, id: &str, key: Option<&Key>) -> String {
    let key = key.map_or(String::new(), |key| format!("\ngpgkey={}", key.url()));
    repository
        .repo_file(id)
        .replace("gpgcheck=0", &format!("gpgcheck=1{key}"))
}

fn install(pool: &Pool, node: &str, arguments: &[&str]) -> Outcome {
    pool.dnf(node).args(["install", "-y"]).args(arguments).run()
}

/// Refused with these words, and without a word about checks that were left out.
#[track_caller]
fn refused(pool: &Pool, node: &str, arguments: &[&str], words: &[&str]) {
    let before = pool.installed(node);
    install(pool, node, arguments).refuses(1, words).never_says("skipped");
    assert_eq!(pool.installed(node), before, "after {arguments:?}");
}

/// A signed repository, and one with the same packages without their signatures.
fn signed_and_stripped(packages: &[Package], key: &Key) -> (Repository, Repository) {
    let stripped = Repository::signed(packages, key);
    let files: Vec<PathBuf> = packages.iter().map(|package| stripped.file(package)).collect();
    Key::strip_packages(&files);
    stripped.index();
    stripped.sign_metadata(key);
    (Repository::signed(packages, key), stripped)
}

#[test]
fn a_package_whose_signature_was_taken_away_comes_by_no_path() {
    let (base, app) = (package("base"), package("app"));
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(&[base, app.clone()], &key);
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.tag(PLATFORM, "gpgcheck: true");
        pool.repository(PLATFORM, "made", &checked(&signed, "made", Some(&key)));
        pool.install(PLATFORM, &["base"]);
        // The leaf's own files say the opposite.
        pool.repository(LEAF, "made", &stripped.repo_file("made"));
        pool.write(
            LEAF,
            "etc/dnf/dnf.conf",
            "[main]\ngpgcheck=0\npkg_gpgcheck=0\nlocalpkg_gpgcheck=0\ntsflags=nocrypto\n",
        );
        refused(&pool, LEAF, &["app"], &["app-1-1.noarch"]);
        let server = Server::new(stripped.path());
        let file = stripped.file(&app).display().to_string();
        let url = format!("{}/{}", server.url(), app.file_name());
        let from_path = format!("--repofrompath=other,{}", stripped.path().display());
        for arguments in [
            vec![&*file],
            vec![&*url],
            vec![&*from_path, "--repo=other", "app"],
            vec![&*from_path, "--from-repo=other", "app"],
        ] {
            refused(&pool, LEAF, &arguments, &["app-1-1.noarch"]);
        }
        // A stored transaction whose package was changed meanwhile.
        let store = directory();
        owner.own(store.path());
        let stored = store.path().join("stored");
        let store_option = format!("--store={}", stored.display());
        pool.repository(LEAF, "made", &signed.repo_file("made"));
        install(&pool, LEAF, &["--refresh", &store_option, "app"]).success();
        let copy = stored.join("packages").join(app.file_name());
        let intact = fs::read(&copy).expect("the stored package");
        Key::strip_packages(std::slice::from_ref(&copy));
        let replay = || pool.dnf(LEAF).args(["replay", "-y"]).arg(&stored).run();
        replay().refuses(1, &["app-1-1.noarch"]).never_says("skipped");
        assert!(pool.installed(LEAF).is_empty());
        fs::write(&copy, intact).expect("put the package back");
        replay().success();
        assert_eq!(pool.installed(LEAF), [app.nvra()]);
    }
}

#[test]
fn no_option_and_no_file_switches_the_check_off() {
    let app = package("app");
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(std::slice::from_ref(&app), &key);
    let pool = pool(&User::current());
    pool.tag(PLATFORM, "gpgcheck: true");
    let options = "gpgcheck=0\npkg_gpgcheck=0\nrepo_gpgcheck=0\n";
    pool.repository(LEAF, "made", &format!("{}{options}", stripped.repo_file("made")));
    pool.write(LEAF, "etc/dnf/vars/check", "0");
    pool.write(LEAF, "etc/dnf/repos.override.d/all.repo", format!("[*]\n{options}"));
    let elsewhere = directory();
    let config = elsewhere.path().join("dnf.conf");
    fs::write(
        &config,
        format!("[main]\n{options}localpkg_gpgcheck=0\ntsflags=nocrypto\n"),
    )
    .expect("write");
    let config = format!("--config={}", config.display());
    let file = stripped.file(&app).display().to_string();
    for options in [
        &["--no-gpgchecks"][..],
        &["--nogpgcheck"],
        &["--setopt=gpgcheck=0", "--setopt=pkg_gpgcheck=0"],
        &["--setopt=made.gpgcheck=0", "--setopt=made.pkg_gpgcheck=0"],
        &["--setopt=*.gpgcheck=0", "--setopt=*.pkg_gpgcheck=0"],
        &["--setopt=localpkg_gpgcheck=0"],
        &["--setopt=tsflags=nocrypto"],
        &["--setopt=plugins=1"],
        &[&config],
        &[
            "--use-host-config",
            &format!("--repofrompath=made,{}", stripped.path().display()),
        ],
        &["--setvar=check=0"],
    ] {
        refused(&pool, LEAF, &[options, &["app"]].concat(), &["app-1-1.noarch"]);
        refused(&pool, LEAF, &[options, &[&*file]].concat(), &["app-1-1.noarch"]);
    }
    install(&pool, LEAF, &["--no-gpgchecks", "app"])
        .complains("--no-gpgchecks is not followed, because a config of the family has \"gpgcheck: true\"");
    // With a signature the same options are no obstacle.
    pool.repository(LEAF, "made", &checked(&signed, "made", Some(&key)));
    install(
        &pool,
        LEAF,
        &["--refresh", "--no-gpgchecks", "--setopt=tsflags=nocrypto", "app"],
    )
    .success();
}

/// The trap is a plugin that cannot be loaded: dnf5 fails because of it, wherever it would be opened.
#[test]
fn a_nodes_configuration_loads_no_plugins() {
    let trap = directory();
    fs::write(trap.path().join("trap.conf"), "[main]\nname=trap\nenabled=1\n").expect("write");
    fs::write(trap.path().join("trap.so"), "no library").expect("write");
    let place = trap.path().display();
    let paths = format!("pluginpath={place}\npluginconfpath={place}\n");
    let config = format!("[main]\nplugins=1\n{paths}");
    let root = directory();
    fs::create_dir_all(root.path().join("etc/dnf")).expect("make the directory");
    fs::write(root.path().join("etc/dnf/dnf.conf"), &config).expect("write");
    let plain = Run::command("dnf5").arg(format!("--installroot={}", root.path().display()));
    plain.args(["repo", "list"]).run().refuses(1, &["trap.so"]);
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.write(LEAF, "etc/dnf/dnf.conf", &config);
        let (on, path) = ("--setopt=plugins=1", format!("--setopt=pluginpath={place}"));
        let told = "--setopt=plugins is not followed";
        for options in [&[][..], &[on], &[on, &path], &["--setopt=plugins=true"]] {
            for command in [&["repo", "list"][..], &["list"], &["autoremove", "-y"]] {
                let said = pool
                    .dnf(LEAF)
                    .args(options)
                    .args(command)
                    .run()
                    .success()
                    .never_says("trap");
                if options.is_empty() {
                    said.never_says(told);
                } else {
                    said.complains(told);
                }
            }
        }
    }
}

#[test]
fn keys_of_ancestors_are_trusted_below_them_and_nobody_elses() {
    let packages = ["base", "app", "tool", "extra"].map(package);
    let [base, app, tool, extra] = &packages;
    let (above, below) = (
        Key::new("Above <above@redpak.invalid>"),
        Key::new("Below <below@redpak.invalid>"),
    );
    let from_above = Repository::signed(&[base.clone(), app.clone()], &above);
    let from_below = Repository::signed(&[tool.clone(), extra.clone()], &below);
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.tag(PLATFORM, "gpgcheck: true");
        pool.repository(PLATFORM, "above", &checked(&from_above, "above", Some(&above)));
        install(&pool, PLATFORM, &["base"])
            .success()
            .complains("The key was successfully imported.");
        // A name that asks for the key first, and one that the key of the platform vouches for: in one transaction.
        pool.repository(LEAF, "above", &checked(&from_above, "above", None));
        pool.repository(LEAF, "a-below", &checked(&from_below, "a-below", Some(&below)));
        install(&pool, LEAF, &["tool", "app"])
            .success()
            .complains("UserID     : \"Below <below@redpak.invalid>\"")
            .never_says("Above <above@redpak.invalid>");
        assert_eq!(pool.installed(LEAF), [app.nvra(), tool.nvra()]);
        // The leaf's key is none of the platform's, and none of its sibling's.
        for node in [PLATFORM, SIBLING] {
            pool.repository(node, "below", &checked(&from_below, "below", None));
            refused(&pool, node, &["extra"], &["extra-1-1.noarch"]);
            let file = from_below.file(extra).display().to_string();
            refused(&pool, node, &[&file], &["extra-1-1.noarch"]);
        }
        pool.redwrap(LEAF).args(["--", "true"]).run().success();
        assert_eq!(keys(&pool.node(PLATFORM)).len(), 1);
        assert_eq!(keys(&pool.node(LEAF)).len(), 1);
        assert!(keys(&pool.node(SIBLING)).is_empty());
    }
}

/// Names of the keys in a private rpmdb.
fn keys(node: &Path) -> Vec<String> {
    let copy = directory();
    let files = copy.path().join("rpm");
    redpak_testing::tool("cp", [Path::new("-a"), &node.join("var/lib/rpm"), &files]);
    let query = Run::command("rpm")
        .arg("--dbpath")
        .arg(files)
        .args(["-qa", "gpg-pubkey*"]);
    query.run().success().sorted_lines()
}

#[test]
fn keys_are_asked_for_in_dnf5s_words() {
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(&[package("app")], &key);
    let stranger = Repository::signed(&[package("app")], &Key::new("Stranger <stranger@redpak.invalid>"));
    for (repository, key, input) in [
        (&signed, Some(&key), "y\nn\n"),
        (&signed, Some(&key), "y\n"),
        (&signed, Some(&key), "y\ny\n"),
        (&signed, None, "y\ny\n"),
        (&stripped, Some(&key), "y\ny\n"),
        (&stranger, Some(&key), "y\ny\n"),
    ] {
        let pool = pool(&User::current());
        let root = directory();
        let text = checked(repository, "made", key);
        pool.repository(LEAF, "made", &text);
        let reposdir = root.path().join("etc/yum.repos.d");
        fs::create_dir_all(&reposdir).expect("make the folder of repositories");
        fs::write(reposdir.join("made.repo"), text).expect("write the repository");
        let plain = Run::command("dnf5")
            .arg(format!("--installroot={}", root.path().display()))
            .arg("--disable-plugin=*");
        let plain = plain.args(["install", "app"]).input(input).run();
        let ours = pool.dnf(LEAF).args(["install", "app"]).input(input).run();
        assert_eq!(ours.code(), plain.code(), "{}\n{}", ours.report(), plain.report());
        assert_eq!(
            about_keys(&ours.err(), &pool.node(LEAF)),
            about_keys(&plain.err(), root.path()),
            "{input:?}\n{}",
            ours.report()
        );
    }
}

/// What is said of signatures and keys: from the download on, until packages are checked and installed.
fn about_keys(text: &str, root: &Path) -> String {
    let text = text.replace(&*root.to_string_lossy(), "ROOT");
    let lines = text.lines().skip_while(|line| *line != "Running transaction");
    lines
        .take_while(|line| !line.starts_with("[1/"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_machines_macros_do_not_decide_what_is_verified() {
    let (app, plain) = (package("app"), package("plain"));
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(std::slice::from_ref(&app), &key);
    let unsigned = Repository::new(std::slice::from_ref(&plain));
    let damaged = directory();
    let damaged_file = build_packages(std::slice::from_ref(&plain), damaged.path()).remove(0);
    flip_byte(&damaged_file, -20);
    let home = directory();
    let macros = |level: &str| {
        let flags = "%_pkgverify_flags 0xffffff\n%__vsflags 0xffffff\n%_keyring fs\n";
        let text = format!("%_pkgverify_level {level}\n{flags}");
        fs::write(home.path().join(".rpmmacros"), &text).expect("write the macros");
        fs::create_dir_all(home.path().join(".config/rpm")).expect("make the folder of macros");
        fs::write(home.path().join(".config/rpm/macros"), text).expect("write the macros");
    };
    for level in ["none", "digest", "signature", "all"] {
        macros(level);
        let pool = pool(&User::current());
        let run = |node: &str, what: &str| {
            pool.dnf(node)
                .args(["install", "-y", what])
                .env("HOME", home.path())
                .run()
        };
        // Nobody demands a signature: digests count all the same.
        pool.repository(LEAF, "plain", &unsigned.repo_file("plain"));
        let file = damaged_file.display().to_string();
        run(LEAF, &file).refuses(1, &["plain-1-1.noarch"]);
        run(LEAF, "plain").success();
        // Somebody does.
        pool.tag(SIBLING, "gpgcheck: true");
        pool.repository(SIBLING, "made", &checked(&stripped, "made", Some(&key)));
        run(SIBLING, "app").refuses(1, &["app-1-1.noarch"]);
        pool.repository(SIBLING, "made", &checked(&signed, "made", Some(&key)));
        let outcome = pool
            .dnf(SIBLING)
            .args(["install", "-y", "--refresh", "app"])
            .env("HOME", home.path());
        outcome.run().success();
        assert_eq!(pool.installed(SIBLING), [app.nvra()], "level {level}");
        assert_eq!(keys(&pool.node(SIBLING)).len(), 1, "level {level}");
    }
}

#[test]
fn a_package_that_is_exchanged_in_the_cache_is_not_installed() {
    let app = package("app");
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(std::slice::from_ref(&app), &key);
    let server = Server::new(signed.path());
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.tag(PLATFORM, "gpgcheck: true");
        let repo = checked(&signed, "made", Some(&key)).replace(&signed.url(), &server.url());
        pool.repository(LEAF, "made", &repo);
        install(&pool, LEAF, &["--downloadonly", "app"]).success();
        let cached = find(&pool.node(LEAF).join("var/cache"), &app.file_name());
        fs::copy(stripped.file(&app), &cached).expect("exchange the package");
        owner.own(&cached);
        // Fetched anew, or refused; never the one that lies there.
        install(&pool, LEAF, &["app"]);
        assert!(
            pool.installed(LEAF).is_empty() || is_signed(&pool.node(LEAF), "app"),
            "the exchanged package was installed"
        );
        // Without the server there is only the one that lies there.
        pool.dnf(LEAF).args(["remove", "-y", "app"]).run();
        let Some(cached) = try_find(&pool.node(LEAF).join("var/cache"), &app.file_name()) else {
            continue;
        };
        fs::copy(stripped.file(&app), &cached).expect("exchange the package");
        install(&pool, LEAF, &["-C", "app"]).exits(1);
        assert!(pool.installed(LEAF).is_empty());
        // The signed one in its place is installed.
        fs::copy(signed.file(&app), &cached).expect("put the package back");
        install(&pool, LEAF, &["-C", "app"]).success();
        assert!(is_signed(&pool.node(LEAF), "app"));
    }
}

/// The digest of the header is the same without its signature: the repair of an interrupted transaction looks at that too.
#[test]
fn a_repair_installs_no_package_whose_signature_was_taken_away() {
    let app = package("app");
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(std::slice::from_ref(&app), &key);
    let server = Server::new(signed.path());
    for owner in User::owners() {
        for exchanged in [false, true] {
            let pool = pool(&owner);
            pool.tag(PLATFORM, "gpgcheck: true");
            let repo = checked(&signed, "made", Some(&key)).replace(&signed.url(), &server.url());
            pool.repository(LEAF, "made", &repo);
            let killed = pool.dnf(LEAF).args(["install", "-y", "app"]);
            let killed = killed.env("REDPAK_TEST_FAILURE_POINT", "kill:install").run();
            killed
                .check(|outcome| outcome.code() > 128, "a death")
                .complains("redwrap-dnf died of SIGABRT in the middle of the transaction");
            let cached = find(&pool.node(LEAF).join("var/cache"), &app.file_name());
            if exchanged {
                fs::copy(stripped.file(&app), &cached).expect("exchange the package");
                owner.own(&cached);
            }
            // A command that has nothing to do with the package: the repair comes first.
            pool.dnf(LEAF).args(["remove", "-y", "nothing"]).run();
            let expected = if exchanged { Vec::new() } else { vec![app.nvra()] };
            assert_eq!(pool.installed(LEAF), expected);
            assert_eq!(pool.node(LEAF).join("usr/share/app").exists(), !exchanged);
        }
    }
}

/// A package that is exchanged again and again while the command runs: what is installed is always the signed one.
#[test]
fn a_package_that_is_exchanged_all_the_time_is_not_installed() {
    let app = Package::new("app", "1-1").file("/usr/share/app", vec![b'x'; 300_000]);
    let key = Key::new("Ours <ours@redpak.invalid>");
    let (signed, stripped) = signed_and_stripped(std::slice::from_ref(&app), &key);
    let pool = pool(&User::current());
    pool.tag(PLATFORM, "gpgcheck: true");
    pool.repository(LEAF, "made", &checked(&signed, "made", Some(&key)));
    let (one, other) = (signed.file(&app), stripped.file(&app));
    let kept = directory();
    let intact = kept.path().join("intact.rpm");
    fs::copy(&one, &intact).expect("keep the package");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                exchange(&one, &other);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        for _ in 0..5 {
            install(&pool, LEAF, &["app"]);
            let installed = pool.installed(LEAF);
            assert!(installed.is_empty() || is_signed(&pool.node(LEAF), "app"));
            pool.dnf(LEAF).args(["remove", "-y", "app"]).run();
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    // Where nobody exchanges it any more, it is installed: what was refused was so for a reason.
    fs::copy(&intact, &one).expect("put the package back");
    install(&pool, LEAF, &["app"]).success();
    assert!(is_signed(&pool.node(LEAF), "app"));
}

fn find(directory: &Path, name: &str) -> PathBuf {
    try_find(directory, name).unwrap_or_else(|| panic!("{name} is not below {}", directory.display()))
}

fn try_find(directory: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(directory).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            try_find(&path, name)
        } else {
            (entry.file_name() == name).then_some(path)
        }
    })
}

/// Whether the header in the private rpmdb has a signature.
fn is_signed(node: &Path, name: &str) -> bool {
    let copy = directory();
    let files = copy.path().join("rpm");
    redpak_testing::tool("cp", [Path::new("-a"), &node.join("var/lib/rpm"), &files]);
    let format = "%|OPENPGP?{yes}:{%|RSAHEADER?{yes}:{no}|}|";
    let query = Run::command("rpm")
        .arg("--dbpath")
        .arg(files)
        .args(["-q", "--qf", format, name]);
    query.run().success().out() == "yes"
}

/// An admin config counts in admin mode alone, which `redwrap` has and the package manager has not.
#[test]
fn gpgcheck_of_an_admin_config_holds_in_admin_mode() {
    let repository = Repository::new(&[package("app")]);
    let pool = pool(&User::current());
    pool.repository(LEAF, "made", &repository.repo_file("made"));
    let file = "etc/redpack-admin.yaml";
    let admin = fs::read_to_string(pool.node(PLATFORM).join(file)).expect("the admin config");
    pool.write(PLATFORM, file, admin + "\nconfig:\n  gpgcheck: true\n");
    install(&pool, LEAF, &["app"]).success();
    pool.dnf(LEAF).arg("verify").run().success();
    let launch = |options: &[&str]| pool.redwrap(LEAF).args(options).args(["--", "true"]).run();
    launch(&["--admin"]).refuses(125, &["signatures", "app-1-1.noarch"]);
    launch(&[]).never_says("signatures");
    // In the normal one it holds for all.
    pool.tag(PLATFORM, "gpgcheck: true");
    launch(&[]).refuses(125, &["signatures", "app-1-1.noarch"]);
    pool.dnf(LEAF).args(["remove", "-y", "app"]).run().success();
    refused(&pool, LEAF, &["app"], &["app-1-1.noarch"]);
}
