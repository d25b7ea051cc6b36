//! What libdnf5 records of a transaction besides the rpmdb: why packages are installed, and which groups and environments are.
//!
//! It does so when rpm is done, so a kill in between loses it. The journal keeps it from the start.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The system state that a transaction leads to, as far as it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Why packages are installed.
    #[serde(default)]
    pub reasons: Vec<Marked>,
    /// Groups that come and go.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Environments that come and go.
    #[serde(default)]
    pub environments: Vec<Group>,
    /// It was prepared before and waited: it waits no more.
    #[serde(default)]
    pub offline: bool,
}

/// A package and why it is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Its full name.
    pub nevra: String,
    /// In libdnf5's words.
    pub reason: String,
    /// The group, where a package is given to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// A group or an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What happens to it, here and below in libdnf5's words.
    pub action: String,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// The kinds of its packages that come along.
    #[serde(default)]
    pub package_types: Option<String>,
    /// The repository that it is from.
    #[serde(default)]
    pub repo_id: String,
    /// Its definition in XML, where it comes.
    #[serde(default)]
    pub definition: Option<String>,
}

/// A transaction as libdnf5 stores it.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    rpms: Vec<StoredPackage>,
    #[serde(default)]
    groups: Vec<StoredGroup>,
    #[serde(default)]
    environments: Vec<StoredGroup>,
}

#[derive(Deserialize)]
struct StoredPackage {
    action: String,
    #[serde(flatten)]
    marked: Marked,
}

#[derive(Deserialize)]
struct StoredGroup {
    #[serde(alias = "group_path", alias = "environment_path")]
    path: Option<String>,
    #[serde(flatten)]
    group: Group,
}

impl State {
    /// From a transaction that libdnf5 has serialized; `definition` reads the file of a group.
    pub fn of(serialized: &str, definition: &dyn Fn(&Path) -> Result<String>) -> Result<Self> {
        let stored: Stored =
            serde_json::from_str(serialized).context("libdnf5 stores transactions in another way now")?;
        let stays = |package: &StoredPackage| !matches!(package.action.as_str(), "Remove" | "Replaced");
        let reasons = stored.rpms.into_iter().filter(stays);
        let defined = |stored: StoredGroup| {
            let definition = stored.path.as_deref().map(|path| definition(Path::new(path)));
            Ok(Group {
                definition: definition.transpose()?,
                ..stored.group
            })
        };
        let all = |groups: Vec<StoredGroup>| groups.into_iter().map(defined).collect::<Result<_>>();
        Ok(Self {
            reasons: reasons.map(|package| package.marked).collect(),
            groups: all(stored.groups)?,
            environments: all(stored.environments)?,
            offline: false,
        })
    }

    /// Groups or environments come or go.
    pub fn has_groups(&self) -> bool {
        !(self.groups.is_empty() && self.environments.is_empty())
    }

    /// The groups and environments as a transaction that libdnf5 can replay; `keep` takes the name and the text of a
    /// definition and tells where it is now.
    pub fn groups_to_replay(&self, keep: &dyn Fn(&str, &str) -> Result<String>) -> Result<String> {
        let entries = |groups: &[Group], kind: &str| -> Result<Vec<Value>> {
            let entry = |(number, group): (usize, &Group)| {
                group.to_replay(kind, &|text| keep(&format!("{kind}-{number}.xml"), text))
            };
            groups.iter().enumerate().map(entry).collect()
        };
        let groups = entries(&self.groups, "group")?;
        let environments = entries(&self.environments, "environment")?;
        Ok(json!({"version": "1.0", "groups": groups, "environments": environments}).to_string())
    }
}

impl Group {
    fn to_replay(&self, kind: &str, keep: &dyn Fn(&str) -> Result<String>) -> Result<Value> {
        let mut entry = json!({"id": self.id, "action": self.action, "repo_id": self.repo_id});
        if let Some(reason) = &self.reason {
            entry["reason"] = reason.as_str().into();
        }
        if let Some(types) = &self.package_types {
            entry["package_types"] = types.as_str().into();
        }
        if let Some(definition) = &self.definition {
            entry[format!("{kind}_path")] = keep(definition)?.into();
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIALIZED: &str = r#"{"version":"1.0",
        "rpms":[
            {"nevra":"lib-2-1.noarch","action":"Install","reason":"Dependency","repo_id":"made"},
            {"nevra":"old-1-1.noarch","action":"Replaced","reason":"User","repo_id":"@System"},
            {"nevra":"gone-1-1.noarch","action":"Remove","reason":"Clean","repo_id":"@System"},
            {"nevra":"member-1-1.noarch","action":"Reason Change","reason":"Group","group_id":"tools","repo_id":"@System"}],
        "groups":[
            {"id":"tools","action":"Install","reason":"User","group_path":"/x/tools.xml","repo_id":"made","package_types":"mandatory"},
            {"id":"games","action":"Remove","reason":"User","repo_id":"@System","package_types":""}],
        "environments":[{"id":"desktop","action":"Install","environment_path":"/x/desktop.xml","repo_id":"made"}]}"#;

    fn state() -> State {
        State::of(SERIALIZED, &|path| Ok(format!("<{}>", path.display()))).unwrap()
    }

    #[test]
    fn what_stays_or_comes_has_a_reason() {
        let marked = |nevra: &str, reason: &str, group: Option<&str>| Marked {
            nevra: nevra.into(),
            reason: reason.into(),
            group_id: group.map(Into::into),
        };
        let reasons = [
            marked("lib-2-1.noarch", "Dependency", None),
            marked("member-1-1.noarch", "Group", Some("tools")),
        ];
        assert_eq!(state().reasons, reasons);
        assert_eq!(state().groups[0].definition.as_deref(), Some("</x/tools.xml>"));
        assert!(state().has_groups() && !State::default().has_groups());
        assert!(State::of("{\"rpms\":1}", &|_| Ok(String::new())).is_err());
    }

    #[test]
    fn groups_are_replayed_from_definitions_of_our_own_names() {
        let replayed = state().groups_to_replay(&|name, text| {
            assert!(text.starts_with('<'));
            Ok(format!("/now/{name}"))
        });
        let replayed: Value = serde_json::from_str(&replayed.unwrap()).unwrap();
        assert_eq!(replayed["groups"][0]["group_path"], "/now/group-0.xml");
        assert_eq!(replayed["groups"][0]["package_types"], "mandatory");
        assert_eq!(replayed["groups"][1]["action"], "Remove");
        assert!(replayed["groups"][1].get("group_path").is_none());
        assert_eq!(
            replayed["environments"][0]["environment_path"],
            "/now/environment-0.xml"
        );
        assert!(replayed.get("rpms").is_none());
    }
}
