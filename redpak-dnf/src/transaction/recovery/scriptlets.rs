//! Scriptlets of an interrupted transaction: which did not run, and which run again.
//!
//! rpm runs scriptlets of its own accord, in its own order: what can be done is to install a package again. A scriptlet of
//! a package that is gone cannot be run any more.

use redpak::display;
use redpak::transaction::recovery::Inbound;

use super::found::Found;

/// Those that run when the files of a package are there. Those before ran, or the package would not have come.
const AFTER: [&str; 2] = ["post", "posttrans"];

impl Found {
    /// The scriptlets of a package that came, which have to run yet.
    pub fn scriptlets_to_run<'p>(&self, package: &'p Inbound) -> Vec<&'p str> {
        let names = package.scriptlets.iter().filter(|name| AFTER.contains(&name.as_str()));
        let not_run = self.record.steps.not_run(&package.nevra, &package.scriptlets);
        names
            .map(String::as_str)
            .filter(|name| not_run.contains(name))
            .collect()
    }

    /// Names the scriptlets of packages that are about to be installed again, and had run or begun before; and the triggers that
    /// had, since what comes and goes may fire them again.
    pub fn announce_scriptlets(&self, packages: &[Inbound]) {
        let again = packages.iter().flat_map(|package| {
            let begun = self.record.steps.begun_of(&package.nevra, &package.scriptlets);
            lines(&package.nevra, &begun)
        });
        let triggers = self
            .record
            .steps
            .triggers()
            .flat_map(|(package, name)| lines(package, &[name]));
        tell("These scriptlets may run again:", again.chain(triggers).collect());
    }

    /// Names the scriptlets that did not run, or not to their end, and cannot be run any more.
    pub fn report_scriptlets(&self) {
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
    }
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
