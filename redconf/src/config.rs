//! `redconf config`: one config of one node, as it is read.

use anyhow::{Result, bail};
use redpak::config::{Read as _, Source};
use redpak::display;
use redpak_host::dir::Dir;
use redpak_host::family::{lineage, node, resolve};

use crate::arguments::{Global, Place};
use crate::output::{self, Format};
use crate::run;
use crate::style::Style;

/// Shows the normal config, with `--admin` the admin config.
pub fn run(global: &Global, place: &Place) -> Result<()> {
    let path = resolve(&run::path(global, place)?)?;
    // Asked for something that is no node, the family's error says what is near.
    lineage(&path)?;
    let node = node::load(&path, global.admin.is_some())?;
    let source = match (&global.admin, node.admin) {
        (None, _) => node.config,
        (Some(_), Some(admin)) => admin,
        (Some(_), None) => bail!("{} has no admin config", display::path(Dir::open(&path)?.path())),
    };
    run::tell_source(global, &source);
    output::print(&text(Format::of(global), &source))
}

fn text(format: Format, source: &Source) -> String {
    let value = source.config.print();
    format.text(&value).unwrap_or_else(|| {
        let style = Style::of(&std::io::stdout());
        // A comment, so that what people see loads back too.
        format!(
            "{}\n{value}",
            style.faint(&format!("# {}", display::path(&source.file)))
        )
    })
}
