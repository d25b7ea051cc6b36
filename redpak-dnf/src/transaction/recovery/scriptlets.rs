//! Scriptlets of an interrupted transaction: which did not run, and which run again.
//!
//! rpm runs scriptlets of its own accord, in its own order: what can be done is to install a package again. A scriptlet of
//! a package that is gone cannot be run any more.

use std::collections::BTreeSet;

use redpak::display;
use redpak::package::{Package, Scriptlet};
use redpak::transaction::recovery::{Inbound, Left, Outbound, Undone, nevra};

use super::found::Found;

/// Those that run when the files of a package are there. Those before ran, or the package would not have come.
const AFTER: [&str; 2] = ["post", "posttrans"];

impl Found {
    /// The scriptlets of a package that came, which have to run yet.
    pub fn scriptlets_to_run<'p>(&self, package: &'p Inbound) -> Vec<&'p str> {
        if !self.record.plan.runs_scriptlets() {
            return Vec::new();
        }
        let names = self.record.steps.worth_a_try(&package.nevra, &package.scriptlets);
        names.into_iter().filter(|name| AFTER.contains(name)).collect()
    }

    /// Divides packages into those that do not come because a scriptlet of theirs failed, and the others. It would fail each time,
    /// and no repair would come to its end.
    pub fn refused(&self, packages: &[Inbound]) -> (Vec<Inbound>, Vec<Inbound>) {
        let steps = &self.record.steps;
        let is_refused = |package: &Inbound| steps.has_refused(&package.nevra, ["pretrans", "pre"]);
        packages.iter().cloned().partition(is_refused)
    }

    /// The same for an instance that does not go.
    pub fn refuses_to_go(&self, left: &Left) -> bool {
        let steps = &self.record.steps;
        steps.has_refused(&left.instance.nevra, ["preuntrans", "preun"])
    }

    /// Names the scriptlets that run although they had begun before, when the rest of the plan is carried out.
    pub fn announce_rest(&self, undone: &Undone) {
        let begun = |nevra: &str, names: &[String]| lines(nevra, &self.record.steps.begun_of(nevra, names));
        let came = undone
            .missing
            .iter()
            .flat_map(|package| begun(&package.nevra, &package.scriptlets));
        let outbound = &self.record.plan.change.outbound;
        let is_left = |package: &&Outbound| undone.left.iter().any(|left| left.instance == package.instance);
        let goes = outbound.iter().filter(is_left);
        let went = goes.flat_map(|package| begun(&package.instance.nevra, &package.scriptlets));
        tell("These scriptlets may run again:", came.chain(went).collect());
    }

    /// Names the scriptlets of packages that are about to be reinstalled: rpm runs those of the package that comes, and those of the
    /// same one that goes.
    pub fn announce_reinstallation(&self, packages: &[Inbound]) {
        if !self.record.plan.runs_scriptlets() {
            return;
        }
        let came = self.came().filter(|(package, _)| packages.contains(package));
        let all = came.flat_map(|(package, own)| {
            let names = own.scriptlets.iter().filter(|scriptlet| is_own(**scriptlet));
            let names: Vec<_> = names.map(|scriptlet| scriptlet.name().to_string_lossy()).collect();
            lines(&package.nevra, &names.iter().map(AsRef::as_ref).collect::<Vec<_>>())
        });
        tell("These scriptlets run as in a reinstallation:", all.collect());
    }

    /// Names the scriptlets that did not run, or not to their end, and cannot be run any more.
    pub fn report_scriptlets(&self) {
        if !self.record.plan.runs_scriptlets() {
            return;
        }
        let steps = &self.record.steps;
        let came = self.came().flat_map(|(package, _)| {
            let names = steps.not_run(&package.nevra, &package.scriptlets);
            lines(&package.nevra, &names)
        });
        let is_left = |number: u32| self.undone.left.iter().any(|left| left.instance.number == number);
        let outbound = self.record.plan.change.outbound.iter();
        let gone = outbound.filter(|package| !is_left(package.instance.number));
        let went = gone.flat_map(|package| {
            let nevra = &package.instance.nevra;
            lines(nevra, &steps.not_run(nevra, &package.scriptlets))
        });
        tell(
            "These scriptlets did not run, or not to their end; do by hand what they do, or reinstall their package:",
            came.chain(went).collect(),
        );
        self.report_triggers();
    }

    /// Which triggers fire depends on the other packages of a transaction, and rpm does not tell of all that ran.
    fn report_triggers(&self) {
        if self.record.steps.is_one_whole_run() {
            return;
        }
        let has_triggers = |own: &&Package| own.scriptlets.iter().any(|scriptlet| scriptlet.is_trigger());
        let here = self.own().iter().filter(has_triggers).map(nevra);
        let went = self.record.plan.change.outbound.iter();
        let went = went
            .filter(|package| package.has_triggers)
            .map(|package| package.instance.nevra.clone());
        let owners: BTreeSet<String> = here.chain(went).collect();
        let lines = owners
            .iter()
            .map(|nevra| format!("\n  trigger scriptlets of {}", display::text(nevra)));
        tell("These may not have run, or may have run again:", lines.collect());
    }
}

/// It runs when its own package comes or goes.
fn is_own(scriptlet: Scriptlet) -> bool {
    scriptlet != Scriptlet::Verify && !scriptlet.is_trigger()
}

fn lines(nevra: &str, names: &[&str]) -> Vec<String> {
    let line = |name: &&str| format!("\n  %{name} of {}", display::text(nevra));
    names.iter().map(line).collect()
}

fn tell(headline: &str, lines: Vec<String>) {
    if !lines.is_empty() {
        eprintln!("{headline}{}", lines.concat());
    }
}
