//! A line of sysusers.d(5).

/// What a line declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declaration {
    /// `g`
    Group {
        /// Its name.
        name: String,
        /// Its id.
        number: Number,
    },
    /// `u`, `u!`
    User {
        /// Login name.
        name: String,
        /// Its id.
        number: Number,
        /// Its primary group.
        group: Group,
        /// The comment field.
        description: String,
        /// Home directory.
        home: String,
        /// Login shell.
        shell: String,
    },
    /// `m`
    Member {
        /// Who.
        user: String,
        /// Becomes a member of which group.
        group: String,
    },
}

/// The id of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// One that is free.
    Any,
    /// This one if it is free.
    Wanted(u32),
}

/// The primary group of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// One of its own name.
    Own,
    /// By number.
    Number(u32),
    /// By name.
    Name(String),
}

impl Declaration {
    /// None for a line of another kind (ranges, for instance), and for one that could forge others.
    pub fn parse(line: &str) -> Option<Self> {
        let words = words(line)?;
        let word = |index: usize| {
            words
                .get(index)
                .map(String::as_str)
                .filter(|word| !matches!(*word, "-" | ""))
        };
        let name = word(1).filter(|name| is_name(name))?.to_owned();
        match words.first()?.as_str() {
            "g" => Some(Self::Group {
                name,
                number: number(word(2)),
            }),
            "u" | "u!" => {
                let (id, group) = match word(2).and_then(|id| id.split_once(':')) {
                    Some((id, group)) => (Some(id), primary(group)?),
                    None => (word(2), Group::Own),
                };
                Some(Self::User {
                    name,
                    number: number(id),
                    group,
                    description: word(3).unwrap_or_default().into(),
                    home: word(4).unwrap_or("/").into(),
                    shell: word(5).unwrap_or(NO_LOGIN).into(),
                })
            }
            "m" => Some(Self::Member {
                user: name,
                group: word(2).filter(|name| is_name(name))?.to_owned(),
            }),
            _ => None,
        }
    }

    /// A user of whom only the name is known.
    pub(super) fn plain_user(name: &str) -> Self {
        Self::User {
            name: name.into(),
            number: Number::Any,
            group: Group::Own,
            description: String::new(),
            home: "/".into(),
            shell: NO_LOGIN.into(),
        }
    }

    /// Its user, or its group.
    pub fn name(&self) -> &str {
        match self {
            Self::Group { name, .. } | Self::User { name, .. } => name,
            Self::Member { user, .. } => user,
        }
    }

    /// Groups before users before memberships.
    pub(super) fn turn(&self) -> u8 {
        match self {
            Self::Group { .. } => 0,
            Self::User { .. } => 1,
            Self::Member { .. } => 2,
        }
    }
}

const NO_LOGIN: &str = "/sbin/nologin";

/// Ids that mean "none" to the kernel.
const NONE: [u32; 2] = [0xffff, 0xffff_ffff];

/// A path means the owner of that file, which nobody can know before the files are there: any id will do.
fn number(word: Option<&str>) -> Number {
    let parsed = word.and_then(|word| word.parse().ok()).filter(|id| !NONE.contains(id));
    parsed.map_or(Number::Any, Number::Wanted)
}

fn primary(word: &str) -> Option<Group> {
    match word.parse() {
        Ok(id) if NONE.contains(&id) => None,
        Ok(id) => Some(Group::Number(id)),
        Err(_) => is_name(word).then(|| Group::Name(word.into())),
    }
}

/// As systemd's strict names: nothing that reads as a number, an option or another field.
fn is_name(name: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let is_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    name.len() <= 31 && name.bytes().next().is_some_and(is_first) && name.bytes().all(is_rest)
}

/// Words, which quotes hold together. None when one holds what separates fields or lines.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim_matches(|character: char| character.is_whitespace() || character == '\0');
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|character| matches!(character, '"' | '\''));
        let (word, after) = match quote {
            Some(quote) => rest[1..].split_once(quote)?,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        let is_field_three = words.len() == 2;
        let is_clean = |character: char| !character.is_control() && (character != ':' || is_field_three);
        word.chars().all(is_clean).then_some(())?;
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Some(words)
}

/// Base64 of RFC 4648, as rpm writes it.
pub(super) fn decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.iter().filter(|byte| **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_forges_another() {
        for line in [
            "u a:b -",
            "u 0day -",
            "u -x -",
            "u a - \"x:0:0\"",
            "u a - \"x\ny\"",
            "u a - d /h:0",
            "u a 1:b:c",
            "u a 4294967295:4294967295",
            "m a b:c",
            "r - 500-900",
            "u",
            "",
            "u a \"open",
        ] {
            assert_eq!(Declaration::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn base64_is_decoded() {
        for (text, expected) in [
            ("ZyBncnA=", Some("g grp")),
            ("Zw", Some("g")),
            ("Z!", None),
            ("/////w", None),
            // Each of the 64 characters.
            (
                "NUlDe1FIczdQZmtPOCBSTHsqVkxbLG9nXi5MW3RrY0w+a28gfjJyKGopJE47NUhuXSA/ZkB6WzRv",
                Some("5IC{QHs7PfkO8 RL{*VL[,og^.L[tkcL>ko ~2r(j)$N;5Hn] ?f@z[4o"),
            ),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }
}
