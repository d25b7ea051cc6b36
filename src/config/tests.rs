//! Reading of configs, in tables with inline YAML.

use std::path::Path;

use super::*;
use crate::yaml::Problem;

fn read(text: &str) -> Result<Source, Vec<Problem>> {
    parse(text, Path::new("node/redpack.yaml"))
}

fn config(text: &str) -> Config {
    match read(text) {
        Ok(source) => source.config,
        Err(errors) => panic!("{errors:?}"),
    }
}

fn errors(text: &str) -> Vec<String> {
    read(text).map_or_else(
        |errors| errors.iter().map(ToString::to_string).collect(),
        |source| panic!("{source:?} was read"),
    )
}

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

#[test]
fn scalars_of_cgroups_keep_their_text() {
    let tags = config(CGROUPS).tags.unwrap().value;
    let groups = tags.cgroups.unwrap().value;
    let text = |field: &Option<crate::location::Located<String>>| field.clone().unwrap().value;
    let cpuset = groups.cpuset.unwrap().value;
    assert_eq!((text(&cpuset.cpus), text(&cpuset.mems)), ("0-2".into(), "0".into()));
    assert_eq!(text(&groups.cpu.unwrap().max), "1000 1000");
    assert_eq!(text(&groups.mem.unwrap().oom_group), "10");
    assert_eq!(text(&groups.io.unwrap().max), "8:0 rbps=2097152 wiops=120");
    assert_eq!(tags.share_all.unwrap().value, Share::Unset);
}

#[test]
fn several_errors_are_told_with_their_places() {
    let found = errors(
        "headers:\n  alias: a b\nconfig:\n  umsk: 022\n  verbose: loud\nexports:\n  - {mode: Publik, mount: /x}\n  - {mode: Public}\n",
    );
    let expected = [
        "node/redpack.yaml:2:10: alias: 'a b' is not accepted; expected letters, digits and '+', '_', '@', ':', '-'",
        "node/redpack.yaml:4:3: unknown key 'umsk' in 'config'; did you mean 'umask'?",
        "node/redpack.yaml:5:12: verbose: 'loud' is not accepted; expected an integer",
        "node/redpack.yaml:7:12: mode: 'Publik' is not accepted; expected one of Public, Private, PublicFile, PrivateFile, Restricted, PrivateRestricted, RestrictedFile, Symlink, Execfd, Internal, Anonymous, Tmpfs, Devfs, Procfs, Mqueue, Lock",
        "node/redpack.yaml:8:5: the key 'mount' is missing in 'exports'; add 'mount:'",
    ];
    assert_eq!(found, expected);
}
