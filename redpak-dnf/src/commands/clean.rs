//! `clean`

use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use librpm::Engine;

use super::Outcome;
use crate::node::Node;
use crate::options::Global;
use crate::options::usage::Usage;
use crate::progress::whole_size;
use crate::session::Session;
use crate::transaction::lock_whole;
use libdnf5::{CachePart, CacheStatistics};

/// Removes or expires cached data.
#[derive(Debug, Args)]
pub struct Clean {
    /// What to clean: all, packages, metadata, dbcache, expire-cache
    #[arg(value_name = "cache_types", required = true)]
    pub types: Vec<String>,
}

const SUPPORTED: &str = "all, packages, metadata, dbcache, expire-cache";

fn part(name: &str) -> Result<CachePart> {
    Ok(match name {
        "all" => CachePart::All,
        "packages" => CachePart::Packages,
        "metadata" => CachePart::Metadata,
        "dbcache" => CachePart::SolvFiles,
        "expire-cache" => CachePart::Expire,
        _ => return Err(Usage(format!("Unknown cache type \"{name}\". Supported types: {SUPPORTED}.")).into()),
    })
}

impl Clean {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let parts = self.types.iter().map(|name| part(name)).collect::<Result<Vec<_>>>()?;
        let node = Node::find(global)?;
        // A transaction may be about to install what the cache holds, or the repair of one.
        let has_packages = parts
            .iter()
            .any(|part| matches!(part, CachePart::All | CachePart::Packages));
        let _lock = has_packages.then(|| lock_whole(&node, global)).transpose()?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?;
        let directory = session.base.config().get("cachedir")?;
        let directory = Path::new(&directory);
        if !directory.exists() {
            println!(
                "Cache directory \"{}\" does not exist. Nothing to clean.",
                directory.display()
            );
            return Ok(Outcome::Done);
        }
        let mut sum = CacheStatistics::default();
        for entry in std::fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
            let path = entry?.path();
            for part in parts.iter().copied().filter(|_| path.is_dir()) {
                let cleaned = session.base.repo_sack().remove_cache(&path, part)?;
                sum = add(sum, cleaned);
            }
        }
        report(&self.types, &sum);
        Ok(if sum.errors == 0 {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }
}

fn add(left: CacheStatistics, right: CacheStatistics) -> CacheStatistics {
    CacheStatistics {
        files: left.files + right.files,
        directories: left.directories + right.directories,
        bytes: left.bytes + right.bytes,
        errors: left.errors + right.errors,
    }
}

/// dnf5's sentence.
fn report(types: &[String], sum: &CacheStatistics) {
    if types.iter().all(|name| name == "expire-cache") {
        println!(
            "Cache expired: {} repositories. {} errors occurred.",
            sum.directories.max(sum.files),
            sum.errors
        );
        return;
    }
    println!(
        "Removed {} files, {} directories (total of {}). {} errors occurred.",
        sum.files,
        sum.directories,
        whole_size(sum.bytes),
        sum.errors
    );
}
