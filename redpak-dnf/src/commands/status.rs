//! `status`: how much there is.

use anyhow::Result;
use clap::Args;

use super::Outcome;
use crate::dnf5::{GroupQuery, output};
use crate::options::Global;
use crate::query::{Needs, ask};

/// Shows numbers of installed and available packages, groups and repositories.
#[derive(Debug, Args)]
pub struct Status {}

impl Status {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        ask(global, Needs::default(), |family| {
            let base = &family.session.base;
            let mut groups = GroupQuery::new(base)?;
            groups.filter_uservisible(true)?;
            output::status(base, &groups)?;
            Ok(Outcome::Done)
        })
    }
}
