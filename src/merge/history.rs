//! The merged configuration with the history of each entry.

use crate::config::Read as _;
use crate::display;
use crate::merge::output::{export, variable};
use crate::merge::{Entry, Merged, MergedExport, MergedVariable, Origin};
use crate::yaml::Value;

impl Merged {
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
