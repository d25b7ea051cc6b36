//! The merged configuration as a config.

use crate::config::{Config, Export, Headers, Share, Tags, Toggle, Variable};
use crate::display;
use crate::location::{Located, Location};
use crate::merge::{Entry, Merged, MergedExport, MergedVariable, ShareState, Target, VariableValue};
use crate::node::Alias;

fn located<T>(value: T, at: Location) -> Located<T> {
    Located::new(value, at)
}

impl Merged {
    /// The merged entries as one config, as they are written or expanded; its headers are the leaf's alias.
    ///
    /// Bytes that are not UTF-8 cannot stand in a config file and are shown as `\xNN`.
    pub fn to_config(&self, expanded: bool) -> Config {
        let alias = self
            .nodes
            .last()
            .map_or_else(|| Alias::from_name(""), |leaf| leaf.alias.clone());
        let headers = Headers {
            alias: located(alias, Location::START),
            name: None,
            info: None,
        };
        Config {
            headers: located(headers, Location::START),
            tags: Some(located(self.tags(expanded), Location::START)),
            exports: self
                .exports
                .iter()
                .map(|entry| located(export(entry, expanded), entry.origin.at))
                .collect(),
            environ: self
                .environ
                .iter()
                .map(|entry| located(variable(entry, expanded), entry.origin.at))
                .collect(),
        }
    }

    pub(super) fn tags(&self, expanded: bool) -> Tags {
        let tags = &self.tags;
        let shown = Shown { expanded };
        Tags {
            rpmdir: shown.path(&tags.rpmdir),
            persistdir: shown.path(&tags.persistdir),
            cachedir: shown.path(&tags.cachedir),
            path: shown.list(&tags.path),
            ldpath: shown.list(&tags.ldpath),
            umask: shown.text(&tags.umask, |mask| format!("{mask:04o}")),
            set_user: shown.text(&tags.accounts.user, |text| display::os(text)),
            set_group: shown.text(&tags.accounts.group, |text| display::os(text)),
            smack: shown.text(&tags.smack, |text| display::os(text)),
            hostname: shown.text(&tags.hostname, |text| display::os(text)),
            chdir: shown.path(&tags.chdir),
            cgrouproot: shown.path(&tags.cgrouproot),
            verbose: value(&tags.verbose, |number| *number),
            map_root_user: value(&tags.accounts.map_root_user, |mapped| i64::from(*mapped)),
            gpgcheck: value(&tags.gpgcheck, |check| *check),
            unsafe_: value(&tags.unsafe_, |choice| *choice),
            inherit_env: value(&tags.inherit_env, |choice| *choice),
            die_with_parent: value(&tags.die_with_parent, |choice: &Toggle| *choice),
            new_session: value(&tags.new_session, |choice: &Toggle| *choice),
            share_all: shown.share(&tags.share.all),
            share_user: shown.share(&tags.share.user),
            share_cgroup: shown.share(&tags.share.cgroup),
            share_net: shown.share(&tags.share.net),
            share_pid: shown.share(&tags.share.pid),
            share_ipc: shown.share(&tags.share.ipc),
            share_time: shown.share(&tags.share.time),
            capabilities: tags.capabilities.iter().map(capability).collect(),
            // One control group per node: the leaf's own is what this config may say.
            cgroups: self.leaf_cgroup(),
            export_roots: self.export_roots(),
            maxage: None,
            inherit: None,
        }
    }

    fn leaf_cgroup(&self) -> Option<Located<crate::config::Cgroups>> {
        let leaf = self
            .tags
            .cgroups
            .iter()
            .find(|group| group.node + 1 == self.nodes.len())?;
        Some(located(leaf.limits.clone(), leaf.origin.at))
    }

    /// The newest list: each list is a constraint of its own, and no config can hold several.
    fn export_roots(&self) -> Option<Located<Vec<Located<String>>>> {
        let newest = self.tags.export_roots.last()?;
        let at = newest.origin.at;
        Some(located(
            newest
                .prefixes
                .iter()
                .map(|prefix| located(display::path(prefix), at))
                .collect(),
            at,
        ))
    }
}

struct Shown {
    expanded: bool,
}

impl Shown {
    fn text<T>(&self, entry: &Option<Entry<T>>, show: impl Fn(&T) -> String) -> Option<Located<String>> {
        let entry = entry.as_ref()?;
        let text = if self.expanded {
            show(&entry.value)
        } else {
            entry.written.clone()
        };
        Some(located(text, entry.origin.at))
    }

    fn path(&self, entry: &Option<Entry<std::path::PathBuf>>) -> Option<Located<String>> {
        self.text(entry, |path| display::path(path))
    }

    fn list(&self, entries: &[Entry<std::path::PathBuf>]) -> Option<Located<String>> {
        let first = entries.first()?;
        let mut parts: Vec<String> = Vec::new();
        for entry in entries {
            let part = if self.expanded {
                display::path(&entry.value)
            } else {
                entry.written.clone()
            };
            // One text of a config can make several directories.
            if parts.last() != Some(&part) {
                parts.push(part);
            }
        }
        Some(located(parts.join(":"), first.origin.at))
    }

    fn share(&self, entry: &Option<Entry<ShareState>>) -> Option<Located<Share>> {
        let entry = entry.as_ref()?;
        let share = match &entry.value {
            ShareState::Shared => Share::Enabled,
            ShareState::New => Share::Disabled,
            ShareState::Join(path) if self.expanded => Share::Join(display::path(path)),
            ShareState::Join(_) => Share::Join(entry.written.clone()),
        };
        Some(located(share, entry.origin.at))
    }
}

fn value<T, U>(entry: &Option<Entry<T>>, show: impl Fn(&T) -> U) -> Option<Located<U>> {
    entry.as_ref().map(|entry| located(show(&entry.value), entry.origin.at))
}

fn capability(entry: &Entry<crate::merge::MergedCapability>) -> Located<crate::config::Capability> {
    let at = entry.origin.at;
    let crate::merge::MergedCapability { name, add } = entry.value;
    let capability = crate::config::Capability {
        cap: located(name, at),
        add: located(crate::config::Bit(add), at),
        info: None,
        warn: None,
    };
    located(capability, at)
}

pub(super) fn export(entry: &Entry<MergedExport>, expanded: bool) -> Export {
    let MergedExport {
        mount, target, written, ..
    } = &entry.value;
    if !expanded {
        return written.clone();
    }
    let path = match target {
        Target::Path(path) | Target::Link(path) => Some(display::path(path)),
        Target::Command(command) => Some(display::os(&command.text)),
        Target::Descriptor(number) => Some(number.to_string()),
        Target::None => None,
    };
    let at = entry.origin.at;
    let (mount, path) = (located(display::path(mount), at), path.map(|path| located(path, at)));
    Export {
        mode: written.mode.clone(),
        mount,
        path,
        info: written.info.clone(),
        warn: written.warn.clone(),
    }
}

pub(super) fn variable(entry: &Entry<MergedVariable>, expanded: bool) -> Variable {
    let MergedVariable { value, written, .. } = &entry.value;
    if !expanded {
        return written.clone();
    }
    let text = match value {
        VariableValue::Text(text) => Some(display::os(text)),
        VariableValue::Command(command) => Some(display::os(&command.text)),
        VariableValue::Inherit | VariableValue::Remove => None,
    };
    let value = text.map(|text| located(text, entry.origin.at));
    Variable {
        value,
        ..written.clone()
    }
}
