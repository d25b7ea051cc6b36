//! The table of checks.

use std::fmt;

/// Defines the ids: variant, stable text, one line for users.
macro_rules! ids {
    ($($variant:ident $text:literal $description:literal,)+) => {
        /// A check; its text never changes, reports and tests use it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Id { $(#[doc = $description] $variant,)+ }

        /// Every check with its text and what holds when it does, in the order of a report.
        pub const TABLE: &[(Id, &str, &str)] = &[$((Id::$variant, $text, $description),)+];

        impl Id {
            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// What holds when the check does.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }
        }
    };
}

ids! {
    NodeState "node-state" "every node is enabled, its status and configs parse, and it is where its status says",
    ConfigMerge "config-merge" "the configs merge without a constraint error",
    RpmdbReadable "rpmdb-readable" "every rpmdb opens and every header passes librpm's digest check",
    Requires "requires" "every requirement of every package is provided within the family",
    Conflicts "conflicts" "no package conflicts with another one in the family",
    Obsoletes "obsoletes" "no package obsoletes another one in the family",
    Duplicates "duplicates" "no package name is at two levels of the family",
    FileConflicts "file-conflicts" "no two packages make different content visible at one place",
    FilesPresent "files-present" "every file of the node's packages exists with its type, mode and size",
    FilesDigest "files-digest" "every file of the node's packages has its digest",
    Signatures "signatures" "with gpgcheck, every installed header is signed by a key of the family",
    Exports "exports" "every export's source exists and none leaves the node through a link that the leaf can write",
}

impl Id {
    /// Whether the check is part of the quick set that runs at launch; the others are asked for with `--deep`.
    pub const fn is_quick(self) -> bool {
        !matches!(self, Self::FilesDigest)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
