//! Colours of packages in lists: what the node could do with each.

use std::ffi::{OsStr, OsString};

use anyhow::Result;

use crate::query::Family;
use libdnf5::PackageQuery;
use libdnf5::output::PackageColors;

/// The configuration's colours, and what is installed.
#[derive(Debug)]
pub struct Colors<'q> {
    installed: PackageQuery<'q>,
    reinstall: OsString,
    upgrade: OsString,
}

impl<'q> Colors<'q> {
    /// dnf5 has colours for what can be reinstalled or upgraded, and takes them for installed packages too.
    pub fn new(family: &Family<'q>) -> Result<Self> {
        let color = |name: &str| family.session.base.config().get(format!("color_list_available_{name}"));
        Ok(Self {
            installed: family.installed()?,
            reinstall: color("reinstall")?,
            upgrade: color("upgrade")?,
        })
    }

    /// As libdnf5-cli wants them.
    pub fn shown(&self) -> PackageColors<'_, 'q> {
        PackageColors {
            base_versions: &self.installed,
            not_found: OsStr::new(""),
            lower: OsStr::new(""),
            equal: &self.reinstall,
            greater: &self.upgrade,
        }
    }
}
