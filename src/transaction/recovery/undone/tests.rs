use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::change::{Change, Inbound, Instance, Outbound, PlannedFile};
use super::{Left, Undone};

fn instance(nevra: &str, number: u32) -> Instance {
    Instance {
        nevra: nevra.into(),
        digest: Some(format!("digest of {nevra}")),
        number,
    }
}

fn inbound(nevra: &str) -> Inbound {
    Inbound {
        nevra: nevra.into(),
        digest: Some(format!("digest of {nevra}")),
        path: "/x".into(),
        source: String::new(),
        files: Vec::new(),
        scriptlets: Vec::new(),
    }
}

/// What comes, and `(goes, its number, what takes its place)`.
fn change(comes: &[&str], goes: &[(&str, u32, Option<&str>)]) -> Change {
    let outbound = |(nevra, number, by): &(&str, u32, Option<&str>)| Outbound {
        instance: instance(nevra, *number),
        replaced_by: by.map(|by| format!("digest of {by}")),
        files: Vec::new(),
        scriptlets: Vec::new(),
        has_triggers: false,
    };
    Change {
        inbound: comes.iter().map(|nevra| inbound(nevra)).collect(),
        outbound: goes.iter().map(outbound).collect(),
        kept: Vec::new(),
    }
}

fn names(undone: &Undone) -> (Vec<&str>, Vec<(&str, u32)>) {
    let missing = undone.missing.iter().map(|package| &*package.nevra).collect();
    let left = undone
        .left
        .iter()
        .map(|left| (&*left.instance.nevra, left.instance.number));
    (missing, left.collect())
}

/// What is there, what is missing, what is left.
type Case<'c> = (&'c [(&'c str, u32)], &'c [&'c str], &'c [(&'c str, u32)]);

fn check(change: &Change, cases: &[Case<'_>]) {
    for (present, missing, left) in cases {
        let present: Vec<Instance> = present.iter().map(|(nevra, number)| instance(nevra, *number)).collect();
        let undone = Undone::of(change, &present);
        assert_eq!(names(&undone), (missing.to_vec(), left.to_vec()), "{present:?}");
    }
}

#[test]
fn what_the_rpmdb_shows_decides() {
    let upgrade = change(&["a-2-1.noarch"], &[("a-1-1.noarch", 5, Some("a-2-1.noarch"))]);
    check(
        &upgrade,
        &[
            (&[("a-1-1.noarch", 5)], &["a-2-1.noarch"], &[("a-1-1.noarch", 5)]),
            (&[("a-1-1.noarch", 5), ("a-2-1.noarch", 6)], &[], &[("a-1-1.noarch", 5)]),
            (&[("a-2-1.noarch", 6)], &[], &[]),
            // The database was rebuilt.
            (&[("a-2-1.noarch", 1)], &[], &[]),
            (&[("a-1-1.noarch", 1)], &["a-2-1.noarch"], &[("a-1-1.noarch", 1)]),
            (&[], &["a-2-1.noarch"], &[]),
        ],
    );
}

#[test]
fn a_reinstalled_package_is_told_from_itself() {
    let reinstall = change(&["a-1-1.noarch"], &[("a-1-1.noarch", 5, Some("a-1-1.noarch"))]);
    check(
        &reinstall,
        &[
            (&[("a-1-1.noarch", 5)], &["a-1-1.noarch"], &[("a-1-1.noarch", 5)]),
            (&[("a-1-1.noarch", 5), ("a-1-1.noarch", 6)], &[], &[("a-1-1.noarch", 5)]),
            (&[("a-1-1.noarch", 6)], &[], &[]),
            // A repair reinstalled it again, and was cut off too.
            (
                &[("a-1-1.noarch", 5), ("a-1-1.noarch", 6), ("a-1-1.noarch", 7)],
                &[],
                &[("a-1-1.noarch", 5), ("a-1-1.noarch", 6)],
            ),
            (&[("a-1-1.noarch", 6), ("a-1-1.noarch", 7)], &[], &[("a-1-1.noarch", 6)]),
            // The database was rebuilt: of two, the older one goes.
            (&[("a-1-1.noarch", 1), ("a-1-1.noarch", 2)], &[], &[("a-1-1.noarch", 1)]),
        ],
    );
}

/// Neither the name nor, in a database that was rebuilt, the number tells it from the one that it replaces.
#[test]
fn a_package_that_was_built_anew_is_told_from_the_old_one() {
    let mut reinstall = change(&["a-1-1.noarch"], &[("a-1-1.noarch", 5, None)]);
    let digest = Some("another digest".to_owned());
    reinstall.inbound[0].digest.clone_from(&digest);
    reinstall.outbound[0].replaced_by.clone_from(&digest);
    let old = |number| instance("a-1-1.noarch", number);
    let new = |number| Instance {
        digest: digest.clone(),
        ..old(number)
    };
    for (present, missing, left) in [
        (vec![old(1)], 1, vec![old(1)]),
        (vec![new(1)], 0, vec![]),
        (vec![new(1), old(2)], 0, vec![old(2)]),
    ] {
        let undone = Undone::of(&reinstall, &present);
        let instances: Vec<_> = undone.left.into_iter().map(|left| left.instance).collect();
        assert_eq!((undone.missing.len(), instances), (missing, left), "{present:?}");
    }
}

#[test]
fn another_instance_of_the_same_header_stays() {
    let mut removal = change(&[], &[("a-1-1.noarch", 5, None)]);
    removal.keep([
        (5, Some("digest of a-1-1.noarch".into())),
        (6, Some("digest of a-1-1.noarch".into())),
        (7, Some("other".into())),
    ]);
    assert_eq!(removal.kept, [instance("a-1-1.noarch", 6)]);
    check(
        &removal,
        &[
            (&[("a-1-1.noarch", 5), ("a-1-1.noarch", 6)], &[], &[("a-1-1.noarch", 5)]),
            (&[("a-1-1.noarch", 6)], &[], &[]),
            // Rebuilt: the one that stays has the number of the one that went.
            (&[("a-1-1.noarch", 5)], &[], &[]),
        ],
    );
}

#[test]
fn another_package_under_an_old_number_stays() {
    let removal = change(&[], &[("a-1-1.noarch", 5, None)]);
    check(&removal, &[(&[("b-1-1.noarch", 5)], &[], &[])]);
}

#[test]
fn a_header_without_a_digest_is_known_by_its_name() {
    let mut removal = change(&[], &[("a-1-1.noarch", 5, None)]);
    removal.outbound[0].instance.digest = None;
    let present = Instance {
        digest: None,
        ..instance("a-1-1.noarch", 5)
    };
    let left = Left {
        instance: present.clone(),
        replaced_by: None,
    };
    assert_eq!(Undone::of(&removal, [&present]).left, [left]);
}

#[test]
fn what_cannot_come_takes_no_place() {
    let both = change(
        &["a-2-1.noarch", "b-2-1.noarch"],
        &[
            ("a-1-1.noarch", 1, Some("a-2-1.noarch")),
            ("b-1-1.noarch", 2, Some("b-2-1.noarch")),
            ("c-1-1.noarch", 3, None),
        ],
    );
    let present =
        [("a-1-1.noarch", 1), ("b-1-1.noarch", 2), ("c-1-1.noarch", 3)].map(|(nevra, number)| instance(nevra, number));
    let undone = Undone::of(&both, &present).without(&both.inbound[..1]);
    assert_eq!(
        names(&undone),
        (vec!["b-2-1.noarch"], vec![("b-1-1.noarch", 2), ("c-1-1.noarch", 3)])
    );
}

#[test]
fn nothing_is_undone_where_neither_is() {
    let both = change(&["a-2-1.noarch"], &[("b-1-1.noarch", 2, None)]);
    let [a, b] = [("a-2-1.noarch", 5), ("b-1-1.noarch", 2)].map(|(nevra, number)| instance(nevra, number));
    for (present, is_empty) in [
        (vec![&a], true),
        (vec![&a, &b], false),
        (vec![], false),
        (vec![&b], false),
    ] {
        assert_eq!(Undone::of(&both, present.clone()).is_empty(), is_empty, "{present:?}");
    }
}

#[test]
fn names_are_those_of_what_comes_and_goes() {
    let both = change(&["a-b-2-1.noarch"], &[("c-1-1.noarch", 2, None)]);
    assert_eq!(both.names().collect::<Vec<_>>(), ["a-b", "c"]);
}

#[test]
fn an_epoch_of_zero_is_left_out_of_a_full_name() {
    for (epoch, name, expected) in [
        (None, "a", "a-1-1.noarch"),
        (Some(0), "a", "a-1-1.noarch"),
        (Some(0), "a-0:0", "a-0:0-1-1.noarch"),
        (Some(1), "a", "a-1:1-1.noarch"),
    ] {
        let package = crate::package::Package {
            name: name.into(),
            epoch,
            ..crate::transaction::fixture::package("x-1-1", vec![])
        };
        assert_eq!(super::super::nevra(&package), expected);
    }
}

#[test]
fn a_path_that_is_no_text_comes_back_from_the_journal() {
    use std::os::unix::ffi::OsStrExt;

    for path in [b"/plain".as_slice(), b"/not \xff text"] {
        let file = PlannedFile {
            path: std::ffi::OsStr::from_bytes(path).into(),
            size: 1,
            mtime: 2,
            config: None,
        };
        let text = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<PlannedFile>(&text).unwrap(), file, "{text}");
    }
}

proptest! {
    /// Whatever part of a plan was carried out, and however often a repair began anew: doing what is undone leads to as many
    /// instances of each header as the plan wants, and takes away none that has to stay.
    #[test]
    fn what_is_undone_leads_to_the_plan(
        packages in proptest::collection::vec((0_usize..3, 0_u32..2, 0_u32..2, 0_u32..2), 1..5),
        progress in proptest::collection::vec((0_u32..4, any::<bool>()), 5),
        rebuilt in any::<bool>(),
    ) {
        let mut change = Change::default();
        let (mut wanted, mut present, mut number) = (BTreeMap::new(), Vec::new(), 0);
        for (index, (name, comes, goes, stays)) in packages.iter().enumerate() {
            let nevra = format!("p{name}-{index}-1.noarch");
            let mut next = || { number += 1; instance(&nevra, number) };
            let before: Vec<Instance> = (0..goes + stays).map(|_| next()).collect();
            for (position, instance) in before.iter().enumerate() {
                if (position as u32) < *goes {
                    let replaced_by = (*comes > 0).then(|| format!("digest of {nevra}"));
                    change.outbound.push(Outbound { instance: instance.clone(), replaced_by, files: Vec::new(), scriptlets: Vec::new(), has_triggers: false });
                } else {
                    change.kept.push(instance.clone());
                }
            }
            change.inbound.extend((0..*comes).map(|_| inbound(&nevra)));
            wanted.insert(nevra.clone(), (stays + comes) as usize);
            // What was done of it: instances that came, some by repairs; and whether those that go went.
            let (came, went) = progress[index];
            let came = if *comes == 0 { 0 } else { came };
            let went = went && (*comes == 0 || came > 0);
            present.extend(before.into_iter().enumerate().filter(|(position, _)| !went || (*position as u32) >= *goes).map(|(_, instance)| instance));
            present.extend((0..came).map(|_| { number += 1; instance(&nevra, number + 100) }));
        }
        present.sort_by_key(|instance| instance.number);
        if rebuilt {
            for (index, instance) in present.iter_mut().enumerate() {
                instance.number = index as u32 + 1;
            }
        }
        let undone = Undone::of(&change, &present);
        let mut after: BTreeMap<String, usize> = wanted.keys().map(|nevra| (nevra.clone(), 0)).collect();
        let goes = |instance: &Instance| undone.left.iter().any(|left| left.instance == *instance);
        for instance in present.iter().filter(|instance| !goes(instance)) {
            *after.get_mut(&instance.nevra).unwrap() += 1;
        }
        for package in &undone.missing {
            *after.get_mut(&package.nevra).unwrap() += 1;
        }
        prop_assert_eq!(after, wanted);
    }
}
