//! The configs of a family in the order of their age.

use std::path::Path;

use crate::config::{Config, Source};
use crate::expand::NodeVariables;
use crate::location::Location;
use crate::merge::Origin;
use crate::node::{Family, Node};

/// One config file at its place in the family.
#[derive(Debug)]
pub struct Layer<'f> {
    /// What it says.
    pub config: &'f Config,
    file: &'f Path,
    /// Whether it is an admin config.
    pub admin: bool,
    /// Index of its node; `None` for the main config.
    pub node: Option<usize>,
    /// Whether its tags are defaults of the lowest priority.
    pub redmain: bool,
    /// Whether its node is the leaf.
    pub leaf: bool,
    /// What its texts are expanded with.
    pub variables: NodeVariables,
}

impl Layer<'_> {
    /// The origin of something in its file.
    pub fn origin(&self, at: Location) -> Origin {
        let alias = self.config.headers.alias.to_string();
        Origin {
            file: self.file.to_path_buf(),
            at,
            alias,
            node: self.node,
            admin: self.admin,
        }
    }
}

/// The layers, oldest first, within a node the normal config before the admin one.
pub fn layers(family: &Family, admin: bool) -> Vec<Layer<'_>> {
    let main = family.main.iter().map(|source| main_layer(source, false));
    let main_admin = family.main_admin.iter().map(|source| main_layer(source, true));
    let nodes = family
        .nodes
        .iter()
        .enumerate()
        .flat_map(|(index, node)| node_layers(family, index, node));
    main.chain(main_admin)
        .chain(nodes)
        .filter(|layer| admin || !layer.admin)
        .collect()
}

fn main_layer(source: &Source, admin: bool) -> Layer<'_> {
    let root = Path::new("/");
    let Source { file, config, .. } = source;
    let variables = NodeVariables::of_headers(&config.headers, root);
    Layer {
        config,
        file,
        admin,
        node: None,
        redmain: true,
        leaf: false,
        variables,
    }
}

fn node_layers<'f>(family: &Family, index: usize, node: &'f Node) -> impl Iterator<Item = Layer<'f>> {
    let redmain = family.system && index == 0;
    let leaf = index + 1 == family.nodes.len();
    let sources = [(Some(&node.config), false), (node.admin.as_ref(), true)];
    sources.into_iter().filter_map(move |(source, admin)| {
        let Source { file, config, .. } = source?;
        let variables = NodeVariables::of_node(node);
        Some(Layer {
            config,
            file,
            admin,
            node: Some(index),
            redmain,
            leaf,
            variables,
        })
    })
}
