//! What is accepted.

use proptest::prelude::*;

use super::*;
use crate::location::{Located, Location};

/// The example of the project's own text, spaces included.
const CGROUPS: &str = "headers: {alias: x}
config:
  share_all: Unset
  share_user: Unset
  cgroups:
          cpuset:
                cpus: 0-2
                mems: 0
                cpus_partition: member
          mem:
                  min: 10M
                  low: 10M
                  high: 521M
                  max: 512M
                  oom_group: 10
                  swap_high: 1024M
                  swap_max: 512M
          cpu:
                  max: 1000 1000
                  weight: 200
                  weight_nice: 10
          io:
                weight: 200
                max: 8:0 rbps=2097152 wiops=120
          pids:
                max: 50
";

fn tags(text: &str) -> Tags {
    config(text).tags.expect("the section config").value
}

#[test]
fn scalars_of_cgroups_keep_their_text() {
    let tags = tags(CGROUPS);
    let groups = tags.cgroups.unwrap().value;
    let text = |field: &Option<Located<String>>| field.clone().unwrap().value;
    let cpuset = groups.cpuset.unwrap().value;
    assert_eq!((text(&cpuset.cpus), text(&cpuset.mems)), ("0-2".into(), "0".into()));
    assert_eq!(text(&groups.cpu.unwrap().max), "1000 1000");
    assert_eq!(text(&groups.mem.unwrap().oom_group), "10");
    assert_eq!(text(&groups.io.unwrap().max), "8:0 rbps=2097152 wiops=120");
    assert_eq!(tags.share_all.unwrap().value, Share::Unset);
}

/// A node as the older program wrote it: block style, words for booleans, modes in mixed case.
const LEGACY: &str = "---
headers:
    alias: agl-core
    name: 0a1b2c3d-agl-core
    info: created by ann(agl)
config:
    maxage: 0
    inherit: 1
    gpgcheck: 0
    unsafe: False
    verbose: 1
    umask: 022
    die-with-parent: enabled
    share_net: ENABLED
    SHARE_PID: disabled
    capabilities:
        - cap: cap_net_admin
          add: 0
          info: no network setup
exports:
    - mode: restricted
      mount: /nodes/$NODE_ALIAS
      path: $NODE_PATH
    - mode: Execfd
      mount: /etc/passwd
      path: getent passwd $UID 65534
    - mode: SymLink
      mount: /bin
      path: usr/bin
environ:
    - key: LD_LIBRARY_PATH
      value: /nodes/$NODE_ALIAS/lib
    - mode: EXECFD
      key: PS1
      value: echo $NODE_NAME
...
";

#[test]
fn older_configs_read() {
    let config = config(LEGACY);
    assert_eq!(config.headers.alias.as_str(), "agl-core");
    let tags = config.tags.clone().unwrap().value;
    assert_eq!(tags.gpgcheck.map(|value| value.value), Some(false));
    assert_eq!(tags.umask.unwrap().value, "022");
    assert_eq!(tags.share_pid.unwrap().value, Share::Disabled);
    assert_eq!(tags.capabilities[0].cap.as_str(), "CAP_NET_ADMIN");
    assert_eq!(config.exports[2].mode.value, ExportMode::Symlink);
    assert_eq!(config.environ[0].mode(), EnvironMode::Default);
    assert_eq!(config.environ[1].at, Location { line: 33, column: 7 });
}

#[test]
fn empty_values_count_as_not_there() {
    let empty = config("headers: {alias: a, name: , info: ~}\nconfig:\nexports:\nenviron: null\n");
    assert_eq!(empty, config("headers: {alias: a}"));
    assert_eq!(
        config("headers: {alias: a}\nconfig: {umask: }").tags.unwrap().umask,
        None
    );
}

#[test]
fn booleans_have_all_their_words() {
    for (word, expected) in [
        ("true", true),
        ("Yes", true),
        ("ON", true),
        ("1", true),
        ("no", false),
        ("off", false),
        ("0", false),
    ] {
        let tags = tags(&format!("headers: {{alias: a}}\nconfig: {{gpgcheck: {word}}}"));
        assert_eq!(tags.gpgcheck.unwrap().value, expected, "{word}");
    }
}

#[test]
fn a_share_may_join_a_namespace() {
    let tags = tags("headers: {alias: a}\nconfig: {share_net: /proc/1/ns/net, share_ipc: $NS}");
    assert_eq!(tags.share_net.unwrap().value, Share::Join("/proc/1/ns/net".into()));
    assert_eq!(tags.share_ipc.unwrap().value, Share::Join("$NS".into()));
}

#[test]
fn aliases_of_yaml_are_followed() {
    let config = config("headers: {alias: a, name: &n same, info: *n}");
    assert_eq!(
        config.headers.info.as_ref().map(|info| info.value.as_str()),
        Some("same")
    );
}

#[test]
fn the_same_key_twice_with_one_value_is_a_warning() {
    let source = read("headers: {alias: a}\nconfig:\n  umask: 022\n  UMASK: '022'\n").unwrap();
    let warnings: Vec<_> = source.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["redpack.yaml:4:3: 'umask' is written twice with the same value, first at 3:10"]
    );
}

#[test]
fn capabilities_have_their_kernel_names() {
    for name in ["ALL", "all", "cap_bpf", "BPF", "CAP_CHECKPOINT_RESTORE"] {
        assert!(CapabilityName::new(name).is_some(), "{name}");
    }
    for name in ["", "CAP_", "CAP_ALL", "CAP_CAP_BPF", "NET"] {
        assert_eq!(CapabilityName::new(name), None, "{name}");
    }
    assert!(CapabilityName::ALL < CapabilityName::new("AUDIT_READ").unwrap());
}

proptest! {
    #[test]
    fn a_printed_config_reads_back_to_itself(config in strategy::config()) {
        for text in [config.to_yaml(), config.to_json()] {
            let source = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{text}")))?;
            prop_assert_eq!(&source.config, &config);
            prop_assert_eq!(source.warnings, vec![]);
        }
    }

    /// Other programs read what is printed as it is meant: the YAML says to them what the JSON does.
    #[test]
    fn a_printed_config_is_the_same_for_another_reader(config in strategy::config()) {
        let yaml = config.to_yaml();
        let read: serde_json::Value = serde_yaml::from_str(&yaml)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{yaml}")))?;
        let meant: serde_json::Value = serde_json::from_str(&config.to_json()).expect("JSON");
        prop_assert_eq!(read, meant, "{}", yaml);
    }
}
