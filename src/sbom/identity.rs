//! Names, ids and times as the formats spell them.

use std::ffi::OsStr;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{Component, Inventory};

/// The id of a package within its document: letters, digits, `.` and `-` alone, as SPDX 2.3 section 3.2 has it; the header
/// number keeps two of one name apart.
pub fn package(component: &Component<'_>) -> String {
    let package = component.package;
    let nevra = plain(&package.nevra());
    format!("Package-{}-{}-{nevra}", component.place.0, package.header_number)
}

/// The id of a node within its document.
pub fn node(level: usize, name: &str) -> String {
    format!("Node-{level}-{}", plain(OsStr::new(name)))
}

fn plain(text: &OsStr) -> String {
    let letter = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() || letter == '.' || letter == '-' => letter,
        _ => '-',
    };
    text.to_string_lossy().chars().map(letter).collect()
}

/// The package URL, see the type `rpm` of the package-url specification.
pub fn package_url(component: &Component<'_>) -> String {
    let package = component.package;
    let mut url = String::from("pkg:rpm/");
    encode(&package.name, &mut url);
    url.push('@');
    encode(&package.version, &mut url);
    url.push('-');
    encode(&package.release, &mut url);
    // Qualifiers stand in the order of their keys.
    let mut separator = '?';
    let mut qualify = |key: &str, value: &OsStr| {
        url.push(std::mem::replace(&mut separator, '&'));
        url.push_str(key);
        url.push('=');
        encode(value, &mut url);
    };
    if let Some(arch) = &package.arch {
        qualify("arch", arch);
    }
    if let Some(epoch) = package.epoch.filter(|epoch| *epoch != 0) {
        qualify("epoch", OsStr::new(&epoch.to_string()));
    }
    if let Some(source) = &component.details.source_package {
        qualify("upstream", OsStr::new(source));
    }
    url
}

/// Percent-encoding of RFC 3986: all but the unreserved characters.
fn encode(text: &OsStr, url: &mut String) {
    for byte in text.as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

/// A digest over what the bill lists, 64 hexadecimal digits.
pub fn digest(inventory: &Inventory<'_>) -> String {
    let mut digest = Sha256::new();
    digest.update(inventory.time());
    for (level, of) in inventory.listed() {
        digest.update(format!("\n{level} {}\n", of.name));
        for component in inventory.packages(level) {
            digest.update(component.package.nevra().as_encoded_bytes());
            digest.update(format!(
                " {}\n",
                component.package.header_digest.as_deref().unwrap_or("-")
            ));
        }
    }
    format!("{:x}", digest.finalize())
}

/// A UUID made of a digest, see version 8 in RFC 9562 section 5.8.
pub fn uuid(digest: &str) -> String {
    let [a, b, c, d, e] = [
        &digest[..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32],
    ];
    format!("{a}-{b}-8{c}-8{d}-{e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(uuid(&digest), "01234567-89ab-8def-8123-456789abcdef");
    }
}
