//! What a node believes of a repository's metadata: their signature, their age, the places that they name.

use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Group, Key, Outcome, Package, Pool, Repository, Server, Tree, User, directory, tool};

const NODE: &str = "node";

fn package(name: &str) -> Package {
    Package::new(name, "1-1").file(&format!("/usr/share/{name}"), format!("{name}\n"))
}

fn pool(owner: &User) -> Pool {
    let pool = Pool::new(owner);
    pool.create(NODE);
    pool
}

/// A `.repo` file for what a server serves.
fn served(server: &Server, options: &str) -> String {
    let url = server.url();
    format!("[web]\nname=web\nbaseurl={url}\nenabled=1\ngpgcheck=0\nskip_if_unavailable=False\nretries=1\n{options}")
}

fn makecache(pool: &Pool, arguments: &[&str]) -> Outcome {
    pool.dnf(NODE)
        .args(["makecache", "--refresh", "-y"])
        .args(arguments)
        .run()
}

/// Replaces the metadata of the directory that is served with these.
fn serve(directory: &Path, metadata: &Path) {
    let _ = fs::remove_dir_all(directory.join("repodata"));
    tool("cp", [Path::new("-a"), &metadata.join("repodata"), directory]);
}

/// A directory with metadata of this revision and time, as createrepo_c makes them.
fn metadata(packages: &Path, revision: &str, time: &str) -> tempfile::TempDir {
    let directory = directory();
    for entry in fs::read_dir(packages).expect("list the packages").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rpm") {
            fs::copy(entry.path(), directory.path().join(entry.file_name())).expect("copy a package");
        }
    }
    let made = redpak_testing::Run::command("createrepo_c")
        .args(["--quiet", "--workers=1", "--set-timestamp-to-revision"])
        .arg(format!("--revision={time}"))
        .arg(directory.path())
        .run();
    made.success();
    let repomd = directory.path().join("repodata/repomd.xml");
    let text = fs::read_to_string(&repomd).expect("read repomd.xml");
    let (old, new) = [time, revision]
        .map(|number| format!("<revision>{number}</revision>"))
        .into();
    fs::write(&repomd, text.replace(&old, &new)).expect("write repomd.xml");
    directory
}

#[test]
fn older_metadata_are_refused_until_they_are_allowed() {
    let packages = Repository::new(&[package("app")]);
    let yesterday = metadata(packages.path(), "1700000000", "1700000000");
    let today = metadata(packages.path(), "1700086400", "1700086400");
    let rebuilt = metadata(packages.path(), "1700086400", "1700090000");
    let site = directory();
    for owner in User::owners() {
        serve(site.path(), today.path());
        let server = Server::new(site.path());
        let pool = pool(&owner);
        pool.repository(NODE, "web", &served(&server, ""));
        makecache(&pool, &[]).success();
        // The same ones again are fine, and those that were made anew under the same revision.
        makecache(&pool, &[]).success();
        serve(site.path(), rebuilt.path());
        makecache(&pool, &[]).success();
        serve(site.path(), yesterday.path());
        let words = [
            "the metadata of repository \"web\" (revision \"1700000000\" of 2023-11-14T22:13:20Z) are older than what this node has seen",
            "(revision \"1700086400\" of 2023-11-15T23:13:20Z)",
            "--allow-older-metadata",
        ];
        makecache(&pool, &[]).refuses(1, &words);
        for command in [
            ["install", "app"],
            ["repoquery", "app"],
            ["list", "app"],
            ["repoinfo", "web"],
        ] {
            let outcome = pool.dnf(NODE).args(["-y"]).args(command).run();
            outcome.refuses(1, &["--allow-older-metadata"]);
        }
        // Not even from the cache, and the server's next answer is asked for at once.
        pool.dnf(NODE).args(["-C", "repoquery", "app"]).run().refuses(1, &words);
        serve(site.path(), rebuilt.path());
        pool.dnf(NODE).args(["repoquery", "app"]).run().success().prints("app");
        // Allowed once they are what is known from then on.
        serve(site.path(), yesterday.path());
        makecache(&pool, &["--allow-older-metadata"]).success();
        makecache(&pool, &[]).success();
        // Another address is another repository.
        let elsewhere = Server::new(site.path());
        pool.repository(NODE, "web", &served(&elsewhere, ""));
        makecache(&pool, &[]).success();
    }
}

/// A mirror that is frozen, with every signature in order, is told by its age: where it used to change, or where the node says how old
/// metadata may be.
#[test]
fn metadata_that_no_longer_change_are_warned_of() {
    let packages = Repository::new(&[package("app")]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("a clock").as_secs();
    let aged = |days: u64| {
        let time = (now - days * 86_400 - 3600).to_string();
        metadata(packages.path(), &time, &time)
    };
    let site = directory();
    let server = Server::new(site.path());
    let pool = pool(&User::current());
    pool.repository(NODE, "web", &served(&server, ""));
    let told = |days: u64| format!("Warning: the metadata of repository \"web\" are {days} days old (");
    // As old as they like: a release never changes.
    serve(site.path(), aged(400).path());
    makecache(&pool, &[]).success().never_says("Warning");
    // It does change, and after that no longer.
    serve(site.path(), aged(390).path());
    makecache(&pool, &[]).success().complains(&told(390));
    let query = |arguments: &[&str]| {
        pool.dnf(NODE)
            .args(["repoquery", "app"])
            .args(arguments)
            .run()
            .success()
    };
    query(&["-C"]).complains(&told(390)).prints("app-0:1-1.noarch");
    query(&["--quiet"]).never_says("Warning");
    query(&["--setvar=metadata_max_age=0"]).never_says("Warning");
    query(&["--setvar=metadata_max_age=391"]).never_says("Warning");
    let wrong = pool
        .dnf(NODE)
        .args(["repoquery", "--setvar=metadata_max_age=month", "app"]);
    wrong
        .run()
        .refuses(1, &["metadata_max_age", "\"month\"", "a number of days"]);
    // Up to date again.
    serve(site.path(), aged(20).path());
    makecache(&pool, &[]).success().never_says("Warning");
    pool.write(NODE, "etc/dnf/vars/metadata_max_age", "7\n");
    query(&[]).complains(&told(20));
}

#[test]
fn a_local_directory_may_go_back_unless_it_is_signed() {
    let key = Key::new("Ours <ours@redpak.invalid>");
    let packages = Repository::new(&[package("app")]);
    let yesterday = metadata(packages.path(), "1700000000", "1700000000");
    let today = metadata(packages.path(), "1700086400", "1700086400");
    for metadata in [&yesterday, &today] {
        key.sign_detached(&metadata.path().join("repodata/repomd.xml"));
    }
    let site = directory();
    let pool = pool(&User::current());
    let url = format!("file://{}", site.path().display());
    let text = format!("[web]\nname=web\nbaseurl={url}\ngpgcheck=0\nskip_if_unavailable=False\n");
    for (options, refused) in [
        (String::new(), false),
        (format!("repo_gpgcheck=1\ngpgkey={}\n", key.url()), true),
    ] {
        pool.repository(NODE, "web", &format!("{text}{options}"));
        serve(site.path(), today.path());
        makecache(&pool, &[]).success();
        serve(site.path(), yesterday.path());
        let outcome = makecache(&pool, &[]);
        if refused {
            outcome.refuses(1, &["--allow-older-metadata"]);
        } else {
            outcome.success();
        }
    }
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_one_of_somebody_else_is_kept() {
    let packages = Repository::new(&[package("app")]);
    let server = Server::new(packages.path());
    let pool = pool(&User::current());
    pool.repository(NODE, "web", &served(&server, ""));
    pool.write(NODE, ".rednode.metadata", "{\"version\":1,");
    makecache(&pool, &[]).refuses(1, &[".rednode.metadata"]);
    pool.write(NODE, ".rednode.metadata", "{\"version\":2,\"repositories\":{}}");
    makecache(&pool, &[]).refuses(1, &[".rednode.metadata"]);
    fs::remove_file(pool.node(NODE).join(".rednode.metadata")).expect("remove the record");
    makecache(&pool, &[]).success();
    // A power cut leaves one that was to be covered while scriptlets ran.
    pool.write(NODE, ".rednode.metadata", "");
    makecache(&pool, &[]).success();
}

#[test]
fn a_package_brings_no_record_along() {
    let forgers = [
        ".rednode.metadata",
        ".rednode.overlay",
        ".rednode.overlay/upper/usr/bin/sh",
    ]
    .map(|path| {
        let name = format!("forger-{}", path.replace(['.', '/'], "-").trim_start_matches('-'));
        (
            path,
            Package::new(&name, "1-1").file(&format!("/{path}"), "{\"version\":1,\"repositories\":{}}"),
        )
    });
    let honest = package("app");
    let mut packages = vec![honest.clone()];
    packages.extend(forgers.iter().map(|(_, forger)| forger.clone()));
    let repository = Repository::new(&packages);
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.repository(NODE, "made", &repository.repo_file("made"));
        for (path, forger) in &forgers {
            let said = format!("{} owns /{path}, which governs the node", forger.nvra());
            let by_name = forger.name().to_owned();
            let by_file = repository.file(forger).display().to_string();
            for spec in [by_name, by_file] {
                pool.dnf(NODE).args(["install", "-y", &spec]).run().refuses(1, &[&said]);
            }
            assert!(!pool.node(NODE).join(path).exists(), "{path}");
        }
        // The way by which they came is open otherwise.
        let file = repository.file(&honest);
        pool.dnf(NODE).args(["install", "-y"]).arg(file).run().success();
    }
}

#[test]
fn signed_metadata_are_believed_with_the_repositorys_key_only() {
    let app = package("app");
    let (ours, strangers) = (
        Key::new("Ours <ours@redpak.invalid>"),
        Key::new("Stranger <stranger@redpak.invalid>"),
    );
    let repository = Repository::signed(std::slice::from_ref(&app), &ours);
    let server = Server::new(repository.path());
    let options = format!("repo_gpgcheck=1\ngpgkey={}\n", ours.url());
    let signature = repository.path().join("repodata/repomd.xml.asc");
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.repository(NODE, "web", &served(&server, &options));
        repository.sign_metadata(&ours);
        // Asked, and answered with no.
        let refused = pool.dnf(NODE).args(["makecache"]).input("n\n").run();
        refused.refuses(
            1,
            &[
                "Importing OpenPGP key 0x",
                "Ours <ours@redpak.invalid>",
                "Is this ok [y/N]: ",
            ],
        );
        makecache(&pool, &[])
            .success()
            .complains("The key was successfully imported.");
        // From now on without a question.
        makecache(&pool, &[]).success().never_says("Importing");
        // A stranger's signature, one of other metadata, none.
        repository.sign_metadata(&strangers);
        makecache(&pool, &[]).refuses(1, &["web", "repomd.xml"]);
        repository.sign_metadata(&ours);
        let repomd = repository.path().join("repodata/repomd.xml");
        let intact = fs::read(&repomd).expect("read repomd.xml");
        fs::write(&repomd, [&intact[..], b"\n<!-- later -->\n"].concat()).expect("change repomd.xml");
        makecache(&pool, &[]).refuses(1, &["web", "repomd.xml"]);
        fs::write(&repomd, intact).expect("put repomd.xml back");
        fs::remove_file(&signature).expect("remove the signature");
        makecache(&pool, &[]).refuses(1, &["web", "repomd.xml"]);
        repository.sign_metadata(&ours);
        makecache(&pool, &[]).success();
    }
}

/// A mirror lies: it has the signature of another moment, of somebody else, or metadata that were changed. librepo gives up then, and asks
/// the next one only for files whose digests are wrong; what was refused is not believed later, and a mirror that is right again is.
#[test]
fn a_mirror_that_lies_is_not_believed() {
    let (key, stranger) = (
        Key::new("Ours <ours@redpak.invalid>"),
        Key::new("Stranger <stranger@redpak.invalid>"),
    );
    let packages = Repository::new(&[package("app")]);
    let (yesterday, today) = (
        metadata(packages.path(), "1700000000", "1700000000"),
        metadata(packages.path(), "1700086400", "1700086400"),
    );
    for metadata in [&yesterday, &today] {
        key.sign_detached(&metadata.path().join("repodata/repomd.xml"));
    }
    let honest = Server::new(today.path());
    type Spoil<'s> = (&'s str, &'s dyn Fn(&Path));
    let spoil: [Spoil<'_>; 3] = [
        ("another moment", &|repodata| {
            let signature = yesterday.path().join("repodata/repomd.xml.asc");
            fs::copy(signature, repodata.join("repomd.xml.asc")).expect("copy the signature");
        }),
        ("a stranger", &|repodata| {
            stranger.sign_detached(&repodata.join("repomd.xml"))
        }),
        ("changed", &|repodata| {
            let repomd = repodata.join("repomd.xml");
            let text = fs::read_to_string(&repomd).expect("read repomd.xml");
            fs::write(&repomd, text.replace("1700086400", "1700086401")).expect("write repomd.xml");
        }),
    ];
    for (what, spoil) in spoil {
        let site = directory();
        serve(site.path(), today.path());
        spoil(&site.path().join("repodata"));
        let liar = Server::new(site.path());
        let mirrors = |urls: [String; 3]| {
            let checks = format!("repo_gpgcheck=1\ngpgkey={}\n", key.url());
            served(&liar, &checks).replace(
                &format!("baseurl={}", liar.url()),
                &format!("baseurl={}", urls.join(",")),
            )
        };
        let pool = pool(&User::current());
        pool.repository(NODE, "web", &mirrors([liar.url(), honest.url(), honest.url()]));
        makecache(&pool, &[]).refuses(1, &["web", "repomd.xml GPG signature verification error"]);
        let cached = pool.dnf(NODE).args(["-C", "repoquery", "app"]).run();
        assert_eq!(cached.out(), "", "{what}");
        serve(site.path(), today.path());
        let primary = fs::read_dir(site.path().join("repodata")).expect("list").flatten();
        let primary = primary
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().contains("primary"));
        let primary = primary.expect("a list of packages");
        redpak_testing::flip_byte(&primary, 30);
        makecache(&pool, &[]).success();
        assert!(liar.requests("primary") > 0, "{what}: the first mirror was asked");
        pool.dnf(NODE).args(["repoquery", "app"]).run().success().prints("app");
    }
}

/// Places that metadata name: nothing is written outside the node, and nothing outside is taken.
#[test]
fn places_in_metadata_stay_inside_the_cache() {
    let app = package("app");
    let outside = directory();
    let stolen = outside.path().join("stolen");
    let away = outside.path().display().to_string();
    let climb = "../../../../../../../../../..";
    let places = [
        format!("../../../../../escaped/{}", app.file_name()),
        format!("{climb}{away}/stolen/{}", app.file_name()),
        format!("%2e%2e/%2e%2e/%2e%2e/%2e%2e/{}", app.file_name()),
        format!("/etc/{}", app.file_name()),
        format!("{away}/stolen/{}", app.file_name()),
    ];
    for owner in User::owners() {
        for place in &places {
            let repository = Repository::new(std::slice::from_ref(&app));
            let primary = format!("href=\"{}\"", app.file_name());
            rewrite(&repository, &primary, &format!("href=\"{place}\""));
            offer(repository.path(), place, &repository.file(&app));
            let server = Server::new(repository.path());
            let pool = pool(&owner);
            pool.repository(NODE, "web", &served(&server, ""));
            let before = Tree::except(pool.path(), &[NODE]);
            let elsewhere = Tree::of(outside.path());
            // Whether curl makes a place of it that the server has or not: what comes lies in the cache.
            pool.dnf(NODE).args(["install", "-y", "app"]).run();
            before.unchanged();
            elsewhere.unchanged();
            assert!(!stolen.exists());
            assert!(!Path::new("/etc").join(app.file_name()).exists());
            let names = files_named(&pool.node(NODE), &app.file_name());
            assert!(names.iter().all(|name| name.ends_with("packages")), "{names:?}");
        }
        // repomd.xml itself: the place of the list of packages.
        for place in [
            format!("{climb}{away}/stolen/primary.xml.zst"),
            "/etc/primary.xml.zst".into(),
            "repodata/../../../../primary.xml.zst".into(),
            "%2e%2e/%2e%2e/%2e%2e/primary.xml.zst".into(),
        ] {
            let repository = Repository::new(std::slice::from_ref(&app));
            let repomd = repository.path().join("repodata/repomd.xml");
            let text = fs::read_to_string(&repomd).expect("read repomd.xml");
            let start = text.find("repodata/").expect("a place");
            let end = start + text[start..].find('"').expect("its end");
            let changed: String = text.match_indices("-primary.xml.zst").next().map_or_else(
                || text.clone(),
                |(position, suffix)| {
                    let start = text[..position].rfind('"').expect("a quote") + 1;
                    format!("{}{place}{}", &text[..start], &text[position + suffix.len()..])
                },
            );
            assert!(end > start && changed != text, "{text}");
            fs::write(&repomd, changed).expect("write repomd.xml");
            let lists = fs::read_dir(repository.path().join("repodata")).expect("list the metadata");
            let primary = lists
                .map(|entry| entry.expect("an entry").path())
                .find(|path| path.to_string_lossy().contains("primary"));
            offer(repository.path(), &place, &primary.expect("a list of packages"));
            let server = Server::new(repository.path());
            let pool = pool(&owner);
            pool.repository(NODE, "web", &served(&server, ""));
            let before = Tree::except(pool.path(), &[NODE]);
            let elsewhere = Tree::of(outside.path());
            makecache(&pool, &[]);
            before.unchanged();
            elsewhere.unchanged();
            assert!(!Path::new("/etc/primary.xml.zst").exists());
            let names = files_named(&pool.node(NODE), "primary.xml.zst");
            assert!(names.iter().all(|name| name.ends_with("repodata")), "{names:?}");
        }
    }
}

/// Puts a file where the server looks for it once the steps up have been taken away.
fn offer(site: &Path, place: &str, file: &Path) {
    let inside = place.replace("%2e%2e/", "").replace("../", "");
    let target = site.join(inside.trim_start_matches('/'));
    fs::create_dir_all(target.parent().expect("a parent")).expect("make the directories");
    fs::copy(file, target).expect("copy the file");
}

/// Directories below that hold a file of this name.
fn files_named(directory: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let found = entries.flatten().flat_map(|entry| {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files_named(&entry.path(), name)
        } else if entry.file_name() == name {
            vec![directory.to_owned()]
        } else {
            Vec::new()
        }
    });
    found.collect()
}

/// Changes the list of packages and indexes it anew, digests and all.
fn rewrite(repository: &Repository, from: &str, to: &str) {
    let repodata = repository.path().join("repodata");
    let directory_name = repository.path().to_str().expect("UTF-8");
    tool(
        "createrepo_c",
        ["--quiet", "--workers=1", "--general-compress-type=gz", directory_name],
    );
    let compressed = fs::read_dir(&repodata)
        .expect("list the metadata")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("primary"))
        .expect("a list of packages");
    let work = directory();
    let primary = work.path().join("primary.xml");
    let out = primary.to_str().expect("UTF-8");
    let text = tool("gzip", ["-dc", compressed.to_str().expect("UTF-8")]);
    assert!(text.contains(from), "{text}");
    fs::write(&primary, text.replace(from, to)).expect("write the list");
    tool(
        "modifyrepo_c",
        ["--remove", "primary", repodata.to_str().expect("UTF-8")],
    );
    tool(
        "modifyrepo_c",
        ["--mdtype=primary", out, repodata.to_str().expect("UTF-8")],
    );
}

/// Directories of the cache that are links: what is written goes nowhere else.
#[test]
fn links_in_the_place_of_caches_lead_nowhere() {
    let repository = Repository::new(&[package("app")]);
    let server = Server::new(repository.path());
    for owner in User::owners() {
        let outside = directory();
        owner.own(outside.path());
        for link in ["var/cache", "var/cache/libdnf5", "var/cache/redpak"] {
            let pool = pool(&owner);
            pool.repository(NODE, "web", &served(&server, ""));
            let place = pool.node(NODE).join(link);
            let _ = fs::remove_dir_all(&place);
            fs::create_dir_all(place.parent().expect("a parent")).expect("make the directory above");
            owner.own(place.parent().expect("a parent"));
            std::os::unix::fs::symlink(outside.path(), &place).expect("lay the link");
            let before = Tree::of(outside.path());
            pool.dnf(NODE).args(["install", "-y", "app"]).run();
            makecache(&pool, &[]);
            before.unchanged();
        }
    }
}

/// libdnf5 keeps the definition of a group in a file of its id.
#[test]
fn a_group_whose_id_is_a_path_is_refused() {
    const ID: &str = "../../../../../../etc/hostile";
    let repository = Repository::new(&[package("app"), package("tool")]);
    repository.groups(&[
        Group::new(ID, "Hostile", &["app"]),
        Group::new("tools", "Tools", &["tool"]),
    ]);
    let pool = pool(&User::current());
    pool.repository(NODE, "made", &repository.repo_file("made"));
    let store = directory();
    let dnf = |words: &[&str]| pool.dnf(NODE).args(["-y", "--releasever=1"]).args(words).run();
    dnf(&["makecache"]).success();
    let before = Tree::except(&pool.node(NODE), &["var"]);
    for option in [
        "--assumeyes".to_owned(),
        "--offline".to_owned(),
        format!("--store={}", store.path().join("a/b/c/d/e/f").display()),
    ] {
        dnf(&["group", "install", "*hostile", &option]).refuses(1, &["is refused: its id is no name of a file"]);
        before.unchanged();
        Tree::of(store.path()).unchanged();
    }
    dnf(&["group", "install", "tools"]).success();
    assert_eq!(pool.installed(NODE), ["tool-1-1.noarch"]);
}
