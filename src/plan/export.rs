//! Exports to operations.

use std::path::{Path, PathBuf};

use crate::config::ExportMode;
use crate::display;
use crate::merge::{Entry, MergedExport, Target};
use crate::plan::build::Builder;
use crate::plan::underlay::underlays;
use crate::plan::{Content, Kind, Operation, Source};

/// Adds all exports, in the order of their mounts.
pub fn add(builder: &mut Builder<'_>) {
    check_mount_points(builder);
    for entry in &builder.merged.exports {
        if let Some(operation) = operation(builder, entry) {
            builder.step(operation, &entry.origin);
        }
    }
}

fn operation(builder: &mut Builder<'_>, entry: &Entry<MergedExport>) -> Option<Operation> {
    let MergedExport {
        mode, mount, target, ..
    } = &entry.value;
    let mount = mount.clone();
    match target {
        Target::Path(path) => bind(builder, entry, path),
        Target::Link(target) => Some(Operation::Symlink {
            target: target.clone(),
            mount,
        }),
        Target::Command(command) => {
            let bytes = builder.output(&display::path(&mount), command, &entry.origin)?;
            Some(Operation::File {
                content: Content::Bytes(bytes),
                mount,
            })
        }
        Target::Descriptor(number) => {
            // What the caller has open lies under no prefix.
            if !builder.merged.allowed_roots(&entry.origin, None).is_empty() {
                let message =
                    "export_roots of an ancestor allows no descriptor of the caller; remove the Internal export";
                builder.error(&display::path(&mount), message, &entry.origin);
                return None;
            }
            Some(Operation::File {
                content: Content::Descriptor(*number),
                mount,
            })
        }
        Target::None => made(*mode, mount),
    }
}

/// What is made inside, without anything from outside.
fn made(mode: ExportMode, mount: PathBuf) -> Option<Operation> {
    Some(match mode {
        ExportMode::Anonymous => Operation::Directory(mount),
        ExportMode::Tmpfs => Operation::Tmpfs(mount),
        ExportMode::Devfs => Operation::Devfs(mount),
        ExportMode::Procfs => Operation::Procfs(mount),
        ExportMode::Mqueue => Operation::Mqueue(mount),
        ExportMode::Lock => Operation::LockFile(mount),
        // The merge gives all other modes a target.
        ExportMode::Public
        | ExportMode::Private
        | ExportMode::PublicFile
        | ExportMode::PrivateFile
        | ExportMode::Restricted
        | ExportMode::PrivateRestricted
        | ExportMode::RestrictedFile
        | ExportMode::Symlink
        | ExportMode::Execfd
        | ExportMode::Internal => return None,
    })
}

fn bind(builder: &mut Builder<'_>, entry: &Entry<MergedExport>, path: &Path) -> Option<Operation> {
    let MergedExport { mode, mount, .. } = &entry.value;
    let writable = mode.bind()?;
    let kind = builder.kind(path);
    let beneath = builder.merged.node_of(path).map(Path::to_path_buf);
    let create = kind == Kind::Missing && !mode.is_file() && beneath.is_some() && !builder.request.strict;
    if kind == Kind::Missing && !create {
        missing(builder, entry, path);
        return None;
    }
    if kind == Kind::Directory && mode.is_file() {
        let message = format!("'{}' is a directory, the mode {mode} says a file", display::path(path));
        builder.warning(&display::path(mount), message, &entry.origin);
    }
    let allowed_roots = builder.merged.allowed_roots(&entry.origin, beneath.as_deref());
    let source = Source {
        path: path.to_path_buf(),
        beneath,
        allowed_roots,
        create,
    };
    Some(Operation::Bind {
        source,
        mount: mount.clone(),
        writable,
    })
}

fn missing(builder: &mut Builder<'_>, entry: &Entry<MergedExport>, path: &Path) {
    let key = display::path(&entry.value.mount);
    let path = display::path(path);
    if builder.request.strict {
        builder.error(
            &key,
            format!("the source '{path}' does not exist; make it or remove the export"),
            &entry.origin,
        );
    } else {
        builder.warning(
            &key,
            format!("the source '{path}' does not exist, the export is left out"),
            &entry.origin,
        );
    }
}

/// A read-only export cannot get a mount point that it lacks; bubblewrap would only say `Read-only file system`.
fn check_mount_points(builder: &mut Builder<'_>) {
    for underlay in underlays(builder.merged) {
        let exports = &builder.merged.exports;
        let (export, above) = (&exports[underlay.export], &exports[underlay.above]);
        let read_only = above.value.mode.bind() == Some(false);
        let above_is_there = matches!(&above.value.target, Target::Path(path) if builder.kind(path) != Kind::Missing);
        if read_only && above_is_there && builder.kind(&underlay.path) == Kind::Missing {
            let message = format!(
                "the mount point does not exist in the read-only export of '{}'; make '{}' or mount elsewhere",
                display::path(&above.value.mount),
                display::path(&underlay.path),
            );
            builder.error(&display::path(&export.value.mount), message, &export.origin);
        }
    }
}

impl Builder<'_> {
    fn kind(&self, path: &Path) -> Kind {
        self.facts.sources.get(path).copied().unwrap_or(Kind::Missing)
    }
}
