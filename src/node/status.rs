//! The status file of a node.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::config::keyword::keyword;
use crate::config::record::record;
use crate::config::{Read, Report, Shape};
use crate::display;
use crate::location::Located;
use crate::yaml::{self, Kind, Problem, Tree, Value};

keyword! {
    /// Whether a node may be used.
    State {
        /// It may.
        Enable | "Enabled",
        /// It was switched off.
        Disable | "Disabled",
        /// Nobody knows, for example while it is being made.
        Unknown,
        /// Something went wrong in it.
        Error,
    }
}

record! {
    /// What a status file says.
    Status {
        /// Whether the node may be used.
        "state" state: Located<State>,
        /// Where the node was when the file was written.
        "realpath" realpath: Located<RealPath>,
        /// When the file was written, in milliseconds since the epoch, UTC.
        "timestamp" timestamp: Option<Located<i64>>,
        /// Free text.
        "info" info: Option<Located<String>>,
    }
}

/// Characters that the reader refuses.
fn is_refused(character: char) -> bool {
    display::is_deceptive(character) && !matches!(character, '\n' | '\t')
}

impl Status {
    /// A status with these values; characters that no status file may hold become spaces in `info`.
    pub fn new(state: State, realpath: &Path, timestamp: i64, info: &str) -> Self {
        use crate::location::Location;
        Self {
            state: Located::new(state, Location::START),
            realpath: Located::new(RealPath(realpath.to_path_buf()), Location::START),
            timestamp: Some(Located::new(timestamp, Location::START)),
            info: Some(Located::new(info.replace(is_refused, " "), Location::START)),
        }
    }

    /// Reads a status file.
    ///
    /// # Errors
    /// All that is wrong, each with its place.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, Vec<Problem>> {
        let tree = yaml::read_bytes(bytes, file).map_err(|error| vec![error])?;
        let mut report = Report::new(file);
        match Self::read("", &tree, &mut report) {
            Some(status) if report.errors.is_empty() => Ok(status),
            _ => Err(report.errors),
        }
    }

    /// The status as YAML that reads back to the same status.
    pub fn to_yaml(&self) -> String {
        self.print().to_string()
    }
}

/// A path that survives YAML's limits: what is not printable UTF-8 is written as `bytes:` and percent escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealPath(pub PathBuf);

const ESCAPED: &str = "bytes:";

impl RealPath {
    fn escape(&self) -> String {
        let mut text = String::from(ESCAPED);
        for byte in self.0.as_os_str().as_bytes() {
            match byte {
                b'%' | 0..=0x20 | 0x7f.. => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "%{byte:02X}");
                }
                plain => text.push(char::from(*plain)),
            }
        }
        text
    }

    fn unescape(text: &str) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let digit = |byte: Option<u8>| {
                        char::from(byte?)
                            .to_digit(16)
                            .and_then(|digit| u8::try_from(digit).ok())
                    };
                    let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                    high << 4 | low
                }
                plain => plain,
            });
        }
        Some(Self(PathBuf::from(OsString::from_vec(bytes))))
    }
}

impl Read for RealPath {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        let path = match &tree.kind {
            Kind::Scalar(text) => match text.strip_prefix(ESCAPED) {
                Some(escaped) => Self::unescape(escaped),
                None => Some(Self(PathBuf::from(text))),
            },
            _ => None,
        };
        let path = path.filter(|path| path.0.is_absolute());
        if path.is_none() {
            report.unexpected(key, tree, "an absolute path");
        }
        path
    }

    fn print(&self) -> Value {
        match self.0.to_str() {
            Some(text) if !text.chars().any(display::is_deceptive) => Value::text(text),
            _ => Value::Text(self.escape()),
        }
    }

    fn shape() -> Shape {
        Shape::Pattern {
            pattern: "^(/|bytes:/)",
            description: "absolute path",
        }
    }
}
