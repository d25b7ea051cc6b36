//! What an ancestor has cached is not downloaded again.

use std::path::{Path, PathBuf};

use anyhow::Result;
use redpak_host::metadata_cache;

use crate::node::Node;
use libdnf5::{Base, Repo, RepoQuery};

/// Whose caches a node may use: its ancestors', the nearest first. Siblings do not govern a node, and their caches are not asked.
#[derive(Debug)]
pub struct SharedCache {
    node: PathBuf,
    ancestors: Vec<PathBuf>,
}

impl SharedCache {
    /// Of a node.
    pub fn new(node: &Node) -> Self {
        let ancestors = node.family.nodes.iter().rev().skip(1);
        Self {
            node: node.path().to_owned(),
            ancestors: ancestors.map(|ancestor| ancestor.path.clone()).collect(),
        }
    }

    /// Takes over what is newer than the node's own, for every enabled repository. libdnf5 names the place by id and URL, and so the same
    /// name means the same source.
    pub fn take_over(&self, base: &Base<'_>) -> Result<()> {
        if self.ancestors.is_empty() {
            return Ok(());
        }
        for repo in RepoQuery::new(base)?.filter_enabled(true)?.list()? {
            self.take_over_one(&repo)?;
        }
        Ok(())
    }

    fn take_over_one(&self, repo: &Repo<'_>) -> Result<()> {
        // The ancestor may have taken its copy without looking at the signature.
        if repo.is_local()? || repo.option("repo_gpgcheck")? == "1" {
            return Ok(());
        }
        let cachedir = PathBuf::from(repo.cachedir()?);
        let Ok(relative) = cachedir.strip_prefix(&self.node) else {
            return Ok(());
        };
        if relative == Path::new("") {
            return Ok(());
        }
        for ancestor in &self.ancestors {
            // A cache that cannot be written is told by what has to write it; without a copy everything is downloaded.
            if metadata_cache::take_over(ancestor, &self.node, relative).unwrap_or(false) {
                break;
            }
        }
        Ok(())
    }
}
