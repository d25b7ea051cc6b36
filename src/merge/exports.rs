//! `exports`: keyed by expanded mount, sorted by it.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::config::{Export, ExportMode};
use crate::display;
use crate::location::Located;
use crate::merge::accumulate::{Keyed, accumulate};
use crate::merge::layer::Layer;
use crate::merge::{Context, Entry, Finding, MergedExport, Target, clean, is_place, too_long};

/// Applies the rule.
pub fn merge(layers: &[Layer<'_>], context: &mut Context<'_>) -> Vec<Entry<MergedExport>> {
    let mut keyed = Vec::new();
    for layer in layers {
        let counts = |export: &&Located<Export>| layer.leaf || !export.mode.is_private();
        keyed.extend(
            layer
                .config
                .exports
                .iter()
                .filter(counts)
                .filter_map(|export| key(layer, export, context)),
        );
    }
    let winners = accumulate(keyed, context);
    let mut entries: Vec<_> = winners
        .into_iter()
        .filter_map(|winner| finish(winner, context))
        .collect();
    // Bytewise, so that a directory is mounted before what lies in it; Path's own order compares components.
    entries.sort_by(|one, two| bytes(&one.value.mount).cmp(bytes(&two.value.mount)));
    entries
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn key<'l>(
    layer: &'l Layer<'l>,
    export: &'l Located<Export>,
    context: &mut Context<'_>,
) -> Option<Keyed<'l, &'l Export>> {
    let mount = PathBuf::from(context.expand("mount", &export.mount, layer)?);
    if let Some(message) = too_long(&mount) {
        context.error("mount", message, layer.origin(export.mount.at));
        return None;
    }
    if !is_place(&mount) {
        let message = format!("'{}' is not an absolute path without '..'", display::path(&mount));
        context.error("mount", message, layer.origin(export.mount.at));
        return None;
    }
    let mount = clean(&mount);
    let (key, shown) = (bytes(&mount).to_vec(), display::path(&mount));
    Some(Keyed {
        key,
        shown,
        layer,
        origin: layer.origin(export.at),
        value: &export.value,
        overrides: Vec::new(),
    })
}

/// Only what counts is expanded further: commands of an export that was replaced are never run.
fn finish(winner: Keyed<'_, &Export>, context: &mut Context<'_>) -> Option<Entry<MergedExport>> {
    let Keyed {
        key,
        shown,
        layer,
        origin,
        value,
        overrides,
    } = winner;
    let mount = PathBuf::from(std::ffi::OsStr::from_bytes(&key));
    let target = target(value, &mount, layer, context)?;
    if let Some(warn) = &value.warn {
        context
            .warnings
            .push(Finding::new(&shown, display::text(warn), origin.clone()));
    }
    let written = value
        .path
        .as_ref()
        .map_or_else(|| value.mount.value.clone(), |path| path.value.clone());
    let value = MergedExport {
        mode: value.mode.value,
        mount,
        target,
        written: value.clone(),
    };
    Some(Entry {
        value,
        written,
        origin,
        overrides,
    })
}

fn target(export: &Export, mount: &Path, layer: &Layer<'_>, context: &mut Context<'_>) -> Option<Target> {
    match export.mode.value {
        ExportMode::Execfd => command(export, layer, context),
        ExportMode::Internal => descriptor(export, layer, context),
        ExportMode::Symlink => path(export, mount, layer, context).map(Target::Link),
        mode if mode.bind().is_some() => source(export, mount, layer, context),
        _ => Some(Target::None),
    }
}

/// No `path` means path = mount.
fn path(export: &Export, mount: &Path, layer: &Layer<'_>, context: &mut Context<'_>) -> Option<PathBuf> {
    match &export.path {
        Some(text) => context.expand("path", text, layer).map(PathBuf::from),
        None => Some(mount.to_path_buf()),
    }
}

fn source(export: &Export, mount: &Path, layer: &Layer<'_>, context: &mut Context<'_>) -> Option<Target> {
    let path = path(export, mount, layer, context)?;
    let at = export.path.as_ref().map_or(export.mount.at, |path| path.at);
    if let Some(message) = too_long(&path) {
        context.error("path", message, layer.origin(at));
        return None;
    }
    if !path.is_absolute() {
        let message = format!("'{}' is not an absolute path", display::path(&path));
        context.error("path", message, layer.origin(at));
    }
    Some(Target::Path(clean(&path)))
}

fn command(export: &Export, layer: &Layer<'_>, context: &mut Context<'_>) -> Option<Target> {
    let text = export.path.as_ref()?;
    let command = context.expander.command(text, &layer.variables);
    context.noted("path", command, text.at, layer).map(Target::Command)
}

fn descriptor(export: &Export, layer: &Layer<'_>, context: &mut Context<'_>) -> Option<Target> {
    let text = export.path.as_ref()?;
    let number = context.expand("path", text, layer)?;
    match number.to_str().and_then(|number| number.parse().ok()) {
        Some(number) if number >= 0 => Some(Target::Descriptor(number)),
        _ => {
            let message = format!("'{}' is not a descriptor number", display::os(&number));
            context.error("path", message, layer.origin(text.at));
            None
        }
    }
}
