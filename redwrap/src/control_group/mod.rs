//! Control groups (cgroups(7), version 2): one per node, nested; the program runs in a leaf below the innermost.

mod callers;
mod error;
mod group;
mod keeper;

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use redpak::plan::ControlGroup;

pub use self::error::Error;
use self::group::Group;
use self::keeper::Keeper;

/// The program's own group: no process may sit in a group that hands controllers on.
const PROGRAM: &str = "program-";

/// Groups made for one launch. Those that are empty are removed when this is dropped, or when the launcher dies.
#[derive(Debug, Default)]
pub struct Groups {
    made: Option<(Made, Keeper)>,
}

/// What is there, outermost first.
#[derive(Debug)]
pub struct Made {
    /// The existing group that all are below, and the controllers that it handed on to nobody before.
    top: Group,
    handed_on: Vec<&'static str>,
    /// Those of missing directories of `cgrouproot`, then one per node.
    nested: Vec<Nested>,
    program: Group,
    program_name: OsString,
}

#[derive(Debug)]
struct Nested {
    name: OsString,
    group: Group,
    limits: Vec<Limit>,
}

/// A limit of a node, and how often it was reached before this launch.
#[derive(Debug)]
struct Limit {
    file: &'static str,
    value: String,
    reached: u64,
}

impl Groups {
    /// Makes the groups, hands the controllers on that their values need, and writes the values.
    ///
    /// # Errors
    /// The first step that failed; what was made before is removed.
    pub fn make(planned: &[ControlGroup]) -> Result<Self, Error> {
        let Some(first) = planned.first() else {
            return Ok(Self::default());
        };
        let (top, missing) = existing(first.directory.parent().unwrap_or(&first.directory))?;
        let mut unfinished = Unfinished {
            top,
            handed_on: Vec::new(),
            nested: Vec::new(),
        };
        match unfinished.make(&missing, planned) {
            Ok((program, program_name)) => {
                let Unfinished { top, handed_on, nested } = unfinished;
                let made = Made {
                    top,
                    handed_on,
                    nested,
                    program,
                    program_name,
                };
                match Keeper::start(&made) {
                    Ok(keeper) => Ok(Self {
                        made: Some((made, keeper)),
                    }),
                    Err(source) => {
                        made.remove();
                        Err(Error::System {
                            verb: "watch over",
                            directory: made.program.path().to_path_buf(),
                            source,
                        })
                    }
                }
            }
            Err(error) => {
                unfinished.remove();
                Err(error)
            }
        }
    }

    /// `cgroup.procs` of the program's group, for writing.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn program_procs(&self) -> Result<Option<OwnedFd>, Error> {
        const FILE: &str = "cgroup.procs";
        let Some((made, _)) = &self.made else { return Ok(None) };
        let opened = made.program.open_for_writing(FILE);
        opened.map(Some).map_err(|source| Error::Write {
            file: made.program.path().join(FILE),
            value: "0".into(),
            source,
        })
    }

    /// One sentence for each limit that the program reached.
    pub fn reached(&self) -> Vec<String> {
        let nested = self.made.iter().flat_map(|(made, _)| &made.nested);
        nested
            .flat_map(|nested| nested.limits.iter().map(move |limit| (nested, limit)))
            .filter(|(nested, limit)| count(&nested.group, limit.file) > limit.reached)
            .map(|(nested, limit)| {
                let group = redpak::display::path(nested.group.path());
                format!("the limit {} = {} of {group} was reached", limit.file, limit.value)
            })
            .collect()
    }
}

/// Groups while they are being made.
struct Unfinished {
    top: Group,
    handed_on: Vec<&'static str>,
    nested: Vec<Nested>,
}

impl Unfinished {
    fn make(&mut self, missing: &[OsString], planned: &[ControlGroup]) -> Result<(Group, OsString), Error> {
        for name in missing {
            self.nest(name, &controllers(planned), &[])?;
        }
        for (index, one) in planned.iter().enumerate() {
            let name = one.directory.file_name().unwrap_or_default();
            self.nest(name, &controllers(&planned[index..]), &one.values)?;
        }
        remove_leftovers(self.innermost());
        let name = OsString::from(format!("{PROGRAM}{}", std::process::id()));
        Ok((self.innermost().make(&name)?, name))
    }

    fn innermost(&self) -> &Group {
        self.nested.last().map_or(&self.top, |nested| &nested.group)
    }

    /// Makes the next group; the one above hands the controllers on that it and those below it need.
    fn nest(&mut self, name: &OsStr, wanted: &[&'static str], values: &[(&'static str, String)]) -> Result<(), Error> {
        // Made first: whether the group above is delegated at all is what the caller should hear first.
        let group = self.innermost().make(name)?;
        let nested = Nested {
            name: name.to_os_string(),
            group,
            limits: Vec::new(),
        };
        // Remembered before anything else can fail, so that it is removed then.
        let above = self.nested.last().map_or(&self.top, |nested| &nested.group);
        let handed_on = callers::hand_on(above, wanted);
        let is_top = self.nested.is_empty();
        self.nested.push(nested);
        let handed_on = handed_on?;
        if is_top {
            self.handed_on = handed_on;
        }
        let Some(nested) = self.nested.last_mut() else {
            return Ok(());
        };
        for (file, value) in values {
            nested.group.set(file, value)?;
            nested.limits.push(Limit {
                file,
                value: value.clone(),
                reached: count(&nested.group, file),
            });
        }
        Ok(())
    }

    fn remove(&self) {
        remove(&self.top, &self.nested);
        callers::move_back(&self.top, &self.handed_on);
    }
}

impl Made {
    /// Removes what nobody uses any more.
    fn remove(&self) {
        if let Some(innermost) = self.nested.last() {
            // Fails while processes that outlived the program are in it.
            let _ = innermost.group.remove(&self.program_name);
        }
        remove(&self.top, &self.nested);
        callers::move_back(&self.top, &self.handed_on);
    }

    fn descriptors(&self) -> Vec<RawFd> {
        let nested = self.nested.iter().map(|nested| &nested.group);
        let groups = nested.chain([&self.top, &self.program]);
        groups.map(|group| group.as_fd().as_raw_fd()).collect()
    }
}

/// Removes nested groups, innermost first. One that another launch of the family uses stays: the last one removes it.
fn remove(top: &Group, nested: &[Nested]) {
    for (index, one) in nested.iter().enumerate().rev() {
        let above = index.checked_sub(1).map_or(top, |above| &nested[above].group);
        let _ = above.remove(&one.name);
    }
}

/// Program groups of launches that were killed together with all that watched over them.
fn remove_leftovers(innermost: &Group) {
    for name in innermost.below() {
        let is_programs = name.as_os_str().as_bytes().starts_with(PROGRAM.as_bytes());
        // One in use is not removed by the kernel. One just made, for a program about to start, must stay too.
        if is_programs && !is_launching(&name) {
            let _ = innermost.remove(name.as_os_str());
        }
    }
}

/// Whether the launcher that a program's group is named from may still live.
fn is_launching(name: &Path) -> bool {
    let pid = name
        .to_str()
        .and_then(|name| name.strip_prefix(PROGRAM)?.parse::<i32>().ok());
    pid.is_some_and(|pid| {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None) != Err(nix::errno::Errno::ESRCH)
    })
}

/// The innermost directory of a path that is there, and the names of those that are missing.
fn existing(path: &Path) -> Result<(Group, Vec<OsString>), Error> {
    let mut missing = Vec::new();
    let mut here = PathBuf::from(path);
    loop {
        match Group::open(&here) {
            Err(Error::System { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                let Some(name) = here.file_name().map(OsStr::to_os_string) else {
                    return Err(Error::NotVersion2(path.to_path_buf()));
                };
                missing.insert(0, name);
                here.pop();
            }
            // Said of what the config names, not of what happens to be above it.
            Err(Error::NotVersion2(_)) => return Err(Error::NotVersion2(path.to_path_buf())),
            Err(error) => return Err(error),
            Ok(group) => return Ok((group, missing)),
        }
    }
}

/// The controllers that the values of these groups belong to: `memory.max` is the memory controller's.
fn controllers(groups: &[ControlGroup]) -> Vec<&'static str> {
    let mut names: Vec<_> = groups
        .iter()
        .flat_map(|group| &group.values)
        .filter_map(|(file, _)| file.split('.').next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How often a limit of this very group was reached, see the kernel's cgroup-v2 documentation.
fn count(group: &Group, file: &str) -> u64 {
    let number = |events: &str, key: &str| group.number(events, key).unwrap_or(0);
    match file {
        // A process was killed or refused memory because of it.
        "memory.max" => number("memory.events.local", "oom"),
        "memory.swap.max" => number("memory.swap.events", "fail"),
        // Kernels before 6.11 have no .local and count in the other what was refused here.
        "pids.max" => match group.number("pids.events.local", "max") {
            Some(refused) => refused,
            None => number("pids.events", "max"),
        },
        _ => 0,
    }
}
