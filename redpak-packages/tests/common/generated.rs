//! Rpmdbs with many packages. rpmbuild would take minutes for what a core OS has, so one built package is varied.
#![allow(unsafe_code, reason = "changes headers, which the safe layer has no reason to do")]

use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr;

use librpm::{Engine, TransactionSet};
use redpak_testing::{Package, build_packages};
use rpm_sys as raw;

/// Fills a new rpmdb in `folder` with `count` packages of `files` files each, named `prefix-N`.
pub fn fill(engine: &Engine, folder: &Path, prefix: &str, count: usize, files: usize) {
    std::fs::create_dir_all(folder).expect("ours");
    let built = redpak_testing::directory();
    let model = (0..files).fold(Package::new("model", "1-1"), |package, number| {
        package.file(&format!("/usr/share/model/directory-{}/file-{number}", number / 8), "x")
    });
    let path = build_packages(&[model], built.path()).remove(0);
    let path = CString::new(path.into_os_string().into_encoded_bytes()).expect("no NUL");
    let _dbpath = engine.macros().push_global("_dbpath", folder).expect("can be pushed");
    let set = TransactionSet::new(engine).expect("can be made");
    drop(set);
    // SAFETY: the engine exists and nobody else uses it; each pointer is checked or passed on to librpm only.
    unsafe {
        let set = raw::rpmtsCreate();
        raw::rpmtsSetVSFlags(set, raw::RPM_SYS_VSF_NOSIGNATURES);
        let model = read(set, &path);
        let transaction = raw::rpmtxnBegin(set, raw::RPMTXN_WRITE);
        assert!(!transaction.is_null());
        for number in 1..=count {
            let header = varied(model, &format!("{prefix}-{number}"));
            assert_eq!(raw::rpmtsImportHeader(transaction, header, 0), raw::RPMRC_OK);
            raw::headerFree(header);
        }
        raw::headerFree(model);
        raw::rpmtxnEnd(transaction);
        raw::rpmtsFree(set);
    }
}

/// Puts one package whose header `change` changed into a new rpmdb in `folder`.
pub fn forge(engine: &Engine, folder: &Path, package: &Package, change: impl FnOnce(raw::Header)) {
    std::fs::create_dir_all(folder).expect("ours");
    let built = redpak_testing::directory();
    let path = build_packages(std::slice::from_ref(package), built.path()).remove(0);
    let path = CString::new(path.into_os_string().into_encoded_bytes()).expect("no NUL");
    let _dbpath = engine.macros().push_global("_dbpath", folder).expect("can be pushed");
    // SAFETY: as above.
    unsafe {
        let set = raw::rpmtsCreate();
        raw::rpmtsSetVSFlags(set, raw::RPM_SYS_VSF_NOSIGNATURES);
        let model = read(set, &path);
        let copy = without_digests(model);
        change(copy);
        let header = raw::headerReload(copy, raw::RPMTAG_HEADERIMMUTABLE);
        let transaction = raw::rpmtxnBegin(set, raw::RPMTXN_WRITE);
        assert_eq!(raw::rpmtsImportHeader(transaction, header, 0), raw::RPMRC_OK);
        raw::rpmtxnEnd(transaction);
        raw::headerFree(header);
        raw::headerFree(model);
        raw::rpmtsFree(set);
    }
}

/// Replaces a tag of a header by these numbers.
pub fn put_numbers(header: raw::Header, tag: raw::rpmTagVal, numbers: &[u32]) {
    // SAFETY: the header is valid; librpm copies the numbers.
    unsafe {
        raw::headerDel(header, tag);
        let count = u32::try_from(numbers.len()).expect("few");
        assert_eq!(
            raw::headerPutUint32(header, tag, numbers.as_ptr(), count),
            1,
            "librpm takes it"
        );
    }
}

/// Replaces a tag of a header by this string.
pub fn put_string(header: raw::Header, tag: raw::rpmTagVal, string: &CStr) {
    // SAFETY: the header is valid; librpm copies the string.
    unsafe {
        raw::headerDel(header, tag);
        assert_eq!(raw::headerPutString(header, tag, string.as_ptr()), 1, "librpm takes it");
    }
}

/// # Safety
///
/// `set` is valid.
unsafe fn read(set: raw::rpmts, path: &CStr) -> raw::Header {
    let mut header = ptr::null_mut();
    // SAFETY: everything passed is valid.
    unsafe {
        let file = raw::Fopen(path.as_ptr(), c"r.ufdio".as_ptr());
        assert_eq!(
            raw::rpmReadPackageFile(set, file, path.as_ptr(), &raw mut header),
            raw::RPMRC_OK
        );
        raw::Fclose(file);
    }
    header
}

/// A header like `model` with another name and an immutable region of its own, but without digests.
///
/// # Safety
///
/// `model` is valid.
unsafe fn varied(model: raw::Header, name: &str) -> raw::Header {
    let c_name = CString::new(name).expect("no NUL");
    // SAFETY: the copy is ours; headerReload takes it over.
    unsafe {
        let header = without_digests(model);
        raw::headerDel(header, raw::RPMTAG_NAME);
        raw::headerPutString(header, raw::RPMTAG_NAME, c_name.as_ptr());
        raw::headerReload(header, raw::RPMTAG_HEADERIMMUTABLE)
    }
}

/// A copy without the digests and signatures, which would not fit any more.
///
/// # Safety
///
/// `model` is valid.
unsafe fn without_digests(model: raw::Header) -> raw::Header {
    // RPMTAG_SHA3_256HEADER, which librpm before 6 does not declare.
    let sha3 = raw::RPMTAG_SIG_BASE + 23;
    // SAFETY: the copy is ours.
    unsafe {
        let header = raw::headerCopy(model);
        for tag in [
            raw::RPMTAG_SHA256HEADER,
            raw::RPMTAG_SHA1HEADER,
            raw::RPMTAG_RSAHEADER,
            sha3,
        ] {
            raw::headerDel(header, tag);
        }
        header
    }
}
