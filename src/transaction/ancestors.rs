//! Only the leaf changes: what a transaction may not do to the packages of an ancestor.

use super::item::{Action, Installed, Item, Owner};
use super::refusal::{Reason, Refusal};

/// Everything in `items` that would change an ancestor, or bring in a name that an ancestor has.
///
/// `installed` is what the family has before the transaction. With `same_name_allowed` (`--forcenode`) a second
/// package of an ancestor's name may come into the leaf, beside it; taking the ancestor's away stays refused.
pub fn check(items: &[Item], installed: &[Installed], same_name_allowed: bool) -> Vec<Refusal> {
    items
        .iter()
        .filter_map(|item| check_item(item, installed, same_name_allowed))
        .collect()
}

/// An ancestor's package stays, and is to get another reason. libdnf5 adds that by itself where a group is installed that the
/// package is in. It is written into the leaf's own state and changes nothing of the ancestor; only who asks for it with `mark`
/// has to be told that the reason that counts is the ancestor's.
pub fn is_mark(item: &Item) -> bool {
    item.action == Action::ReasonChange && item.owner.is_some()
}

fn check_item(item: &Item, installed: &[Installed], same_name_allowed: bool) -> Option<Refusal> {
    let reason = match (item.action, &item.owner) {
        (Action::Remove, Some(owner)) => Some(Reason::RemovesFromAncestor(owner.clone())),
        (Action::ReasonChange, Some(owner)) => Some(Reason::MarksInAncestor(owner.clone())),
        // What replaces it is refused by its own line, which says more.
        (Action::Replaced, _) => None,
        (action, _) if action.is_inbound() => inbound(item, installed, same_name_allowed),
        _ => None,
    };
    reason.map(|reason| Refusal {
        package: item.package.clone(),
        reason,
    })
}

fn inbound(item: &Item, installed: &[Installed], same_name_allowed: bool) -> Option<Reason> {
    let same_name = || ancestors(installed).find(|(package, _)| package.package.name == item.package.name);
    if let Some((package, owner)) = ancestors(&item.replaces).next() {
        let forced = same_name_allowed && package.package.name == item.package.name;
        return (!forced).then(|| Reason::ReplacesInAncestor {
            installed: package.package.clone(),
            owner: owner.clone(),
        });
    }
    if same_name_allowed {
        return None;
    }
    same_name().map(|(package, owner)| Reason::SameName {
        installed: package.package.clone(),
        owner: owner.clone(),
    })
}

fn ancestors(installed: &[Installed]) -> impl Iterator<Item = (&Installed, &Owner)> {
    installed
        .iter()
        .filter_map(|package| Some((package, package.owner.as_ref()?)))
}

/// The ancestors' packages that a text of the solver names, in the order of `installed`.
///
/// The solver speaks of installed packages without saying where they are; a user of a family has to know.
pub fn mentioned<'a>(text: &str, installed: &'a [Installed]) -> Vec<(&'a Installed, &'a Owner)> {
    let words: std::collections::HashSet<&str> = text
        .split_whitespace()
        .map(|word| {
            word.trim_start_matches(['\'', '"'])
                .trim_end_matches([',', '.', ';', ':', '\'', '"'])
        })
        .collect();
    ancestors(installed)
        .filter(|(package, _)| words.contains(package.package.to_string().as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{ancestor, core_os, identity, item, own};
    use super::*;

    fn messages(items: &[Item], installed: &[Installed], forced: bool) -> Vec<String> {
        check(items, installed, forced)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn each_change_of_an_ancestor_is_refused_with_its_name() {
        let family = [ancestor("qt-5-1"), core_os("bash-5-1"), own("app-1-1")];
        let parent = family[0].owner.clone();
        let cases: [(Item, &str); 7] = [
            (
                item(Action::Remove, "qt-5-1", parent.clone()),
                "qt-5-1.noarch belongs to ancestor platform (/pool/platform) and cannot be removed from here; remove it there with --redpath=/pool/platform",
            ),
            (
                item(Action::ReasonChange, "bash-5-1", Some(Owner::CoreOs)),
                "bash-5-1.noarch belongs to the core OS and cannot be marked from here; mark it with the core OS's own package manager",
            ),
            (
                Item {
                    replaces: vec![family[0].clone()],
                    ..item(Action::Upgrade, "qt-6-1", None)
                },
                "qt-6-1.noarch would replace qt-5-1.noarch of ancestor platform (/pool/platform); change it there with --redpath=/pool/platform",
            ),
            (
                Item {
                    replaces: vec![family[1].clone()],
                    ..item(Action::Reinstall, "bash-5-1", None)
                },
                "bash-5-1.noarch would replace bash-5-1.noarch of the core OS; change it with the core OS's own package manager",
            ),
            (
                Item {
                    replaces: vec![family[0].clone()],
                    ..item(Action::Downgrade, "qt-4-1", None)
                },
                "qt-4-1.noarch would replace qt-5-1.noarch of ancestor platform (/pool/platform); change it there with --redpath=/pool/platform",
            ),
            (
                Item {
                    replaces: vec![family[0].clone()],
                    ..item(Action::Install, "newqt-1-1", None)
                },
                "newqt-1-1.noarch would replace qt-5-1.noarch of ancestor platform (/pool/platform); change it there with --redpath=/pool/platform",
            ),
            (
                item(Action::Install, "qt-6-1", None),
                "qt-6-1.noarch has the name of qt-5-1.noarch, which ancestor platform (/pool/platform) already has; upgrade it there with --redpath=/pool/platform, or install a second one here with --forcenode",
            ),
        ];
        for (item, message) in cases {
            assert_eq!(messages(&[item], &family, false), [message]);
        }
    }

    #[test]
    fn the_leaf_may_change_in_every_way() {
        let family = [ancestor("qt-5-1"), own("app-1-1")];
        let items = [
            Item {
                replaces: vec![family[1].clone()],
                ..item(Action::Upgrade, "app-2-1", None)
            },
            item(Action::Replaced, "app-1-1", None),
            item(Action::Remove, "old-1-1", None),
            item(Action::ReasonChange, "app-1-1", None),
            item(Action::Install, "new-1-1", None),
            // It was forced beside the ancestor's.
            item(Action::Remove, "qt-4-1", None),
        ];
        assert_eq!(messages(&items, &family, false), [""; 0]);
    }

    #[test]
    fn forcenode_allows_a_second_of_the_name_and_nothing_else() {
        let family = [ancestor("qt-5-1")];
        let second = Item {
            replaces: vec![family[0].clone()],
            ..item(Action::Upgrade, "qt-6-1", None)
        };
        let obsoleting = Item {
            replaces: vec![family[0].clone()],
            ..item(Action::Install, "newqt-6-1", None)
        };
        let removal = item(Action::Remove, "qt-5-1", family[0].owner.clone());
        assert_eq!(messages(&[second], &family, true), [""; 0]);
        assert_eq!(messages(&[obsoleting, removal], &family, true).len(), 2);
    }

    #[test]
    fn the_solvers_texts_name_ancestors() {
        let family = [ancestor("qt-5-1"), own("app-1-1"), core_os("qt-5-10")];
        let text =
            "Problem: package new-1-1.noarch conflicts with qt provided by qt-5-1.noarch, but\n - app-1-1.noarch";
        let quoted = "Transaction merge error: 'Action 'Remove' 'qt-5-1.noarch' cannot be merged'";
        for text in [text, quoted] {
            let found: Vec<_> = mentioned(text, &family)
                .into_iter()
                .map(|(package, _)| package.package.clone())
                .collect();
            assert_eq!(found, [identity("qt-5-1")], "{text}");
        }
    }
}
