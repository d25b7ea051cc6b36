//! Takes from this process what reading an rpmdb does not need, before it reads one that may be hostile.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};
use nix::sys::resource::{Resource, setrlimit};

/// The newest kernel interface that is made use of; an older kernel restricts less.
const KERNEL_INTERFACE: ABI = ABI::V4;

/// Why the process could not be confined.
#[derive(Debug, thiserror::Error)]
pub enum ConfinementError {
    /// The kernel refused the rules.
    #[error("cannot confine this process")]
    Landlock(#[from] RulesetError),
    /// The kernel refused a limit.
    #[error("cannot limit this process")]
    Limit(#[from] nix::Error),
}

/// From now on this process can read files, but write none except temporary ones and /dev/null, start no program,
/// open no TCP connection, gain no privilege and leave no core dump.
///
/// On a kernel without Landlock the first three do not hold; see landlock(7). That is no error, librpm's own checks are
/// the defence there, but the result is false.
pub fn read_only() -> Result<bool, ConfinementError> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    let reading = AccessFs::ReadFile | AccessFs::ReadDir;
    let everything = AccessFs::from_all(KERNEL_INTERFACE);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(everything)?
        .handle_access(AccessNet::from_all(KERNEL_INTERFACE))?
        .create()?;
    let temporary = std::env::temp_dir();
    let allowed: [(&Path, _); 3] = [
        (Path::new("/"), reading),
        (Path::new("/dev/null"), AccessFs::WriteFile.into()),
        (&temporary, everything & !AccessFs::Execute),
    ];
    for (path, access) in allowed {
        // A path that is not there needs no rule.
        if let Ok(path) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(path, access))?;
        }
    }
    // This also sets no_new_privs.
    let status = rules.restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}
