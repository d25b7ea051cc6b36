//! What goes wrong in libdnf5 comes back as a value, and the process goes on.

mod support;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use libdnf5::{
    Base, ErrorKind, Goal, Job, Load, OptionPriority, QueryCmp, RunResult, SignatureResult, VarsPriority, Version,
    built_version, check_version, running_version,
};
use redpak_testing::{Package, Repository, flip_byte, truncate};
use support::{Root, query, resolve, turn};

fn shop() -> Repository {
    Repository::new(&[Package::new("app", "1-1").file("/usr/bin/app", "app")])
}

#[test]
fn another_library_version_is_refused() {
    let built = built_version();
    assert_eq!(running_version(), built, "the tests run with what they were built with");
    check_version(Version {
        micro: built.micro + 1,
        ..built
    })
    .unwrap();
    for other in [
        Version {
            minor: built.minor + 1,
            ..built
        },
        Version {
            major: built.major + 1,
            ..built
        },
        Version {
            prime: built.prime + 1,
            ..built
        },
    ] {
        let error = check_version(other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Version);
        let text = error.to_string();
        assert!(
            text.contains(&built.to_string()) && text.contains(&other.to_string()),
            "{text}"
        );
    }
}

#[test]
fn options_that_do_not_exist_and_values_that_do_not_fit() {
    let turn = turn();
    let base = Base::new(&turn.engine).unwrap();
    let config = base.config();
    let unknown = config
        .set("no_such_option", "1", OptionPriority::Commandline)
        .unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Option, "{unknown:?}");
    assert!(unknown.to_string().contains("no_such_option"), "{unknown}");
    assert_eq!(config.get("no_such_option").unwrap_err().kind(), ErrorKind::Option);
    let unfit = config.set("best", "perhaps", OptionPriority::Commandline).unwrap_err();
    assert_eq!(unfit.kind(), ErrorKind::Option, "{unfit:?}");
    assert_eq!(unfit.causes()[0].domain, "libdnf5");
    assert!(
        unfit.causes()[0].name.to_string_lossy().starts_with("Option"),
        "{unfit:?}"
    );
}

#[test]
fn calls_in_the_wrong_order() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base_before_setup(&turn.engine);
    let early = base.repo_sack().load_repos(Load::All, &mut (), &mut ()).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Assertion, "{early:?}");
    base.setup().unwrap();
    let twice = base.setup().unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Assertion, "{twice:?}");
    let locked = base
        .config()
        .set("installroot", "/", OptionPriority::Runtime)
        .unwrap_err();
    assert!(
        matches!(locked.kind(), ErrorKind::Assertion | ErrorKind::Option),
        "{locked:?}"
    );
}

#[test]
fn configuration_that_cannot_be_read() {
    let turn = turn();
    let root = Root::new();
    let load = |name: &str, text: &str| {
        fs::write(root.join(name), text).unwrap();
        let base = Base::new(&turn.engine).unwrap();
        base.config()
            .set("installroot", root.path(), OptionPriority::Commandline)
            .unwrap();
        base.load_config()
            .and_then(|()| base.setup())
            .and_then(|()| base.repo_sack().create_repos_from_system_configuration())
    };
    let malformed = load("etc/dnf/dnf.conf", "[main]\nno equals sign\n").unwrap_err();
    assert_eq!(malformed.kind(), ErrorKind::Config, "{malformed:?}");
    assert!(malformed.to_string().contains("dnf.conf"), "{malformed}");
    fs::remove_file(root.join("etc/dnf/dnf.conf")).unwrap();
    let malformed = load("etc/yum.repos.d/bad.repo", "name without a section\n").unwrap_err();
    assert!(malformed.to_string().contains("bad.repo"), "{malformed:?}");
    let base = Base::new(&turn.engine).unwrap();
    base.config()
        .set("installroot", root.path(), OptionPriority::Commandline)
        .unwrap();
    base.setup().unwrap();
    let missing = base
        .repo_sack()
        .create_repos_from_file("/no/such/file.repo")
        .unwrap_err();
    assert!(missing.to_string().contains("/no/such/file.repo"), "{missing:?}");
}

#[test]
fn repositories_that_cannot_be_loaded() {
    let turn = turn();
    let broken_metadata = shop();
    let repomd = broken_metadata.path().join("repodata/repomd.xml");
    truncate(&repomd, 100);
    let broken_primary = shop();
    let primary = fs::read_dir(broken_primary.path().join("repodata"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("primary"))
        .unwrap();
    flip_byte(&primary, 20);
    for url in [
        "file:///no/such/directory".to_owned(),
        "http://localhost:1/".to_owned(),
        "nonsense://x".to_owned(),
        broken_metadata.url(),
        broken_primary.url(),
    ] {
        let root = Root::new();
        let base = root.base(&turn.engine);
        base.repo_sack()
            .create_repos_from_paths(&[("bad", url.as_str())], OptionPriority::Commandline)
            .unwrap();
        let error = base.repo_sack().load_repos(Load::All, &mut (), &mut ()).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Download | ErrorKind::Repo),
            "{url}: {error:?}"
        );
        assert!(error.to_string().contains("bad"), "{error}");
    }
    let base = Root::new().base(&turn.engine);
    let sack = base.repo_sack();
    sack.create_repo("same").unwrap();
    assert_eq!(sack.create_repo("same").unwrap_err().kind(), ErrorKind::Repo);
    assert!(sack.create_repo("not an id").is_err());
}

#[test]
fn package_files_that_are_none() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let text = root.join("text.rpm");
    fs::write(&text, "this is not a package").unwrap();
    for path in [
        OsStr::new("/no/such/package.rpm"),
        text.as_os_str(),
        root.path().as_os_str(),
    ] {
        let error = base.repo_sack().add_cmdline_packages(&[path], &mut ()).unwrap_err();
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error:?}");
    }
    let error = base.repo_sack().import_keys("file:///no/such/key").unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Download | ErrorKind::Pgp | ErrorKind::System),
        "{error:?}"
    );
}

#[test]
fn keys_and_signatures_that_are_none() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let text = root.join("text.asc");
    fs::write(&text, "this is no key").unwrap();
    let block = root.join("block.asc");
    let armor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n";
    fs::write(&block, armor).unwrap();
    for file in [&text, &block] {
        // No key in it is none imported, or an error; never an end of the process.
        let imported = base.repo_sack().import_keys(format!("file://{}", file.display()));
        assert!(matches!(imported, Ok(0) | Err(_)), "{imported:?}");
    }
    for file in [&text, &root.join("missing.rpm")] {
        let checked = base.repo_sack().check_package_signature(file);
        assert!(!matches!(checked, Ok(SignatureResult::Ok)), "{checked:?}");
    }
}

#[test]
fn parts_of_metadata_that_are_broken() {
    let turn = turn();
    for (kind, text) in [
        ("group", "<comps><group><id>half"),
        ("updateinfo", "<updates><update from=\"x\"><id>half"),
        ("modules", "document: modulemd\nversion: [2\n"),
        ("filelists", "<filelists><package pkgid=\"half"),
    ] {
        let repository = shop();
        let part = repository.path().join(kind);
        fs::write(&part, text).unwrap();
        let repodata = repository.path().join("repodata");
        let argument = format!("--mdtype={kind}");
        redpak_testing::tool(
            "modifyrepo_c",
            [argument.as_ref(), part.as_os_str(), repodata.as_os_str()],
        );
        let root = Root::with(repository);
        let base = root.base(&turn.engine);
        base.config()
            .set(
                "optional_metadata_types",
                "comps,updateinfo,filelists,modules",
                OptionPriority::Runtime,
            )
            .unwrap();
        // What it makes of it is libdnf5's affair: it comes back, and the next base works.
        let _ = base.repo_sack().load_repos(Load::All, &mut (), &mut ());
    }
    Root::with(shop()).loaded(&turn.engine);
}

#[test]
fn a_package_that_was_tampered_with_is_not_installed() {
    let turn = turn();
    let root = Root::new();
    let package = Package::new("app", "1-1").file("/usr/bin/app", "app");
    let repository = Repository::new(std::slice::from_ref(&package));
    let file = repository.file(&package);
    let size = fs::metadata(&file).unwrap().len();
    let base = root.base(&turn.engine);
    base.repo_sack()
        .create_repos_from_paths(&[("shop", repository.url().as_str())], OptionPriority::Commandline)
        .unwrap();
    support::load(&base);
    flip_byte(&file, i64::try_from(size).unwrap() - 20);
    let mut transaction = resolve(&base, Job::Install, &["app"]);
    let failed = match transaction.download(&mut ()) {
        Err(error) => error.kind() == ErrorKind::Download,
        Ok(()) => transaction.run(&mut (), &mut ()).unwrap() != RunResult::Success,
    };
    assert!(failed);
    assert_eq!(root.installed(), [""; 0]);
}

#[test]
fn jobs_that_make_no_sense() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut goal = Goal::new(&base).unwrap();
    let error = goal.add_all(Job::Install, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(
        goal.add_revert_transactions(&[], None).unwrap_err().kind(),
        ErrorKind::Argument
    );
    let error = goal.add_redo_transaction(99, None).unwrap_err();
    assert!(error.to_string().contains("99"), "{error}");
    goal.add_serialized_transaction("/no/such/transaction.json", None)
        .unwrap();
    let resolved = goal.resolve();
    assert!(resolved.is_err() || !resolved.unwrap().problems().unwrap().is_empty());
    // Comparisons that a filter does not know.
    assert_eq!(
        query(&base).filter_name(&["a"], QueryCmp::GT).unwrap_err().kind(),
        ErrorKind::Assertion
    );
}

#[test]
fn strings_need_not_be_utf_8() {
    let turn = turn();
    let base = Base::new(&turn.engine).unwrap();
    let value = OsString::from_vec(b"caf\xe9 \xff".to_vec());
    base.vars().set("strange", &value, VarsPriority::Runtime).unwrap();
    assert_eq!(base.vars().get("strange").unwrap().unwrap(), value);
    assert_eq!(
        base.vars().substitute("<$strange>").unwrap().as_bytes(),
        b"<caf\xe9 \xff>"
    );

    let root = Root::new();
    let directory = root.path().join(OsStr::from_bytes(b"strange \xff"));
    let repository = shop();
    fs::create_dir(&directory).unwrap();
    let base = root.base(&turn.engine);
    let package = repository.file(&Package::new("app", "1-1"));
    let file = directory.join("app.rpm");
    fs::copy(package, &file).unwrap();
    let packages = base.repo_sack().add_cmdline_packages(&[&file], &mut ()).unwrap();
    assert_eq!(
        packages[0].package_path().unwrap().as_bytes(),
        file.as_os_str().as_bytes()
    );
    let missing = directory.join("missing.rpm");
    let error = base.repo_sack().add_cmdline_packages(&[&missing], &mut ()).unwrap_err();
    let text = error.message().as_bytes();
    assert!(text.windows(9).any(|window| window == b"strange \xff"), "{error:?}");
}
