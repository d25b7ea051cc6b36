//! `repoquery --whatrequires` and its like.

use anyhow::Result;
use clap::Args;

use crate::options::usage::Usage;
use crate::session::{Session, is_file_pattern};
use libdnf5::{ExcludeFlags, GoalFlag, GoalJobSettings, PackageQuery, QueryCmp};

/// Packages by their relations to others.
#[derive(Debug, Args)]
pub struct Relations {
    /// Packages that require, recommend, suggest, supplement or enhance any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatdepends: Vec<String>,
    /// Packages that conflict with any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatconflicts: Vec<String>,
    /// Packages that enhance any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatenhances: Vec<String>,
    /// Packages that obsolete any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatobsoletes: Vec<String>,
    /// Packages that provide any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatprovides: Vec<String>,
    /// Packages that recommend any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatrecommends: Vec<String>,
    /// Packages that require any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatrequires: Vec<String>,
    /// Packages that supplement any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatsupplements: Vec<String>,
    /// Packages that suggest any of these
    #[arg(long, value_name = "CAPABILITY,...", value_delimiter = ',')]
    whatsuggests: Vec<String>,
    /// With --whatrequires and --whatdepends: only what names the capability itself
    #[arg(long)]
    exactdeps: bool,
}

/// A relation: by capability, and by what a set of packages provides.
type Relation = (
    for<'q, 'b> fn(&'q mut PackageQuery<'b>, &[String], QueryCmp) -> libdnf5::Result<&'q mut PackageQuery<'b>>,
    for<'q, 'b> fn(&'q mut PackageQuery<'b>, &PackageQuery<'_>, QueryCmp) -> libdnf5::Result<&'q mut PackageQuery<'b>>,
);

const REQUIRES: Relation = (|q, p, c| q.filter_requires(p, c), |q, s, c| q.filter_requires_of(s, c));
const RECOMMENDS: Relation = (
    |q, p, c| q.filter_recommends(p, c),
    |q, s, c| q.filter_recommends_of(s, c),
);
const SUGGESTS: Relation = (|q, p, c| q.filter_suggests(p, c), |q, s, c| q.filter_suggests_of(s, c));
const SUPPLEMENTS: Relation = (
    |q, p, c| q.filter_supplements(p, c),
    |q, s, c| q.filter_supplements_of(s, c),
);
const ENHANCES: Relation = (|q, p, c| q.filter_enhances(p, c), |q, s, c| q.filter_enhances_of(s, c));
const CONFLICTS: Relation = (
    |q, p, c| q.filter_conflicts(p, c),
    |q, s, c| q.filter_conflicts_of(s, c),
);

impl Relations {
    /// A capability is a path.
    pub fn need_filelists(&self) -> bool {
        let all = [
            &self.whatdepends,
            &self.whatprovides,
            &self.whatrequires,
            &self.whatconflicts,
        ];
        all.into_iter().flatten().any(|capability| is_file_pattern(capability))
    }

    /// Whether packages are chosen by what they require.
    pub fn is_by_requirement(&self) -> bool {
        !self.whatrequires.is_empty()
    }

    /// Refuses what makes no sense.
    pub fn check(&self) -> Result<()> {
        if self.exactdeps && self.whatrequires.is_empty() && self.whatdepends.is_empty() {
            return Err(Usage(
                "Option \"--exactdeps\" has to be used either with \"--whatrequires\" or \"--whatdepends\".".into(),
            )
            .into());
        }
        Ok(())
    }

    /// Keeps the packages that have every relation that was asked for; with `recursive` also what requires those.
    pub fn apply(&self, query: &mut PackageQuery<'_>, session: &Session<'_>, recursive: bool) -> Result<()> {
        let all = query.try_clone()?;
        if !self.whatprovides.is_empty() {
            let mut by_file = query.try_clone()?;
            by_file.filter_file(&self.whatprovides, QueryCmp::GLOB)?;
            query
                .filter_provides(&self.whatprovides, QueryCmp::GLOB)?
                .update(&by_file)?;
        }
        if !self.whatobsoletes.is_empty() {
            query.filter_obsoletes(&self.whatobsoletes, QueryCmp::GLOB)?;
        }
        let all_dependencies = [REQUIRES, RECOMMENDS, SUGGESTS, SUPPLEMENTS, ENHANCES];
        self.keep(query, session, &self.whatdepends, &all_dependencies, self.exactdeps)?;
        self.keep(query, session, &self.whatrequires, &[REQUIRES], self.exactdeps)?;
        if recursive && self.is_by_requirement() {
            loop {
                let before = query.size()?;
                let mut more = all.try_clone()?;
                more.filter_requires_of(query, QueryCmp::EQ)?;
                if query.update(&more)?.size()? == before {
                    break;
                }
            }
        }
        self.keep(query, session, &self.whatrecommends, &[RECOMMENDS], false)?;
        self.keep(query, session, &self.whatsuggests, &[SUGGESTS], false)?;
        self.keep(query, session, &self.whatsupplements, &[SUPPLEMENTS], false)?;
        self.keep(query, session, &self.whatenhances, &[ENHANCES], false)?;
        self.keep(query, session, &self.whatconflicts, &[CONFLICTS], false)
    }

    /// Keeps the packages that have any of `relations` to any of `capabilities`.
    fn keep(
        &self,
        query: &mut PackageQuery<'_>,
        session: &Session<'_>,
        capabilities: &[String],
        relations: &[Relation],
        exact: bool,
    ) -> Result<()> {
        if capabilities.is_empty() {
            return Ok(());
        }
        let packages = if exact {
            None
        } else {
            Some(named(session, capabilities)?)
        };
        let mut kept = PackageQuery::empty(&session.base)?;
        for (by_capability, by_package) in relations {
            let mut found = query.try_clone()?;
            kept.update(by_capability(&mut found, capabilities, QueryCmp::GLOB)?)?;
            if let Some(packages) = &packages {
                let mut found = query.try_clone()?;
                kept.update(by_package(&mut found, packages, QueryCmp::EQ)?)?;
            }
        }
        query.intersection(&kept)?;
        Ok(())
    }
}

/// The packages that capabilities name: what depends on anything of theirs depends on them.
fn named<'b>(session: &'b Session<'_>, capabilities: &[String]) -> Result<PackageQuery<'b>> {
    let mut settings = GoalJobSettings::new()?;
    settings
        .set_flag(GoalFlag::WithProvides, false)?
        .set_flag(GoalFlag::WithBinaries, false)?;
    let all = PackageQuery::new(&session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    let mut packages = PackageQuery::empty(&session.base)?;
    for capability in capabilities {
        let mut query = all.try_clone()?;
        query.resolve_pkg_spec(capability, Some(&settings), false)?;
        packages.update(&query)?;
    }
    Ok(packages)
}
