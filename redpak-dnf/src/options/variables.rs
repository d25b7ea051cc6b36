//! The variables that a command line sets, in the order in which it does: `--releasever` sets what follows from it too, so that
//! the order counts, as for dnf5.

use clap::ArgMatches;

/// Options that set the variable of their name.
const OF_THEIR_NAME: [&str; 3] = ["releasever", "releasever_major", "releasever_minor"];

/// Names and values.
pub fn in_order(matches: &ArgMatches) -> Vec<(String, String)> {
    // All options stand behind the innermost subcommand.
    if let Some((_, matches)) = matches.subcommand() {
        return in_order(matches);
    }
    let places = |id: &str| matches.indices_of(id).into_iter().flatten();
    let mut set = Vec::new();
    for name in OF_THEIR_NAME {
        let values = matches.get_many::<String>(name).into_iter().flatten();
        set.extend(places(name).zip(values.map(|value| (name.to_owned(), value.clone()))));
    }
    let values = matches.get_many::<(String, String)>("setvar").into_iter().flatten();
    set.extend(places("setvar").zip(values.cloned()));
    set.sort();
    set.into_iter().map(|(_, variable)| variable).collect()
}
