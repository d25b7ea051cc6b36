//! The launcher's own group, when the nodes' groups are made below it: no process may sit in a group that hands controllers
//! on (cgroups(7), "no internal processes"), so the launcher and whoever is there with it move into a group beside the nodes'.

use std::ffi::OsStr;

use nix::unistd::Pid;
use redpak::plan::CALLERS;

use super::error::Error;
use super::group::Group;

/// Processes may be started faster than they are moved; whoever does that on end must not keep the launcher here.
const TRIES: usize = 20;
/// The controllers that a group hands on, see cgroups(7).
const FILE: &str = "cgroup.subtree_control";

/// Hands controllers on to the groups below, and makes room for that when it is the launcher that stands in the way.
/// Returns those that were not handed on before.
///
/// # Errors
/// When a controller is missing, or others are in the way.
pub fn hand_on(group: &Group, controllers: &[&'static str]) -> Result<Vec<&'static str>, Error> {
    let available = group.read("cgroup.controllers");
    let before = group.read(FILE);
    let is_in = |names: &str, wanted: &str| names.split_whitespace().any(|name| name == wanted);
    if let Some(missing) = controllers.iter().find(|wanted| !is_in(&available, wanted)) {
        return Err(Error::NoController {
            controller: (*missing).to_owned(),
            directory: group.path().to_path_buf(),
        });
    }
    let new: Vec<_> = controllers
        .iter()
        .copied()
        .filter(|name| !is_in(&before, name))
        .collect();
    // The root group is the exception: processes and groups may be in it side by side.
    let is_root = group.read("cgroup.type").is_empty();
    for _ in 0..TRIES {
        if !is_root && !controllers.is_empty() {
            make_room(group)?;
        }
        match new
            .iter()
            .try_for_each(|controller| group.write(FILE, &format!("+{controller}")))
        {
            Ok(()) => return Ok(new),
            // A process was started there meanwhile.
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {}
            Err(source) => {
                return Err(Error::Write {
                    file: group.path().join(FILE),
                    value: format!("+{}", new.join(" +")),
                    source,
                });
            }
        }
    }
    Err(Error::Occupied(group.path().to_path_buf()))
}

/// Moves the processes of a group out of the way when the launcher is one of them.
fn make_room(group: &Group) -> Result<(), Error> {
    let mut is_moved = false;
    for _ in 0..TRIES {
        let processes = group.processes();
        if processes.is_empty() {
            return Ok(());
        }
        // Once it has moved, those that are left were started meanwhile by whom it moved with.
        if !processes.contains(&Pid::this()) && !is_moved {
            break;
        }
        is_moved = true;
        move_all(&processes, &group.make(OsStr::new(CALLERS))?);
    }
    Err(Error::Occupied(group.path().to_path_buf()))
}

/// Undoes it when the last family has gone: nothing is to be left of a launch.
pub fn move_back(group: &Group, handed_on: &[&'static str]) {
    let below = group.below();
    if below.iter().any(|name| name.as_os_str() != CALLERS) {
        return;
    }
    for controller in handed_on {
        // Refused where somebody uses it by now.
        let _ = group.write(FILE, &format!("-{controller}"));
    }
    if below.is_empty() {
        return;
    }
    if let Ok(callers) = group.make(OsStr::new(CALLERS)) {
        move_all(&callers.processes(), group);
    }
    let _ = group.remove(OsStr::new(CALLERS));
}

/// One that has ended meanwhile, or may not be moved, stays where it is: the kernel says so at the next step.
fn move_all(processes: &[Pid], to: &Group) {
    for pid in processes {
        let _ = to.write("cgroup.procs", &pid.to_string());
    }
}
