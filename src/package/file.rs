//! The files of a package.

use std::ffi::OsString;
use std::path::PathBuf;

/// A file as the package describes it, which need not be what is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Absolute path below the root that the package is installed in, exactly as packaged: nothing is normalised.
    pub path: PathBuf,
    /// Type and permission bits, see inode(7).
    pub mode: u32,
    /// Size in bytes; meaningful for regular files and symbolic links.
    pub size: u64,
    /// Modification time, seconds since the epoch.
    pub mtime: u32,
    /// Digest of the content in hexadecimal; only regular files have one.
    pub digest: Option<String>,
    /// How `digest` was made; a header has one algorithm for all its files.
    pub digest_algorithm: DigestAlgorithm,
    /// What kind of file it is for rpm.
    pub flags: FileFlags,
    /// What is verified of it.
    pub verified: Verified,
    /// Whether it is meant for one language (`%lang`).
    pub has_language: bool,
    /// What became of the file when the package was installed.
    pub state: FileState,
    /// Name of the owning user.
    pub user: OsString,
    /// Name of the owning group.
    pub group: OsString,
    /// Target, for symbolic links.
    pub link_target: Option<PathBuf>,
    /// Device and inode number of the build machine: equal numbers within a package are hard links.
    pub hard_link_id: (u32, u32),
    /// ELF class bits that decide between files of two architectures at one place; 0 for everything else.
    pub color: u32,
    /// File capabilities in the text form of cap_to_text(3), when the package sets any.
    pub capabilities: Option<OsString>,
}

impl File {
    /// The type bits of the mode (`S_IFMT`).
    pub fn file_type(&self) -> u32 {
        self.mode & 0o170_000
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.file_type() == 0o040_000
    }

    /// Whether it is a regular file.
    pub fn is_regular(&self) -> bool {
        self.file_type() == 0o100_000
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.file_type() == 0o120_000
    }
}

/// The attributes of a file in rpm's header (`RPMFILE_…`, `%config`, `%ghost` and so on in a spec file).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FileFlags(pub u32);

impl FileFlags {
    /// `%config`
    pub const CONFIG: u32 = 1;
    /// `%doc`
    pub const DOC: u32 = 1 << 1;
    /// `%config(missingok)`: the file may be absent.
    pub const MISSINGOK: u32 = 1 << 3;
    /// `%config(noreplace)`
    pub const NOREPLACE: u32 = 1 << 4;
    /// `%ghost`: owned, but not in the package.
    pub const GHOST: u32 = 1 << 6;
    /// `%artifact`: made by the build for debuggers and the like.
    pub const ARTIFACT: u32 = 1 << 12;

    /// Whether all of `bits` are set.
    pub fn contains(self, bits: u32) -> bool {
        self.0 & bits == bits
    }

    /// Whether the file is a configuration file, which users may change.
    pub fn is_config(self) -> bool {
        self.contains(Self::CONFIG)
    }

    /// Whether the package owns the path without delivering the file.
    pub fn is_ghost(self) -> bool {
        self.contains(Self::GHOST)
    }

    /// Whether the file may be absent.
    pub fn may_be_missing(self) -> bool {
        self.contains(Self::MISSINGOK) || self.is_ghost()
    }
}

/// What of a file is verified (`RPMVERIFY_…` of rpmvf.h, `%verify` of a spec file).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verified(pub u32);

impl Verified {
    /// Its content.
    pub const DIGEST: u32 = 1;
    /// Its size.
    pub const SIZE: u32 = 1 << 1;
    /// Where a symbolic link leads.
    pub const LINK: u32 = 1 << 2;
    /// Its permissions; its type is verified always.
    pub const MODE: u32 = 1 << 6;
    /// All of it, as without `%verify`.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether this is verified.
    pub fn has(self, what: u32) -> bool {
        self.0 & what != 0
    }
}

impl Default for Verified {
    fn default() -> Self {
        Self::ALL
    }
}

/// What became of a file when its package was installed (`RPMFILE_STATE_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FileState {
    /// On the disk. Packages that are not installed say this too.
    #[default]
    Normal,
    /// Another package's file took its place.
    Replaced,
    /// Left out, for example documentation that was excluded.
    NotInstalled,
    /// On a network share.
    NetShared,
    /// Another architecture's file is preferred at this place.
    WrongColor,
}

impl FileState {
    /// From the number in rpm's header. Unknown numbers count as on the disk, so that they are checked.
    pub fn from_number(number: u64) -> Self {
        match number {
            1 => Self::Replaced,
            2 => Self::NotInstalled,
            3 => Self::NetShared,
            4 => Self::WrongColor,
            _ => Self::Normal,
        }
    }

    /// Whether the file of this package is the one that should be on the disk.
    pub fn is_installed(self) -> bool {
        matches!(self, Self::Normal | Self::NetShared)
    }
}

/// Digest algorithms by their OpenPGP numbers (RFC 9580, section 9.5), which rpm's headers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// What headers without the tag mean.
    Md5,
    /// 2
    Sha1,
    /// 8
    Sha256,
    /// 9
    Sha384,
    /// 10
    Sha512,
    /// 11
    Sha224,
    /// 12
    Sha3_256,
    /// 14
    Sha3_512,
    /// Anything else, with its number.
    Other(u32),
}

impl DigestAlgorithm {
    /// From the OpenPGP number.
    pub fn from_number(number: u32) -> Self {
        match number {
            1 => Self::Md5,
            2 => Self::Sha1,
            8 => Self::Sha256,
            9 => Self::Sha384,
            10 => Self::Sha512,
            11 => Self::Sha224,
            12 => Self::Sha3_256,
            14 => Self::Sha3_512,
            other => Self::Other(other),
        }
    }
}
