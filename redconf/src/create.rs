//! `redconf create`: makes one node.

use anyhow::Result;
use redpak::display;
use redpak::yaml::Value;
use redpak_host::create::{NewNode, Template, create};
use redpak_host::dir::Dir;
use redpak_host::family::node;

use crate::arguments::{Create, Global};
use crate::output::{self, Format};
use crate::run;

/// Makes the node and says where.
pub fn run(global: &Global, options: &Create) -> Result<()> {
    let new = new_node(global, options)?;
    let path = create(&new)?.keep();
    let source = node::config(&Dir::open(&path)?)?;
    run::tell_source(global, &source);
    let alias = source.config.headers.alias.to_string();
    let shown = display::path(&path);
    let value = Value::map([
        ("path", Value::Text(shown.clone())),
        ("alias", Value::Text(alias.clone())),
    ]);
    let text = Format::of(global).text(&value).unwrap_or_else(|| {
        let done = if options.update { "is up to date" } else { "is made" };
        if global.quiet {
            String::new()
        } else {
            format!("the node {shown} ({alias}) {done}\n")
        }
    });
    output::print(&text)
}

fn new_node(global: &Global, options: &Create) -> Result<NewNode> {
    let model = options.model.map(|model| Template::Named(model.template().to_owned()));
    let config = options.config.as_deref().map(Template::from_argument).or(model);
    Ok(NewNode {
        alias: options.alias.clone(),
        config,
        admin: options.config_adm.as_deref().map(Template::from_argument),
        update: options.update,
        root: global.root().to_path_buf(),
        ..NewNode::new(run::path(global, &options.place)?)
    })
}
