//! Description of a package, as short as a test wants it.

use std::fmt;

use crate::Entry;

/// When rpm runs a scriptlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scriptlet {
    /// `%pretrans`
    PreTrans,
    /// `%pre`
    Pre,
    /// `%post`
    Post,
    /// `%preun`
    PreUn,
    /// `%postun`
    PostUn,
    /// `%posttrans`
    PostTrans,
    /// `%preuntrans`
    PreUnTrans,
    /// `%postuntrans`
    PostUnTrans,
}

/// When rpm runs a trigger; the condition is a package, or a path prefix for file triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// `%triggerprein`
    PreIn,
    /// `%triggerin`
    In,
    /// `%triggerun`
    Un,
    /// `%triggerpostun`
    PostUn,
    /// `%filetriggerin`
    FileIn,
    /// `%filetriggerun`
    FileUn,
    /// `%filetriggerpostun`
    FilePostUn,
    /// `%transfiletriggerin`
    TransFileIn,
    /// `%transfiletriggerun`
    TransFileUn,
    /// `%transfiletriggerpostun`
    TransFilePostUn,
}

impl fmt::Display for Scriptlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{self:?}").to_lowercase();
        match (name.strip_prefix("transfile"), name.strip_prefix("file")) {
            (Some(moment), _) => write!(f, "transfiletrigger{moment}"),
            (None, Some(moment)) => write!(f, "filetrigger{moment}"),
            (None, None) => write!(f, "trigger{name}"),
        }
    }
}

/// A package to build. Everything that is not said is as small as rpm allows: no files, no dependencies, noarch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub(crate) name: String,
    pub(crate) epoch: Option<u32>,
    pub(crate) version: String,
    pub(crate) release: String,
    pub(crate) arch: String,
    pub(crate) summary: String,
    /// (tag of the preamble, value), for example (`Requires`, `(a if b)`).
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) entries: Vec<Entry>,
    /// (section line without `%`, interpreter and condition included; body)
    pub(crate) scripts: Vec<(String, String)>,
    pub(crate) automatic_dependencies: bool,
}

/// Release 1 of a version, with one file that says which it is.
pub fn package(name: &str, version: u32) -> Package {
    Package::new(name, &format!("{version}-1")).file(&format!("/usr/share/{name}"), format!("{name} {version}\n"))
}

impl Package {
    /// A package of this name and `[EPOCH:]VERSION-RELEASE`.
    ///
    /// # Panics
    /// When `evr` has another form.
    pub fn new(name: &str, evr: &str) -> Self {
        let (epoch, rest) = match evr.split_once(':') {
            Some((epoch, rest)) => (Some(epoch.parse().expect("an epoch is a number")), rest),
            None => (None, evr),
        };
        let (version, release) = rest
            .split_once('-')
            .unwrap_or_else(|| panic!("{evr}: not [EPOCH:]VERSION-RELEASE"));
        Self {
            name: name.into(),
            epoch,
            version: version.into(),
            release: release.into(),
            arch: "noarch".into(),
            summary: format!("Package {name} of a test"),
            tags: Vec::new(),
            entries: Vec::new(),
            scripts: Vec::new(),
            automatic_dependencies: false,
        }
    }

    /// Another architecture than noarch.
    pub fn arch(mut self, arch: &str) -> Self {
        self.arch = arch.into();
        self
    }

    /// Another summary.
    pub fn summary(mut self, summary: &str) -> Self {
        self.summary = summary.into();
        self
    }

    /// Any tag of a spec file's preamble: `Recommends`, `Suggests`, `Supplements`, `Enhances`, `Requires(pre)`, `Vendor`, …
    pub fn tag(mut self, tag: &str, value: &str) -> Self {
        self.tags.push((tag.into(), value.into()));
        self
    }

    /// Something that the package offers besides its name, for example `cap(x) = 1`.
    pub fn provides(self, capability: &str) -> Self {
        self.tag("Provides", capability)
    }

    /// A dependency, rich ones too: `(a if b)`.
    pub fn requires(self, capability: &str) -> Self {
        self.tag("Requires", capability)
    }

    /// What may not be installed at the same time.
    pub fn conflicts(self, capability: &str) -> Self {
        self.tag("Conflicts", capability)
    }

    /// What the package replaces.
    pub fn obsoletes(self, capability: &str) -> Self {
        self.tag("Obsoletes", capability)
    }

    /// A weak dependency that is installed by default.
    pub fn recommends(self, capability: &str) -> Self {
        self.tag("Recommends", capability)
    }

    /// Lets rpm's own generators find provides and requires in the files, ELF ones included.
    pub fn automatic_dependencies(mut self) -> Self {
        self.automatic_dependencies = true;
        self
    }

    /// A regular file of root, mode 0644.
    pub fn file(self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.entry(Entry::file(path, content))
    }

    /// Any other payload path.
    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// A shell scriptlet.
    pub fn scriptlet(self, when: Scriptlet, body: &str) -> Self {
        self.script(format!("{when} -n {{}}"), body)
    }

    /// A scriptlet for another interpreter: `<lua>` or a program's path.
    pub fn scriptlet_for(self, interpreter: &str, when: Scriptlet, body: &str) -> Self {
        self.script(format!("{when} -n {{}} -p {interpreter}"), body)
    }

    /// A trigger on a package (`liba < 2`) or, for file triggers, on a path prefix.
    pub fn trigger(self, when: Trigger, condition: &str, body: &str) -> Self {
        self.script(format!("{when} -n {{}} -- {condition}"), body)
    }

    /// Any other section of the spec file, such as `changelog`.
    pub fn section(self, line: &str, body: &str) -> Self {
        self.script(line.into(), body)
    }

    fn script(mut self, section: String, body: &str) -> Self {
        self.scripts.push((section.replace("{}", &self.name), body.into()));
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `NAME-VERSION-RELEASE.ARCH`, as `rpm -qa` prints it.
    pub fn nvra(&self) -> String {
        let Self {
            name,
            version,
            release,
            arch,
            ..
        } = self;
        format!("{name}-{version}-{release}.{arch}")
    }

    /// The name of the file that rpmbuild makes of it.
    pub fn file_name(&self) -> String {
        format!("{}.rpm", self.nvra())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_rpm_s_names() {
        let scriptlets = [Scriptlet::PreTrans, Scriptlet::PostUn].map(|s| s.to_string());
        assert_eq!(scriptlets, ["pretrans", "postun"]);
        let triggers = [Trigger::PreIn, Trigger::In, Trigger::FileIn, Trigger::TransFilePostUn].map(|t| t.to_string());
        assert_eq!(
            triggers,
            ["triggerprein", "triggerin", "filetriggerin", "transfiletriggerpostun"]
        );
    }

    #[test]
    fn the_epoch_is_not_in_the_file_name() {
        assert_eq!(Package::new("a", "3:1.0-2").file_name(), "a-1.0-2.noarch.rpm");
    }
}
