//! What a journal says: the plan in its first line, and a line for each step that began since.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::Plan;

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The whole transaction.
    pub plan: Plan,
    /// What of it was done, as far as it reached the disk.
    pub steps: Steps,
}

/// The steps of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps {
    /// Full names of the packages that rpm had begun to install.
    pub begun: HashSet<String>,
    /// The scriptlets that ran, by the full name of the package and their own.
    pub scriptlets: BTreeMap<(String, String), Runs>,
    /// How often rpm was started, for the transaction and for repairs of it.
    pub runs: usize,
    /// How often it came to its end.
    pub ended: usize,
    /// What had been written did not reach the disk.
    pub unwritten: bool,
    /// What the rpmdb held afterwards although no package explains it.
    pub tampered: Vec<String>,
}

/// How often a scriptlet ran, in the transaction and in repairs of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Runs {
    /// How often it began.
    pub begun: u32,
    /// Whether it came to its end once.
    pub ended: bool,
    /// Whether it failed.
    pub failed: bool,
}

/// A line behind the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub enum Step {
    /// rpm is started, or is done.
    Run {
        /// Whether it is done.
        ended: bool,
    },
    /// rpm begins to unpack a package: its files lie about when it is interrupted.
    Install {
        /// Its full name.
        package: String,
    },
    /// rpm begins to remove the files of a package.
    Remove {
        /// Its full name.
        package: String,
    },
    /// A scriptlet begins or has ended.
    Scriptlet {
        /// The full name of its package.
        package: String,
        /// Its own, without the percent sign.
        scriptlet: String,
        /// Whether it came to its end.
        ended: bool,
        /// Whether it failed.
        #[serde(default)]
        failed: bool,
    },
    /// The disk did not take what had been written: it may be lost although it can be read now.
    Unwritten,
    /// The rpmdb was changed by something else than the transaction.
    Tampered {
        /// A line for the user.
        package: String,
    },
}

impl Steps {
    /// Another step.
    pub fn add(&mut self, step: Step) {
        match step {
            Step::Install { package } => {
                self.begun.insert(package);
            }
            Step::Remove { .. } => {}
            Step::Run { ended: false } => self.runs += 1,
            Step::Run { ended: true } => self.ended += 1,
            Step::Scriptlet {
                package,
                scriptlet,
                ended,
                failed,
            } => {
                let runs = self.scriptlets.entry((package, scriptlet)).or_default();
                runs.begun += u32::from(!ended);
                runs.ended |= ended;
                runs.failed |= failed;
            }
            Step::Unwritten => self.unwritten = true,
            Step::Tampered { package } => self.tampered.push(package),
        }
    }

    /// The scriptlets among `names` that did not run to their end.
    pub fn not_run<'n>(&self, package: &str, names: &'n [String]) -> Vec<&'n str> {
        self.where_runs(package, names, |runs| !runs.ended)
    }

    /// The scriptlets among `names` that have begun.
    pub fn begun_of<'n>(&self, package: &str, names: &'n [String]) -> Vec<&'n str> {
        self.where_runs(package, names, |runs| runs.begun > 0)
    }

    /// The scriptlets among `names` that a repair tries to run: those that did not come to their end. None where one of them was
    /// interrupted twice: a scriptlet that hangs would stop every repair.
    pub fn worth_a_try<'n>(&self, package: &str, names: &'n [String]) -> Vec<&'n str> {
        let hangs = self.where_runs(package, names, |runs| !runs.ended && runs.begun > 1);
        if hangs.is_empty() {
            self.not_run(package, names)
        } else {
            Vec::new()
        }
    }

    /// Whether one of these scriptlets failed, each of which keeps a package as it was.
    pub fn has_refused(&self, package: &str, names: [&str; 2]) -> bool {
        let runs = |name: &str| self.scriptlets.get(&(package.to_owned(), name.to_owned()));
        names.into_iter().filter_map(runs).any(|runs| runs.failed)
    }

    fn where_runs<'n>(&self, package: &str, names: &'n [String], is: impl Fn(Runs) -> bool) -> Vec<&'n str> {
        let runs = |name: &String| self.scriptlets.get(&(package.to_owned(), name.clone()));
        let found = names.iter().filter(|name| is(runs(name).copied().unwrap_or_default()));
        found.map(String::as_str).collect()
    }

    /// Whether rpm ran once and to its end, so that everything ran that had to.
    pub fn is_one_whole_run(&self) -> bool {
        (self.runs, self.ended) == (1, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scriptlet_has_run_when_it_came_to_its_end_once() {
        let mut steps = Steps::default();
        let step = |ended| Step::Scriptlet {
            package: "a-1-1.noarch".into(),
            scriptlet: "post".into(),
            ended,
            failed: false,
        };
        let names = ["pre".to_owned(), "post".to_owned()];
        assert_eq!(steps.begun_of("a-1-1.noarch", &names), [""; 0]);
        steps.add(step(false));
        assert_eq!(steps.begun_of("a-1-1.noarch", &names), ["post"]);
        assert_eq!(steps.not_run("a-1-1.noarch", &names), ["pre", "post"]);
        assert_eq!(steps.worth_a_try("a-1-1.noarch", &names), ["pre", "post"]);
        let mut twice = steps.clone();
        twice.add(step(false));
        assert_eq!(
            twice.worth_a_try("a-1-1.noarch", &names),
            [""; 0],
            "post was interrupted twice"
        );
        assert_eq!(twice.not_run("a-1-1.noarch", &names), ["pre", "post"]);
        steps.add(step(true));
        steps.add(step(false));
        assert_eq!(steps.not_run("a-1-1.noarch", &names), ["pre"]);
        assert_eq!(steps.not_run("b-1-1.noarch", &names), ["pre", "post"]);
    }
}
