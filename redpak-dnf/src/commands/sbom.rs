//! `sbom`: the bill of materials of a node or of its family.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use librpm::Engine;
use redpak::sbom::{Inventory, Node as Listed, cyclonedx, spdx};
use redpak_packages::coherency::{Demands, examine, needs};
use redpak_packages::{confinement, details};

use super::{Outcome, verify};
use crate::node::Node;
use crate::options::Global;

/// Seconds since 1970 that stand for the time of making, see <https://reproducible-builds.org/specs/source-date-epoch/>.
const TIME: &str = "SOURCE_DATE_EPOCH";

/// Writes a bill of materials as JSON; the same packages give the same bytes.
#[derive(Debug, Args)]
pub struct Sbom {
    /// The format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// What is listed
    #[arg(long, value_enum, default_value_t)]
    scope: Scope,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// SPDX 2.3
    #[default]
    Spdx,
    /// CycloneDX 1.6
    Cyclonedx,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// The core OS and all nodes of the family
    #[default]
    Family,
    /// All nodes, without the core OS
    Nodes,
    /// The redpath's own node
    Node,
}

impl Sbom {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let node = Node::find(global)?;
        let time = time()?;
        let engine = Engine::start()?;
        // What follows reads data that a node's owner, or whoever broke in there, has made; and it changes nothing.
        confinement::read_only()?;
        let places = verify::places(&node)?;
        let found = examine(&engine, &places, Demands::default(), &|_, _| ())?;
        // A bill that leaves out what could not be read would be worse than none.
        verify::require_readable(&found)?;
        let family = found.family;
        let details = details::read(&engine, &places, &family)?;
        let needs = needs(&engine, &family)?;
        let aliases = node.family.nodes.iter().map(|node| node.alias().as_str());
        let names: Vec<&str> = std::iter::once("coreos").chain(aliases).collect();
        let own = family.len() - 1;
        let nodes: Vec<_> = family
            .iter()
            .enumerate()
            .map(|(index, level)| Listed {
                name: names[index],
                level,
                details: &details[index],
                is_listed: match self.scope {
                    Scope::Family => true,
                    Scope::Nodes => !level.is_core_os,
                    Scope::Node => index == own,
                },
            })
            .collect();
        let inventory = Inventory {
            nodes: &nodes,
            needs: &needs,
            tool: ("redwrap-dnf", env!("CARGO_PKG_VERSION")),
            time,
        };
        let bill = match self.format {
            Format::Spdx => spdx(&inventory),
            Format::Cyclonedx => cyclonedx(&inventory),
        };
        let mut json = serde_json::to_vec_pretty(&bill)?;
        json.push(b'\n');
        let mut out = std::io::stdout().lock();
        out.write_all(&json)?;
        out.flush()?;
        Ok(Outcome::Done)
    }
}

fn time() -> Result<Option<u64>> {
    let Some(value) = std::env::var_os(TIME) else {
        return Ok(None);
    };
    let seconds = value.to_str().and_then(|text| text.parse().ok());
    let shown = || {
        format!(
            "{TIME} is '{}'; set it to seconds since 1970, or unset it",
            redpak::display::os(&value)
        )
    };
    seconds.map(Some).with_context(shown)
}
