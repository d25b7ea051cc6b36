//! Reading and printing of configs, in tables with inline YAML.

mod documentation;
mod errors;
mod hostile;
mod reading;
pub(crate) mod strategy;

use std::path::Path;

use super::*;
use crate::yaml::Problem;

fn read(text: &str) -> Result<Source, Vec<Problem>> {
    parse(text, Path::new("redpack.yaml"))
}

fn config(text: &str) -> Config {
    read(text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}")).config
}

fn errors(text: &str) -> Vec<String> {
    match read(text) {
        Ok(source) => panic!("{source:?} was read from {text}"),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}
