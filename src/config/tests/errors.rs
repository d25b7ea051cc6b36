//! What is refused, and in which words.

use super::*;

#[test]
fn several_errors_are_told_with_their_places() {
    let found = errors(
        "headers:\n  alias: a b\nconfig:\n  umsk: 022\n  verbose: loud\nexports:\n  - {mode: Publik, mount: /x}\n  - {mode: Public}\n",
    );
    let expected = [
        "redpack.yaml:2:10: alias: 'a b' is not accepted; expected letters, digits and '+', '_', '@', ':', '-'",
        "redpack.yaml:4:3: unknown key 'umsk' in 'config'; did you mean 'umask'?",
        "redpack.yaml:5:12: verbose: 'loud' is not accepted; expected an integer",
        "redpack.yaml:7:12: mode: 'Publik' is not accepted; expected one of Public, Private, PublicFile, PrivateFile, Restricted, PrivateRestricted, RestrictedFile, Symlink, Execfd, Internal, Anonymous, Tmpfs, Devfs, Procfs, Mqueue, Lock",
        "redpack.yaml:8:5: the key 'mount' is missing in 'exports'; add 'mount:'",
    ];
    assert_eq!(found, expected);
}

#[test]
fn each_error_says_where_what_and_what_instead() {
    let head = "headers: {alias: a}\n";
    for (text, expected) in [
        ("", "1:1: the key 'headers' is missing; add 'headers:'"),
        (
            "headers: {name: x}",
            "1:10: the key 'alias' is missing in 'headers'; add 'alias:'",
        ),
        (
            "headers: {alias: }",
            "1:10: the key 'alias' is missing in 'headers'; add 'alias:'",
        ),
        ("headers: a", "1:10: headers: 'a' is not accepted; expected a mapping"),
        ("- a", "1:1: : a list is not accepted; expected a mapping"),
        (
            "config: {verbose: [1]}",
            "2:19: verbose: a list is not accepted; expected an integer",
        ),
        (
            "config: {gpgcheck: maybe}",
            "2:20: gpgcheck: 'maybe' is not accepted; expected true or false",
        ),
        (
            "config: {new-session: maybe}",
            "2:23: new-session: 'maybe' is not accepted; expected one of Enabled, Disabled, Unset",
        ),
        (
            "config: {share_net: net}",
            "2:21: share_net: 'net' is not accepted; expected one of Enabled, Disabled, Unset, or the absolute path of a namespace file",
        ),
        (
            "config: {share_all: /proc/1/ns/net}",
            "2:21: share_all: a namespace file is not accepted; a namespace file is of one kind: name it at share_user, share_cgroup, share_net, share_pid or share_ipc",
        ),
        (
            "config: {umask: 088}",
            "2:17: umask: '088' is not accepted; expected an octal number up to 0777",
        ),
        (
            "config: {umask: 01777}",
            "2:17: umask: '01777' is not accepted; expected an octal number up to 0777",
        ),
        (
            "config: {map-root-user: 2}",
            "2:25: map-root-user: '2' is not accepted; expected 0 or 1",
        ),
        (
            "config: {capabilities: [{cap: CAP_FLY, add: 1}]}",
            "2:31: cap: 'CAP_FLY' is not accepted; expected ALL or a name of capabilities(7), for example CAP_NET_ADMIN",
        ),
        (
            "config: {capabilities: [{cap: KILL}]}",
            "2:25: the key 'add' is missing in 'capabilities'; add 'add:'",
        ),
        (
            "config: {cgroups: {disk: 1}}",
            "2:20: unknown key 'disk' in 'cgroups'; accepted are cpuset, cpu, mem, io, pids",
        ),
        (
            "exports: {mode: Public}",
            "2:10: exports: a mapping is not accepted; expected a list",
        ),
        (
            "exports: [{mode: Tmpfs, mount: tmp}]",
            "2:32: mount: 'tmp' is not an absolute path; start it with '/' or a variable",
        ),
        (
            "exports: [{mode: Public, mount: /a, path: b}]",
            "2:43: path: 'b' is not an absolute path; start it with '/' or a variable",
        ),
        (
            "exports: [{mode: Execfd, mount: /a}]",
            "2:11: mode Execfd needs the key 'path'; add the command whose output the file holds",
        ),
        (
            "exports: [{mode: Internal, mount: /a}]",
            "2:11: mode Internal needs the key 'path'; add the descriptor number to read",
        ),
        (
            "exports: [{mode: Symlink, mount: /a}]",
            "2:11: mode Symlink needs the key 'path'; add what the link points to",
        ),
        (
            "environ: [{value: x}]",
            "2:11: the key 'key' is missing in 'environ'; add 'key:'",
        ),
        (
            "environ: [{key: a=b}]",
            "2:17: key: 'a=b' is not the name of a variable; use a name without '='",
        ),
        (
            "environ: [{mode: Execfd, key: A}]",
            "2:11: mode Execfd needs the key 'value'; add the command whose output is the value",
        ),
        (
            "config: {hostname: a, HostName: b}",
            "2:23: 'hostname' is written twice with different values, first at 2:20; keep one of them",
        ),
        (
            "headers: {alias: b}",
            "2:1: 'headers' is written twice with different values, first at 1:10; keep one of them",
        ),
    ] {
        let text = if text.is_empty() || text.starts_with(['-']) || expected.starts_with("1:") {
            text.to_owned()
        } else {
            format!("{head}{text}")
        };
        assert_eq!(errors(&text)[0], format!("redpack.yaml:{expected}"), "{text}");
    }
}

#[test]
fn unreadable_yaml_has_its_place() {
    for (text, place) in [
        ("headers: {alias: a", "1:10"),
        ("headers:\n  alias: a\n bad: b\n", "3:2"),
        ("headers: [a\nconfig: b", "2:7"),
        ("a: 'b", "1:"),
        ("a: *b", "1:4"),
        ("%YAML 1.2\n---\nheaders: {alias: a}", "1:1"),
        ("headers: {alias: a}\n---\nheaders: {alias: b}\n", "2:1"),
        ("headers: {alias: !secret a}", "1:"),
        ("? [a]\n: b", "1:3"),
        ("a: &x [*x]", "1:8"),
    ] {
        let found = errors(text);
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("redpack.yaml:{place}")),
            "{text:?} {found:?}"
        );
    }
}
