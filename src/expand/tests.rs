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
        ..Builtins::default()
    }
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
fn many_long_values_are_stopped() {
    let environment = Environment::from([("LONG".into(), "x".repeat(MAX_LENGTH).into())]);
    let (builtins, mut runner) = (builtins(), NoCommands);
    let odd = node("headers: {alias: odd}", "/odd");
    let mut expander = Expander::new(&builtins, &environment, odd.clone(), &mut runner);
    for _ in 0..MAX_TOTAL / MAX_LENGTH {
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
fn a_command_has_the_builtins_and_bytes_stay_bytes() {
    let seen = std::cell::RefCell::new(Vec::new());
    let (builtins, environment) = (builtins(), Environment::new());
    let odd = node("headers: {alias: odd, name: N}", "/odd");
    let mut runner = |command: &Command| {
        seen.borrow_mut().clone_from(&command.environment);
        Ok(vec![0xff, b'\n', b'\n'])
    };
    let text = Expander::new(&builtins, &environment, odd.clone(), &mut runner).expand("$(x)", &odd);
    assert_eq!(text, Ok(OsString::from_vec(vec![0xff])));
    let seen = seen.into_inner();
    assert_eq!(
        seen.iter().map(|(name, _)| name.to_str().unwrap()).collect::<Vec<_>>(),
        VARIABLES
    );
    assert!(seen.contains(&("NODE_NAME".into(), "N".into())) && seen.contains(&("UID".into(), "1000".into())));
}

proptest! {
    #[test]
    fn random_texts_never_panic(text in r"[a-z$(){}\\'\x22 FO]{0,40}") {
        let _ = expand(&text);
    }
}
