//! OpenPGP keys made on the spot, and signatures by them.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{temporary, tool};

mod odd;

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

    /// A key that gnupg makes with more options, for example of another algorithm, or at another time.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn with_options(owner: &str, algorithm: &str, options: &[&str]) -> Self {
        let key = Self::unmade(owner);
        let generate = ["--passphrase", "", "--quick-gen-key", owner, algorithm, "sign", "never"];
        tool::finish(key.gpg(&[options, &generate].concat()));
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
        tool::finish(key.gpg(&[
            "--passphrase",
            "",
            "--quick-add-key",
            &key.fingerprints()[0],
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

    /// Of the primary key, and of its subkeys.
    fn fingerprints(&self) -> Vec<String> {
        let listed = self.gpg(&["--with-colons", "--list-keys", &self.owner]).output();
        let listed = String::from_utf8(listed.expect("gnupg starts").stdout).expect("gnupg writes UTF-8");
        let lines = listed.lines().filter(|line| line.starts_with("fpr:"));
        lines
            .filter_map(|line| Some(line.split(':').nth(9)?.to_owned()))
            .collect()
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
        self.sign_packages_with(packages, &[]);
    }

    /// The same with more macros of rpmsign.
    ///
    /// # Panics
    /// When rpmsign fails.
    pub fn sign_packages_with(&self, packages: &[PathBuf], macros: &[&str]) {
        let mut rpmsign = Command::new("rpmsign");
        rpmsign.arg("--define").arg(format!("_gpg_name {}", self.owner));
        rpmsign
            .arg("--define")
            .arg(format!("_gpg_path {}", self.home.path().display()));
        macros.iter().for_each(|define| {
            rpmsign.args(["--define", define]);
        });
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
