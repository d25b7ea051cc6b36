//! Short ways to write packages in table tests.

use std::path::PathBuf;

use super::item::{Action, File, FileKind, Installed, Item, Nevra, Owner, Package};

pub fn nevra(text: &str) -> Nevra {
    let mut parts = text.rsplitn(3, '-').map(str::to_owned);
    let (release, version) = (parts.next().unwrap(), parts.next().unwrap());
    Nevra {
        name: parts.next().unwrap(),
        epoch: 0,
        version,
        release,
        arch: "noarch".into(),
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
        nevra: nevra(text),
        owner: Some(parent()),
    }
}

pub fn core_os(text: &str) -> Installed {
    Installed {
        nevra: nevra(text),
        owner: Some(Owner::CoreOs),
    }
}

pub fn own(text: &str) -> Installed {
    Installed {
        nevra: nevra(text),
        owner: None,
    }
}

pub fn item(action: Action, text: &str, owner: Option<Owner>) -> Item {
    Item {
        action,
        nevra: nevra(text),
        owner,
        replaces: Vec::new(),
    }
}

pub fn file(path: &str) -> File {
    File {
        path: PathBuf::from(path),
        kind: FileKind::Regular,
        ghost: false,
    }
}

pub fn directory(path: &str) -> File {
    File {
        kind: FileKind::Directory,
        ..file(path)
    }
}

pub fn symlink(path: &str, target: &str) -> File {
    File {
        kind: FileKind::Symlink(target.into()),
        ..file(path)
    }
}

pub fn package(text: &str, files: Vec<File>) -> Package {
    Package {
        nevra: nevra(text),
        files,
        scriptlets: Vec::new(),
    }
}
