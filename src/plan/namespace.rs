//! Namespaces: made, shared or joined.

use crate::merge::{Entry, Merged, ShareState};
use crate::plan::build::Builder;
use crate::plan::facts::shares_user;
use crate::plan::{Namespace, Operation};

const NOT_SHARED: &str = "not shared, as no config says otherwise";

/// Adds the kinds in the order user, cgroup, network, pid, ipc, time.
pub fn add(builder: &mut Builder<'_>) {
    let share = &builder.merged.tags.share;
    kind(builder, Namespace::User, &share.user);
    map_root(builder);
    kind(builder, Namespace::Cgroup, &share.cgroup);
    kind(builder, Namespace::Network, &share.net);
    kind(builder, Namespace::Pid, &share.pid);
    kind(builder, Namespace::Ipc, &share.ipc);
    time(builder);
    builder.preparation.confine_signals = is_shared_by_leaf_alone(builder.merged);
}

/// Whether processes are shared and nobody but the leaf's normal config says so. It may have been written by whoever wants
/// to reach the processes of its user, the launcher's among them. A node without ancestors has nobody who could agree.
fn is_shared_by_leaf_alone(merged: &Merged) -> bool {
    let leaf = merged.nodes.len().checked_sub(1);
    let by_leaf =
        |entry: &Entry<ShareState>| entry.origin.node == leaf && !entry.origin.admin && entry.overrides.is_empty();
    let is_shared = |entry: &&Entry<ShareState>| entry.value != ShareState::New;
    let share = &merged.tags.share;
    let by_others = share.all.iter().filter(is_shared).any(|all| !by_leaf(all));
    leaf > Some(0) && !by_others && share.pid.iter().filter(is_shared).any(by_leaf)
}

fn kind(builder: &mut Builder<'_>, namespace: Namespace, entry: &Option<Entry<ShareState>>) {
    let Some(Entry { value, origin, .. }) = entry else {
        return builder.step_because(Operation::Unshare(namespace), NOT_SHARED);
    };
    match value {
        ShareState::New => builder.step(Operation::Unshare(namespace), origin),
        ShareState::Shared if namespace == Namespace::Network => builder.step(Operation::ShareNetwork, origin),
        ShareState::Shared => {}
        ShareState::Join(path) => builder.preparation.join.push((namespace, path.clone())),
    }
}

/// The user appears as root inside, which takes a user namespace unless it is root already.
fn map_root(builder: &mut Builder<'_>) {
    let Some(Entry {
        value: true, origin, ..
    }) = &builder.merged.tags.accounts.map_root_user
    else {
        return;
    };
    if shares_user(builder.merged) && builder.facts.uid != 0 {
        let message = "the user cannot appear as root while the user namespace is shared; set share_user to Disabled";
        return builder.error("map-root-user", message, origin);
    }
    builder.step(Operation::Uid(0), origin);
    builder.step(Operation::Gid(0), origin);
}

/// Time is shared when nobody says anything.
fn time(builder: &mut Builder<'_>) {
    let Some(Entry { value, origin, .. }) = &builder.merged.tags.share.time else {
        return;
    };
    if *value != ShareState::Shared && !builder.facts.time_namespaces {
        let message = "the kernel has no time namespaces (CONFIG_TIME_NS); leave share_time unset";
        return builder.error("share_time", message, origin);
    }
    match value {
        ShareState::Shared => {}
        ShareState::New => builder.preparation.new_time_namespace = true,
        ShareState::Join(path) => builder.preparation.join.push((Namespace::Time, path.clone())),
    }
}
