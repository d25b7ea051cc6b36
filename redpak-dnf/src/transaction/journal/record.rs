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
    /// The scriptlets that ran, by the full name of the package and their own; true where they came to their end.
    pub scriptlets: BTreeMap<(String, String), bool>,
    /// How often rpm was started, for the transaction and for repairs of it.
    pub runs: usize,
    /// How often it came to its end.
    pub ended: usize,
    /// What the rpmdb held afterwards although no package explains it.
    pub tampered: Vec<String>,
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
    },
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
            } => *self.scriptlets.entry((package, scriptlet)).or_default() |= ended,
            Step::Tampered { package } => self.tampered.push(package),
        }
    }

    /// The scriptlets among `names` that did not run to their end.
    pub fn not_run<'n>(&self, package: &str, names: &'n [String]) -> Vec<&'n str> {
        let has_ended = |name: &&String| self.scriptlets.get(&(package.to_owned(), (*name).clone())) == Some(&true);
        names
            .iter()
            .filter(|name| !has_ended(name))
            .map(String::as_str)
            .collect()
    }

    /// The scriptlets among `names` that have begun.
    pub fn begun_of<'n>(&self, package: &str, names: &'n [String]) -> Vec<&'n str> {
        let has_begun = |name: &&String| self.scriptlets.contains_key(&(package.to_owned(), (*name).clone()));
        names.iter().filter(has_begun).map(String::as_str).collect()
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
        };
        let names = ["pre".to_owned(), "post".to_owned()];
        assert_eq!(steps.begun_of("a-1-1.noarch", &names), [""; 0]);
        steps.add(step(false));
        assert_eq!(steps.begun_of("a-1-1.noarch", &names), ["post"]);
        assert_eq!(steps.not_run("a-1-1.noarch", &names), ["pre", "post"]);
        steps.add(step(true));
        steps.add(step(false));
        assert_eq!(steps.not_run("a-1-1.noarch", &names), ["pre"]);
        assert_eq!(steps.not_run("b-1-1.noarch", &names), ["pre", "post"]);
    }
}
