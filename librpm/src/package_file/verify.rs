//! Digests and signatures over the whole package, payload included.

use rpm_sys as raw;

use super::descriptor::Descriptor;
use super::{PackageFile, PackageFileProblem, Verification};
use crate::error::{Error, Result};
use crate::log::LogRecord;
use crate::transaction_set::{TransactionSet, VerifyFlags};

impl PackageFile<'_> {
    /// Reads the whole file and checks every digest over header and payload, and the signatures when asked for.
    pub fn verify(&self, verification: Verification<'_, '_>) -> Result<()> {
        let mut set = TransactionSet::new(self.engine)?;
        match verification {
            Verification::Digests => set.set_package_verification(VerifyFlags::NO_SIGNATURES),
            Verification::Signatures(keyring) => {
                set.set_package_verification(VerifyFlags::ALL);
                set.set_keyring(keyring);
            }
        }
        let descriptor = Descriptor::rewound(&self.file).map_err(Error::io("read", &self.path))?;
        let (failed, log) = self.engine.capture(|| verify_verbosely(&set, &descriptor, self));
        if failed == 0 {
            Ok(())
        } else {
            Err(self.problem(PackageFileProblem::Payload(bad_lines(log))))
        }
    }
}

/// librpm names what it checked in verbose mode only.
fn verify_verbosely(set: &TransactionSet<'_>, descriptor: &Descriptor, package: &PackageFile<'_>) -> i32 {
    // SAFETY: the structure is plain data, and all zeros is how librpm's own programs begin.
    let mut arguments: raw::rpmQVKArguments_s = unsafe { std::mem::zeroed() };
    // SAFETY: everything passed is valid during the call; the log mask is put back.
    unsafe {
        let mask = raw::rpmlogSetMask(raw::RPM_SYS_LOG_UPTO_INFO);
        let (set, descriptor) = (set.as_raw(), descriptor.as_raw());
        let failed = raw::rpmVerifySignatures(&raw mut arguments, set, descriptor, package.c_path.as_ptr());
        raw::rpmlogSetMask(mask);
        failed
    }
}

/// The lines about what failed, of those that librpm wrote for each thing it checked.
fn bad_lines(log: Vec<LogRecord>) -> Vec<LogRecord> {
    let (good, bad): (Vec<_>, Vec<_>) = log.into_iter().partition(|record| {
        let text = record.text();
        text.ends_with(": OK") || text.ends_with(':')
    });
    if bad.is_empty() { good } else { bad }
}
