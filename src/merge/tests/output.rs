//! The merged config printed.

use std::path::Path;

use super::merged;
use crate::config::parse;

const ANCESTOR: &str = "config: {path: /usr/bin, share_all: Enabled, umask: '022', gpgcheck: true, capabilities: [{cap: KILL, add: 0}], export_roots: [/usr]}
exports: [{mode: Restricted, mount: /usr}]
environ: [{mode: Inherit, key: TERM}]";
const LEAF: &str = "config: {path: $NODE_PATH/bin, share_net: /run/$USER, cgroups: {pids: {max: $UID}}}
exports: [{mode: Restricted, mount: /nodes/$NODE_ALIAS, path: $NODE_PATH}, {mode: Execfd, mount: /x, path: echo $USER}]
environ: [{key: A, value: $NODE_ALIAS}]";

#[test]
fn it_reads_back_to_the_same_config() {
    let merged = merged(&[ANCESTOR, LEAF], false);
    for expanded in [false, true] {
        let config = merged.to_config(expanded);
        for text in [config.to_yaml(), config.to_json()] {
            let read = parse(&text, Path::new("merged.yaml")).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
            assert_eq!(read.config, config, "{text}");
        }
    }
}

#[test]
fn expansion_is_shown_on_request() {
    let merged = merged(&[ANCESTOR, LEAF], false);
    let expected = "headers:
  alias: n1
config:
  path: \"/pool/n0/n1/bin:/usr/bin\"
  umask: \"0022\"
  gpgcheck: true
  share_all: Enabled
  share_user: Enabled
  share_cgroup: Enabled
  share_net: /run/ann
  share_pid: Enabled
  share_ipc: Enabled
  capabilities:
    - cap: CAP_KILL
      add: 0
  cgroups:
    pids:
      max: \"1000\"
  export_roots:
    - /usr
exports:
  - mode: Restricted
    mount: /nodes/n1
    path: /pool/n0/n1
  - mode: Restricted
    mount: /usr
    path: /usr
  - mode: Execfd
    mount: /x
    path: \"echo ann\"
environ:
  - mode: Inherit
    key: TERM
  - key: A
    value: n1
";
    assert_eq!(merged.to_config(true).to_yaml(), expected);
    let written = merged.to_config(false).to_yaml();
    assert!(
        written.contains("path: \"$NODE_PATH/bin:/usr/bin\"") && written.contains("mount: /nodes/$NODE_ALIAS"),
        "{written}"
    );
}

#[test]
fn every_entry_tells_where_it_is_from() {
    let value = merged(
        &[
            ANCESTOR,
            LEAF,
            "config: {umask: '077'}\nexports: [{mode: Tmpfs, mount: /x}]",
        ],
        false,
    )
    .to_value();
    let json: serde_json::Value = serde_json::from_str(&value.to_json()).expect("valid JSON");
    assert_eq!(json["tags"]["umask"]["value"], "0022");
    assert_eq!(json["tags"]["umask"]["from"]["alias"], "n0");
    assert_eq!(
        json["tags"]["umask"]["overrides"][0]["file"],
        "/pool/n0/n1/n2/redpack.yaml"
    );
    assert_eq!(json["tags"]["path"]["overrides"][0]["alias"], "n0");
    let tmpfs = json["exports"]
        .as_array()
        .unwrap()
        .iter()
        .find(|export| export["mount"] == "/x")
        .unwrap();
    assert_eq!(
        (&tmpfs["from"]["line"], &tmpfs["overrides"][0]["alias"]),
        (&3.into(), &"n1".into())
    );
    for tag in json["tags"].as_object().unwrap() {
        assert!(tag.1["from"]["line"].is_u64(), "{tag:?}");
    }
}
