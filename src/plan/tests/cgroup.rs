//! Control groups of a family.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::{built, plan, texts};
use crate::merge::fixture::{family, merge};
use crate::plan::cgroup::name;
use crate::plan::{ControlGroup, Request, build};

fn shown(groups: &[ControlGroup]) -> Vec<String> {
    let values = |group: &ControlGroup| {
        group
            .values
            .iter()
            .map(|(file, value)| format!(" {file}={value}"))
            .collect::<String>()
    };
    groups
        .iter()
        .map(|group| format!("{}{}", group.directory.display(), values(group)))
        .collect()
}

#[test]
fn every_node_has_its_group_nested_in_its_parents() {
    let plan = plan(&[
        "config: {cgroups: {pids: {max: 9}}}",
        "",
        "config: {cgroups: {cpu: {max: 1000 1000}}}",
    ]);
    let expected = [
        "/sys/fs/cgroup/user/-pool-n0 pids.max=9",
        "/sys/fs/cgroup/user/-pool-n0/-pool-n0-n1",
        "/sys/fs/cgroup/user/-pool-n0/-pool-n0-n1/-pool-n0-n1-n2 cpu.max=1000 1000",
    ];
    assert_eq!(shown(&plan.preparation.control_groups), expected);
}

#[test]
fn without_limits_there_are_no_groups() {
    let found = built(&["config: {cgrouproot: /sys/fs/cgroup/x}"], |facts, _| {
        facts.own_cgroup = None
    });
    assert_eq!(found.unwrap().0.preparation.control_groups, []);
}

#[test]
fn every_value_goes_into_its_file() {
    let config = "config:
  cgrouproot: $CGROUPS_MOUNT_POINT/cg
  cgroups:
    cpuset: {cpus: 0-2, mems: 0, cpus_partition: member}
    cpu: {max: 1000 1000, weight: 200, weight_nice: 10}
    mem: {min: 10M, low: 11M, high: 521M, max: 512M, oom_group: 10, swap_high: 1024M, swap_max: 512M}
    io: {weight: 200, max: 8:0 rbps=2M wbps=3k riops=5 wiops=max, cost_qos: 8:0 enable=1, cost_model: 8:0 ctrl=auto}
    pids: {max: 50}";
    let (plan, warnings) = built(&[config], |_, _| ()).unwrap();
    let expected = "/sys/fs/cgroup/cg/-pool-n0 cpuset.cpus=0-2 cpuset.mems=0 cpuset.cpus.partition=member cpu.max=1000 1000 cpu.weight=200 \
                    cpu.weight.nice=10 memory.min=10M memory.low=11M memory.high=521M memory.max=512M memory.oom.group=1 \
                    memory.swap.high=1024M memory.swap.max=512M io.weight=200 io.max=8:0 rbps=2097152 wbps=3072 riops=5 wiops=max \
                    io.cost.qos=8:0 enable=1 io.cost.model=8:0 ctrl=auto pids.max=50";
    assert_eq!(shown(&plan.preparation.control_groups), [expected]);
    assert_eq!(
        texts(&warnings),
        ["/pool/n0/redpack.yaml:7:65: oom_group: 10 is taken as 1, the kernel knows 0 and 1"]
    );
}

#[test]
fn the_kernels_own_values_of_oom_group_are_taken_as_they_are() {
    for value in ["0", "1"] {
        let config = format!("config: {{cgrouproot: /cg, cgroups: {{mem: {{oom_group: {value}}}}}}}");
        let (plan, warnings) = built(&[&config], |_, _| ()).unwrap();
        let expected = format!("/cg/-pool-n0 memory.oom.group={value}");
        assert_eq!(shown(&plan.preparation.control_groups), [expected]);
        assert_eq!(texts(&warnings), [""; 0]);
    }
}

#[test]
fn admin_mode_has_groups_of_its_own() {
    let family = family(&["config: {cgrouproot: /cg, cgroups: {pids: {max: 9}}}"]);
    let merged = merge(&family, true).unwrap();
    let request = Request {
        program: vec!["true".into()],
        ..Request::default()
    };
    let (plan, _) = build(&merged, &super::some_facts(&merged, &request), &request).unwrap();
    assert_eq!(
        shown(&plan.preparation.control_groups),
        ["/cg/-pool-n0.admin pids.max=9"]
    );
}

#[test]
fn a_launcher_without_a_group_is_an_error() {
    let config = "config: {cgroups: {pids: {max: 9}}}";
    let errors = built(&[config], |facts, _| facts.own_cgroup = Some(Err("not v2".into()))).unwrap_err();
    assert_eq!(texts(&errors), ["/pool/n0/redpack.yaml:2:19: cgroups: not v2"]);
    assert!(built(&[config], |facts, _| facts.own_cgroup = None).is_err());
}

#[test]
fn long_names_stay_short_and_apart() {
    let long = |last: &str| name(Path::new(&format!("/{}/{last}", "d/".repeat(200))), true);
    for name in [long("a"), long("b")] {
        assert!(
            name.len() <= 255 && name.to_str().unwrap().ends_with(".admin"),
            "{name:?}"
        );
    }
    assert_ne!(long("a"), long("b"));
    let front = |first: &str| name(Path::new(&format!("/{first}/{}", "d/".repeat(200))), false);
    assert_ne!(front("a"), front("b"));
    let path = |length: usize| format!("/{}", "x".repeat(length - 1));
    assert_eq!(*name(Path::new(&path(240)), false), *path(240).replace('/', "-"));
    let shortened = name(Path::new(&path(241)), false);
    assert_eq!(shortened.len(), 240);
    assert!(!shortened.to_str().unwrap().starts_with("-x"), "{shortened:?}");
    let odd = PathBuf::from(OsString::from_vec(vec![b'/', 0xff]));
    assert_eq!(name(&odd, false), OsString::from_vec(vec![b'-', 0xff]));
    assert_eq!(name(Path::new("/var/redpesk"), false), OsStr::new("-var-redpesk"));
}
