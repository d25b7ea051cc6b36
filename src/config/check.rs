//! What the shape of a config cannot say: entries that need each other, and forms of single texts.

use crate::config::field::Report;
use crate::config::{Config, EnvironMode, Export, ExportMode, Share, Tags, Variable};
use crate::display;
use crate::location::{Located, Location};

/// Longest host name that the kernel takes (`__NEW_UTS_LEN`).
const MAX_HOSTNAME: usize = 64;

/// Notes everything that is wrong with a config that was read.
pub fn check(config: &Config, report: &mut Report<'_>) {
    if let Some(tags) = &config.tags {
        check_tags(tags, report);
    }
    config.exports.iter().for_each(|export| check_export(export, report));
    config
        .environ
        .iter()
        .for_each(|variable| check_variable(variable, report));
}

/// The value of an octal file mode creation mask.
pub fn umask(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mask| *mask <= 0o777 && !text.starts_with('+'))
}

fn check_tags(tags: &Tags, report: &mut Report<'_>) {
    form(
        &tags.umask,
        report,
        |text| umask(text).is_some(),
        "umask",
        "an octal number up to 0777",
    );
    let hostname = |text: &str| !text.is_empty() && text.len() <= MAX_HOSTNAME;
    form(&tags.hostname, report, hostname, "hostname", "1 to 64 bytes");
    if let Some(number) = tags
        .map_root_user
        .as_ref()
        .filter(|number| !matches!(number.value, 0 | 1))
    {
        report.error(
            number.at,
            format!("map-root-user: '{}' is not accepted", number.value),
            "expected 0 or 1",
        );
    }
    if let Some(share) = tags
        .share_all
        .as_ref()
        .filter(|share| matches!(share.value, Share::Join(_)))
    {
        let help =
            "a namespace file is of one kind: name it at share_user, share_cgroup, share_net, share_pid or share_ipc";
        report.error(share.at, "share_all: a namespace file is not accepted", help);
    }
}

/// Checks a text; one with a variable is checked after its expansion.
fn form(
    text: &Option<Located<String>>,
    report: &mut Report<'_>,
    fits: impl Fn(&str) -> bool,
    key: &str,
    expected: &str,
) {
    if let Some(text) = text.as_ref().filter(|text| !text.contains('$') && !fits(text)) {
        let message = format!("{key}: '{}' is not accepted", display::text(text));
        report.error(text.at, message, format!("expected {expected}"));
    }
}

fn check_export(export: &Located<Export>, report: &mut Report<'_>) {
    let mode = export.mode.value;
    place(&export.mount, "mount", report);
    match (&export.path, mode) {
        (None, ExportMode::Execfd) => missing(
            export.at,
            mode,
            "path",
            "the command whose output the file holds",
            report,
        ),
        (None, ExportMode::Internal) => missing(export.at, mode, "path", "the descriptor number to read", report),
        (None, ExportMode::Symlink) => missing(export.at, mode, "path", "what the link points to", report),
        (Some(path), mode) if mode.bind().is_some() => place(path, "path", report),
        _ => {}
    }
}

fn place(text: &Located<String>, key: &str, report: &mut Report<'_>) {
    if !text.starts_with(['/', '$']) {
        let message = format!("{key}: '{}' is not an absolute path", display::text(text));
        report.error(text.at, message, "start it with '/' or a variable");
    }
}

fn check_variable(variable: &Located<Variable>, report: &mut Report<'_>) {
    let key = &variable.key;
    if key.is_empty() || key.contains(['=', '\n']) {
        let message = format!("key: '{}' is not the name of a variable", display::text(key));
        report.error(key.at, message, "use a name without '='");
    }
    let mode = variable.mode();
    if variable.value.value.is_none() && mode == EnvironMode::Execfd {
        missing(
            variable.at,
            mode,
            "value",
            "the command whose output is the value",
            report,
        );
    }
}

fn missing(at: Location, mode: impl std::fmt::Display, key: &str, what: &str, report: &mut Report<'_>) {
    report.error(at, format!("mode {mode} needs the key '{key}'"), format!("add {what}"));
}
