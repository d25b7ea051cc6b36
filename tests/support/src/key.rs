//! OpenPGP keys made on the spot, and signatures by them.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{temporary, tool};

/// A key pair without passphrase in a gnupg home of its own.
#[derive(Debug)]
pub struct Key {
    home: TempDir,
    public: PathBuf,
    owner: String,
}

impl Key {
    /// Makes an Ed25519 signing key for `owner`, for example `Tests <tests@redpak.invalid>`.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn new(owner: &str) -> Self {
        let key = Self::unmade(owner);
        tool::finish(key.gpg(&["--passphrase", "", "--quick-gen-key", owner, "ed25519", "sign", "never"]));
        key.export();
        key
    }

    /// A key that lives for some seconds from now on.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn expiring(owner: &str, seconds: u32) -> Self {
        let key = Self::unmade(owner);
        let life = format!("seconds={seconds}");
        tool::finish(key.gpg(&["--passphrase", "", "--quick-gen-key", owner, "ed25519", "sign", &life]));
        key.export();
        key
    }

    /// A primary key that only certifies, and a subkey that signs.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn with_subkey(owner: &str) -> Self {
        let key = Self::unmade(owner);
        tool::finish(key.gpg(&["--passphrase", "", "--quick-gen-key", owner, "ed25519", "cert", "never"]));
        let listed = key.gpg(&["--with-colons", "--list-keys", owner]).output();
        let listed = String::from_utf8(listed.expect("gnupg starts").stdout).expect("gnupg writes UTF-8");
        let line = listed.lines().find(|line| line.starts_with("fpr:"));
        let fingerprint = line.and_then(|line| line.split(':').nth(9)).expect("a fingerprint");
        tool::finish(key.gpg(&[
            "--passphrase",
            "",
            "--quick-add-key",
            fingerprint,
            "ed25519",
            "sign",
            "never",
        ]));
        key.export();
        key
    }

    fn unmade(owner: &str) -> Self {
        let home = temporary::directory();
        let public = home.path().join("public.asc");
        Self {
            home,
            public,
            owner: owner.into(),
        }
    }

    fn export(&self) {
        let public = self.public.to_str().expect("temporary paths are UTF-8");
        tool::finish(self.gpg(&["--armor", "--output", public, "--export", &self.owner]));
    }

    /// Leaves out the packet that binds the subkey to its primary key: the last one, see RFC 9580, 4.2 and 10.1.
    ///
    /// # Panics
    /// When the public key is not made of packets.
    pub fn forget_binding(&self) {
        let exported = self
            .gpg(&["--export", &self.owner])
            .output()
            .expect("gnupg starts")
            .stdout;
        let (mut start, mut last) = (0, 0);
        while start < exported.len() {
            last = start;
            start += packet_length(&exported[start..]);
        }
        assert_eq!(
            (exported[last] & 0x3c) >> 2,
            2,
            "the last packet of a key is a signature"
        );
        let unbound = self.home.path().join("unbound.pgp");
        std::fs::write(&unbound, &exported[..last]).expect("write the key");
        let [public, unbound] = [&self.public, &unbound].map(|path| path.to_str().expect("temporary paths are UTF-8"));
        tool::finish(self.gpg(&["--armor", "--output", public, "--enarmor", unbound]));
        let armored = std::fs::read_to_string(public).expect("read the key");
        std::fs::write(public, armored.replace("ARMORED FILE", "PUBLIC KEY BLOCK")).expect("write the key");
    }

    fn gpg(&self, arguments: &[&str]) -> Command {
        let mut gpg = Command::new("gpg");
        // gnupg refuses nothing but warns about a home that others can read; the tests' keys are no secret.
        gpg.args(["--batch", "--yes", "--quiet", "--no-permission-warning", "--homedir"])
            .arg(self.home.path())
            .args(arguments);
        gpg
    }

    /// The public key, ASCII armoured, as `gpgkey=` wants it.
    pub fn public(&self) -> &Path {
        &self.public
    }

    /// `file://` URL of the public key.
    pub fn url(&self) -> String {
        format!("file://{}", self.public.display())
    }

    /// Adds signatures to packages, in place.
    ///
    /// # Panics
    /// When rpmsign fails.
    pub fn sign_packages(&self, packages: &[PathBuf]) {
        let mut rpmsign = Command::new("rpmsign");
        rpmsign.arg("--define").arg(format!("_gpg_name {}", self.owner));
        rpmsign
            .arg("--define")
            .arg(format!("_gpg_path {}", self.home.path().display()));
        rpmsign
            .args(["--define", "_openpgp_sign gpg", "--addsign"])
            .args(packages);
        tool::finish(rpmsign);
    }

    /// Takes all signatures out of packages, in place.
    ///
    /// # Panics
    /// When rpmsign fails.
    pub fn strip_packages(packages: &[PathBuf]) {
        let mut rpmsign = Command::new("rpmsign");
        rpmsign.arg("--delsign").args(packages);
        tool::finish(rpmsign);
    }

    /// Writes a detached signature of `file` beside it, `FILE.asc`.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn sign_detached(&self, file: &Path) {
        let file = file.to_str().expect("temporary paths are UTF-8");
        tool::finish(self.gpg(&["--armor", "--local-user", &self.owner, "--detach-sign", file]));
    }
}

impl Drop for Key {
    /// The agent that gnupg started would outlive its home.
    fn drop(&mut self) {
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--kill", "all"])
            .output();
    }
}

/// Length of the first packet, of the older format that gnupg writes for keys: the lowest two bits are the size of the length.
fn packet_length(bytes: &[u8]) -> usize {
    assert_eq!(bytes[0] & 0xc0, 0x80, "a packet of the older format");
    let size = 1 << (bytes[0] & 3);
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
    1 + size + number(&bytes[1..=size])
}
