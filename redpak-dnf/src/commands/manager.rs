//! `manager`: creating nodes.

use std::ffi::OsString;

use anyhow::{Context, Result};
use clap::Args;
use redpak::node::Alias;
use redpak_host::create::{NewNode, SystemPlace, Template, create, create_system, system_place};

use super::Outcome;
use crate::node::{redpath, root};
use crate::options::Global;
use crate::options::usage::Usage;
use crate::terminal::Messages;
use crate::transaction::repair;

/// `manager`
#[derive(Debug, Args)]
pub struct Manager {
    /// Create the node that --redpath names
    #[arg(long)]
    pub create: bool,
    /// Repair what an interrupted transaction left in the node, and do nothing else
    #[arg(long, conflicts_with = "create")]
    pub repair: bool,
    /// Short name of the node, unique within its redpath [default: made of the directory's name]
    #[arg(long, requires = "create")]
    pub alias: Option<String>,
    /// Config of the node: name of a template, or a file
    #[arg(long, value_name = "TEMPLATE", requires = "create")]
    pub template: Option<OsString>,
    /// Admin config of the node: name of a template, or a file
    #[arg(long, value_name = "TEMPLATE", requires = "create")]
    pub template_admin: Option<OsString>,
    /// The node may exist: write anew what is named here, and its status
    #[arg(long, requires = "create")]
    pub update: bool,
    /// Make no system node above it
    #[arg(long, requires = "create")]
    pub no_system_node: bool,
}

impl Manager {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        if self.repair {
            return repair(global);
        }
        if !self.create {
            return Err(Usage("Missing named argument \"--create\" for command \"manager\".".into()).into());
        }
        let path = redpath(global)?;
        let alias = self
            .alias
            .as_deref()
            .map(str::parse::<Alias>)
            .transpose()
            .context("--alias")?;
        let system = self.system(global)?;
        let pool = match &system {
            Some(SystemPlace::Pool(pool)) => Some(create_system(pool, &root(global))?),
            _ => None,
        };
        // A family without a system node needs a leaf that brings the core OS itself.
        let alone = !matches!(system, Some(SystemPlace::Pool(_) | SystemPlace::Above(_)));
        let by_default = (alone && !self.update).then(|| Template::Named("full".into()));
        let node = create(&NewNode {
            alias,
            config: self.template.as_deref().map(Template::from_argument).or(by_default),
            admin: self.template_admin.as_deref().map(Template::from_argument),
            update: self.update,
            root: root(global),
            ..NewNode::new(path)
        })?;
        node.keep();
        pool.map(redpak_host::create::Creation::keep);
        Ok(Outcome::Done)
    }

    /// Where the system node is or shall be; `None` when none is wanted.
    fn system(&self, global: &Global) -> Result<Option<SystemPlace>> {
        let place = system_place(redpath(global)?)?;
        if self.no_system_node && !matches!(place, SystemPlace::Above(_)) {
            return Ok(None);
        }
        if let SystemPlace::Unsuitable(reason) = &place {
            Messages::new(global).say(format_args!("No system node is made: {reason}."));
        }
        Ok(Some(place))
    }
}
