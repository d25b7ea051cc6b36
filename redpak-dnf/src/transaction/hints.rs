//! What dnf5 advises when a transaction cannot be resolved: options that the command has and was not given.

use libdnf5::Problems;

/// The options about problems that a command has, and whether each was given; `None`: it does not have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// `--allowerasing`
    pub allow_erasing: Option<bool>,
    /// `--skip-broken`
    pub skip_broken: Option<bool>,
    /// `--skip-unavailable`
    pub skip_unavailable: Option<bool>,
    /// `--ignore-extras`
    pub ignore_extras: Option<bool>,
    /// `--ignore-installed`
    pub ignore_installed: Option<bool>,
}

/// The lines to print; none when there is nothing to advise. `logs` is the resolve log.
pub fn lines(given: Given, problems: Problems, logs: &str) -> Vec<&'static str> {
    let unsolved = problems.contains(Problems::SOLVER_ERROR);
    let best = logs.contains("cannot install the best");
    let conflict = ["conflicts with ", "cannot install both ", " obsoletes "]
        .iter()
        .any(|words| logs.contains(words));
    let file = logs.contains("nothing provides /");
    let unavailable = [
        Problems::NOT_FOUND,
        Problems::NOT_FOUND_IN_REPOSITORIES,
        Problems::NOT_AVAILABLE,
    ];
    let missing = unavailable.into_iter().any(|problem| problems.contains(problem));
    let extra = problems.contains(Problems::EXTRA);
    let mismatch = [Problems::INSTALLED_IN_DIFFERENT_VERSION, Problems::NOT_INSTALLED]
        .into_iter()
        .any(|problem| problems.contains(problem));
    let hints = [
        (
            file,
            "  --setopt=optional_metadata_types=filelists to load additional filelists metadata",
        ),
        (
            unsolved && conflict && !best && given.allow_erasing == Some(false),
            "  --allowerasing to allow removing of installed packages to resolve problems",
        ),
        (
            unsolved && best,
            "  --no-best to not limit the transaction to the best candidates",
        ),
        (
            unsolved && given.skip_broken == Some(false),
            "  --skip-broken to skip uninstallable packages",
        ),
        (
            missing && given.skip_unavailable == Some(false),
            "  --skip-unavailable to skip unavailable packages",
        ),
        (
            extra && given.ignore_extras == Some(false),
            "  --ignore-extras to allow extra packages in the transaction",
        ),
        (
            mismatch && given.ignore_installed == Some(false),
            "  --ignore-installed to allow mismatches between installed and stored transaction packages. This can result in an empty transaction because among other things the option can ignore failing Remove actions.",
        ),
    ];
    let hints: Vec<_> = hints
        .into_iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, hint)| hint)
        .collect();
    if hints.is_empty() {
        return hints;
    }
    std::iter::once("You can try to add to command line:")
        .chain(hints)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTALL: Given = Given {
        allow_erasing: Some(false),
        skip_broken: Some(false),
        skip_unavailable: Some(false),
        ignore_extras: None,
        ignore_installed: None,
    };

    #[test]
    fn each_hint_has_its_problem() {
        let conflict = "Problem: package a conflicts with b provided by c";
        let best = "  - cannot install the best update candidate for package a";
        let file = "  - nothing provides /bin/sh needed by a";
        let count = |given, problems, logs| lines(given, problems, logs).len();
        assert_eq!(count(INSTALL, Problems::SOLVER_ERROR, conflict), 3);
        assert_eq!(
            count(
                Given {
                    allow_erasing: Some(true),
                    ..INSTALL
                },
                Problems::SOLVER_ERROR,
                conflict
            ),
            2
        );
        assert_eq!(
            count(
                Given {
                    skip_broken: None,
                    ..INSTALL
                },
                Problems::SOLVER_ERROR,
                best
            ),
            2
        );
        assert_eq!(count(INSTALL, Problems::SOLVER_ERROR, file), 3);
        assert_eq!(count(INSTALL, Problems::NOT_FOUND, ""), 2);
        assert_eq!(count(Given::default(), Problems::NOT_FOUND, ""), 0);
        let replay = Given {
            ignore_extras: Some(false),
            ignore_installed: Some(false),
            ..Given::default()
        };
        assert_eq!(count(replay, Problems::EXTRA, ""), 2);
        assert_eq!(count(replay, Problems::INSTALLED_IN_DIFFERENT_VERSION, ""), 2);
        assert_eq!(count(INSTALL, Problems::EXTRA, ""), 0);
    }
}
