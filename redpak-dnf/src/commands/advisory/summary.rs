//! Numbers of advisories in JSON.

use anyhow::Result;
use serde::Serialize;

use libdnf5::{AdvisoryQuery, QueryCmp};

/// Numbers of advisories by type.
#[derive(Serialize)]
pub struct Summary {
    security: Security,
    bugfix: usize,
    enhancement: usize,
    other: usize,
}

/// Numbers of security advisories by severity, and of all of them.
#[derive(Serialize)]
struct Security {
    total: usize,
    critical: usize,
    important: usize,
    moderate: usize,
    low: usize,
    other: usize,
}

impl Summary {
    pub fn of(all: &AdvisoryQuery<'_>) -> Result<Self> {
        let of_type = |name: &str| -> Result<usize> {
            let mut query = all.try_clone()?;
            query.filter_type(&[name], QueryCmp::EQ)?;
            Ok(query.size()?)
        };
        let security = Security::of(all)?;
        let (bugfix, enhancement) = (of_type("bugfix")?, of_type("enhancement")?);
        Ok(Self {
            bugfix,
            enhancement,
            other: all.size()? - security.total - bugfix - enhancement,
            security,
        })
    }
}

impl Security {
    fn of(all: &AdvisoryQuery<'_>) -> Result<Self> {
        let mut security = all.try_clone()?;
        security.filter_type(&["security"], QueryCmp::EQ)?;
        let of_severity = |name: &str| -> Result<usize> {
            let mut query = security.try_clone()?;
            query.filter_severity(&[name], QueryCmp::IEXACT)?;
            Ok(query.size()?)
        };
        let total = security.size()?;
        let [critical, important, moderate, low] = [
            of_severity("critical")?,
            of_severity("important")?,
            of_severity("moderate")?,
            of_severity("low")?,
        ];
        Ok(Self {
            total,
            critical,
            important,
            moderate,
            low,
            other: total - critical - important - moderate - low,
        })
    }
}
