//! Expansion, in tables.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::parse;

fn node(yaml: &str, path: &str) -> NodeVariables {
    let source = parse(yaml, Path::new("redpack.yaml")).expect("a valid config");
    NodeVariables::of_headers(&source.config.headers, Path::new(path))
}

fn builtins() -> Builtins {
    Builtins {
        uid: 1000,
        gid: 100,
        pid: 7,
        user: "ann".into(),
        hostname: "board".into(),
        today: "2026-11-30T12:00:00Z".into(),
        uuid: "0b5a".into(),
        prefix: "/mnt".into(),
        cgroups_mount_point: "/sys/fs/cgroup".into(),
    }
}

/// Each built-in variable, with its value for an entry of [`parent`] in the family of [`leaf`].
const VALUES: [(&str, &str); 24] = [
    ("NODE_ALIAS", "parent"),
    ("NODE_NAME", "Parent"),
    ("NODE_PATH", "/pool/p"),
    ("NODE_INFO", "above"),
    ("LEAF_ALIAS", "leaf"),
    ("LEAF_NAME", "Leaf"),
    ("LEAF_PATH", "/pool/p/leaf"),
    ("LEAF_INFO", "below"),
    ("UID", "1000"),
    ("GID", "100"),
    ("PID", "7"),
    ("USER", "ann"),
    ("LOGNAME", "ann"),
    ("HOSTNAME", "board"),
    ("TODAY", "2026-11-30T12:00:00Z"),
    ("UUID", "0b5a"),
    ("NODE_PREFIX", "/mnt"),
    ("CGROUPS_MOUNT_POINT", "/sys/fs/cgroup"),
    ("REDNODE_CONF", "/pool/p/etc/redpack.yaml"),
    ("REDNODE_ADMIN", "/pool/p/etc/redpack-admin.yaml"),
    ("REDNODE_STATUS", "/pool/p/.rednode.yaml"),
    ("REDNODE_VARDIR", "/pool/p/var/lib/rpm"),
    ("REDNODE_REPODIR", "/pool/p/etc/yum.repos.d"),
    ("REDNODE_LOCK", "/pool/p/.rednode.lock"),
];

fn parent() -> NodeVariables {
    node("headers: {alias: parent, name: Parent, info: above}", "/pool/p")
}

fn leaf() -> NodeVariables {
    node("headers: {alias: leaf, name: Leaf, info: below}", "/pool/p/leaf")
}

fn run(command: &Command) -> Result<Vec<u8>, String> {
    let text = command.text.to_string_lossy().into_owned();
    match text.strip_prefix("echo ") {
        Some(words) => Ok(format!("{words}\n").into_bytes()),
        None if text == "nul" => Ok(vec![b'a', 0]),
        None => Err(format!("sh: {text}: not found")),
    }
}

fn expand(text: &str) -> Result<String, String> {
    let environment = Environment::from(
        [
            ("FOO", "foo"),
            ("TWICE", "$FOO$FOO"),
            ("LOOP", "$POOL"),
            ("POOL", "x$LOOP"),
            ("CMD", "$(echo no)"),
            ("OPEN", "a${"),
        ]
        .map(|(key, value)| (key.into(), value.into())),
    );
    let (builtins, mut runner) = (builtins(), run);
    let leaf = node("headers: {alias: leaf, name: name of $NODE_ALIAS}", "/pool/p/leaf");
    let parent = node("headers: {alias: parent, info: $NODE_INFO}", "/pool/p");
    let mut expander = Expander::new(&builtins, &environment, leaf, &mut runner);
    let text = expander.expand(text, &parent).map_err(|error| error.to_string())?;
    Ok(text.to_string_lossy().into_owned())
}

#[test]
fn texts_expand() {
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("$FOO/${FOO}bar$FOO_X", "foo/foobar"),
        (r"\$FOO \\ \n $ $. a$", r"$FOO \\ \n $ $. a$"),
        ("$TWICE", "foofoo"),
        ("$NOBODY", ""),
        (
            "$NODE_ALIAS $NODE_PATH $LEAF_ALIAS $LEAF_PATH",
            "parent /pool/p leaf /pool/p/leaf",
        ),
        ("$LEAF_NAME", "name of leaf"),
        ("$UID:$GID:$PID:$USER:$LOGNAME:$HOSTNAME", "1000:100:7:ann:ann:board"),
        (
            "$REDNODE_CONF $REDNODE_STATUS",
            "/pool/p/etc/redpack.yaml /pool/p/.rednode.yaml",
        ),
        ("<$(echo $FOO (b) \")\" ')')>", "<foo (b) \")\" ')'>"),
        ("$(echo $(echo in))", "in"),
        ("$CMD", "$(echo no)"),
        ("$OPEN", "a${"),
    ] {
        assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn every_builtin_has_its_value() {
    let environment = VALUES.map(|(name, _)| (name.into(), "from the environment".into()));
    let (builtins, environment, mut runner) = (builtins(), Environment::from(environment), NoCommands);
    let (node, leaf) = (parent(), leaf());
    let mut expander = Expander::new(&builtins, &environment, leaf, &mut runner);
    for (name, value) in VALUES {
        assert_eq!(expander.expand(&format!("${name}"), &node), Ok(value.into()), "{name}");
    }
}

#[test]
fn names_like_those_of_builtins_are_ordinary_variables() {
    let names = [
        "NODE_",
        "NODE_SIZE",
        "LEAF_SIZE",
        "REDNODE_SIZE",
        "NODE",
        "POOL_PATH",
        "uid",
    ];
    let environment = Environment::from(names.map(|name| (name.into(), format!("<{name}>").into())));
    let (builtins, mut runner) = (builtins(), NoCommands);
    let (node, leaf) = (parent(), leaf());
    let mut expander = Expander::new(&builtins, &environment, leaf, &mut runner);
    for name in names {
        let value = expander.expand(&format!("${name}"), &node);
        assert_eq!(value, Ok(format!("<{name}>").into()), "{name}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    for (text, expected) in [
        (
            "$LOOP",
            "the variables $LOOP -> $POOL -> $LOOP refer to each other in a circle",
        ),
        (
            "$NODE_INFO",
            "the variables $NODE_INFO -> $NODE_INFO refer to each other in a circle",
        ),
        ("${FOO", "'${' has no matching '}'"),
        ("${}", "'${}' is not a variable; names are letters, digits and '_'"),
        (
            "${A B}",
            "'${A B}' is not a variable; names are letters, digits and '_'",
        ),
        ("$(echo \")\"", "'$(' has no matching ')'"),
        ("$(nul)", "the command 'nul' printed a NUL byte"),
        ("$(boom)", "the command 'boom' failed: sh: boom: not found"),
    ] {
        assert_eq!(expand(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn a_directory_name_is_not_expanded() {
    let (builtins, environment, mut runner) = (builtins(), Environment::new(), NoCommands);
    let odd = node("headers: {alias: odd}", "/pool/$(reboot)$UID");
    let mut expander = Expander::new(&builtins, &environment, odd.clone(), &mut runner);
    assert_eq!(expander.expand("$NODE_PATH", &odd), Ok("/pool/$(reboot)$UID".into()));
}

#[test]
fn growth_is_stopped_even_towards_nothing() {
    for end in ["x", ""] {
        let doubled = (0..60).map(|n| (format!("V{n}").into(), format!("$V{0}$V{0}", n + 1).into()));
        let environment: Environment = doubled.chain([("V60".into(), end.into())]).collect();
        let (builtins, mut runner) = (builtins(), NoCommands);
        let odd = node("headers: {alias: odd}", "/odd");
        let mut expander = Expander::new(&builtins, &environment, odd.clone(), &mut runner);
        assert_eq!(expander.expand("$V0", &odd), Err(ExpandError::TooLong));
    }
}

#[test]
fn a_text_has_a_hundred_thousand_pieces_at_most() {
    let environment = Environment::from([("E".into(), "".into())]);
    let (builtins, mut runner) = (builtins(), NoCommands);
    let mut expander = Expander::new(&builtins, &environment, leaf(), &mut runner);
    assert_eq!(expander.expand(&"$E".repeat(100_000), &leaf()), Ok("".into()));
    assert_eq!(
        expander.expand(&"$E".repeat(100_001), &leaf()),
        Err(ExpandError::TooLong)
    );
}

#[test]
fn a_check_that_must_not_run_commands_refuses_them() {
    let (builtins, environment, mut runner) = (builtins(), Environment::new(), NoCommands);
    let mut expander = Expander::new(&builtins, &environment, leaf(), &mut runner);
    let refused = expander.expand("$(true)", &leaf()).unwrap_err();
    assert!(refused.to_string().contains("commands are not run here"), "{refused}");
}

#[test]
fn a_value_is_as_long_as_an_argument_can_be() {
    let values = [("FITS", 131_072), ("LONG", 131_073)];
    let environment = Environment::from(values.map(|(name, length)| (name.into(), "x".repeat(length).into())));
    let (builtins, mut runner) = (builtins(), NoCommands);
    let mut expander = Expander::new(&builtins, &environment, leaf(), &mut runner);
    assert!(expander.expand("$FITS", &leaf()).is_ok());
    assert_eq!(expander.expand("$LONG", &leaf()), Err(ExpandError::TooLong));
}

#[test]
fn chains_of_variables_end() {
    // V1 is the value, V2 refers to V1, and so on.
    let chain = (2..=65).map(|n| (format!("V{n}").into(), format!("$V{}", n - 1).into()));
    let environment: Environment = chain.chain([("V1".into(), "x".into())]).collect();
    let (builtins, mut runner) = (builtins(), NoCommands);
    let mut expander = Expander::new(&builtins, &environment, leaf(), &mut runner);
    assert_eq!(expander.expand("$V64", &leaf()), Ok("x".into()));
    assert_eq!(expander.expand("$V65", &leaf()), Err(ExpandError::TooDeep("V1".into())));
}

#[test]
fn many_long_values_are_stopped() {
    // MAX_ARG_STRLEN of Linux, and eight million bytes in all.
    let environment = Environment::from([("LONG".into(), "x".repeat(131_072).into())]);
    let (builtins, mut runner) = (builtins(), NoCommands);
    let odd = node("headers: {alias: odd}", "/odd");
    let mut expander = Expander::new(&builtins, &environment, odd.clone(), &mut runner);
    for _ in 0..64 {
        assert!(expander.expand("$LONG", &odd).is_ok());
    }
    assert_eq!(expander.expand("$LONG", &odd), Err(ExpandError::TooMuch));
    let long = node(
        &format!("headers: {{alias: odd, info: {}}}", "x".repeat(500_000)),
        "/odd",
    );
    let mut expander = Expander::new(&builtins, &environment, odd.clone(), &mut runner);
    let stopped = (0..20).find_map(|_| expander.command("true", &long).err());
    assert_eq!(stopped, Some(ExpandError::TooMuch));
}

#[test]
fn a_command_has_every_builtin_and_nothing_else() {
    let (builtins, mut runner) = (builtins(), NoCommands);
    let environment = Environment::from([("FOO".into(), "foo".into())]);
    let mut expander = Expander::new(&builtins, &environment, leaf(), &mut runner);
    let command = expander.command("echo $FOO", &parent()).unwrap();
    assert_eq!(command.text, "echo foo");
    assert_eq!(
        command.environment,
        VALUES.map(|(name, value)| (name.into(), value.into()))
    );
}

#[test]
fn bytes_of_a_commands_output_stay_bytes() {
    let (builtins, environment) = (builtins(), Environment::new());
    let mut runner = |_: &Command| Ok(vec![b'\n', 0xff, b'\n', b'a', b'\n', b'\n']);
    let text = Expander::new(&builtins, &environment, leaf(), &mut runner).expand("<$(x)>", &parent());
    assert_eq!(text, Ok(OsString::from_vec(b"<\n\xff\na>".to_vec())));
}

proptest! {
    #[test]
    fn random_texts_never_panic(text in r"[a-z$(){}\\'\x22 FO]{0,40}") {
        let _ = expand(&text);
    }
}
