//! The value of `--color`. dnf5 looks at it while it goes through the command line, so the first mistake is the one it tells.

use std::ffi::OsString;

use clap::Command;

use super::arguments::wants_value;

/// What libdnf5 takes for the option `color`.
const VALUES: [&str; 11] = [
    "auto", "always", "never", "on", "yes", "1", "true", "off", "no", "0", "false",
];

/// The first wrong value and its place; `arguments` are as typed, the program's name first.
pub fn wrong<'t>(command: &Command, arguments: &'t [OsString]) -> Option<(usize, &'t str)> {
    let mut words = arguments
        .iter()
        .enumerate()
        .skip(1)
        .take_while(|(_, word)| *word != "--");
    while let Some((place, word)) = words.next() {
        let attached = word.to_str().and_then(|word| word.strip_prefix("--color="));
        let value = match attached {
            Some(value) => Some(value),
            None if wants_value(command, word) => {
                let next = words.next().and_then(|(_, next)| next.to_str());
                next.filter(|_| word == "--color")
            }
            None => None,
        };
        if let Some(value) = value.filter(|value| !VALUES.contains(value)) {
            return Some((place, value));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::arg;

    #[test]
    fn the_first_wrong_value_counts_wherever_it_stands() {
        let command = Command::new("p")
            .arg(arg!(--color <C>))
            .arg(arg!(-c --comment <C>))
            .subcommand(Command::new("list").arg(arg!([specs]...)));
        let cases = [
            ("p --color list lib", Some((1, "list"))),
            ("p list --color=always --color=", Some((3, ""))),
            ("p --color --version", Some((1, "--version"))),
            ("p --comment --color list", None),
            ("p -c --color list", None),
            ("p --color never list", None),
            ("p --color", None),
            ("p list -- --color x", None),
        ];
        for (typed, expected) in cases {
            let words: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            assert_eq!(wrong(&command, &words), expected, "{typed}");
        }
    }
}
