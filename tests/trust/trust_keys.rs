//! Odd keys: what is wrong with them is what rpm's own tests have keys for. OpenPGP is librpm's; here it shows that no way leads past it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redpak_testing::{Key, Outcome, Package, Pool, Repository, User, flip_byte};

const NODE: &str = "node";
const OWNER: &str = "Ours <ours@redpak.invalid>";
/// Tag and length, in front of what gnupg writes for short packets.
const HEADER: usize = 2;

/// What is wrong, and how the packets of a key come to it.
type Change<'c> = (&'c str, &'c dyn Fn(&mut Vec<Vec<u8>>));

/// Installs the package into a new node that demands signatures and trusts this key alone.
fn try_key(repository: &Repository, key: &Key) -> (bool, Outcome) {
    let pool = Pool::new(&User::current());
    pool.create(NODE);
    pool.tag(NODE, "gpgcheck: true");
    let checks = format!("gpgcheck=1\ngpgkey={}", key.url());
    pool.repository(
        NODE,
        "made",
        &repository.repo_file("made").replace("gpgcheck=0", &checks),
    );
    let outcome = pool.dnf(NODE).args(["install", "-y", "app"]).run();
    (!pool.installed(NODE).is_empty(), outcome)
}

#[track_caller]
fn vouches(repository: &Repository, key: &Key, what: &str) {
    let (installed, outcome) = try_key(repository, key);
    assert!(installed, "{what}: {}", outcome.report());
}

#[track_caller]
fn vouches_for_nothing(repository: &Repository, key: &Key, what: &str) {
    let (installed, outcome) = try_key(repository, key);
    assert!(!installed, "{what}: {}", outcome.report());
    outcome.refuses(1, &[]);
}

fn app() -> Package {
    Package::new("app", "1-1").file("/usr/share/app", "app")
}

/// A repository that this key signs, with more macros of rpmsign.
fn signed_with(key: &Key, macros: &[&str]) -> Repository {
    let repository = Repository::new(&[app()]);
    key.sign_packages_with(&[repository.file(&app())], macros);
    repository.index();
    repository
}

#[test]
fn odd_keys_vouch_for_nothing() {
    let key = Key::new(OWNER);
    // Ed25519: one bit of the signature, the rest of the package as it was signed.
    let forged = Repository::signed(&[app()], &key);
    vouches(&forged, &key, "as it was made");
    flip_byte(&forged.file(&app()), 300);
    forged.index();
    vouches_for_nothing(&forged, &key, "a signature that was forged");
    let by_primary = Repository::signed(&[app()], &key);
    key.reshape(|_| {});
    vouches(&by_primary, &key, "the same packets");
    let changes: [Change<'_>; 5] = [
        ("without signature of its own", &|packets| packets.truncate(2)),
        ("of version 3", &|packets| packets[0][HEADER] = 3),
        ("of version 6", &|packets| packets[0][HEADER] = 6),
        ("of an unknown algorithm", &|packets| packets[0][HEADER + 5] = 99),
        ("made at another time", &|packets| packets[0][HEADER + 4] ^= 1),
    ];
    for (what, change) in changes {
        key.reshape(change);
        vouches_for_nothing(&by_primary, &key, what);
    }
    key.revoke();
    vouches_for_nothing(&by_primary, &key, "revoked");
}

#[test]
fn odd_subkeys_vouch_for_nothing() {
    let key = Key::with_subkey(OWNER);
    let other = Key::with_subkey(OWNER);
    let by_subkey = Repository::signed(&[app()], &key);
    vouches(&by_subkey, &key, "a subkey that its primary key vouches for");
    let mut foreign = Vec::new();
    other.reshape(|packets| foreign = packets.clone());
    key.reshape(|_| {});
    vouches(&by_subkey, &key, "the same packets");
    let changes: [Change<'_>; 8] = [
        ("without binding", &|packets| packets.truncate(4)),
        ("with a binding that was forged", &|packets| {
            *packets[4].last_mut().expect("a signature") ^= 1;
        }),
        ("with the binding of another", &|packets| {
            packets[4] = foreign[4].clone()
        }),
        ("below another primary key", &|packets| {
            packets[..3].clone_from_slice(&foreign[..3])
        }),
        ("of an unknown algorithm", &|packets| packets[3][HEADER + 5] = 99),
        ("made at another time", &|packets| packets[3][HEADER + 4] ^= 1),
        ("called a primary key", &|packets| {
            packets[3][0] = packets[0][0];
            packets.swap(0, 3);
            packets.truncate(3);
        }),
        ("cut off", &|packets| packets[4].truncate(40)),
    ];
    for (what, change) in changes {
        key.reshape(change);
        vouches_for_nothing(&by_subkey, &key, what);
    }
    key.expire_subkey();
    std::thread::sleep(Duration::from_secs(2));
    vouches_for_nothing(&by_subkey, &key, "expired");
    key.revoke_subkey();
    vouches_for_nothing(&by_subkey, &key, "revoked");
}

#[test]
fn weak_and_untimely_keys_vouch_for_nothing() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let tomorrow = format!("--faked-system-time={}", now + 86_400);
    for (algorithm, options, macros, what) in [
        ("rsa1024", &[][..], &[][..], "RSA of 1024 bits"),
        ("dsa1024", &[], &[], "DSA of 1024 bits"),
        ("ed25519", &["--cert-digest-algo=SHA1"], &[], "SHA-1 in the key"),
        ("rsa2048", &[], &["_gpg_digest_algo sha1"], "SHA-1 in the signature"),
        (
            "ed25519",
            &[&*tomorrow],
            &["_gpg_sign_cmd_extra_args --ignore-time-conflict --ignore-valid-from"],
            "of tomorrow",
        ),
    ] {
        let key = Key::with_options(OWNER, algorithm, options);
        vouches_for_nothing(&signed_with(&key, macros), &key, what);
    }
    for algorithm in ["rsa2048", "nistp256"] {
        let key = Key::with_options(OWNER, algorithm, &[]);
        vouches(&signed_with(&key, &[]), &key, algorithm);
    }
    // A signature that was made while the key was good stays good.
    let expiring = Key::expiring(OWNER, 4);
    let signed_before = Repository::signed(&[app()], &expiring);
    std::thread::sleep(Duration::from_secs(5));
    vouches(&signed_before, &expiring, "expired meanwhile");
}
