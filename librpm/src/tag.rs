//! The tags that this crate reads, by librpm's names less the prefix.

use std::ffi::OsString;
use std::fmt;

use rpm_sys as raw;

/// A tag of a header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub(crate) raw::rpm_tag_t);

impl Tag {
    /// `RPMTAG_NAME`
    pub const NAME: Self = Self(raw::RPMTAG_NAME);
    /// `RPMTAG_EPOCH`
    pub const EPOCH: Self = Self(raw::RPMTAG_EPOCH);
    /// `RPMTAG_VERSION`
    pub const VERSION: Self = Self(raw::RPMTAG_VERSION);
    /// `RPMTAG_RELEASE`
    pub const RELEASE: Self = Self(raw::RPMTAG_RELEASE);
    /// `RPMTAG_ARCH`
    pub const ARCH: Self = Self(raw::RPMTAG_ARCH);
    /// `RPMTAG_OS`
    pub const OS: Self = Self(raw::RPMTAG_OS);
    /// `RPMTAG_SUMMARY`
    pub const SUMMARY: Self = Self(raw::RPMTAG_SUMMARY);
    /// `RPMTAG_LICENSE`
    pub const LICENSE: Self = Self(raw::RPMTAG_LICENSE);
    /// `RPMTAG_VENDOR`
    pub const VENDOR: Self = Self(raw::RPMTAG_VENDOR);
    /// `RPMTAG_URL`
    pub const URL: Self = Self(raw::RPMTAG_URL);
    /// `RPMTAG_SOURCERPM`
    pub const SOURCERPM: Self = Self(raw::RPMTAG_SOURCERPM);
    /// `RPMTAG_INSTALLTIME`
    pub const INSTALLTIME: Self = Self(raw::RPMTAG_INSTALLTIME);
    /// `RPMTAG_BUILDTIME`
    pub const BUILDTIME: Self = Self(raw::RPMTAG_BUILDTIME);
    /// `RPMTAG_SIZE`
    pub const SIZE: Self = Self(raw::RPMTAG_SIZE);
    /// `RPMTAG_LONGSIZE`
    pub const LONGSIZE: Self = Self(raw::RPMTAG_LONGSIZE);
    /// `RPMTAG_SHA1HEADER`
    pub const SHA1HEADER: Self = Self(raw::RPMTAG_SHA1HEADER);
    /// `RPMTAG_SHA256HEADER`
    pub const SHA256HEADER: Self = Self(raw::RPMTAG_SHA256HEADER);
    /// `RPMTAG_SIGMD5`
    pub const SIGMD5: Self = Self(raw::RPMTAG_SIGMD5);
    /// `RPMTAG_RSAHEADER`
    pub const RSAHEADER: Self = Self(raw::RPMTAG_RSAHEADER);
    /// `RPMTAG_DSAHEADER`
    pub const DSAHEADER: Self = Self(raw::RPMTAG_DSAHEADER);
    /// `RPMTAG_SIGPGP`
    pub const SIGPGP: Self = Self(raw::RPMTAG_SIGPGP);
    /// `RPMTAG_SIGGPG`
    pub const SIGGPG: Self = Self(raw::RPMTAG_SIGGPG);
    /// `RPMTAG_HEADERIMMUTABLE`
    pub const HEADERIMMUTABLE: Self = Self(raw::RPMTAG_HEADERIMMUTABLE);
    /// `RPMTAG_BASENAMES`
    pub const BASENAMES: Self = Self(raw::RPMTAG_BASENAMES);
    /// `RPMTAG_DIRNAMES`
    pub const DIRNAMES: Self = Self(raw::RPMTAG_DIRNAMES);
    /// `RPMTAG_DIRINDEXES`
    pub const DIRINDEXES: Self = Self(raw::RPMTAG_DIRINDEXES);
    /// `RPMTAG_OLDFILENAMES`
    pub const OLDFILENAMES: Self = Self(raw::RPMTAG_OLDFILENAMES);
    /// `RPMTAG_FILESIZES`
    pub const FILESIZES: Self = Self(raw::RPMTAG_FILESIZES);
    /// `RPMTAG_LONGFILESIZES`
    pub const LONGFILESIZES: Self = Self(raw::RPMTAG_LONGFILESIZES);
    /// `RPMTAG_FILEMODES`
    pub const FILEMODES: Self = Self(raw::RPMTAG_FILEMODES);
    /// `RPMTAG_FILEMTIMES`
    pub const FILEMTIMES: Self = Self(raw::RPMTAG_FILEMTIMES);
    /// `RPMTAG_FILEDIGESTS`
    pub const FILEDIGESTS: Self = Self(raw::RPMTAG_FILEDIGESTS);
    /// `RPMTAG_FILEDIGESTALGO`
    pub const FILEDIGESTALGO: Self = Self(raw::RPMTAG_FILEDIGESTALGO);
    /// `RPMTAG_FILELINKTOS`
    pub const FILELINKTOS: Self = Self(raw::RPMTAG_FILELINKTOS);
    /// `RPMTAG_FILEVERIFYFLAGS`
    pub const FILEVERIFYFLAGS: Self = Self(raw::RPMTAG_FILEVERIFYFLAGS);
    /// `RPMTAG_FILEFLAGS`
    pub const FILEFLAGS: Self = Self(raw::RPMTAG_FILEFLAGS);
    /// `RPMTAG_FILEUSERNAME`
    pub const FILEUSERNAME: Self = Self(raw::RPMTAG_FILEUSERNAME);
    /// `RPMTAG_FILEGROUPNAME`
    pub const FILEGROUPNAME: Self = Self(raw::RPMTAG_FILEGROUPNAME);
    /// `RPMTAG_FILELANGS`
    pub const FILELANGS: Self = Self(raw::RPMTAG_FILELANGS);
    /// `RPMTAG_FILESTATES`
    pub const FILESTATES: Self = Self(raw::RPMTAG_FILESTATES);
    /// `RPMTAG_FILEDEVICES`
    pub const FILEDEVICES: Self = Self(raw::RPMTAG_FILEDEVICES);
    /// `RPMTAG_FILEINODES`
    pub const FILEINODES: Self = Self(raw::RPMTAG_FILEINODES);
    /// `RPMTAG_FILECOLORS`
    pub const FILECOLORS: Self = Self(raw::RPMTAG_FILECOLORS);
    /// `RPMTAG_FILECAPS`
    pub const FILECAPS: Self = Self(raw::RPMTAG_FILECAPS);
    /// `RPMTAG_PREINFLAGS`
    pub const PREINFLAGS: Self = Self(raw::RPMTAG_PREINFLAGS);
    /// `RPMTAG_POSTINFLAGS`
    pub const POSTINFLAGS: Self = Self(raw::RPMTAG_POSTINFLAGS);
    /// `RPMTAG_PREUNFLAGS`
    pub const PREUNFLAGS: Self = Self(raw::RPMTAG_PREUNFLAGS);
    /// `RPMTAG_POSTUNFLAGS`
    pub const POSTUNFLAGS: Self = Self(raw::RPMTAG_POSTUNFLAGS);
    /// `RPMTAG_PRETRANSFLAGS`
    pub const PRETRANSFLAGS: Self = Self(raw::RPMTAG_PRETRANSFLAGS);
    /// `RPMTAG_POSTTRANSFLAGS`
    pub const POSTTRANSFLAGS: Self = Self(raw::RPMTAG_POSTTRANSFLAGS);
    /// `RPMTAG_PREUNTRANSFLAGS`
    pub const PREUNTRANSFLAGS: Self = Self(raw::RPMTAG_PREUNTRANSFLAGS);
    /// `RPMTAG_POSTUNTRANSFLAGS`
    pub const POSTUNTRANSFLAGS: Self = Self(raw::RPMTAG_POSTUNTRANSFLAGS);
    /// `RPMTAG_VERIFYSCRIPTFLAGS`
    pub const VERIFYSCRIPTFLAGS: Self = Self(raw::RPMTAG_VERIFYSCRIPTFLAGS);
    /// `RPMTAG_TRIGGERSCRIPTFLAGS`
    pub const TRIGGERSCRIPTFLAGS: Self = Self(raw::RPMTAG_TRIGGERSCRIPTFLAGS);
    /// `RPMTAG_FILETRIGGERSCRIPTFLAGS`
    pub const FILETRIGGERSCRIPTFLAGS: Self = Self(raw::RPMTAG_FILETRIGGERSCRIPTFLAGS);
    /// `RPMTAG_TRANSFILETRIGGERSCRIPTFLAGS`
    pub const TRANSFILETRIGGERSCRIPTFLAGS: Self = Self(raw::RPMTAG_TRANSFILETRIGGERSCRIPTFLAGS);
    /// `RPMTAG_PREIN`
    pub const PREIN: Self = Self(raw::RPMTAG_PREIN);
    /// `RPMTAG_POSTIN`
    pub const POSTIN: Self = Self(raw::RPMTAG_POSTIN);
    /// `RPMTAG_PREUN`
    pub const PREUN: Self = Self(raw::RPMTAG_PREUN);
    /// `RPMTAG_POSTUN`
    pub const POSTUN: Self = Self(raw::RPMTAG_POSTUN);
    /// `RPMTAG_PRETRANS`
    pub const PRETRANS: Self = Self(raw::RPMTAG_PRETRANS);
    /// `RPMTAG_POSTTRANS`
    pub const POSTTRANS: Self = Self(raw::RPMTAG_POSTTRANS);
    /// `RPMTAG_VERIFYSCRIPT`
    pub const VERIFYSCRIPT: Self = Self(raw::RPMTAG_VERIFYSCRIPT);
    /// `RPMTAG_TRIGGERNAME`
    pub const TRIGGERNAME: Self = Self(raw::RPMTAG_TRIGGERNAME);
    /// `RPMTAG_FILETRIGGERNAME`
    pub const FILETRIGGERNAME: Self = Self(raw::RPMTAG_FILETRIGGERNAME);
    /// `RPMTAG_TRANSFILETRIGGERNAME`
    pub const TRANSFILETRIGGERNAME: Self = Self(raw::RPMTAG_TRANSFILETRIGGERNAME);
    /// `RPMTAG_PREINPROG`
    pub const PREINPROG: Self = Self(raw::RPMTAG_PREINPROG);
    /// `RPMTAG_POSTINPROG`
    pub const POSTINPROG: Self = Self(raw::RPMTAG_POSTINPROG);
    /// `RPMTAG_PREUNPROG`
    pub const PREUNPROG: Self = Self(raw::RPMTAG_PREUNPROG);
    /// `RPMTAG_POSTUNPROG`
    pub const POSTUNPROG: Self = Self(raw::RPMTAG_POSTUNPROG);
    /// `RPMTAG_PRETRANSPROG`
    pub const PRETRANSPROG: Self = Self(raw::RPMTAG_PRETRANSPROG);
    /// `RPMTAG_POSTTRANSPROG`
    pub const POSTTRANSPROG: Self = Self(raw::RPMTAG_POSTTRANSPROG);
    /// `RPMTAG_VERIFYSCRIPTPROG`
    pub const VERIFYSCRIPTPROG: Self = Self(raw::RPMTAG_VERIFYSCRIPTPROG);
    /// `RPMTAG_PREUNTRANS`
    pub const PREUNTRANS: Self = Self(raw::RPMTAG_PREUNTRANS);
    /// `RPMTAG_POSTUNTRANS`
    pub const POSTUNTRANS: Self = Self(raw::RPMTAG_POSTUNTRANS);
    /// `RPMTAG_PREUNTRANSPROG`
    pub const PREUNTRANSPROG: Self = Self(raw::RPMTAG_PREUNTRANSPROG);
    /// `RPMTAG_POSTUNTRANSPROG`
    pub const POSTUNTRANSPROG: Self = Self(raw::RPMTAG_POSTUNTRANSPROG);
    /// `RPMTAG_PROVIDENAME`
    pub const PROVIDENAME: Self = Self(raw::RPMTAG_PROVIDENAME);
    /// `RPMTAG_PROVIDEVERSION`
    pub const PROVIDEVERSION: Self = Self(raw::RPMTAG_PROVIDEVERSION);
    /// `RPMTAG_PROVIDEFLAGS`
    pub const PROVIDEFLAGS: Self = Self(raw::RPMTAG_PROVIDEFLAGS);
    /// `RPMTAG_REQUIRENAME`
    pub const REQUIRENAME: Self = Self(raw::RPMTAG_REQUIRENAME);
    /// `RPMTAG_REQUIREVERSION`
    pub const REQUIREVERSION: Self = Self(raw::RPMTAG_REQUIREVERSION);
    /// `RPMTAG_REQUIREFLAGS`
    pub const REQUIREFLAGS: Self = Self(raw::RPMTAG_REQUIREFLAGS);
    /// `RPMTAG_CONFLICTNAME`
    pub const CONFLICTNAME: Self = Self(raw::RPMTAG_CONFLICTNAME);
    /// `RPMTAG_CONFLICTVERSION`
    pub const CONFLICTVERSION: Self = Self(raw::RPMTAG_CONFLICTVERSION);
    /// `RPMTAG_CONFLICTFLAGS`
    pub const CONFLICTFLAGS: Self = Self(raw::RPMTAG_CONFLICTFLAGS);
    /// `RPMTAG_OBSOLETENAME`
    pub const OBSOLETENAME: Self = Self(raw::RPMTAG_OBSOLETENAME);
    /// `RPMTAG_OBSOLETEVERSION`
    pub const OBSOLETEVERSION: Self = Self(raw::RPMTAG_OBSOLETEVERSION);
    /// `RPMTAG_OBSOLETEFLAGS`
    pub const OBSOLETEFLAGS: Self = Self(raw::RPMTAG_OBSOLETEFLAGS);
    /// `RPMTAG_PAYLOADCOMPRESSOR`
    pub const PAYLOADCOMPRESSOR: Self = Self(raw::RPMTAG_PAYLOADCOMPRESSOR);
    /// `RPMTAG_PAYLOADFLAGS`
    pub const PAYLOADFLAGS: Self = Self(raw::RPMTAG_PAYLOADFLAGS);
    /// `RPMTAG_PUBKEYS`
    pub const PUBKEYS: Self = Self(raw::RPMTAG_PUBKEYS);
    /// `RPMTAG_CHANGELOGTEXT`
    pub const CHANGELOGTEXT: Self = Self(raw::RPMTAG_CHANGELOGTEXT);
    /// `RPMTAG_CHANGELOGTIME`
    pub const CHANGELOGTIME: Self = Self(raw::RPMTAG_CHANGELOGTIME);
    /// `RPMTAG_CHANGELOGNAME`
    pub const CHANGELOGNAME: Self = Self(raw::RPMTAG_CHANGELOGNAME);

    /// `RPMTAG_OPENPGP`: all signatures of a package, from librpm 6 on; older headers of the library lack the name.
    pub const OPENPGP: Self = Self(raw::RPMTAG_SIG_BASE + 22);

    /// `RPMTAG_PACKAGEDIGESTS`: digests of the package file, from librpm 6 on; older headers of the library lack the name.
    pub const PACKAGEDIGESTS: Self = Self(5118);
    /// `RPMTAG_PACKAGEDIGESTALGOS`, as above.
    pub const PACKAGEDIGESTALGOS: Self = Self(5119);

    /// The tag's name as in query formats, such as `Basenames`; librpm's own table knows it.
    pub fn name(self) -> OsString {
        name::of(self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name().display())
    }
}

mod name {
    #![allow(unsafe_code, reason = "asks librpm's static table of tags")]

    use super::{OsString, raw};
    use crate::c_string;

    pub(super) fn of(tag: raw::rpm_tag_t) -> OsString {
        // SAFETY: librpm answers every number with a string of its own, which lives for ever.
        let name = unsafe { c_string::copy(raw::rpmTagGetName(tag)) };
        name.unwrap_or_else(|| format!("tag {tag}").into())
    }
}
