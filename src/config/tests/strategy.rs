//! Random configs for property tests.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config::*;
use crate::location::{Located, Location};
use crate::node::Alias;

fn here<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Located<T>> {
    strategy.prop_map(|value| Located::new(value, Location::START))
}

fn maybe<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Located<T>>> {
    of(here(strategy))
}

/// Text as people and machines write it, YAML's own characters and words included.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "null", "~", "true", "No", "0022", "1e3", "- a", "a: b", "#x", "", " x ", "\"", "'", "&a", "*a", "!t", "%",
            "@", "`", "|", ">"
        ])
        .prop_map(str::to_owned),
        "[a-z0-9 :#'\"\\\\{},\\[\\]\n\té]{0,12}",
    ]
}

fn absolute() -> impl Strategy<Value = String> {
    "/[a-z $]{0,8}".prop_map(|path| path.replace('$', "\\$"))
}

fn toggle() -> impl Strategy<Value = Toggle> {
    select(vec![Toggle::Enabled, Toggle::Disabled, Toggle::Unset])
}

pub fn share() -> impl Strategy<Value = Share> {
    prop_oneof![Just(Share::Enabled), Just(Share::Disabled), Just(Share::Unset)]
}

fn joinable() -> impl Strategy<Value = Share> {
    prop_oneof![4 => share(), 1 => select(vec!["/ns/a", "/ns/b"]).prop_map(|path| Share::Join(path.to_owned()))]
}

pub fn capabilities() -> impl Strategy<Value = Vec<Located<Capability>>> {
    let name =
        select(vec!["ALL", "KILL", "BPF", "CHOWN"]).prop_map(|name| CapabilityName::new(name).expect("a known name"));
    let one = (name, any::<bool>()).prop_map(|(cap, add)| Capability {
        cap: Located::new(cap, Location::START),
        add: Located::new(Bit(add), Location::START),
        info: None,
        warn: None,
    });
    vec(here(one), 0..3).prop_map(|mut list| {
        list.sort_by_key(|entry| entry.cap.value);
        list.dedup_by_key(|entry| entry.cap.value);
        list
    })
}

/// The tags that are constraints; all others unset.
pub fn constraints() -> impl Strategy<Value = Tags> {
    let shares = (
        maybe(share()),
        maybe(joinable()),
        maybe(joinable()),
        maybe(joinable()),
        maybe(joinable()),
        maybe(joinable()),
        maybe(joinable()),
    );
    let roots = maybe(vec(here("/[ab](/[ab])?"), 0..3));
    (shares, capabilities(), maybe(any::<bool>()), roots).prop_map(|(shares, capabilities, gpgcheck, export_roots)| {
        let (share_all, share_user, share_cgroup, share_net, share_pid, share_ipc, share_time) = shares;
        Tags {
            share_all,
            share_user,
            share_cgroup,
            share_net,
            share_pid,
            share_ipc,
            share_time,
            capabilities,
            gpgcheck,
            export_roots,
            ..empty()
        }
    })
}

fn empty() -> Tags {
    let source = parse("headers: {alias: a}\nconfig: {}", "empty".as_ref()).expect("a valid config");
    source.config.tags.expect("a section config").value
}

fn cgroups() -> impl Strategy<Value = Cgroups> {
    let pids = maybe(maybe(text()).prop_map(|max| Pids { max }));
    let cpu = maybe((maybe(text()), maybe(text())).prop_map(|(max, weight)| Cpu {
        max,
        weight,
        weight_nice: None,
    }));
    (pids, cpu).prop_map(|(pids, cpu)| Cgroups {
        cpuset: None,
        cpu,
        mem: None,
        io: None,
        pids,
    })
}

pub fn tags() -> impl Strategy<Value = Tags> {
    tags_with(text().boxed())
}

/// Tags that merge wherever their constraints do.
pub fn mergeable() -> impl Strategy<Value = Tags> {
    tags_with(absolute().boxed())
}

fn tags_with(paths: BoxedStrategy<String>) -> impl Strategy<Value = Tags> {
    let texts = (
        maybe(paths.clone()),
        maybe(paths),
        maybe(absolute()),
        maybe("[a-z]{1,9}"),
        maybe("0[0-7]{1,3}"),
    );
    let choices = (
        maybe(toggle()),
        maybe(any::<i64>()),
        maybe(0_i64..2),
        maybe(any::<bool>()),
    );
    (constraints(), texts, choices, maybe(cgroups())).prop_map(|(tags, texts, choices, cgroups)| {
        let (rpmdir, path, chdir, hostname, umask) = texts;
        let (new_session, verbose, map_root_user, inherit_env) = choices;
        Tags {
            rpmdir,
            path,
            chdir,
            hostname,
            umask,
            new_session,
            verbose,
            map_root_user,
            inherit_env,
            cgroups,
            ..tags
        }
    })
}

fn export() -> impl Strategy<Value = Export> {
    let modes: Vec<ExportMode> = ExportMode::WORDS.iter().map(|(mode, _)| *mode).collect();
    let texts = (absolute(), absolute(), maybe(text()), maybe(text()));
    (here(select(modes)), texts).prop_map(|(mode, (mount, path, info, warn))| {
        let located = |text| Located::new(text, Location::START);
        Export {
            mode,
            mount: located(mount),
            path: Some(located(path)),
            info,
            warn,
        }
    })
}

fn variable() -> impl Strategy<Value = Variable> {
    let modes: Vec<EnvironMode> = EnvironMode::WORDS.iter().map(|(mode, _)| *mode).collect();
    let value = text().prop_map(|value| Some(Located::new(value, Location::START)));
    (maybe(select(modes)), here("[A-Za-z0-9_. -]{1,8}"), value, maybe(text())).prop_map(|(mode, key, value, warn)| {
        Variable {
            mode,
            key,
            value,
            info: None,
            warn,
        }
    })
}

pub fn config() -> impl Strategy<Value = Config> {
    let headers = ("[A-Za-z0-9+_@:-]{1,8}", maybe(text()), maybe(text())).prop_map(|(alias, name, info)| {
        let alias: Alias = alias.parse().expect("a valid alias");
        Headers {
            alias: Located::new(alias, Location::START),
            name,
            info,
        }
    });
    (
        here(headers),
        maybe(tags()),
        vec(here(export()), 0..4),
        vec(here(variable()), 0..4),
    )
        .prop_map(|(headers, tags, exports, environ)| Config {
            headers,
            tags,
            exports,
            environ,
        })
}
