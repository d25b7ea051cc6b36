//! Keeps signals among the processes that the program starts (`LANDLOCK_SCOPE_SIGNAL`, landlock(7), Linux 6.12).

use std::io;

use landlock::{CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, RulesetError, RulesetStatus, Scope};

/// The step of the launch, for messages.
pub const STEP: &str = "keep signals inside";
/// What to do where the kernel cannot.
pub const HINT: &str =
    "; share_pid of the leaf alone takes Linux 6.12 with Landlock, else an ancestor has to set it too";

/// From now on this process and its descendants signal and trace nobody outside, and gain no privileges. The rules are of
/// signals alone: mounts are not touched by them, they are made afterwards.
///
/// # Errors
/// `EOPNOTSUPP` when the kernel cannot do that: the launch is refused then, its config asks for what only such a kernel makes safe.
pub fn enter() -> io::Result<()> {
    let restrict = || -> Result<RulesetStatus, RulesetError> {
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .scope(Scope::Signal)?
            .create()?;
        Ok(rules.restrict_self()?.ruleset)
    };
    match restrict() {
        Ok(RulesetStatus::FullyEnforced) => Ok(()),
        _ => Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP)),
    }
}
