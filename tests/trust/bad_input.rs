//! Bad input ends in a clear error and changes nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use redpak_testing::{
    Fault, Key, Outcome, Package, Pool, Repository, Server, SmallFilesystem, Tree, User, flip_byte, skip, truncate,
};

/// A family of two nodes.
fn pool(owner: &User) -> Pool {
    let pool = Pool::new(owner);
    pool.create("node");
    pool.create("node/leaf");
    pool
}

/// Runs redwrap, redconf and redwrap-dnf on the leaf; each refuses with these words and changes nothing.
#[track_caller]
fn all_programs_refuse(pool: &Pool, words: &[&str]) {
    let before = Tree::of(pool.path());
    let leaf = pool.node("node/leaf");
    pool.redwrap("node/leaf").args(["--", "true"]).run().refuses(125, words);
    pool.dnf("node/leaf").args(["repolist"]).run().refuses(1, words);
    redconf(pool, &["mergeconfig"], &leaf)
        .check(|outcome| outcome.code() != 0, "a failure")
        .refuses(1, words);
    before.unchanged();
}

fn redconf(pool: &Pool, arguments: &[&str], node: &Path) -> Outcome {
    redpak_testing::Run::program("redconf")
        .args(arguments)
        .arg(node)
        .user(pool.owner())
        .run()
}

#[test]
fn configs_that_do_not_load() {
    let cases = [
        (
            "headers:\n  alias: x\nconfig:\n  path: [unclosed\n",
            vec!["redpack.yaml:"],
        ),
        ("headers:\n  alias: x\n\tconfig: 1\n", vec!["redpack.yaml:2:", "tab"]),
        (
            "headers:\n  alias: x\nconfig:\n  colour: red\n",
            vec!["redpack.yaml:4:3", "colour"],
        ),
        (
            "headers:\n  alias: x\nexports:\n  - {mode: Pubic, mount: /x}\n",
            vec!["redpack.yaml:4:", "Pubic", "Public"],
        ),
        (
            "headers:\n  alias: x\nenviron:\n  - {mode: Magic, key: X}\n",
            vec!["redpack.yaml:4:", "Magic", "Static"],
        ),
        (
            "headers:\n  alias: x\nconfig:\n  gpgcheck: perhaps\n",
            vec!["redpack.yaml:4:", "perhaps"],
        ),
        ("headers:\n  alias: a b\n", vec!["redpack.yaml:2:", "a b"]),
        ("headers:\n  alias: ''\n", vec!["redpack.yaml:2:", "alias"]),
        ("config:\n  verbose: 1\n", vec!["redpack.yaml", "headers"]),
        ("", vec!["redpack.yaml", "headers"]),
    ];
    for owner in User::owners() {
        let pool = pool(&owner);
        for (config, words) in &cases {
            pool.write("node/leaf", "etc/redpack.yaml", config);
            all_programs_refuse(&pool, words);
        }
    }
}

#[test]
fn a_bomb_of_aliases_is_refused_quickly() {
    let mut config = String::from("headers:\n  alias: x\n  info: &a0 boom\n");
    for level in 1..40 {
        let previous = format!("*a{}", level - 1);
        config += &format!("x{level}: &a{level} [{previous}, {previous}, {previous}, {previous}]\n");
    }
    let pool = pool(&User::current());
    pool.write("node/leaf", "etc/redpack.yaml", config);
    all_programs_refuse(&pool, &["redpack.yaml"]);
}

#[test]
fn two_spellings_of_one_config_name_both() {
    let pool = pool(&User::current());
    pool.write("node/leaf", "etc/redpak.yaml", "headers:\n  alias: leaf\n");
    all_programs_refuse(&pool, &["redpack.yaml", "redpak.yaml"]);
}

#[test]
fn a_bad_alias_makes_no_node() {
    for owner in User::owners() {
        let pool = Pool::new(&owner);
        let before = Tree::of(pool.path());
        for alias in ["", "a b", "a/b", "$(id)", "é", ".."] {
            let create = pool.dnf("node").args(["manager", "--create", "--alias", alias]).run();
            create
                .check(|outcome| [1, 2].contains(&outcome.code()), "a failure")
                .complains("alias")
                .never_says("panicked");
            before.unchanged();
        }
    }
}

#[test]
fn an_alias_is_unique_in_its_redpath() {
    let pool = pool(&User::current());
    let before = Tree::of(pool.path());
    let create = pool
        .dnf("node/leaf/below")
        .args(["manager", "--create", "--alias=node"])
        .run();
    create.refuses(1, &["node", &pool.node("node").display().to_string()]);
    before.unchanged();
}

#[test]
fn a_redpath_that_is_no_node() {
    for owner in User::owners() {
        let pool = pool(&owner);
        fs::create_dir(pool.node("empty")).expect("make a directory");
        fs::write(pool.node("file"), "").expect("make a file");
        let before = Tree::of(pool.path());
        for path in ["empty", "file", "missing", "node/missing"] {
            let named = pool.node(path).display().to_string();
            pool.redwrap(path).args(["--", "true"]).run().refuses(125, &[&named]);
            pool.dnf(path).args(["install", "-y", "x"]).run().refuses(1, &[&named]);
        }
        before.unchanged();
    }
}

#[test]
fn a_relative_redpath() {
    let pool = pool(&User::current());
    let before = Tree::of(pool.path());
    let from = |program: &str| redpak_testing::Run::program(program).directory(pool.path());
    from("redwrap")
        .args(["--redpath=node/leaf", "--", "true"])
        .run()
        .refuses(125, &["node/leaf", "absolute"]);
    let dnf = from("redwrap-dnf").args(["--redpath=node/leaf", "repolist"]).run();
    dnf.check(|outcome| [1, 2].contains(&outcome.code()), "a failure")
        .complains("absolute")
        .never_says("panicked");
    let create = from("redwrap-dnf").args(["--redpath=new", "manager", "--create"]).run();
    create
        .check(|outcome| [1, 2].contains(&outcome.code()), "a failure")
        .complains("absolute")
        .never_says("panicked");
    before.unchanged();
}

#[test]
fn a_disabled_node_does_not_start() {
    let pool = pool(&User::current());
    let status = fs::read_to_string(pool.node("node/.rednode.yaml")).expect("status file");
    pool.write("node", ".rednode.yaml", status.replace("Enable", "Disable"));
    let before = Tree::of(pool.path());
    let words = ["node-state", &*pool.node("node").display().to_string()];
    pool.redwrap("node/leaf")
        .args(["--", "true"])
        .run()
        .refuses(125, &words);
    pool.redwrap("node/leaf")
        .args(["--force", "--", "true"])
        .run()
        .success()
        .complains("node-state");
    before.unchanged();
}

/// What a failed installation leaves alone: everything but caches, libdnf5's bookkeeping of repositories, and the leaf's
/// rpmdb, whose file sqlite may rewrite and whose content `Pool::installed` tells.
fn state(pool: &Pool) -> Tree {
    // What is known of repositories is no state of packages.
    let caches = [
        "var/cache",
        "var/lib/dnf",
        "usr/lib/sysimage/libdnf5",
        ".rednode.metadata",
    ];
    let mut left_out: Vec<String> = vec!["node/leaf/var/lib/rpm".into(), "node/leaf/run".into()];
    left_out.extend(
        ["node", "node/leaf"]
            .iter()
            .flat_map(|node| caches.map(|cache| format!("{node}/{cache}"))),
    );
    Tree::except(pool.path(), &left_out.iter().map(String::as_str).collect::<Vec<_>>())
}

/// `install` in the leaf is refused with these words and installs nothing.
#[track_caller]
fn install_refused(pool: &Pool, arguments: &[&str], words: &[&str]) {
    let before = state(pool);
    pool.dnf("node/leaf")
        .args(["install", "-y"])
        .args(arguments)
        .run()
        .refuses(1, words);
    assert_eq!(before.differences(&state(pool)), "");
    assert!(pool.installed("node/leaf").is_empty());
}

#[test]
fn a_missing_repository_or_package() {
    for owner in User::owners() {
        let pool = pool(&owner);
        pool.repository(
            "node/leaf",
            "gone",
            "[gone]\nname=gone\nbaseurl=file:///no/such/repository\nenabled=1\n",
        );
        install_refused(&pool, &["app"], &["gone"]);
        let repository = Repository::new(&[Package::new("app", "1-1")]);
        pool.repository("node/leaf", "gone", &repository.repo_file("gone"));
        install_refused(&pool, &["no-such-package"], &["no-such-package"]);
        install_refused(&pool, &["/no/such/file.rpm"], &["/no/such/file.rpm"]);
        pool.dnf("node/leaf")
            .args(["install", "-y", "--repo=nowhere", "app"])
            .run()
            .refuses(2, &["nowhere"]);
    }
}

#[test]
fn a_repository_that_fails_in_the_middle() {
    let app = Package::new("app", "1-1").file("/usr/share/app", vec![b'x'; 100_000]);
    let repository = Repository::new(std::slice::from_ref(&app));
    let server = Server::new(repository.path());
    let pool = pool(&User::current());
    pool.repository(
        "node/leaf",
        "web",
        &format!("[web]\nname=web\nbaseurl={}\nretries=1\ngpgcheck=0\n", server.url()),
    );
    for fault in [
        Fault::Status(404),
        Fault::Status(500),
        Fault::HangUp,
        Fault::Truncate(200),
    ] {
        server.fail(".rpm", fault);
        install_refused(&pool, &["app"], &["app-1-1.noarch"]);
        server.fail("repomd.xml", fault);
        install_refused(&pool, &["--refresh", "app"], &["repomd.xml"]);
        server.recover();
    }
    pool.install("node/leaf", &["app"]);
}

#[test]
fn packages_that_were_damaged() {
    let app = Package::new("app", "1-1").file(
        "/usr/share/app",
        (0..50_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>(),
    );
    for owner in User::owners() {
        let pool = pool(&owner);
        let truncated = Repository::new(std::slice::from_ref(&app));
        let length = fs::metadata(truncated.file(&app)).expect("the package").len();
        truncate(&truncated.file(&app), length / 2);
        let altered = Repository::new(std::slice::from_ref(&app));
        flip_byte(&altered.file(&app), -100);
        for repository in [truncated, altered] {
            pool.repository("node/leaf", "made", &repository.repo_file("made"));
            // The repository's checksum does not fit …
            install_refused(&pool, &["--refresh", "app"], &["app-1-1.noarch"]);
            // … and rpm's own digests speak when no repository vouches for the file.
            let file = repository.file(&app).display().to_string();
            install_refused(&pool, &[&file], &["app-1-1.noarch"]);
        }
    }
}

#[test]
fn unsigned_and_strangers_packages_with_gpgcheck() {
    let app = Package::new("app", "1-1");
    let (ours, strangers) = (
        Key::new("Ours <ours@redpak.invalid>"),
        Key::new("Stranger <stranger@redpak.invalid>"),
    );
    let unsigned = Repository::new(std::slice::from_ref(&app));
    let foreign = Repository::signed(std::slice::from_ref(&app), &strangers);
    let signed = Repository::signed(std::slice::from_ref(&app), &ours);
    let checked = |repository: &Repository| {
        repository
            .repo_file("made")
            .replace("gpgcheck=0", &format!("gpgcheck=1\ngpgkey={}", ours.url()))
    };
    for owner in User::owners() {
        let pool = pool(&owner);
        for repository in [&unsigned, &foreign] {
            pool.repository("node/leaf", "made", &checked(repository));
            install_refused(&pool, &["--refresh", "app"], &["app-1-1.noarch"]);
        }
        pool.repository("node/leaf", "made", &checked(&signed));
        pool.dnf("node/leaf")
            .args(["install", "-y", "--refresh", "app"])
            .run()
            .success();
        assert_eq!(pool.installed("node/leaf"), [app.nvra()]);
    }
}

#[test]
fn gpgcheck_above_cannot_be_switched_off_below() {
    let app = Package::new("app", "1-1");
    let repository = Repository::new(std::slice::from_ref(&app));
    let pool = pool(&User::current());
    let config = fs::read_to_string(pool.node("node/etc/redpack.yaml")).expect("config");
    let config = if config.contains("\nconfig:\n") {
        config.replacen("\nconfig:\n", "\nconfig:\n  gpgcheck: true\n", 1)
    } else {
        format!("{config}\nconfig:\n  gpgcheck: true\n")
    };
    pool.write("node", "etc/redpack.yaml", config);
    pool.repository("node/leaf", "made", &repository.repo_file("made"));
    for arguments in [
        vec!["app"],
        vec!["--no-gpgchecks", "app"],
        vec!["--setopt=made.gpgcheck=0", "app"],
        vec!["--setopt=gpgcheck=0", "app"],
    ] {
        install_refused(&pool, &arguments, &["app"]);
    }
    let file = repository.file(&app).display().to_string();
    install_refused(&pool, &["--setopt=localpkg_gpgcheck=0", &file], &["app"]);
}

#[test]
fn a_database_that_cannot_be_read() {
    for owner in User::owners() {
        let pool = pool(&owner);
        let repository = Repository::new(&[Package::new("app", "1-1"), Package::new("other", "1-1")]);
        pool.repository("node", "made", &repository.repo_file("made"));
        pool.repository("node/leaf", "made", &repository.repo_file("made"));
        pool.install("node", &["app"]);
        let database = pool.node("node/var/lib/rpm/rpmdb.sqlite");
        let intact = fs::read(&database).expect("the node's rpmdb");
        for broken in [
            intact[..100].to_vec(),
            vec![0x55; intact.len()],
            Vec::from(&intact[..intact.len() / 2]),
        ] {
            fs::write(&database, &broken).expect("break the rpmdb");
            let words = ["rpmdb-readable", &*pool.node("node").display().to_string()];
            pool.redwrap("node/leaf")
                .args(["--", "true"])
                .run()
                .refuses(125, &words);
            pool.redwrap("node/leaf")
                .args(["--force", "--", "true"])
                .run()
                .success()
                .complains("rpmdb-readable");
            let install = pool.dnf("node/leaf").args(["install", "-y", "other"]).run();
            install.refuses(1, &[&pool.node("node").display().to_string()]);
            assert!(
                fs::read(&database).expect("the broken rpmdb") == broken,
                "the broken rpmdb was changed"
            );
        }
        fs::write(&database, &intact).expect("mend the rpmdb");
        pool.redwrap("node/leaf").args(["--", "true"]).run().success();
    }
}

#[test]
fn a_database_that_may_not_be_read() {
    let Some(owner) = User::unprivileged() else {
        return skip("no unprivileged user here");
    };
    let pool = pool(&owner);
    let database = pool.node("node/var/lib/rpm");
    let mode = |mode| fs::set_permissions(&database, fs::Permissions::from_mode(mode)).expect("chmod");
    mode(0o000);
    let outcome = pool.redwrap("node/leaf").args(["--", "true"]).run();
    mode(0o755);
    outcome.refuses(125, &["rpmdb-readable", &pool.node("node").display().to_string()]);
}

#[test]
fn a_full_disk() {
    let app = Package::new("app", "1-1").file(
        "/usr/share/app",
        (0..2_000_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect::<Vec<u8>>(),
    );
    let repository = Repository::new(&[app, Package::new("small", "1-1")]);
    let Some(disk) = SmallFilesystem::new(6 * 1024, None) else {
        return skip("a tmpfs cannot be mounted here");
    };
    let node = disk.path().join("node");
    let dnf = |arguments: &[&str]| redpak_testing::Run::dnf(&node).args(arguments).run();
    dnf(&["manager", "--create", "--alias=node", "--no-system-node"]).success();
    fs::create_dir_all(node.join("etc/yum.repos.d")).expect("make the folder of repositories");
    fs::write(node.join("etc/yum.repos.d/made.repo"), repository.repo_file("made")).expect("write the repository");
    dnf(&["install", "-y", "app"])
        .check(|outcome| outcome.code() == 1, "a failure")
        .complains("space")
        .never_says("panicked");
    // What is left is a node that works.
    disk.resize(64 * 1024);
    dnf(&["install", "-y", "small"]).success();
    let all = redpak_testing::Run::redwrap(&node).args(["--", "true"]).run();
    all.success();
}
