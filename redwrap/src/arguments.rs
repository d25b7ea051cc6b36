//! The command line, as typed: nothing is looked up here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory as _, Parser, ValueEnum};

/// What was typed.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "redwrap",
    version,
    about = "Start a program in the namespace of a family of nodes",
    override_usage = "redwrap --redpath=PATH [options] [--] PROGRAM [ARGS…]",
    after_help = "Exit status: the program's own; 128+N when signal N ended it; 125 redwrap failed, 126 the program cannot be executed, 127 the program was not found."
)]
pub struct Arguments {
    /// Terminal node of the family (absolute path)
    #[arg(long, visible_aliases = ["rpath", "rp"], value_name = "PATH")]
    pub redpath: PathBuf,

    /// Admin mode: admin configs apply on top of the normal ones; FILE is another main admin config
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub admin: Option<Option<PathBuf>>,

    /// Another main config
    #[arg(long, value_name = "FILE")]
    pub rmain: Option<PathBuf>,

    /// Start although the checks before launch fail
    #[arg(long)]
    pub force: bool,

    /// A missing export source is an error
    #[arg(long)]
    pub strict: bool,

    /// Run as this user (name or number), instead of the config's set-user
    #[arg(long, visible_alias = "uid", value_name = "USER")]
    pub user: Option<OsString>,

    /// Run with this group (name or number), instead of the config's set-group
    #[arg(long, visible_alias = "gid", value_name = "GROUP")]
    pub group: Option<OsString>,

    /// Run with this SMACK label
    #[arg(long, value_name = "LABEL")]
    pub smack: Option<OsString>,

    /// What makes the namespaces: redwrap itself, or bubblewrap
    #[arg(long, value_enum, value_name = "NAME", default_value_t)]
    pub backend: BackendName,

    /// Another bubblewrap, used as the backend. You vouch for it: one older than 0.12 is then warned about, not refused
    #[arg(long, value_name = "FILE")]
    pub bwrap: Option<PathBuf>,

    /// Print the launch plan on stderr, then start the program
    #[arg(long, conflicts_with = "dump_only")]
    pub dump: bool,

    /// Print the launch plan on stdout and create nothing
    #[arg(long)]
    pub dump_only: bool,

    /// Say more (repeatable)
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,

    /// Print no warnings
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Program and its arguments; nothing after PROGRAM is taken as an option of redwrap
    #[arg(
        value_name = "PROGRAM",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub program: Vec<OsString>,
}

/// The backends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum BackendName {
    /// redwrap makes the namespaces itself; takes Linux 5.12
    #[default]
    Direct,
    /// bubblewrap makes them, for older kernels and where it alone may
    Bubblewrap,
}

impl Arguments {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// What is wrong with it, or the help that it asks for.
    pub fn read(words: &[OsString]) -> Result<Self, clap::Error> {
        let arguments = Self::try_parse_from(words)?;
        // A misspelt option is no program: one that begins with a dash has to stand behind `--`.
        let (options, program) = words.split_at(words.len() - arguments.program.len());
        match program.first() {
            Some(word)
                if word.as_encoded_bytes().starts_with(b"-") && options.last().is_none_or(|last| last != "--") =>
            {
                let message = format!(
                    "unexpected argument '{}' found; put -- before a program of that name",
                    redpak::display::os(word)
                );
                Err(Self::command().error(ErrorKind::UnknownArgument, message))
            }
            _ => Ok(arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn parse(words: &[&str]) -> Arguments {
        read(words).expect("valid arguments")
    }

    fn read(words: &[&str]) -> Result<Arguments, clap::Error> {
        let words: Vec<OsString> = std::iter::once("redwrap")
            .chain(words.iter().copied())
            .map(OsString::from)
            .collect();
        Arguments::read(&words)
    }

    fn program(words: &[&str]) -> Vec<OsString> {
        parse(words).program
    }

    #[test]
    fn options_after_the_program_are_the_programs() {
        for (words, expected) in [
            (
                vec!["--redpath=/x", "--force", "bash", "-c", "echo -v"],
                vec!["bash", "-c", "echo -v"],
            ),
            (vec!["--redpath=/x", "sh", "--force"], vec!["sh", "--force"]),
            (vec!["--redpath=/x", "--", "sh", "-v"], vec!["sh", "-v"]),
            (vec!["--redpath=/x", "sh", "--", "-v"], vec!["sh", "--", "-v"]),
            (vec!["--redpath=/x", "--", "--version"], vec!["--version"]),
            (vec!["--redpath=/x", "--", "-odd", "--", "x"], vec!["-odd", "--", "x"]),
        ] {
            assert_eq!(program(&words), expected, "{words:?}");
        }
    }

    #[test]
    fn an_option_that_the_program_shares_stays_with_the_program() {
        let parsed = parse(&["--redpath=/x", "-v", "sh", "-v", "-q", "--dump"]);
        assert_eq!((parsed.verbose, parsed.quiet, parsed.dump), (1, false, false));
        assert_eq!(parsed.program, ["sh", "-v", "-q", "--dump"]);
    }

    #[test]
    fn the_three_spellings_of_redpath_are_one() {
        for words in [
            ["--redpath=/x", "p"].as_slice(),
            &["--redpath", "/x", "p"],
            &["--rpath", "/x", "p"],
            &["--rp=/x", "p"],
        ] {
            assert_eq!(parse(words).redpath, PathBuf::from("/x"), "{words:?}");
        }
    }

    #[test]
    fn admin_takes_a_file_only_with_an_equals_sign() {
        assert_eq!(parse(&["--redpath=/x", "--admin", "sh"]).admin, Some(None));
        assert_eq!(
            parse(&["--redpath=/x", "--admin=/a.yaml", "sh"]).admin,
            Some(Some(PathBuf::from("/a.yaml")))
        );
        assert_eq!(parse(&["--redpath=/x", "sh"]).admin, None);
    }

    #[test]
    fn bytes_that_are_not_utf8_survive() {
        let odd = OsString::from_vec(b"a\xffb".to_vec());
        let words = [
            "redwrap".into(),
            "--redpath".into(),
            odd.clone(),
            odd.clone(),
            odd.clone(),
        ];
        let parsed = Arguments::read(&words).expect("bytes are accepted");
        assert_eq!(parsed.redpath.into_os_string(), odd);
        assert_eq!(parsed.program, [odd.clone(), odd]);
    }

    #[test]
    fn usage_errors_are_errors() {
        for words in [
            vec!["sh"],
            vec!["--redpath=/x"],
            vec!["--redpath=/x", "--nope", "sh"],
            vec!["--redpath=/x", "-q", "-v", "sh"],
        ] {
            assert!(read(&words).is_err(), "{words:?}");
        }
    }
}
