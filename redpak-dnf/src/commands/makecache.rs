//! `makecache`

use anyhow::Result;
use clap::Args;
use librpm::Engine;

use super::Outcome;
use crate::databases;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::transaction::confine_query;
use libdnf5::{Load, RepoQuery};

/// Downloads the metadata of the enabled repositories, and makes the view of the family's packages.
#[derive(Debug, Args)]
pub struct Makecache {}

impl Makecache {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let node = Node::find(global)?;
        let confined = confine_query(&node)?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?;
        if RepoQuery::new(&session.base)?.filter_enabled(true)?.list()?.is_empty() {
            println!("There are no enabled repositories in {}.", directories(&session)?);
        }
        session.load(Load::Available)?;
        // Who cannot write the node cannot keep a view either.
        if confined.is_some()
            && let Err(error) = databases::prepare(&engine, &node)
        {
            eprintln!("Warning: {error:#}");
        }
        println!("Metadata cache created.");
        Ok(Outcome::Done)
    }
}

/// `"/a", "/b"`
fn directories(session: &Session<'_>) -> Result<String> {
    let directories = session.directories("reposdir")?;
    let quoted = directories
        .iter()
        .map(|directory| format!("\"{}\"", directory.display()));
    Ok(quoted.collect::<Vec<_>>().join(", "))
}
