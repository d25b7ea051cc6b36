//! Hostile documents: refused quickly, never a panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::yaml::{MAX_DEPTH, MAX_SIZE};

/// What any refusal may take, on a slow machine in a debug build.
const QUICKLY: Duration = Duration::from_secs(2);

fn refused(text: &str, expected: &str) {
    let start = Instant::now();
    let found = errors(text);
    assert!(found[0].contains(expected), "{found:?}");
    assert!(start.elapsed() < QUICKLY, "{:?}", start.elapsed());
}

#[test]
fn bombs_are_refused() {
    let levels: String = (1..20)
        .map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")))
        .collect();
    refused(
        &format!("a0: &a0 lol\n{levels}"),
        "more than 50000 nodes, those repeated by aliases included",
    );
    refused(
        &format!("{}{}", "[".repeat(MAX_DEPTH + 10), "]".repeat(MAX_DEPTH + 10)),
        "nested deeper than 32 levels",
    );
    refused(&"[".repeat(100_000), "recursion limit exceeded");
    refused(&"- ".repeat(100_000), "nested deeper than 32 levels");
    refused(&"{a: ".repeat(100_000), "recursion limit exceeded");
    refused(&"- a\n".repeat(60_000), "more than 50000 nodes");
    refused(
        &" ".repeat(MAX_SIZE + 1),
        "the file has 1048577 bytes, more than the limit of 1048576",
    );
}

#[test]
fn many_errors_are_cut_and_repeated_keys_stay_cheap() {
    let text: String = std::iter::once("headers: {alias: a}\nconfig:\n".to_owned())
        .chain((0..10_000).map(|n| format!("  k{n}: 1\n")))
        .collect();
    assert_eq!(errors(&text).len(), 50);
    let start = Instant::now();
    let text = format!("headers: {{alias: a}}\n{}", "config: {umask: 022}\n".repeat(10_000));
    assert!(read(&text).is_ok() && start.elapsed() < QUICKLY);
}

#[test]
fn characters_that_deceive_are_refused() {
    for (text, expected) in [
        (
            "headers: {alias: a, info: \"x\0y\"}",
            "redpack.yaml:1:29: a NUL character is not allowed",
        ),
        (
            "headers: {alias: a}\r\n",
            "redpack.yaml:1:20: a carriage return is not allowed; end lines with a line feed alone",
        ),
        (
            "headers:\n  alias: a # \u{202e}x\n",
            "redpack.yaml:2:14: the invisible character U+202E, which changes how text is shown, is not allowed",
        ),
        (
            "headers: {alias: a, info: \u{1b}[2J}",
            "redpack.yaml:1:27: the control character U+001B is not allowed",
        ),
        (
            "headers: {alias: a, info: \"\\e[2J\"}",
            "redpack.yaml:1:27: the control character U+001B is not allowed in a value",
        ),
        (
            "headers: {alias: a, info: \"\\u202e\"}",
            "redpack.yaml:1:27: the invisible character U+202E, which changes how text is shown, is not allowed in a value",
        ),
        (
            "headers: {alias: a, info: \"\\0\"}",
            "redpack.yaml:1:27: a NUL character is not allowed in a value",
        ),
        (
            "headers: {alias: a, info: x\u{feff}}",
            "redpack.yaml:1:28: the invisible character U+FEFF, which changes how text is shown, is not allowed",
        ),
    ] {
        assert_eq!(errors(text), [expected], "{text:?}");
    }
    assert!(read("\u{feff}headers: {alias: a}").is_ok());
}

#[test]
fn other_encodings_are_refused_with_their_place() {
    let parse = |bytes: &[u8]| parse_bytes(bytes, Path::new("redpack.yaml")).map_err(|errors| errors[0].to_string());
    assert_eq!(
        parse(b"headers:\n  a\xffb: 1").unwrap_err(),
        "redpack.yaml:2:4: byte 0xff is not UTF-8; save the file as UTF-8"
    );
    let utf16: Vec<u8> = "\u{feff}headers: {alias: a}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        parse(&utf16).unwrap_err(),
        "redpack.yaml:1:1: byte 0xff is not UTF-8; save the file as UTF-8"
    );
    let without_mark = &utf16[2..];
    assert_eq!(
        parse(without_mark).unwrap_err(),
        "redpack.yaml:1:2: a NUL character is not allowed"
    );
    assert!(parse(b"headers: {alias: a}").is_ok());
}

#[test]
fn errors_show_no_raw_controls() {
    let problem = errors("headers: {alias: a}\n\"\\u200bx\": 1");
    assert!(!problem[0].contains('\u{200b}'), "{problem:?}");
}

proptest! {
    #[test]
    fn random_texts_never_panic(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn random_documents_never_panic(text in r"((headers|alias|config|exports|mode|environ|a|\$NODE_PATH|[-:{}\[\],&*!|>'#%@?~ \n]| {2}|\n- )){0,60}") {
        let _ = read(&text);
    }

    #[test]
    fn damaged_configs_never_panic(config in strategy::config(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = config.to_yaml().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = parse_bytes(&bytes, Path::new("redpack.yaml"));
    }
}
