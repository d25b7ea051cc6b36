//! Options that choose advisories.

use std::ffi::OsStr;

use anyhow::{Result, bail};
use clap::Args;

use libdnf5::{AdvisoryQuery, Base, QueryCmp};

const SEVERITIES: [&str; 5] = ["critical", "important", "moderate", "low", "none"];

/// What becomes of the name of an advisory that is not there, or of a bug that none fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// An error.
    Refused,
    /// It is told.
    Told,
    /// Nothing is said: a program reads the output.
    Ignored,
}

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
        self.kinds.query(base, &self.advisories, Unknown::Refused)
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

    /// The union of all that is asked for; `None` when nothing is.
    pub fn query<'b>(
        &self,
        base: &'b Base<'_>,
        names: &[String],
        unknown: Unknown,
    ) -> Result<Option<AdvisoryQuery<'b>>> {
        if names.is_empty() && !self.is_given() {
            return Ok(None);
        }
        let all = AdvisoryQuery::new(base)?;
        let mut wanted = all.try_clone()?;
        wanted.difference(&all)?;
        let named = [
            (names, "matching the requested name", ADVISORY_NAME),
            (&self.bzs, "fixing the Bugzilla ID", BUGZILLA),
            (&self.cves, "fixing the CVE ID", CVE),
        ];
        for (values, relation, filter) in named.into_iter().filter(|(values, ..)| !values.is_empty()) {
            let found = filtered(&all, filter, values)?;
            if found.size()? == 0 {
                let message = format!("No advisory found {relation}: \"{}\"", values.join(", "));
                match unknown {
                    Unknown::Refused => bail!(message),
                    Unknown::Told => eprintln!("{message}"),
                    Unknown::Ignored => {}
                }
            }
            wanted.update(&found)?;
        }
        self.add_kinds(&all, &mut wanted, unknown)?;
        Ok(Some(wanted))
    }

    /// Those of the types and severities.
    fn add_kinds(&self, all: &AdvisoryQuery<'_>, wanted: &mut AdvisoryQuery<'_>, unknown: Unknown) -> Result<()> {
        let types: Vec<String> = self.types().into_iter().map(str::to_owned).collect();
        let (mut asked, mut any) = (false, false);
        for (values, filter) in [(&types, TYPE), (&self.advisory_severities, SEVERITY)] {
            if !values.is_empty() {
                let found = filtered(all, filter, values)?;
                (asked, any) = (true, any || found.size()? > 0);
                wanted.update(&found)?;
            }
        }
        if asked && !any && unknown != Unknown::Ignored {
            eprintln!("No advisory found matching the specified filters.");
        }
        Ok(())
    }
}

type Filter = for<'q, 'b> fn(&'q mut AdvisoryQuery<'b>, &[&OsStr]) -> libdnf5::Result<&'q mut AdvisoryQuery<'b>>;

const ADVISORY_NAME: Filter = |query, names| query.filter_name(names, QueryCmp::EQ);
const BUGZILLA: Filter = |query, ids| query.filter_bugzilla(ids, QueryCmp::EQ);
const CVE: Filter = |query, ids| query.filter_cve(ids, QueryCmp::EQ);
const TYPE: Filter = |query, types| query.filter_type(types, QueryCmp::IEXACT);
const SEVERITY: Filter = |query, severities| query.filter_severity(severities, QueryCmp::IEXACT);

fn filtered<'b>(all: &AdvisoryQuery<'b>, filter: Filter, values: &[String]) -> Result<AdvisoryQuery<'b>> {
    let values: Vec<&OsStr> = values.iter().map(OsStr::new).collect();
    let mut found = all.try_clone()?;
    filter(&mut found, &values)?;
    Ok(found)
}
