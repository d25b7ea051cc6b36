//! Package groups of a repository (comps.xml).

use std::fmt::Write;

/// A package group, `@id` on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Identifier.
    pub id: String,
    /// Name that users see.
    pub name: String,
    /// (package, whether it is mandatory; else optional)
    pub packages: Vec<(String, bool)>,
}

impl Group {
    /// A group whose packages are all mandatory.
    pub fn new(id: &str, name: &str, packages: &[&str]) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            packages: packages.iter().map(|package| ((*package).into(), true)).collect(),
        }
    }

    /// Adds a package that is installed only when asked for.
    pub fn optional(mut self, package: &str) -> Self {
        self.packages.push((package.into(), false));
        self
    }
}

/// The comps file of these groups.
pub(crate) fn render(groups: &[Group]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<comps>\n");
    for Group { id, name, packages } in groups {
        let _ = writeln!(
            text,
            "<group><id>{id}</id><name>{name}</name><description>{name}</description>"
        );
        text.push_str("<default>false</default><uservisible>true</uservisible><packagelist>\n");
        for (package, mandatory) in packages {
            let kind = if *mandatory { "mandatory" } else { "optional" };
            let _ = writeln!(text, "<packagereq type=\"{kind}\">{package}</packagereq>");
        }
        text.push_str("</packagelist></group>\n");
    }
    text + "</comps>\n"
}
