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
        let home = temporary::directory();
        let public = home.path().join("public.asc");
        let key = Self {
            home,
            public,
            owner: owner.into(),
        };
        tool::finish(key.gpg(&["--passphrase", "", "--quick-gen-key", owner, "ed25519", "sign", "never"]));
        let public = key.public.to_str().expect("temporary paths are UTF-8").to_owned();
        tool::finish(key.gpg(&["--armor", "--output", &public, "--export", owner]));
        key
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
