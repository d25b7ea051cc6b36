//! The order in which a transaction reaches the disk.
//!
//! A write is durable when it survives a power cut. Until the file system is synchronised, any part of what was written may
//! be lost, in any combination. So there is a journal on the disk from before the first change until the last one is
//! durable, and the package files that a repair needs are there as long.
//!
//! The tests of this module run the steps on a model of a disk, cut the power between any two writes, lose any subset of the
//! writes that are not durable, and repair.

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The package files, and what the node has, become durable: a repair needs them.
    SynchronisePackages,
    /// The journal is written and durable.
    WriteJournal,
    /// The root of scriptlets is composed, where there are any: the node gets mount points, and a directory for overlays.
    ComposeRoot,
    /// rpm changes files and the rpmdb.
    Run,
    /// What rpm did becomes durable. libdnf5 deletes the package files after this.
    SynchroniseRun,
    /// libdnf5 writes its system state, and deletes the package files.
    RecordState,
    /// What the root of scriptlets left in the node is removed.
    ClearRoot,
    /// All of it becomes durable.
    SynchroniseNode,
    /// The journal is removed.
    RemoveJournal,
    /// So does its removal.
    SynchroniseDirectory,
    /// The command says that it is complete.
    Report,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The rpmdb shows what was planned; or nothing was changed, or all of it was taken back.
    InOrder,
    /// rpm failed, and packages came or went all the same: why they are installed has to be recorded yet.
    NeedsState,
    /// The journal stays, and the next command repairs.
    NeedsRepair,
}

/// All steps.
pub const TRANSACTION: [Step; 11] = [
    Step::SynchronisePackages,
    Step::WriteJournal,
    Step::ComposeRoot,
    Step::Run,
    Step::SynchroniseRun,
    Step::RecordState,
    Step::ClearRoot,
    Step::SynchroniseNode,
    Step::RemoveJournal,
    Step::SynchroniseDirectory,
    Step::Report,
];

/// What has to be done before rpm may change anything.
pub fn before_run() -> impl Iterator<Item = Step> {
    TRANSACTION.into_iter().take_while(|step| *step != Step::Run)
}

/// What has to be done when libdnf5 is done. A repair goes on with the journal of the transaction that it repairs, so it
/// only clears.
pub fn at_end(ending: Ending) -> Vec<Step> {
    let last = [Step::SynchroniseNode, Step::RemoveJournal, Step::SynchroniseDirectory];
    let state: &[Step] = match ending {
        Ending::InOrder => &[],
        Ending::NeedsState => &[Step::RecordState],
        Ending::NeedsRepair => return vec![Step::ClearRoot],
    };
    [&[Step::ClearRoot], state, &last].concat()
}

#[cfg(test)]
mod tests;
