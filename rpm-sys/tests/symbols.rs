//! Every allowlisted function is referenced, so that one that the library lacks fails here, at link time.
#![allow(unsafe_code, reason = "only addresses are taken, nothing is called")]

mod allowlist {
    #![allow(dead_code)]
    include!("../allowlist.rs");
}

/// Names and addresses of functions.
macro_rules! symbols {
    ($($name:ident)*) => { [$((stringify!($name), rpm_sys::$name as *const () as usize)),*] };
}

#[test]
fn every_allowlisted_function_links() {
    let referenced = symbols! {
        rpmReadConfigFiles
        rpmFreeRpmrc
        rpmReadPackageFile
        rpmVersionCompare
        headerCheck
        rpmExpand
        rpmExpandMacros
        rpmPushMacroFlags
        rpmPopMacro
        rpmMacroIsDefined
        rpmFreeMacros
        rpmlogSetCallback
        rpmlogClose
        rpmlogSetMask
        rpmlogPrintByMask
        rpmlogRecMessage
        rpmlogRecPriority
        rpmtsCreate
        rpmtsFree
        rpmtsSetRootDir
        rpmtsRootDir
        rpmtsOpenDB
        rpmtsCloseDB
        rpmtsInitDB
        rpmtsVerifyDB
        rpmtsGetRdb
        rpmtsVSFlags
        rpmtsSetVSFlags
        rpmtsSetVfyFlags
        rpmtsSetVfyLevel
        rpmtsSetFlags
        rpmtsInitIterator
        rpmtsImportHeader
        rpmtsAddInstallElement
        rpmtsAddEraseElement
        rpmtsCheck
        rpmtsEmpty
        rpmtsProblems
        rpmtsCleanProblems
        rpmtsGetKeyring
        rpmtsSetKeyring
        rpmtxnBegin
        rpmtxnEnd
        rpmpsFree
        rpmpsInitIterator
        rpmpsFreeIterator
        rpmpsiNext
        rpmProblemString
        rpmProblemGetType
        rpmProblemGetPkgNEVR
        rpmProblemGetAltNEVR
        rpmProblemGetStr
        rpmdbFreeIterator
        rpmdbNextIterator
        rpmdbGetIteratorOffset
        rpmdbCookie
        headerNew
        headerLink
        headerFree
        headerCopy
        headerReload
        headerImport
        headerExport
        headerGet
        headerIsEntry
        headerGetInstance
        headerPutBin
        headerPutString
        headerPutUint32
        headerPutStringArray
        headerDel
        headerIsSource
        rpmtdFreeData
        rpmtdReset
        rpmtdCount
        rpmtdInit
        rpmtdNext
        rpmtdGetNumber
        rpmtdGetString
        rpmTagGetName
        rpmdsNew
        rpmdsSinglePool
        rpmstrPoolCreate
        rpmstrPoolFree
        rpmdsThis
        rpmdsFree
        rpmdsInit
        rpmdsNext
        rpmdsSetIx
        rpmdsCount
        rpmdsN
        rpmdsEVR
        rpmdsFlags
        rpmdsDNEVR
        rpmdsCompare
        rpmdsAnyMatchesDep
        rpmdsIsRich
        rpmdsIsWeak
        rpmdsParseRichDep
        rpmvercmp
        rpmfilesNew
        rpmfilesFree
        rpmfilesFC
        rpmfiNewArchiveReader
        rpmfiNext
        rpmfiFN
        rpmfiFX
        rpmfiFree
        rpmfiArchiveClose
        rpmfiArchiveHasContent
        rpmfiArchiveRead
        rpmfileStrerror
        Fopen
        Fdopen
        Fclose
        Ferror
        Fstrerror
        fdDup
        Fread
        rpmVerifySignatures
        rpmKeyringNew
        rpmKeyringFree
        rpmKeyringAddKey
        rpmPubkeyRead
        rpmPubkeyNew
        rpmPubkeyFree
        rpmPubkeyFingerprintAsHex
        rpmKeyringInitIterator
        rpmKeyringIteratorNext
        rpmKeyringIteratorFree
        rpmBase64Decode
    };
    let mut names: Vec<&str> = referenced.iter().map(|(name, _)| *name).collect();
    let mut allowed = allowlist::FUNCTIONS.to_vec();
    names.sort_unstable();
    allowed.sort_unstable();
    assert_eq!(
        names, allowed,
        "the list above and allowlist.rs name the same functions"
    );
    assert!(referenced.iter().all(|(_, address)| *address != 0));
}

#[test]
fn the_bound_version_is_the_linked_one() {
    // SAFETY: RPMVERSION is a constant C string with static lifetime.
    let linked = unsafe { std::ffi::CStr::from_ptr(rpm_sys::RPMVERSION) };
    let linked = linked.to_str().expect("librpm's version is ASCII");
    assert!(linked.split('.').count() >= 3, "{linked}");
}
