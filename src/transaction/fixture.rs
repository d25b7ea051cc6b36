//! Short ways to write packages in table tests.

use super::item::{Action, Identity, Installed, Item, Owner};
use crate::package::{DigestAlgorithm, File, FileFlags, FileState, Package, Verified};

pub fn identity(text: &str) -> Identity {
    let name = text.rsplitn(3, '-').last().unwrap_or(text);
    Identity {
        name: name.into(),
        nevra: format!("{text}.noarch").into(),
    }
}

pub fn parent() -> Owner {
    Owner::Node {
        alias: "platform".into(),
        path: "/pool/platform".into(),
    }
}

pub fn ancestor(text: &str) -> Installed {
    Installed {
        package: identity(text),
        header_number: 0,
        owner: Some(parent()),
    }
}

pub fn core_os(text: &str) -> Installed {
    Installed {
        package: identity(text),
        header_number: 0,
        owner: Some(Owner::CoreOs),
    }
}

pub fn own(text: &str) -> Installed {
    Installed {
        package: identity(text),
        header_number: 0,
        owner: None,
    }
}

pub fn item(action: Action, text: &str, owner: Option<Owner>) -> Item {
    Item {
        action,
        package: identity(text),
        header_number: 0,
        owner,
        replaces: Vec::new(),
    }
}

pub fn file(path: &str) -> File {
    File {
        path: path.into(),
        mode: 0o100_644,
        size: 1,
        mtime: 0,
        digest: None,
        digest_algorithm: DigestAlgorithm::Sha256,
        flags: FileFlags::default(),
        verified: Verified::ALL,
        has_language: false,
        state: FileState::Normal,
        user: "root".into(),
        group: "root".into(),
        link_target: None,
        hard_link_id: (0, 0),
        color: 0,
        capabilities: None,
    }
}

pub fn directory(path: &str) -> File {
    File {
        mode: 0o040_755,
        ..file(path)
    }
}

pub fn ghost(path: &str) -> File {
    File {
        flags: FileFlags(FileFlags::GHOST),
        ..file(path)
    }
}

pub fn symlink(path: &str, target: &str) -> File {
    File {
        mode: 0o120_777,
        link_target: Some(target.into()),
        ..file(path)
    }
}

pub fn package(text: &str, files: Vec<File>) -> Package {
    let mut parts = text.rsplitn(3, '-');
    let (release, version) = (parts.next().unwrap_or("1"), parts.next().unwrap_or("1"));
    Package {
        name: parts.next().unwrap_or(text).into(),
        epoch: None,
        version: version.into(),
        release: release.into(),
        arch: Some("noarch".into()),
        header_number: 0,
        header_digest: None,
        signed: false,
        provides: Vec::new(),
        requires: Vec::new(),
        conflicts: Vec::new(),
        obsoletes: Vec::new(),
        files,
        scriptlets: Vec::new(),
        expands_macros: false,
    }
}
