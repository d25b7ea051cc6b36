//! Where metadata comes from: mirrors, metalinks, TLS, variables, caches.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use redpak_testing::{Fault, Package, Pool, Repository, Server, User, directory, have, skip, tool, truncate};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";

fn pool(owner: &User) -> Pool {
    let pool = Pool::new(owner);
    pool.create(PLATFORM);
    pool.create(LEAF);
    pool
}

fn served() -> (Repository, Server) {
    let repository = Repository::new(&[Package::new("app", "1-1").file("/usr/share/app", "app\n")]);
    let server = Server::new(repository.path());
    (repository, server)
}

fn repo_file(source: &str) -> String {
    format!("[made]\nname=made\n{source}\ngpgcheck=0\nskip_if_unavailable=0\nretries=1\n")
}

#[track_caller]
fn finds_app(pool: &Pool, node: &str) {
    let outcome = pool.dnf(node).args(["-q", "repoquery", "app"]).run().success();
    assert_eq!(outcome.out(), "app-0:1-1.noarch\n", "{}", outcome.report());
}

#[test]
fn a_mirror_that_is_down_falls_over_to_the_next() {
    let (repository, good) = served();
    let (_other, bad) = served();
    bad.fail("", Fault::Status(503));
    let mirrors = format!("{}/\n{}/\n", bad.url(), good.url());
    fs::write(repository.path().join("mirrors"), mirrors).expect("write the list of mirrors");
    let pool = pool(&User::current());
    pool.repository(LEAF, "made", &repo_file(&format!("mirrorlist={}/mirrors", good.url())));
    pool.dnf(LEAF).args(["-y", "install", "app"]).run().success();
    assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"]);
    assert!(bad.requests("repomd.xml") > 0, "the first mirror was asked");
}

#[test]
fn a_metalink_tells_what_the_metadata_has_to_be() {
    let (repository, server) = served();
    let index = repository.path().join("repodata/repomd.xml");
    let digest = tool("sha256sum", [&index]);
    let digest = digest.split_whitespace().next().expect("a digest");
    let size = fs::metadata(&index).expect("repomd.xml").len();
    let metalink = |digest: &str| {
        format!(
            "<?xml version=\"1.0\"?><metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\"><files><file name=\"repomd.xml\">\
             <size>{size}</size><verification><hash type=\"sha256\">{digest}</hash></verification><resources>\
             <url protocol=\"http\" type=\"http\" preference=\"100\">{}/repodata/repomd.xml</url>\
             </resources></file></files></metalink>",
            server.url()
        )
    };
    let pool = pool(&User::current());
    pool.repository(LEAF, "made", &repo_file(&format!("metalink={}/metalink", server.url())));
    fs::write(repository.path().join("metalink"), metalink(&"0".repeat(64))).expect("write the metalink");
    let refused = pool.dnf(LEAF).arg("makecache").run();
    assert_eq!(refused.code(), 1, "{}", refused.report());
    fs::write(repository.path().join("metalink"), metalink(digest)).expect("write the metalink");
    finds_app(&pool, LEAF);
}

/// A server with a certificate of an authority of its own.
struct TlsServer {
    process: Child,
    port: String,
}

impl TlsServer {
    fn new(directory: &Path, certificate: &Path) -> Self {
        let script = "import http.server, ssl, sys\n\
            server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n\
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
            context.load_cert_chain(sys.argv[1])\n\
            server.socket = context.wrap_socket(server.socket, server_side=True)\n\
            print(server.server_port, flush=True)\n\
            server.serve_forever()\n";
        let mut process = Command::new("python3")
            .args(["-c", script])
            .arg(certificate)
            .current_dir(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("start the server");
        let mut port = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut port).expect("its port");
        Self {
            process,
            port: port.trim().to_owned(),
        }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn tls_options_say_whom_to_trust() {
    if !have("python3") || !have("openssl") {
        return skip("python3 or openssl is missing");
    }
    let (repository, _) = served();
    let keys = directory();
    let (authority, both) = (keys.path().join("ca.pem"), keys.path().join("both.pem"));
    let key = keys.path().join("key.pem");
    let [authority_text, key_text] = [&authority, &key].map(|path| path.to_str().expect("UTF-8"));
    let made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";
    tool(
        "openssl",
        made.split(' ').chain(["-keyout", key_text, "-out", authority_text]),
    );
    let text = [&key, &authority]
        .map(|path| fs::read_to_string(path).expect("read"))
        .concat();
    fs::write(&both, text).expect("write the certificate");
    let server = TlsServer::new(repository.path(), &both);
    let pool = pool(&User::current());
    let source = format!("baseurl=https://127.0.0.1:{}/\n", server.port);
    pool.repository(LEAF, "made", &repo_file(&source));
    let refused = pool.dnf(LEAF).arg("makecache").run();
    assert_eq!(refused.code(), 1, "{}", refused.report());
    assert!(refused.err().contains("certificate"), "{}", refused.report());
    for trusting in ["sslverify=0".to_owned(), format!("sslcacert={authority_text}")] {
        pool.dnf(LEAF).args(["clean", "all"]).run().success();
        pool.repository(LEAF, "made", &repo_file(&(source.clone() + &trusting)));
        finds_app(&pool, LEAF);
    }
}

#[test]
fn a_proxy_is_asked() {
    let (_repository, proxy) = served();
    let pool = pool(&User::current());
    // The proxy sees the whole URL as the path; what it makes of it does not matter.
    let source = format!("baseurl=http://far.invalid/repo\nproxy={}", proxy.url());
    pool.repository(LEAF, "made", &repo_file(&source));
    pool.dnf(LEAF).arg("makecache").run().exits(1);
    assert!(proxy.requests("http://far.invalid/repo/repodata/repomd.xml") > 0);
}

#[test]
fn a_variable_comes_from_the_nearest_node_that_sets_it() {
    let (repository, server) = served();
    for name in ["red", "blue"] {
        std::os::unix::fs::symlink(repository.path(), repository.path().join(name)).expect("link");
    }
    let pool = pool(&User::current());
    pool.repository(LEAF, "made", &repo_file(&format!("baseurl={}/$flavour/", server.url())));
    pool.write(PLATFORM, "etc/dnf/vars/flavour", "red\n");
    pool.write(PLATFORM, "etc/dnf/vars/not a name", "x\n");
    finds_app(&pool, LEAF);
    assert!(server.requests("/red/repodata/repomd.xml") > 0);
    pool.write(LEAF, "etc/dnf/vars/flavour", "blue\n");
    finds_app(&pool, LEAF);
    assert!(server.requests("/blue/repodata/repomd.xml") > 0);
    let shown = pool
        .dnf(LEAF)
        .args(["--setvar=flavour=green", "--dump-variables"])
        .run()
        .success();
    shown.prints("flavour = green\n");
    // And never the other way round.
    let shown = pool.dnf(PLATFORM).arg("--dump-variables").run().success().out();
    assert!(shown.contains("flavour = red\n"), "{shown}");
}

/// A platform that has the metadata, and a leaf that shall need it.
fn with_cache(owner: &User) -> (Pool, Repository, Server) {
    let (repository, server) = served();
    let pool = pool(owner);
    for node in [PLATFORM, LEAF] {
        pool.repository(node, "made", &repo_file(&format!("baseurl={}/", server.url())));
    }
    pool.dnf(PLATFORM).arg("makecache").run().success();
    (pool, repository, server)
}

#[test]
fn an_ancestor_s_metadata_is_not_downloaded_again() {
    for owner in User::owners() {
        let (pool, _repository, server) = with_cache(&owner);
        let before = server.requests("");
        finds_app(&pool, LEAF);
        assert_eq!(server.requests(""), before, "nothing was asked for");
        // Each node has its own: none is needed to forget another.
        fs::remove_dir_all(pool.node(PLATFORM).join("var/cache")).expect("remove the platform's cache");
        finds_app(&pool, LEAF);
        assert_eq!(server.requests(""), before);
        pool.dnf(LEAF).args(["--refresh", "makecache"]).run().success();
        assert!(server.requests("") > before, "--refresh asks");
    }
}

#[test]
fn a_cache_that_another_user_can_write_is_never_read() {
    let (pool, _repository, server) = with_cache(&User::current());
    let caches = pool.node(PLATFORM).join("var/cache/libdnf5");
    fs::set_permissions(&caches, fs::Permissions::from_mode(0o777)).expect("chmod");
    let before = server.requests("primary");
    finds_app(&pool, LEAF);
    assert!(server.requests("primary") > before, "the metadata was downloaded");
    if User::is_root() {
        fs::set_permissions(&caches, fs::Permissions::from_mode(0o755)).expect("chmod");
        pool.dnf(LEAF).args(["clean", "all"]).run().success();
        chown(&caches, Some(1001), None).expect("chown");
        let before = server.requests("primary");
        finds_app(&pool, LEAF);
        assert!(server.requests("primary") > before, "another owner's metadata");
    }
}

#[test]
fn a_cache_file_that_vanishes_or_is_cut_off_is_fetched_again_or_told() {
    let (repository, server) = served();
    let pool = pool(&User::current());
    pool.repository(LEAF, "made", &repo_file(&format!("baseurl={}/", server.url())));
    pool.dnf(LEAF)
        .args(["-y", "install", "--downloadonly", "app"])
        .run()
        .success();
    let cached = |kind: &str| {
        let found = tool(
            "find",
            [
                pool.node(LEAF).join("var/cache/libdnf5").to_str().expect("UTF-8"),
                "-name",
                kind,
            ],
        );
        found.lines().map(std::path::PathBuf::from).collect::<Vec<_>>()
    };
    for kind in ["repomd.xml", "*primary*", "*.solv", "*.rpm"] {
        let files = cached(kind);
        assert!(!files.is_empty(), "no {kind} is cached");
        let spoils: [fn(&Path); 2] = [|path| fs::remove_file(path).expect("remove"), |path| truncate(path, 7)];
        for spoil in spoils {
            cached(kind).iter().for_each(|path| spoil(path));
            let outcome = pool.dnf(LEAF).args(["-y", "install", "app"]).run();
            match outcome.code() {
                0 => {
                    assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"], "{kind}: {}", outcome.report());
                    pool.dnf(LEAF).args(["-y", "remove", "app"]).run().success();
                }
                code => {
                    assert_eq!(
                        (code, outcome.err().is_empty()),
                        (1, false),
                        "{kind}: {}",
                        outcome.report()
                    );
                    assert!(pool.installed(LEAF).is_empty(), "{kind}");
                    pool.dnf(LEAF).args(["clean", "all"]).run().success();
                }
            }
            pool.dnf(LEAF)
                .args(["-y", "install", "--downloadonly", "app"])
                .run()
                .success();
        }
    }
    drop(repository);
}

/// Whether librepo is built to read metadata in chunks or not: a repository that has them is no obstacle.
#[test]
fn a_repository_with_zchunk_metadata_is_read() {
    let (repository, server) = served();
    let path = repository.path().to_str().expect("UTF-8");
    tool("createrepo_c", ["--quiet", "--workers=1", "--zck", path]);
    let index = fs::read_to_string(repository.path().join("repodata/repomd.xml")).expect("repomd.xml");
    assert!(index.contains("primary_zck"), "{index}");
    let pool = pool(&User::current());
    pool.repository(LEAF, "made", &repo_file(&format!("baseurl={}/", server.url())));
    for option in ["zchunk=1", "zchunk=0"] {
        let setopt = format!("--setopt={option}");
        pool.dnf(LEAF).args(["clean", "all"]).run().success();
        pool.dnf(LEAF).args(["-y", &setopt, "install", "app"]).run().success();
        assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"]);
        pool.dnf(LEAF).args(["-y", "remove", "app"]).run().success();
    }
}
