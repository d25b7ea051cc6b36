//! Enumerations: one table of words per type, read in any case.

use crate::config::field::Report;
use crate::config::scalar::scalar;
use crate::config::schema::Shape;
use crate::yaml::Tree;

/// A type whose values are words.
pub trait Keyword: Copy + 'static {
    /// Each value and the word that is printed for it.
    const WORDS: &'static [(Self, &'static str)];
    /// Other words that are read for a value, never printed.
    const SYNONYMS: &'static [(Self, &'static str)];

    /// The value of a word.
    fn from_word(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.iter().chain(Self::SYNONYMS);
        words
            .find(|(_, known)| known.eq_ignore_ascii_case(word))
            .map(|(value, _)| *value)
    }

    /// The accepted words, for messages.
    fn accepted() -> String {
        let words: Vec<_> = Self::WORDS.iter().map(|(_, word)| *word).collect();
        format!("one of {}", words.join(", "))
    }
}

/// Defines an enumeration whose variants are its words, documented, with the synonyms after `|`.
macro_rules! keyword {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $(| $synonym:literal)*,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $crate::config::Keyword for $name {
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, stringify!($variant)),)+];
            const SYNONYMS: &'static [(Self, &'static str)] = &[$($((Self::$variant, $synonym),)*)+];
        }

        impl $name {
            /// The word that is printed for the value.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::config::Read for $name {
            fn read(key: &str, tree: &$crate::yaml::Tree, report: &mut $crate::config::Report<'_>) -> Option<Self> {
                $crate::config::keyword::read(key, tree, report)
            }

            fn print(&self) -> $crate::yaml::Value {
                $crate::yaml::Value::text(self.word())
            }

            fn shape() -> $crate::config::Shape {
                $crate::config::keyword::shape::<Self>()
            }
        }
    };
}

pub(crate) use keyword;

/// Reads a word of the table.
pub fn read<T: Keyword>(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<T> {
    let accepted = T::accepted();
    let value = T::from_word(scalar(key, tree, report, &accepted)?);
    if value.is_none() {
        report.unexpected(key, tree, &accepted);
    }
    value
}

/// The words of the table.
pub fn shape<T: Keyword>() -> Shape {
    Shape::Words(
        T::WORDS
            .iter()
            .chain(T::SYNONYMS)
            .map(|(_, word)| (*word).to_owned())
            .collect(),
    )
}
