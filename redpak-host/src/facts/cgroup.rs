//! Where the control groups are.

use std::path::{Path, PathBuf};

use redpak::plan::CALLERS;

/// Where every distribution mounts control groups v2.
pub(super) const USUAL: &str = "/sys/fs/cgroup";
/// Where systemd mounts v2 beside v1.
const HYBRID: &str = "/sys/fs/cgroup/unified";
/// `CGROUP2_SUPER_MAGIC` of linux/magic.h
const MAGIC: u64 = 0x6367_7270;

/// Where the cgroup v2 tree is mounted, if it is. The table of mounts, which the kernel makes anew for each reader, is the
/// last resort.
pub fn mount_point() -> Option<PathBuf> {
    let is_v2 = |place: &&Path| {
        let status = rustix::fs::statfs(*place);
        status.is_ok_and(|status| u64::try_from(status.f_type) == Ok(MAGIC))
    };
    match [USUAL, HYBRID].map(Path::new).iter().find(|place| is_v2(place)) {
        Some(place) => Some(place.to_path_buf()),
        None => mount_table().ok().and_then(|mounts| mounted(&mounts)),
    }
}

/// Read at once: the kernel makes the table anew for each piece.
fn mount_table() -> std::io::Result<String> {
    use std::io::Read as _;
    let mut table = String::with_capacity(1 << 16);
    std::fs::File::open("/proc/self/mountinfo")?.read_to_string(&mut table)?;
    Ok(table)
}

/// The first cgroup v2 mount of a mount table, see proc_pid_mountinfo(5).
fn mounted(mounts: &str) -> Option<PathBuf> {
    let mount = mounts.lines().find(|line| kind(line) == Some("cgroup2"))?;
    mount.split(' ').nth(4).map(PathBuf::from)
}

fn kind(line: &str) -> Option<&str> {
    line.split_once(" - ")?.1.split(' ').next()
}

/// Directory of our own control group.
///
/// # Errors
/// Why there is none, and what to do.
pub fn own_cgroup() -> Result<PathBuf, String> {
    let mount = mount_point().ok_or_else(|| NOT_V2.to_owned())?;
    let groups = std::fs::read_to_string("/proc/self/cgroup")
        .map_err(|error| format!("cannot read /proc/self/cgroup: {}", crate::report::os(&error)))?;
    own(&groups, &mount).ok_or_else(|| NOT_V2.to_owned())
}

const NOT_V2: &str = "the system does not use control groups v2 alone; \
     boot it with systemd.unified_cgroup_hierarchy=1, or leave out the cgroups section";

/// Our directory, when v2 is the only hierarchy that has controllers: in hybrid mode v1 keeps them.
fn own(groups: &str, mount: &Path) -> Option<PathBuf> {
    let is_v1 = |line: &&str| !line.starts_with("0::") && !line.split(':').nth(1).unwrap_or("").starts_with("name=");
    if groups.lines().any(|line| is_v1(&line)) {
        return None;
    }
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let path = Path::new(path.trim_start_matches('/'));
    // Where an earlier launch moved us: the nodes' groups are beside it.
    let own = if path.file_name() == Some(CALLERS.as_ref()) {
        path.parent()?
    } else {
        path
    };
    Some(mount.join(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pure_v2_has_a_group_of_ours() {
        let own = |groups: &str| own(groups, Path::new("/sys/fs/cgroup"));
        assert_eq!(
            own("0::/user.slice/x\n"),
            Some(PathBuf::from("/sys/fs/cgroup/user.slice/x"))
        );
        assert_eq!(
            own("0::/user.slice/x/redwrap-callers\n"),
            Some(PathBuf::from("/sys/fs/cgroup/user.slice/x"))
        );
        assert_eq!(own("0::/\n"), Some(PathBuf::from("/sys/fs/cgroup/")));
        assert_eq!(
            own("1:name=systemd:/x\n0::/x\n"),
            Some(PathBuf::from("/sys/fs/cgroup/x"))
        );
        assert_eq!(own("4:memory:/x\n0::/x\n"), None);
        assert_eq!(own("4:memory:/x\n"), None);
    }

    #[test]
    fn the_mount_is_found_by_its_kind() {
        let mounts = "24 1 0:22 / /sys rw - sysfs sysfs rw\n\
            30 24 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
        assert_eq!(mounted(mounts), Some(PathBuf::from("/sys/fs/cgroup/unified")));
        assert_eq!(mounted("24 1 0:22 / /cgroup2 rw - sysfs cgroup2 rw\n"), None);
    }
}
