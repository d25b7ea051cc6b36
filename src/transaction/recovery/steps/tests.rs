//! A model of a disk that loses what is not durable.

use std::collections::BTreeSet;

use super::{Ending, Step, TRANSACTION, at_end, before_run};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Old,
    New,
    /// It has its name, and not its content.
    Torn,
}

/// The upgrade of one package, as the disk has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Disk {
    packages: bool,
    journal: bool,
    root: bool,
    file: Content,
    old_header: bool,
    new_header: bool,
    state: Content,
}

const OLD: Disk = Disk {
    packages: false,
    journal: false,
    root: false,
    file: Content::Old,
    old_header: true,
    new_header: false,
    state: Content::Old,
};
const NEW: Disk = Disk {
    file: Content::New,
    old_header: false,
    new_header: true,
    state: Content::New,
    ..OLD
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    Packages(bool),
    Journal(bool),
    Root(bool),
    File(Content),
    OldHeader(bool),
    NewHeader(bool),
    State(Content),
}

impl Write {
    fn apply(self, disk: &mut Disk) {
        match self {
            Self::Packages(there) => disk.packages = there,
            Self::Journal(there) => disk.journal = there,
            Self::Root(there) => disk.root = there,
            Self::File(content) => disk.file = content,
            Self::OldHeader(there) => disk.old_header = there,
            Self::NewHeader(there) => disk.new_header = there,
            Self::State(content) => disk.state = content,
        }
    }

    /// What may become of it when the power is cut: all, nothing, or a file without its content.
    fn remains(self) -> Vec<Option<Self>> {
        let torn = match self {
            Self::File(_) => Some(Self::File(Content::Torn)),
            Self::State(_) => Some(Self::State(Content::Torn)),
            _ => None,
        };
        [Some(Some(self)), Some(None), torn.map(Some)]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// A disk, and what was written to it since it was last synchronised.
#[derive(Debug, Clone)]
struct Machine {
    durable: Disk,
    pending: Vec<Write>,
}

impl Machine {
    fn new(durable: Disk) -> Self {
        Self {
            durable,
            pending: Vec::new(),
        }
    }

    /// As programs see it.
    fn seen(&self) -> Disk {
        let mut disk = self.durable;
        self.pending.iter().for_each(|write| write.apply(&mut disk));
        disk
    }

    fn synchronise(&mut self) {
        self.durable = self.seen();
        self.pending.clear();
    }

    /// Every disk that a power cut can leave.
    fn cut(&self) -> BTreeSet<Disk> {
        let mut disks = BTreeSet::from([self.durable]);
        for write in &self.pending {
            let after = |disk: &Disk| {
                let disk = *disk;
                write.remains().into_iter().map(move |remains| {
                    let mut disk = disk;
                    if let Some(write) = remains {
                        write.apply(&mut disk);
                    }
                    disk
                })
            };
            disks = disks.iter().flat_map(after).collect();
        }
        disks
    }

    /// Carries a step out; `look` sees the machine after each write.
    fn step(&mut self, step: Step, look: &mut dyn FnMut(&Self)) {
        let writes: &[Write] = match step {
            Step::WriteJournal => {
                // One file of its own, synchronised and renamed: nothing else becomes durable with it.
                self.durable.journal = true;
                &[]
            }
            Step::SynchronisePackages | Step::SynchroniseRun | Step::SynchroniseNode => {
                self.synchronise();
                &[]
            }
            Step::SynchroniseDirectory => {
                let journal = self.seen().journal;
                self.durable.journal = journal;
                self.pending.retain(|write| !matches!(write, Write::Journal(_)));
                &[]
            }
            Step::ComposeRoot => &[Write::Root(true)],
            Step::Run => &[
                Write::File(Content::New),
                Write::NewHeader(true),
                Write::OldHeader(false),
            ],
            Step::RecordState => &[Write::State(Content::New), Write::Packages(false)],
            Step::ClearRoot => &[Write::Root(false)],
            Step::RemoveJournal => &[Write::Journal(false)],
            Step::Report => &[],
        };
        look(self);
        for write in writes {
            self.pending.push(*write);
            look(self);
        }
    }
}

/// The repair: what it finds, and the writes that it makes. The journal of the transaction stays until the end.
fn repair(machine: &mut Machine, look: &mut dyn FnMut(&Machine)) -> Result<(), String> {
    let found = machine.seen();
    if found.journal {
        if found.state == Content::Torn {
            machine.pending.push(Write::State(Content::Old));
            look(machine);
        }
        let is_done = found.new_header && !found.old_header && found.file == Content::New;
        if !is_done && !found.packages {
            return Err(format!("the package files are gone: {found:?}"));
        }
        if !is_done {
            machine.step(Step::Run, look);
            machine.step(Step::SynchroniseRun, look);
        }
        machine.step(Step::RecordState, look);
    }
    if found.journal || found.root {
        at_end(Ending::InOrder)
            .into_iter()
            .for_each(|step| machine.step(step, look));
    }
    Ok(())
}

/// Why a disk is not as it has to be after a power cut.
fn wrong(disk: Disk, is_reported: bool) -> Option<String> {
    let software = |disk: Disk| Disk {
        packages: false,
        ..disk
    };
    if is_reported && (software(disk) != NEW) {
        return Some(format!("what was reported did not last: {disk:?}"));
    }
    let is_marked = disk.journal || disk.root;
    if !is_marked && software(disk) != OLD && software(disk) != NEW {
        return Some(format!("nothing tells that it is half done: {disk:?}"));
    }
    None
}

/// Every disk that the power cut leaves is repaired, even when each repair is cut off in its turn. Returns what goes wrong.
fn cut_everywhere(steps: &[Step]) -> Vec<String> {
    let mut machine = Machine::new(OLD);
    machine.pending.push(Write::Packages(true));
    let mut left: BTreeSet<(Disk, bool)> = BTreeSet::new();
    let mut is_reported = false;
    for step in steps {
        is_reported |= *step == Step::Report;
        machine.step(*step, &mut |machine| {
            left.extend(machine.cut().into_iter().map(|disk| (disk, is_reported)))
        });
    }
    let mut failures: Vec<String> = left
        .iter()
        .filter_map(|(disk, reported)| wrong(*disk, *reported))
        .collect();
    let mut waiting: Vec<Disk> = left.iter().map(|(disk, _)| *disk).collect();
    let mut known: BTreeSet<Disk> = waiting.iter().copied().collect();
    while let Some(disk) = waiting.pop() {
        let mut machine = Machine::new(disk);
        let mut again = Vec::new();
        if let Err(failure) = repair(&mut machine, &mut |machine| again.extend(machine.cut())) {
            failures.push(failure);
            continue;
        }
        let end = Disk {
            packages: false,
            ..machine.seen()
        };
        let begun = disk.journal;
        if end != OLD && end != NEW || begun && end != NEW {
            failures.push(format!("{disk:?} is repaired to {end:?}"));
        }
        waiting.extend(again.into_iter().filter(|disk| known.insert(*disk)));
    }
    failures
}

#[test]
fn a_power_cut_between_any_two_writes_leaves_the_old_state_or_the_new_one() {
    let failures = cut_everywhere(&TRANSACTION);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The model is no use if it accepts anything.
#[test]
fn no_step_can_be_left_out() {
    let needed = TRANSACTION.into_iter().filter(|step| {
        // Without these nothing is done at all, or nothing is said.
        !matches!(step, Step::ComposeRoot | Step::Run | Step::RecordState | Step::Report)
    });
    for step in needed {
        let others: Vec<Step> = TRANSACTION.into_iter().filter(|other| *other != step).collect();
        assert!(!cut_everywhere(&others).is_empty(), "{step:?} is not needed");
    }
}

#[test]
fn steps_cannot_change_places() {
    let pairs = [
        (Step::SynchronisePackages, Step::WriteJournal),
        (Step::WriteJournal, Step::Run),
        (Step::SynchroniseRun, Step::RecordState),
        (Step::ClearRoot, Step::SynchroniseNode),
        (Step::SynchroniseNode, Step::RemoveJournal),
        (Step::SynchroniseDirectory, Step::Report),
    ];
    for (one, other) in pairs {
        let swapped: Vec<Step> = TRANSACTION
            .into_iter()
            .map(|step| match step {
                step if step == one => other,
                step if step == other => one,
                step => step,
            })
            .collect();
        assert!(
            !cut_everywhere(&swapped).is_empty(),
            "{one:?} and {other:?} can change places"
        );
    }
}

#[test]
fn the_program_takes_all_steps_in_order() {
    let run = [Step::Run, Step::SynchroniseRun, Step::RecordState];
    let steps: Vec<Step> = before_run()
        .chain(run)
        .chain(at_end(Ending::InOrder))
        .chain([Step::Report])
        .collect();
    assert_eq!(steps, TRANSACTION);
    let state: Vec<Step> = at_end(Ending::NeedsState);
    assert_eq!(state[..2], [Step::ClearRoot, Step::RecordState]);
    assert_eq!(state[2..], at_end(Ending::InOrder)[1..]);
    assert_eq!(at_end(Ending::NeedsRepair), [Step::ClearRoot]);
}
