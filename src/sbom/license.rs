//! Licences: SPDX expressions where a package states one, its own words elsewhere.

/// What a `License:` tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum License {
    /// An expression of SPDX 2.3 annex D, with identifiers of the SPDX list.
    Expression(String),
    /// Anything else, as it is written.
    Text(String),
}

impl License {
    /// Reads a tag; `None` when there is nothing in it.
    pub fn of(tag: Option<&str>) -> Option<Self> {
        let text = tag.map(str::trim).filter(|text| !text.is_empty())?;
        Some(match ::spdx::Expression::parse(text) {
            Ok(_) => Self::Expression(text.to_owned()),
            Err(_) => Self::Text(text.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_expression_stays_as_it_is() {
        for text in [
            "MIT",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
            "(MIT OR Apache-2.0) AND BSD-3-Clause",
        ] {
            assert_eq!(License::of(Some(text)), Some(License::Expression(text.into())));
        }
        for text in ["GPLv2+", "Public Domain", "MIT and BSD", "(MIT"] {
            assert_eq!(License::of(Some(text)), Some(License::Text(text.into())));
        }
        assert_eq!(License::of(Some("  ")), None);
        assert_eq!(License::of(None), None);
    }
}
