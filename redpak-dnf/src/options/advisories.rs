//! Options that choose advisories.

use std::ffi::OsStr;

use anyhow::{Result, bail};
use clap::Args;

use crate::dnf5::{AdvisoryQuery, Base, QueryCmp};

const SEVERITIES: [&str; 5] = ["critical", "important", "moderate", "low", "none"];

/// What advisories are about.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Advisory options")]
pub struct AdvisoryKinds {
    /// Security advisories
    #[arg(long)]
    pub security: bool,
    /// Bugfix advisories
    #[arg(long)]
    pub bugfix: bool,
    /// Enhancement advisories
    #[arg(long)]
    pub enhancement: bool,
    /// Newpackage advisories
    #[arg(long)]
    pub newpackage: bool,
    /// Advisories of these severities: critical, important, moderate, low, none
    #[arg(long, value_name = "ADVISORY_SEVERITY,...", value_delimiter = ',')]
    pub advisory_severities: Vec<String>,
    /// Advisories that fix these bugs
    #[arg(long, visible_alias = "bz", value_name = "BUGZILLA_ID,...", value_delimiter = ',')]
    pub bzs: Vec<String>,
    /// Advisories that fix these CVEs
    #[arg(long, visible_alias = "cve", value_name = "CVE_ID,...", value_delimiter = ',')]
    pub cves: Vec<String>,
}

/// Advisories by what they are about, and by name.
#[derive(Debug, Clone, Default, Args)]
pub struct Advisories {
    /// Advisories of these names
    #[arg(
        long,
        visible_alias = "advisory",
        value_name = "ADVISORY_NAME,...",
        value_delimiter = ','
    )]
    pub advisories: Vec<String>,
    #[command(flatten)]
    pub kinds: AdvisoryKinds,
}

impl Advisories {
    /// The advisories that are meant; `None` when no option chooses any.
    pub fn query<'b>(&self, base: &'b Base<'_>) -> Result<Option<AdvisoryQuery<'b>>> {
        self.kinds.query(base, &self.advisories, true)
    }

    /// Whether any option chooses advisories.
    pub fn is_given(&self) -> bool {
        !self.advisories.is_empty() || self.kinds.is_given()
    }
}

impl AdvisoryKinds {
    fn types(&self) -> Vec<&'static str> {
        let types = [
            (self.security, "security"),
            (self.bugfix, "bugfix"),
            (self.enhancement, "enhancement"),
            (self.newpackage, "newpackage"),
        ];
        types
            .into_iter()
            .filter(|(given, _)| *given)
            .map(|(_, name)| name)
            .collect()
    }

    fn is_given(&self) -> bool {
        !self.types().is_empty()
            || ![&self.advisory_severities, &self.bzs, &self.cves]
                .into_iter()
                .all(Vec::is_empty)
    }

    /// dnf5 names the option's error class here.
    pub fn check(&self) -> Result<()> {
        match self
            .advisory_severities
            .iter()
            .find(|name| !SEVERITIES.contains(&name.to_lowercase().as_str()))
        {
            None => Ok(()),
            Some(wrong) => bail!(
                "OptionValueNotAllowedError: Input item value \"{wrong}\" not allowed, allowed values for this option are defined by regular expression \"{}\"",
                SEVERITIES.join("|")
            ),
        }
    }

    /// The union of all that is asked for; `None` when nothing is. With `must_exist` a name without an advisory is an error.
    pub fn query<'b>(
        &self,
        base: &'b Base<'_>,
        names: &[String],
        must_exist: bool,
    ) -> Result<Option<AdvisoryQuery<'b>>> {
        if names.is_empty() && !self.is_given() {
            return Ok(None);
        }
        let all = AdvisoryQuery::new(base)?;
        let mut wanted = all.try_clone()?;
        wanted.difference(&all)?;
        if !names.is_empty() {
            let mut named = all.try_clone()?;
            named.filter_name(names, QueryCmp::GLOB)?;
            if named.size()? == 0 {
                let message = format!(
                    "No advisory found matching the requested name: \"{}\"",
                    names.join(", ")
                );
                anyhow::ensure!(!must_exist, "{message}");
                eprintln!("{message}");
            }
            wanted.update(&named)?;
        }
        self.add_kinds(&all, &mut wanted)?;
        Ok(Some(wanted))
    }

    fn add_kinds(&self, all: &AdvisoryQuery<'_>, wanted: &mut AdvisoryQuery<'_>) -> Result<()> {
        type Filter = for<'q, 'b> fn(
            &'q mut AdvisoryQuery<'b>,
            &[&OsStr],
            QueryCmp,
        ) -> crate::dnf5::Result<&'q mut AdvisoryQuery<'b>>;
        let types: Vec<String> = self.types().into_iter().map(str::to_owned).collect();
        let filters: [(&[String], Filter); 4] = [
            (&types, |q, p, c| q.filter_type(p, c)),
            (&self.advisory_severities, |q, p, c| q.filter_severity(p, c)),
            (&self.bzs, |q, p, c| q.filter_bugzilla(p, c)),
            (&self.cves, |q, p, c| q.filter_cve(p, c)),
        ];
        for (values, filter) in filters.into_iter().filter(|(values, _)| !values.is_empty()) {
            let values: Vec<&OsStr> = values.iter().map(OsStr::new).collect();
            let mut found = all.try_clone()?;
            wanted.update(filter(&mut found, &values, QueryCmp::IEXACT)?)?;
        }
        Ok(())
    }
}
