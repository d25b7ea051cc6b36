//! A node with a journal, as it is found.

use std::collections::HashSet;

use anyhow::Result;
use librpm::Engine;
use redpak::display;
use redpak::package::Package;
use redpak::transaction::recovery::change::Instance;
use redpak::transaction::recovery::{Inbound, Undone};
use redpak_host::dir::Dir;
use redpak_packages::{coherency, snapshot};

use super::{configuration, demanded_keys, instances, intact, own, remains, report_damages};
use crate::node::Node;
use crate::transaction::journal::Record;

/// The state of a node with a journal.
pub struct Found {
    pub record: Record,
    own: Vec<Package>,
    pub undone: Undone,
}

impl Found {
    /// Compares the plan with the rpmdb.
    pub fn look(engine: &Engine, node: &Node, record: Record) -> Result<Self> {
        let own = own(engine, node)?;
        let undone = Undone::of(&record.plan.change, &instances(&own));
        Ok(Self { record, own, undone })
    }

    /// The packages of the node.
    pub fn own(&self) -> &[Package] {
        &self.own
    }

    /// The packages that came, with what they are now: of several instances the newest.
    pub fn came(&self) -> impl Iterator<Item = (&Inbound, &Package)> {
        let inbound = self.record.plan.change.inbound.iter();
        let came = inbound.filter(|package| !self.undone.missing.contains(package));
        came.filter_map(|package| {
            let is_it = |own: &&Package| Instance::from(*own).key() == package.key();
            let newest = self.own.iter().filter(is_it).max_by_key(|own| own.header_number)?;
            Some((package, newest))
        })
    }

    /// Those that came, and whose files or scriptlets are missing; all where the disk did not take what was written.
    pub fn unfinished(&self, node: &Node) -> Vec<Inbound> {
        let has_files = !self.record.plan.changes_database_only();
        let is_damaged = |own: &Package| has_files && !coherency::damages(node.path(), vec![own.clone()]).is_empty();
        let is_unfinished = |(package, own): &(&Inbound, &Package)| {
            self.record.steps.unwritten || !self.scriptlets_to_run(package).is_empty() || is_damaged(own)
        };
        let unfinished = self.came().filter(is_unfinished);
        unfinished.map(|(package, _)| package.clone()).collect()
    }

    /// Divides packages into those whose package files are there and those that cannot come.
    pub fn partition(
        &self,
        engine: &Engine,
        node: &Node,
        packages: &[Inbound],
    ) -> Result<(Vec<Inbound>, Vec<Inbound>)> {
        if packages.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let keys = demanded_keys(engine, node)?;
        let is_intact = |package: &Inbound| intact(engine, keys.as_ref(), package).is_some();
        Ok(packages.iter().cloned().partition(is_intact))
    }

    /// Puts in order what a power cut left of configuration files, before rpm takes it for the user's.
    pub fn restore_configuration(&self, engine: &Engine, node: &Node) -> Result<()> {
        if self.record.plan.changes_database_only() {
            return Ok(());
        }
        let has_config = |package: &&Inbound| package.files.iter().any(|file| file.config.is_some());
        let mut with_config = self.record.plan.change.inbound.iter().filter(has_config).peekable();
        if with_config.peek().is_none() {
            return Ok(());
        }
        let keys = demanded_keys(engine, node)?;
        let registered: Vec<_> = self.came().collect();
        for package in with_config {
            let open = || intact(engine, keys.as_ref(), package);
            let came = registered.iter().find(|(came, _)| *came == package);
            let read;
            let described = match came {
                Some((_, own)) => (*own, true),
                None => match open().map(|file| snapshot::package(file.header())).transpose()? {
                    Some(package) => {
                        read = package;
                        (&read, false)
                    }
                    None => continue,
                },
            };
            configuration::restore(node.path(), package, described, &open)?;
        }
        Ok(())
    }

    /// Removes files of packages that went, which a power cut brought back.
    pub fn remove_what_went(&self, node: &Node) -> Result<()> {
        if self.record.plan.changes_database_only() {
            return Ok(());
        }
        let is_left = |number: u32| self.undone.left.iter().any(|left| left.instance.number == number);
        let outbound = self.record.plan.change.outbound.iter();
        let went: Vec<_> = outbound.filter(|package| !is_left(package.instance.number)).collect();
        let files = went.iter().flat_map(|package| &package.files);
        remains::remove(&Dir::open_root(node.path())?, files, &self.own)
    }

    /// Names packages whose files are damaged although their package files are there: the solver left them out.
    pub fn report_left_out(&self, engine: &Engine, node: &Node) -> Result<()> {
        if self.record.plan.changes_database_only() {
            return Ok(());
        }
        let is_damaged =
            |(_, own): &(&Inbound, &Package)| !coherency::damages(node.path(), vec![(*own).clone()]).is_empty();
        let damaged: Vec<Inbound> = self
            .came()
            .filter(is_damaged)
            .map(|(package, _)| package.clone())
            .collect();
        let (_, damaged) = self.refused(&damaged);
        let (left_out, _) = self.partition(engine, node, &damaged)?;
        let why = "packages that they need are missing, or others conflict with them";
        self.give_up(node, &left_out, why)
    }

    /// Takes away what was begun of packages that cannot come any more, and names those that stay damaged.
    pub fn give_up(&self, node: &Node, lost: &[Inbound], why: &str) -> Result<()> {
        if lost.is_empty() {
            return Ok(());
        }
        let missing = |package: &&Inbound| self.undone.missing.contains(package);
        let gone: Vec<Inbound> = lost.iter().filter(missing).cloned().collect();
        if !self.record.plan.changes_database_only() {
            remains::take_away(&Dir::open_root(node.path())?, &gone, &self.own);
        }
        let lines = lost.iter().map(|package| {
            let source = match &*package.source {
                "" => String::new(),
                source => format!(" (from {})", display::text(source)),
            };
            format!("\n  {}{source}", display::text(&package.nevra))
        });
        eprintln!(
            "These packages could not be installed, because {why}; what was begun was taken away:{}",
            lines.collect::<String>()
        );
        let keys: HashSet<&str> = lost.iter().map(Inbound::key).collect();
        let kept: HashSet<u32> = self.undone.left_for(lost).map(|left| left.instance.number).collect();
        let is_concerned =
            |own: &&Package| kept.contains(&own.header_number) || keys.contains(Instance::from(*own).key());
        let stays = self.own.iter().filter(is_concerned).cloned();
        report_damages(&coherency::damages(node.path(), stays.collect()));
        Ok(())
    }
}
