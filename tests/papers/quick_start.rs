//! The quick start of the README, command by command, with a made repository in place of the private one.

use std::fs;
use std::path::Path;

use redpak_testing::{Entry, Outcome, Package, Pool, Repository, Server, User, directory, tool};

/// A real program: it prints its version, and otherwise what it was asked for.
const BINDER: &str = r#"
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "--version")) return puts("afb-binder 5.0.1") < 0;
    for (int i = 1; i < argc; i++) puts(argv[i]);
    return 0;
}
"#;

const PAGE: &str = "/var/local/lib/afm/applications/helloworld-binding/htdocs/index.html";

fn compile(source: &str) -> Vec<u8> {
    let work = directory();
    let [code, program] = ["main.c", "main"].map(|name| work.path().join(name).display().to_string());
    fs::write(&code, source).expect("write the source");
    tool("cc", ["-o", &program, &code]);
    fs::read(&program).expect("read the program")
}

/// The repository below `$basearch`, as the README's URL has it.
fn repository() -> (Repository, Package, Package) {
    let arch = std::env::consts::ARCH;
    let binder = Package::new("afb-binder", "5.0.1-1")
        .arch(arch)
        .provides("afb-binder(api) = 5");
    let binder = binder.entry(Entry::program("/usr/bin/afb-binder", compile(BINDER)));
    let hello = Package::new("agl-service-helloworld", "1.0-1")
        .arch(arch)
        .requires("afb-binder(api) >= 5")
        .file(PAGE, "hello");
    let repository = Repository::new(&[binder.clone(), hello.clone()]);
    let links = repository.path().join(arch);
    std::os::unix::fs::symlink(".", links).expect("make $basearch");
    (repository, binder, hello)
}

/// The README's `repo.repo`.
fn repo_file(server: &Server) -> String {
    format!(
        "[repo]\nname=repo\nbaseurl={}/$basearch\nenabled=1\nrepo_gpgcheck=0\ntype=rpm\ngpgcheck=0\nskip_if_unavailable=False\n",
        server.url()
    )
}

/// `redwrap --redpath=NODE --force bash`, with these lines typed.
fn bash(pool: &Pool, node: &str, lines: &str) -> Outcome {
    pool.redwrap(node).args(["--force", "bash"]).input(lines).run()
}

#[test]
fn as_the_owner_of_the_pool() {
    let (repository, binder, hello) = repository();
    let server = Server::new(repository.path());
    for owner in User::owners() {
        let pool = Pool::new(&owner);
        first_node(&pool, &server, &binder);
        second_leaf(&pool, &server, &binder, &hello);
        assert!(
            server.requests("repomd.xml") > 0,
            "the repository was not asked over HTTP"
        );
    }
}

fn first_node(pool: &Pool, server: &Server, binder: &Package) {
    let node = "agl-redpesk9";
    pool.dnf(node)
        .args(["manager", "--create", "--alias=agl-core"])
        .run()
        .success();
    pool.repository(node, "repo", &repo_file(server));
    pool.dnf(node)
        .args(["repoquery", "*binder*"])
        .run()
        .success()
        .prints("afb-binder-0:5.0.1-1");
    pool.dnf(node)
        .args(["install", "afb-binder"])
        .input("y\n")
        .run()
        .success();

    let inside = pool.redwrap(node).args(["--", "rpm", "-qa"]).run().success();
    assert_eq!(inside.out().trim(), binder.nvra(), "{}", inside.report());
    let version = pool
        .redwrap(node)
        .args(["--", "afb-binder", "--version"])
        .run()
        .success();
    assert_eq!(version.out(), "afb-binder 5.0.1\n");

    let lines =
        "ls /\nls /nodes/agl-core/usr/bin/\nafb-binder --version\nldd /nodes/agl-core/usr/bin/afb-binder\nrpm -qa\n";
    let shell = bash(pool, node, lines).success();
    let shell = ["nodes\n", "afb-binder\n", "afb-binder 5.0.1", "libc.so", &binder.nvra()]
        .iter()
        .fold(shell, |shell, text| shell.prints(text));
    assert_eq!(shell.err(), "", "{}", shell.report());
}

fn second_leaf(pool: &Pool, server: &Server, binder: &Package, hello: &Package) {
    let node = "agl-redpesk9/agl-demo";
    pool.dnf(node)
        .args(["manager", "--create", "--alias=agl-demo"])
        .run()
        .success();
    pool.repository(node, "repo", &repo_file(server));
    pool.dnf(node)
        .args(["repoquery", "*agl*"])
        .run()
        .success()
        .prints("agl-service-helloworld-0:1.0-1");
    let name = format!("agl-service-helloworld.{}", std::env::consts::ARCH);
    pool.dnf(node).args(["install", &name]).input("y\n").run().success();
    assert_eq!(pool.installed(node), [hello.nvra()]);
    assert_eq!(pool.installed("agl-redpesk9"), [binder.nvra()]);

    let roothttp = "--roothttp=/nodes/agl-demo/var/local/lib/afm/applications/helloworld-binding/htdocs/";
    let lines = format!(
        "rpm -qa\nafb-binder --ldpaths=/nodes/agl-demo --workdir=. {roothttp} --verbose\ncat /nodes/agl-demo{PAGE}\n"
    );
    let shell = bash(pool, node, &lines).success();
    let expected = format!(
        "{}\n--ldpaths=/nodes/agl-demo\n--workdir=.\n{roothttp}\n--verbose\nhello",
        hello.nvra()
    );
    assert_eq!(shell.out(), expected, "{}", shell.report());

    delete(pool, node, binder);
}

/// "They are atomic, a simple rm is enough": the parent works as before, and the place can be used again.
fn delete(pool: &Pool, node: &str, binder: &Package) {
    remove(&pool.node(node));
    let inside = pool.redwrap("agl-redpesk9").args(["--", "rpm", "-qa"]).run().success();
    assert_eq!(inside.out().trim(), binder.nvra());
    pool.dnf("agl-redpesk9")
        .args(["reinstall", "-y", "afb-binder"])
        .run()
        .success();
    pool.redwrap(node)
        .args(["--", "true"])
        .run()
        .refuses(125, &["agl-demo"]);
    pool.create(node);
    assert!(pool.installed(node).is_empty());
}

fn remove(node: &Path) {
    tool("rm", ["-rf", node.to_str().expect("temporary paths are UTF-8")]);
    assert!(!node.exists());
}
