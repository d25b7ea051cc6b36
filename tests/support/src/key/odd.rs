//! What may be wrong with a key.

use super::Key;
use crate::tool;

impl Key {
    /// Writes another public key, made of the packets of this one: primary key, user id, signature, and subkey and signature where there is
    /// one, see RFC 9580, 4.2 and 10.1. The secret key stays what it was.
    ///
    /// # Panics
    /// When the public key is not made of packets.
    pub fn reshape(&self, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
        let mut exported = self
            .gpg(&["--export", &self.owner])
            .output()
            .expect("gnupg starts")
            .stdout;
        let mut packets = Vec::new();
        while !exported.is_empty() {
            let rest = exported.split_off(packet_length(&exported));
            packets.push(std::mem::replace(&mut exported, rest));
        }
        change(&mut packets);
        let reshaped = self.home.path().join("reshaped.pgp");
        std::fs::write(&reshaped, packets.concat()).expect("write the key");
        let [public, reshaped] =
            [&self.public, &reshaped].map(|path| path.to_str().expect("temporary paths are UTF-8"));
        tool::finish(self.gpg(&["--armor", "--output", public, "--enarmor", reshaped]));
        let armored = std::fs::read_to_string(public).expect("read the key");
        std::fs::write(public, armored.replace("ARMORED FILE", "PUBLIC KEY BLOCK")).expect("write the key");
    }

    /// Revokes it, with the certificate that gnupg makes for that beside each key.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn revoke(&self) {
        let fingerprint = &self.fingerprints()[0];
        let prepared = self.home.path().join(format!("openpgp-revocs.d/{fingerprint}.rev"));
        let text = std::fs::read_to_string(prepared).expect("a prepared revocation");
        // The colon keeps it from being used by mistake.
        let certificate = self.home.path().join("revocation.asc");
        std::fs::write(&certificate, text.replace(":-----BEGIN", "-----BEGIN")).expect("write the revocation");
        tool::finish(self.gpg(&["--import", certificate.to_str().expect("temporary paths are UTF-8")]));
        self.export();
    }

    /// Revokes the subkey.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn revoke_subkey(&self) {
        let answers = self.home.path().join("answers");
        std::fs::write(&answers, "key 1\nrevkey\ny\n0\n\ny\nsave\n").expect("write the answers");
        let fingerprint = &self.fingerprints()[0];
        let answers = answers.to_str().expect("temporary paths are UTF-8");
        let mut gpg = self.gpg(&["--no-batch", "--no-tty", "--command-file", answers]);
        gpg.args([
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
            "--edit-key",
            fingerprint,
        ]);
        tool::finish(gpg);
        self.export();
    }

    /// Lets the subkey expire a second from now.
    ///
    /// # Panics
    /// When gnupg fails.
    pub fn expire_subkey(&self) {
        let [primary, subkey] = &self.fingerprints()[..] else {
            panic!("one subkey")
        };
        tool::finish(self.gpg(&["--passphrase", "", "--quick-set-expire", primary, "seconds=1", subkey]));
        self.export();
    }
}

/// Length of the first packet, of the older format that gnupg writes for keys: the lowest two bits are the size of the length.
fn packet_length(bytes: &[u8]) -> usize {
    assert_eq!(bytes[0] & 0xc0, 0x80, "a packet of the older format");
    let size = 1 << (bytes[0] & 3);
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
    1 + size + number(&bytes[1..=size])
}
