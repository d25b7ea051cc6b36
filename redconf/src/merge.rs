//! `redconf mergeconfig`: what the configs of a family amount to.

use anyhow::{Result, anyhow};
use redpak::config::Read as _;
use redpak::merge::Finding;
use redpak::plan;
use redpak_host::{facts, family};

use crate::arguments::{Global, Mergeconfig};
use crate::output::{self, Format};
use crate::style::Style;
use crate::{provenance, run};

/// Merges as a launch would, and shows the result.
pub fn run(global: &Global, options: &Mergeconfig) -> Result<()> {
    let request = run::request(global, run::path(global, &options.place)?);
    let family = family::load(&request)?;
    run::tell_sources(global, &family);
    let nothing_asked = plan::Request::default();
    let merged = facts::resolve(&family, global.admin.is_some(), &nothing_asked, global.root())
        .map_err(lines)?
        .merged;
    output::warn(global, &merged.warnings);
    let config = merged.to_config(options.expand);
    output::print(&match Format::of(global) {
        Format::Yaml => config.print().to_string(),
        Format::Json => provenance::value(&merged, &config).to_json(),
        Format::Human => provenance::text(&merged, &config, Style::of(&std::io::stdout())),
    })
}

/// One error of several lines.
fn lines(findings: Vec<Finding>) -> anyhow::Error {
    anyhow!(
        "{}",
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    )
}
