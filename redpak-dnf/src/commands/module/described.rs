//! Modules in JSON.

use serde::Serialize;

use crate::json::{text, texts};
use libdnf5::output::Detail;
use libdnf5::{Module, ModuleProfile};

/// A version of a stream; what `info` adds is left out of lists.
#[derive(Serialize)]
pub struct Described {
    name: String,
    stream: String,
    version: String,
    context: String,
    arch: String,
    repository: String,
    status: String,
    summary: String,
    #[serde(flatten)]
    info: Option<Info>,
    profiles: Vec<Profile>,
}

#[derive(Serialize)]
struct Info {
    description: String,
}

#[derive(Serialize)]
struct Profile {
    name: String,
    is_default: bool,
    #[serde(flatten)]
    info: Option<ProfileInfo>,
}

#[derive(Serialize)]
struct ProfileInfo {
    description: String,
    packages: Vec<String>,
}

/// For `module list` and `module info`.
pub fn modules(modules: &[Module], detail: Detail) -> Vec<Described> {
    let described = modules.iter().map(|module| Described {
        name: text(&module.name),
        stream: text(&module.stream),
        version: text(&module.version),
        context: text(&module.context),
        arch: text(&module.arch),
        repository: text(&module.repo_id),
        status: text(&module.status),
        summary: text(&module.summary),
        info: (detail == Detail::Info).then(|| Info {
            description: text(&module.description),
        }),
        profiles: module.profiles.iter().map(|of| profile(of, detail)).collect(),
    });
    described.collect()
}

fn profile(profile: &ModuleProfile, detail: Detail) -> Profile {
    Profile {
        name: text(&profile.name),
        is_default: profile.is_default,
        info: (detail == Detail::Info).then(|| ProfileInfo {
            description: text(&profile.description),
            packages: texts(&profile.rpms),
        }),
    }
}
