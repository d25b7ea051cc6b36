//! Groups and environments in JSON.

use serde::Serialize;

use crate::json::{text, texts};
use libdnf5::output::Detail;
use libdnf5::{CompsPackageTypes, Environment, Group};

/// A group; what `info` adds is left out of lists.
#[derive(Serialize)]
pub struct DescribedGroup {
    id: String,
    name: String,
    is_installed: bool,
    is_uservisible: bool,
    #[serde(flatten)]
    info: Option<GroupInfo>,
}

#[derive(Serialize)]
struct GroupInfo {
    description: String,
    mandatory_packages: Vec<String>,
    default_packages: Vec<String>,
    optional_packages: Vec<String>,
    conditional_packages: Vec<String>,
}

/// An environment; what `info` adds is left out of lists.
#[derive(Serialize)]
pub struct DescribedEnvironment {
    id: String,
    name: String,
    is_installed: bool,
    #[serde(flatten)]
    info: Option<EnvironmentInfo>,
}

#[derive(Serialize)]
struct EnvironmentInfo {
    description: String,
    groups: Vec<String>,
}

/// For `group list` and `group info`.
pub fn groups(groups: &[Group], detail: Detail) -> Vec<DescribedGroup> {
    let described = groups.iter().map(|group| DescribedGroup {
        id: text(&group.id),
        name: text(&group.name),
        is_installed: group.is_installed,
        is_uservisible: group.is_uservisible,
        info: (detail == Detail::Info).then(|| GroupInfo::of(group)),
    });
    described.collect()
}

impl GroupInfo {
    fn of(group: &Group) -> Self {
        let packages = |kind| {
            let of_kind = group.packages.iter().filter(|(_, types)| types.contains(kind));
            of_kind.map(|(name, _)| text(name)).collect()
        };
        Self {
            description: text(&group.description),
            mandatory_packages: packages(CompsPackageTypes::MANDATORY),
            default_packages: packages(CompsPackageTypes::DEFAULT),
            optional_packages: packages(CompsPackageTypes::OPTIONAL),
            conditional_packages: packages(CompsPackageTypes::CONDITIONAL),
        }
    }
}

/// For `environment list` and `environment info`.
pub fn environments(environments: &[Environment], detail: Detail) -> Vec<DescribedEnvironment> {
    let described = environments.iter().map(|environment| DescribedEnvironment {
        id: text(&environment.id),
        name: text(&environment.name),
        is_installed: environment.is_installed,
        info: (detail == Detail::Info).then(|| EnvironmentInfo {
            description: text(&environment.description),
            groups: texts(&environment.groups),
        }),
    });
    described.collect()
}
