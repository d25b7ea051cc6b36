//! `download`, `builddep`, `reposync`, `repomanage`.

use std::fs;

use redpak_testing::{directory, tool};

use crate::pair::Pair;

#[test]
fn packages_are_downloaded_as_dnf5_downloads_them() {
    let pair = Pair::new();
    pair.same(
        &[
            "makecache",
            "download app",
            "-q download app lib-1-1",
            "download --resolve app",
            "download --resolve --alldeps --destdir new/directory app",
            "download --srpm app",
            "download --source lib*",
            "download --debuginfo app",
            "download --url app",
            "download --url --resolve --allmirrors app",
            "download --url --urlprotocol http app",
            "download --urlprotocol gopher app",
            "download --alldeps app",
            "download none app",
            "download --skip-unavailable none app",
            "download --skip-unavailable none",
            "download --arch noarch app",
            "download --arch x86_64 app",
            "download --from-repo made app",
            "download --from-repo none app",
            "download",
        ],
        &[],
    );
}

#[test]
fn build_requirements_are_installed_as_dnf5_installs_them() {
    let pair = Pair::new();
    fs::copy(
        pair.repository.path().join("app.spec"),
        pair.repository.path().join("plain"),
    )
    .expect("copy the spec file");
    pair.same(
        &[
            "--assumeno builddep REPO/app.spec",
            "--assumeno build-dep SOURCES/app-1-1.src.rpm",
            "--assumeno builddep app",
            "--assumeno builddep --spec REPO/plain",
            "--assumeno builddep REPO/plain",
            "--assumeno builddep none /none.spec /none.src.rpm",
            "--assumeno builddep --with extra REPO/app.spec",
            "--assumeno builddep --skip-unavailable --with extra REPO/app.spec",
            "--assumeno builddep -D more_app REPO/app.spec",
            "--assumeno builddep -D more REPO/app.spec",
            "--assumeno builddep -D more_(app_or_tool) REPO/app.spec",
            "-y builddep app",
            "-y builddep app",
        ],
        &[],
    );
}

#[test]
fn repositories_are_copied_as_dnf5_copies_them() {
    let pair = Pair::new();
    pair.same(
        &[
            "makecache",
            "reposync",
            "reposync --newest-only --norepopath --remote-time",
            "reposync --destdir a/b --metadata-path c --download-metadata",
            "reposync -u --download-metadata",
            "reposync --srpm --repo made-source",
            "reposync -a x86_64",
            "reposync --norepopath --repo made*",
            "reposync --safe-write-path / --repo made*",
            "reposync --min-buildtime 2099-01-01",
            "reposync --min-buildtime 2020-02-30x",
            "reposync --gpgcheck",
            "reposync more",
            "repomanage REPO",
            "repomanage --old REPO",
            "repomanage --keep 2 --space REPO",
            "repomanage -k x REPO",
            "repomanage /none",
            "repomanage",
        ],
        &[],
    );
}

#[test]
fn a_copy_loses_what_the_repository_lost_and_nothing_else() {
    let pair = Pair::new();
    let copy = pair.work().join("made");
    fs::create_dir(&copy).expect("make the copy");
    for name in ["old.rpm", "note.txt"] {
        fs::write(copy.join(name), "").expect("write a file");
    }
    let outside = pair.node().join("outside.rpm");
    fs::write(&outside, "").expect("write a file");
    std::os::unix::fs::symlink(&outside, copy.join("link.rpm")).expect("link");
    let out = pair.ours("-q reposync --delete").success().out();
    assert_eq!(out, format!("[DELETED] {}\n", copy.join("old.rpm").display()));
    assert!(copy.join("note.txt").exists() && outside.exists() && copy.join("app-1-1.noarch.rpm").exists());
}

/// A location in the metadata is the repository's word alone.
#[test]
fn a_location_leads_nowhere_else() {
    let pair = Pair::new();
    let hostile = directory();
    for package in ["app-1-1.noarch.rpm", "lib-1-1.noarch.rpm"] {
        fs::copy(pair.repository.path().join(package), hostile.path().join(package)).expect("copy a package");
    }
    let path = hostile.path().display().to_string();
    for prefix in ["../../evil", "/evil"] {
        tool("createrepo_c", ["--quiet", "--location-prefix", prefix, &path]);
        let line = format!("-q --refresh --repofrompath=bad,{path} --repo=bad reposync --destdir deep/er");
        pair.ours(&line)
            .refuses(1, &["is outside of safe write path", "evil/app-1-1.noarch.rpm"]);
        assert!(!pair.work().join("deep").exists());
    }
}

/// A repository that is named is enabled for the command, globs and several of them too.
#[test]
fn repositories_are_enabled_as_dnf5_enables_them() {
    let pair = Pair::new();
    let off = pair.repository.repo_file("off").replace("enabled=1", "enabled=0");
    pair.write("etc/yum.repos.d/made.repo", &off);
    pair.same(
        &[
            "--assumeno install app",
            "--assumeno install --from-repo=off app",
            "--assumeno install --from-repo=of* app",
            "--assumeno install --from-repo= app",
            "--assumeno install --from-repo=none app",
            "--assumeno install --from-repo=off,none app",
            "--assumeno upgrade --from-repo=off app",
            "--assumeno reinstall --from-repo=off app none",
            "--assumeno downgrade --from-repo=none app",
            "--assumeno reinstall --from-repo=none app",
            "--assumeno distro-sync --from-repo=off",
            "--assumeno swap --from-repo=off none app",
            "--assumeno do --action=install --from-repo=off app",
            "--assumeno do --action=install --from-repo=none app",
            "--assumeno builddep --from-repo=off REPO/app.spec",
            "-y install --from-repo=off lib-1-1",
            "--assumeno upgrade --from-repo=off lib",
            "--assumeno upgrade lib",
            "--assumeno reinstall --from-repo=off lib",
        ],
        &[],
    );
    let on = off.replace("enabled=0", "enabled=1");
    pair.write("etc/yum.repos.d/made.repo", &on);
    pair.same(&["--assumeno install --from-repo= app"], &[]);
}
