//! Takes the tags of all layers apart and gives each key to its rule.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::{Cgroups, Share, Tags, Toggle};
use crate::location::Located;
use crate::merge::capability::Lists;
use crate::merge::column::{Column, Written, push};
use crate::merge::layer::Layer;
use crate::merge::unique::unique;
use crate::merge::{
    Accounts, Context, Entry, MergedTags, Places, Shares, capability, cgroup, clean, list, nearest, roots, share,
};

/// What all layers say, key by key.
#[derive(Debug, Default)]
struct Columns<'l> {
    rpmdir: Column<'l, String>,
    persistdir: Column<'l, String>,
    cachedir: Column<'l, String>,
    path: Column<'l, String>,
    ldpath: Column<'l, String>,
    umask: Column<'l, String>,
    set_user: Column<'l, String>,
    set_group: Column<'l, String>,
    smack: Column<'l, String>,
    hostname: Column<'l, String>,
    chdir: Column<'l, String>,
    cgrouproot: Column<'l, String>,
    verbose: Column<'l, i64>,
    map_root_user: Column<'l, i64>,
    gpgcheck: Column<'l, bool>,
    unsafe_: Column<'l, bool>,
    inherit_env: Column<'l, bool>,
    die_with_parent: Column<'l, Toggle>,
    new_session: Column<'l, Toggle>,
    share_all: Column<'l, Share>,
    share_user: Column<'l, Share>,
    share_cgroup: Column<'l, Share>,
    share_net: Column<'l, Share>,
    share_pid: Column<'l, Share>,
    share_ipc: Column<'l, Share>,
    share_time: Column<'l, Share>,
    capabilities: Lists<'l>,
    cgroups: Column<'l, Cgroups>,
    export_roots: Column<'l, Vec<Located<String>>>,
}

fn columns<'l>(layers: &'l [Layer<'l>]) -> Columns<'l> {
    let mut columns = Columns::default();
    for layer in layers {
        if let Some(tags) = &layer.config.tags {
            add(&mut columns, layer, tags);
        }
    }
    columns
}

/// No `..` here: a key that is added to the schema does not compile until its rule is chosen.
fn add<'l>(columns: &mut Columns<'l>, layer: &'l Layer<'l>, tags: &'l Tags) {
    let Tags {
        rpmdir,
        persistdir,
        cachedir,
        path,
        ldpath,
        umask,
        set_user,
        set_group,
        smack,
        hostname,
        chdir,
        cgrouproot,
        verbose,
        map_root_user,
        gpgcheck,
        unsafe_,
        inherit_env,
        die_with_parent,
        new_session,
        share_all,
        share_user,
        share_cgroup,
        share_net,
        share_pid,
        share_ipc,
        share_time,
        capabilities,
        cgroups,
        export_roots,
        // Accepted and ignored.
        maxage: _,
        inherit: _,
    } = tags;
    push(&mut columns.rpmdir, layer, rpmdir.as_ref());
    push(&mut columns.persistdir, layer, persistdir.as_ref());
    push(&mut columns.cachedir, layer, cachedir.as_ref());
    push(&mut columns.path, layer, path.as_ref());
    push(&mut columns.ldpath, layer, ldpath.as_ref());
    push(&mut columns.umask, layer, umask.as_ref());
    push(&mut columns.set_user, layer, set_user.as_ref());
    push(&mut columns.set_group, layer, set_group.as_ref());
    push(&mut columns.smack, layer, smack.as_ref());
    push(&mut columns.hostname, layer, hostname.as_ref());
    push(&mut columns.chdir, layer, chdir.as_ref());
    push(&mut columns.cgrouproot, layer, cgrouproot.as_ref());
    push(&mut columns.verbose, layer, verbose.as_ref());
    push(&mut columns.map_root_user, layer, map_root_user.as_ref());
    push(&mut columns.gpgcheck, layer, gpgcheck.as_ref());
    push(&mut columns.unsafe_, layer, unsafe_.as_ref());
    push(&mut columns.inherit_env, layer, inherit_env.as_ref());
    // `Unset` says nothing: the key counts as not there.
    push(
        &mut columns.die_with_parent,
        layer,
        die_with_parent.as_ref().filter(|toggle| toggle.value != Toggle::Unset),
    );
    push(
        &mut columns.new_session,
        layer,
        new_session.as_ref().filter(|toggle| toggle.value != Toggle::Unset),
    );
    push(&mut columns.share_all, layer, share_all.as_ref());
    push(&mut columns.share_user, layer, share_user.as_ref());
    push(&mut columns.share_cgroup, layer, share_cgroup.as_ref());
    push(&mut columns.share_net, layer, share_net.as_ref());
    push(&mut columns.share_pid, layer, share_pid.as_ref());
    push(&mut columns.share_ipc, layer, share_ipc.as_ref());
    push(&mut columns.share_time, layer, share_time.as_ref());
    columns.capabilities.push((layer, capabilities));
    push(&mut columns.cgroups, layer, cgroups.as_ref());
    push(&mut columns.export_roots, layer, export_roots.as_ref());
}

/// Applies every rule.
pub fn merge(layers: &[Layer<'_>], context: &mut Context<'_>) -> MergedTags {
    let mut columns = columns(layers);
    let accounts = accounts_of(&mut columns, context);
    let Places {
        rpmdir,
        persistdir,
        cachedir,
    } = places_of(&mut columns, context);
    MergedTags {
        accounts,
        rpmdir,
        persistdir,
        cachedir,
        path: list::concatenate("path", columns.path, context),
        ldpath: list::concatenate("ldpath", columns.ldpath, context),
        umask: umask(columns.umask, context),
        smack: text("smack", columns.smack, context),
        hostname: text("hostname", columns.hostname, context),
        chdir: path("chdir", columns.chdir, context),
        cgrouproot: path("cgrouproot", columns.cgrouproot, context),
        verbose: plain("verbose", columns.verbose, context),
        gpgcheck: roots::any_true(&columns.gpgcheck),
        unsafe_: plain("unsafe", columns.unsafe_, context),
        inherit_env: plain("inherit-env", columns.inherit_env, context),
        die_with_parent: plain("die-with-parent", columns.die_with_parent, context),
        new_session: plain("new-session", columns.new_session, context),
        capabilities: capability::constrain(&columns.capabilities, context),
        cgroups: cgroup::per_node(&columns.cgroups, context),
        export_roots: roots::export_roots(&columns.export_roots, context),
        share: shares(
            &columns.share_all,
            [
                &columns.share_user,
                &columns.share_cgroup,
                &columns.share_net,
                &columns.share_pid,
                &columns.share_ipc,
            ],
            &columns.share_time,
            context,
        ),
    }
}

/// Applies the rules of what decides the program's user.
pub fn accounts(layers: &[Layer<'_>], context: &mut Context<'_>) -> Accounts {
    accounts_of(&mut columns(layers), context)
}

/// Applies the rules of what places a node's own data.
pub fn places(layers: &[Layer<'_>], context: &mut Context<'_>) -> Places {
    places_of(&mut columns(layers), context)
}

fn places_of(columns: &mut Columns<'_>, context: &mut Context<'_>) -> Places {
    Places {
        rpmdir: nearest::nearest("rpmdir", std::mem::take(&mut columns.rpmdir), context),
        persistdir: nearest::nearest("persistdir", std::mem::take(&mut columns.persistdir), context),
        cachedir: nearest::nearest("cachedir", std::mem::take(&mut columns.cachedir), context),
    }
}

fn accounts_of(columns: &mut Columns<'_>, context: &mut Context<'_>) -> Accounts {
    let map_root_user = plain("map-root-user", std::mem::take(&mut columns.map_root_user), context);
    Accounts {
        user: text("set-user", std::mem::take(&mut columns.set_user), context),
        group: text("set-group", std::mem::take(&mut columns.set_group), context),
        map_root_user: map_root_user.map(|entry| entry.map(|number| number != 0)),
    }
}

fn plain<T: Written + PartialEq + Clone>(
    key: &str,
    column: Column<'_, T>,
    context: &mut Context<'_>,
) -> Option<Entry<T>> {
    let (cell, entry) = unique(key, column, context)?;
    Some(entry.map(|()| cell.value.value.clone()))
}

fn text(key: &str, column: Column<'_, String>, context: &mut Context<'_>) -> Option<Entry<OsString>> {
    let (cell, entry) = unique(key, column, context)?;
    let text = context.expand(key, cell.value, cell.layer)?;
    Some(entry.map(|()| text))
}

fn path(key: &str, column: Column<'_, String>, context: &mut Context<'_>) -> Option<Entry<PathBuf>> {
    let entry = text(key, column, context)?.map(|text| clean(&PathBuf::from(text)));
    if !entry.value.is_absolute() {
        context.error(key, "the path is not absolute after expansion", entry.origin.clone());
    }
    Some(entry)
}

fn umask(column: Column<'_, String>, context: &mut Context<'_>) -> Option<Entry<u32>> {
    let entry = text("umask", column, context)?;
    let mask = entry.value.to_str().and_then(crate::config::umask);
    if mask.is_none() {
        context.error("umask", "it is not an octal number up to 0777", entry.origin.clone());
    }
    Some(entry.map(|_| mask.unwrap_or_default()))
}

fn shares<'l>(
    all: &Column<'l, Share>,
    kinds: [&Column<'l, Share>; 5],
    time: &Column<'l, Share>,
    context: &mut Context<'_>,
) -> Shares {
    let default = share::constrain("share_all", all, None, context);
    let names = ["share_user", "share_cgroup", "share_net", "share_pid", "share_ipc"];
    let mut kinds = names.into_iter().zip(kinds).map(|(key, column)| {
        let own = share::constrain(key, column, Some(all), context);
        own.or_else(|| default.clone())
    });
    let mut next = || kinds.next().flatten();
    let (user, cgroup, net, pid, ipc) = (next(), next(), next(), next(), next());
    drop(kinds);
    let time = share::constrain("share_time", time, None, context);
    Shares {
        all: default,
        user,
        cgroup,
        net,
        pid,
        ipc,
        time,
    }
}
