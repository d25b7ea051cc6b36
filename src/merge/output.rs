//! The merged configuration as a config, and with the history of each entry.

use crate::config::{Config, Export, Headers, Read as _, Share, Tags, Toggle, Variable};
use crate::display;
use crate::location::{Located, Location};
use crate::merge::{Entry, Merged, MergedExport, MergedVariable, Origin, ShareState, Target, VariableValue};
use crate::node::Alias;
use crate::yaml::Value;

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

    fn tags(&self, expanded: bool) -> Tags {
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

    /// Each entry with its value, its origin and what it overrides. The shape is stable:
    /// `{admin, nodes, tags, exports, environ, warnings}`, each entry `{…, from, overrides}`.
    pub fn to_value(&self) -> Value {
        let nodes = self.nodes.iter().map(|node| {
            Value::map([
                ("alias", Value::text(node.alias.as_str())),
                ("path", Value::Text(display::path(&node.path))),
            ])
        });
        Value::map([
            ("admin", Value::Boolean(self.admin)),
            ("nodes", Value::List(nodes.collect())),
            ("tags", Value::Map(self.tag_values())),
            ("exports", Value::List(self.exports.iter().map(export_value).collect())),
            (
                "environ",
                Value::List(self.environ.iter().map(variable_value).collect()),
            ),
            (
                "warnings",
                Value::List(
                    self.warnings
                        .iter()
                        .map(|warning| Value::Text(warning.to_string()))
                        .collect(),
                ),
            ),
        ])
    }

    /// The tags, from their printed config joined with their histories.
    fn tag_values(&self) -> Vec<(String, Value)> {
        let histories = self.histories();
        let Value::Map(tags) = self.tags(true).print() else {
            return Vec::new();
        };
        let entries = tags.into_iter().map(|(key, value)| {
            let found = histories.iter().find(|(name, ..)| *name == key);
            let history = found
                .into_iter()
                .flat_map(|(_, from, overrides)| places(from, overrides));
            let entry = Value::map([("value", value)].into_iter().chain(history));
            (key, entry)
        });
        entries.collect()
    }

    fn histories(&self) -> Vec<(&'static str, Origin, Vec<Origin>)> {
        let tags = &self.tags;
        let share = &tags.share;
        let mut all = Vec::new();
        remember(&mut all, "rpmdir", &tags.rpmdir);
        remember(&mut all, "persistdir", &tags.persistdir);
        remember(&mut all, "cachedir", &tags.cachedir);
        remember(&mut all, "path", tags.path.iter());
        remember(&mut all, "ldpath", tags.ldpath.iter());
        remember(&mut all, "umask", &tags.umask);
        remember(&mut all, "set-user", &tags.accounts.user);
        remember(&mut all, "set-group", &tags.accounts.group);
        remember(&mut all, "smack", &tags.smack);
        remember(&mut all, "hostname", &tags.hostname);
        remember(&mut all, "chdir", &tags.chdir);
        remember(&mut all, "cgrouproot", &tags.cgrouproot);
        remember(&mut all, "verbose", &tags.verbose);
        remember(&mut all, "map-root-user", &tags.accounts.map_root_user);
        remember(&mut all, "gpgcheck", &tags.gpgcheck);
        remember(&mut all, "unsafe", &tags.unsafe_);
        remember(&mut all, "inherit-env", &tags.inherit_env);
        remember(&mut all, "die-with-parent", &tags.die_with_parent);
        remember(&mut all, "new-session", &tags.new_session);
        remember(&mut all, "share_all", &share.all);
        remember(&mut all, "share_user", &share.user);
        remember(&mut all, "share_cgroup", &share.cgroup);
        remember(&mut all, "share_net", &share.net);
        remember(&mut all, "share_pid", &share.pid);
        remember(&mut all, "share_ipc", &share.ipc);
        remember(&mut all, "share_time", &share.time);
        remember(&mut all, "capabilities", tags.capabilities.iter());
        all.extend(
            tags.cgroups
                .last()
                .map(|group| ("cgroups", group.origin.clone(), Vec::new())),
        );
        let newest_first = tags.export_roots.iter().rev().map(|list| list.origin.clone());
        let mut lists = newest_first;
        all.extend(lists.next().map(|newest| ("export_roots", newest, lists.collect())));
        all
    }
}

/// Notes the history of a key; the further entries of a list count as what the first stands beside.
fn remember<'e, T: 'e>(
    all: &mut Vec<(&'static str, Origin, Vec<Origin>)>,
    key: &'static str,
    entries: impl IntoIterator<Item = &'e Entry<T>>,
) {
    let mut entries = entries.into_iter();
    if let Some(first) = entries.next() {
        let mut others: Vec<Origin> = first.overrides.clone();
        for entry in entries {
            let known = |origin: &Origin| *origin == first.origin || others.contains(origin);
            let new: Vec<_> = std::iter::once(&entry.origin)
                .chain(&entry.overrides)
                .filter(|origin| !known(origin))
                .cloned()
                .collect();
            others.extend(new);
        }
        all.push((key, first.origin.clone(), others));
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

fn export(entry: &Entry<MergedExport>, expanded: bool) -> Export {
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

fn variable(entry: &Entry<MergedVariable>, expanded: bool) -> Variable {
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

fn origin(origin: &Origin) -> Value {
    let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    Value::map([
        ("alias", Value::text(&origin.alias)),
        ("file", Value::Text(display::path(&origin.file))),
        ("line", number(origin.at.line)),
        ("column", number(origin.at.column)),
        ("admin", Value::Boolean(origin.admin)),
    ])
}

fn places(from: &Origin, overrides: &[Origin]) -> [(&'static str, Value); 2] {
    [
        ("from", origin(from)),
        ("overrides", Value::List(overrides.iter().map(origin).collect())),
    ]
}

fn with_history<T>(printed: Value, entry: &Entry<T>) -> Value {
    let Value::Map(mut fields) = printed else {
        return printed;
    };
    fields.extend(places(&entry.origin, &entry.overrides).map(|(key, value)| (key.to_owned(), value)));
    Value::Map(fields)
}

fn export_value(entry: &Entry<MergedExport>) -> Value {
    with_history(export(entry, true).print(), entry)
}

fn variable_value(entry: &Entry<MergedVariable>) -> Value {
    with_history(variable(entry, true).print(), entry)
}
