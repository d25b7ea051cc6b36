//! Options may stand before or after the subcommand.
//!
//! clap lets the value after the subcommand replace the one before it, where an option that may be repeated should
//! have both, and knows an option of a subcommand only after it. So everything typed before the subcommand is moved
//! behind it, before clap sees it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use clap::{Arg, Command};

/// `arguments` (program name first) with the options before the subcommand moved behind it.
pub fn reorder(command: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let mut rest = arguments.into_iter().peekable();
    let mut front: Vec<OsString> = rest.next().into_iter().collect();
    let mut options = Vec::new();
    let mut current = command;
    while let Some(token) = rest.next_if(|token| token != "--") {
        if is_option(&token) {
            let wants_value = wants_value(command, &token);
            options.push(token);
            if wants_value {
                options.extend(rest.next());
            }
            continue;
        }
        let Some(sub) = current.find_subcommand(&token) else {
            options.push(token);
            break;
        };
        front.push(token);
        current = sub;
        if !current.has_subcommands() {
            break;
        }
    }
    front.extend(options);
    front.extend(rest);
    front
}

fn is_option(token: &OsStr) -> bool {
    token.len() > 1 && token.as_bytes()[0] == b'-'
}

/// The next token is the value of this one.
pub fn wants_value(command: &Command, token: &OsStr) -> bool {
    let Some(text) = token.to_str().filter(|_| is_option(token)) else {
        return false;
    };
    match text.strip_prefix("--") {
        Some(long) => !long.contains('=') && find(command, &|arg| is_long(arg, long)).is_some_and(takes_value),
        None => short_wants_value(command, &text[1..]),
    }
}

/// In a cluster (`-yx foo`) the first option that takes a value takes the rest of the cluster, or else the next token.
fn short_wants_value(command: &Command, cluster: &str) -> bool {
    let mut letters = cluster.chars().peekable();
    while let Some(letter) = letters.next() {
        if find(command, &|arg| arg.get_short() == Some(letter)).is_some_and(takes_value) {
            return letters.peek().is_none();
        }
    }
    false
}

fn is_long(arg: &Arg, long: &str) -> bool {
    arg.get_long() == Some(long) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&long))
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// An option of the program or of any of its subcommands.
fn find<'a>(command: &'a Command, matches: &dyn Fn(&Arg) -> bool) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|arg| matches(arg));
    own.or_else(|| command.get_subcommands().find_map(|sub| find(sub, matches)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{ArgAction, arg};

    fn command() -> Command {
        Command::new("p")
            .arg(arg!(-y - -yes).global(true))
            .arg(arg!(-x --exclude <P>).action(ArgAction::Append).global(true))
            .arg(arg!(--redpath <P>).alias("rp").global(true))
            .subcommand(
                Command::new("install")
                    .visible_alias("in")
                    .arg(arg!(--best))
                    .arg(arg!([specs]...)),
            )
            .subcommand(Command::new("repo").subcommand(Command::new("add").arg(arg!(<id>))))
    }

    #[test]
    fn options_move_behind_the_subcommand() {
        let cases = [
            ("p -y install a", "p install -y a"),
            ("p --redpath /x in a --yes", "p in --redpath /x a --yes"),
            ("p --rp /install install a", "p install --rp /install a"),
            (
                "p --redpath=/x -x install install a",
                "p install --redpath=/x -x install a",
            ),
            ("p -yx a install b", "p install -yx a b"),
            ("p -yxa install b", "p install -yxa b"),
            ("p --best install b", "p install --best b"),
            ("p repo --redpath /x add a", "p repo add --redpath /x a"),
            ("p --redpath /x repo -y add a", "p repo add --redpath /x -y a"),
            ("p bogus install", "p bogus install"),
            ("p -- install", "p -- install"),
            ("p", "p"),
        ];
        for (typed, expected) in cases {
            let words = typed.split(' ').map(OsString::from).collect();
            let expected: Vec<OsString> = expected.split(' ').map(OsString::from).collect();
            assert_eq!(reorder(&command(), words), expected, "{typed}");
        }
    }
}
