//! What dnf5 prints, by dnf5's own library.
//!
//! All of it goes to the standard output, the resolve logs to the standard error. [`capture`] gets it as bytes instead.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ptr;
use std::sync::OnceLock;

use dnf5_sys as raw;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::{dup, dup2_stdout};

use super::advisory_query::AdvisoryQuery;
use super::base::Base;
use super::comps::{EnvironmentQuery, GroupQuery};
use super::error::Result;
use super::history::History;
use super::module_query::ModuleQuery;
use super::package::Package;
use super::package_query::{PackageQuery, QueryCmp};
use super::repo_query::RepoQuery;
use super::strings::{bytes, bytes_list};
use super::transaction::Transaction;

number_enum! {
    /// When output is coloured.
    pub enum Coloring {
        /// On terminals.
        Auto = RDNF5_COLORING_AUTO,
        /// Always.
        Always = RDNF5_COLORING_ALWAYS,
        /// Never.
        Never = RDNF5_COLORING_NEVER,
    }
    else Auto
}

/// Chooses when output is coloured.
pub fn coloring_enable(coloring: Coloring) -> Result<()> {
    call!(rdnf5_output_coloring_enable(coloring.number()))
}

/// What text of others goes through on its way to a terminal.
pub type Screen = fn(&[u8]) -> Vec<u8>;

/// From now on text of others that libdnf5-cli prints to a terminal goes through `screen`, which takes out what could steer the
/// terminal. The first one stays for the time of the process.
pub fn set_screen(screen: Screen) {
    // The C function has no argument of ours.
    static SCREEN: OnceLock<Screen> = OnceLock::new();
    extern "C" fn write(descriptor: i32, text: *const u8, size: usize) {
        // Nothing may unwind into C++, and who closed the terminal wants no text.
        let _ = std::panic::catch_unwind(|| {
            if size == 0 {
                return;
            }
            // SAFETY: the shim hands over so many bytes for the time of this call.
            let text = unsafe { std::slice::from_raw_parts(text, size) };
            let shown = SCREEN.get().map_or_else(|| text.to_vec(), |screen| screen(text));
            let _ = match descriptor {
                libc::STDERR_FILENO => io::stderr().write_all(&shown),
                _ => io::stdout().write_all(&shown).and_then(|()| io::stdout().flush()),
            };
        });
    }
    SCREEN.get_or_init(|| screen);
    // SAFETY: the function stays, and does not unwind.
    unsafe { raw::rdnf5_output_set_screen(Some(write)) }
}

/// Whether dnf5 would talk to a terminal.
pub fn is_interactive() -> bool {
    // SAFETY: takes nothing and returns a number.
    unsafe { raw::rdnf5_output_is_interactive() != 0 }
}

/// The width that dnf5 prints for.
pub fn width() -> i32 {
    // SAFETY: takes nothing and returns a number.
    unsafe { raw::rdnf5_output_width() }
}

/// A number of bytes as dnf5 writes it.
pub fn format_size(size: i64) -> Result<OsString> {
    string!(rdnf5_output_format_size_copy(size))
}

/// The table of a transaction and its summary, or that there is nothing to do.
pub fn transaction(transaction: &Transaction<'_>) -> Result<()> {
    print_transaction(transaction, raw::RDNF5_OUTPUT_TRANSACTION)
}

/// The table of a transaction.
pub fn transaction_table(transaction: &Transaction<'_>) -> Result<()> {
    print_transaction(transaction, raw::RDNF5_OUTPUT_TRANSACTION_TABLE)
}

/// The summary of a transaction.
pub fn transaction_summary(transaction: &Transaction<'_>) -> Result<()> {
    print_transaction(transaction, raw::RDNF5_OUTPUT_TRANSACTION_SUMMARY)
}

/// What the solver has to say, on the standard error.
pub fn resolve_logs(transaction: &Transaction<'_>) -> Result<()> {
    print_transaction(transaction, raw::RDNF5_OUTPUT_TRANSACTION_RESOLVE_LOGS)
}

fn print_transaction(transaction: &Transaction<'_>, what: u32) -> Result<()> {
    value!(0_u8, rdnf5_output_transaction(transaction.raw(), what)).map(drop)
}

/// `repo list`
pub fn repolist(repos: &RepoQuery<'_>, with_status: bool, json: bool) -> Result<()> {
    call!(rdnf5_output_repolist(repos.raw(), with_status.into(), json.into()))
}

/// `repo info`. Packages are counted as far as the repositories are loaded.
pub fn repoinfo(repos: &RepoQuery<'_>, json: bool) -> Result<()> {
    call!(rdnf5_output_repoinfo(repos.raw(), json.into()))
}

/// How packages are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// A line each.
    List,
    /// All about each.
    Info,
}

/// Packages under a heading.
#[derive(Debug)]
pub struct Section<'s, 'b> {
    /// The heading.
    pub heading: &'s OsStr,
    /// The packages.
    pub packages: &'s PackageQuery<'b>,
    /// Packages of this section, each with one that it obsoletes.
    pub obsoletes: &'s [(Package<'b>, Package<'b>)],
}

/// Colours of packages by comparison with other versions, as the configuration names them (`color_list_…`).
#[derive(Debug)]
pub struct PackageColors<'s, 'b> {
    /// What is compared with.
    pub base_versions: &'s PackageQuery<'b>,
    /// For packages that are not there.
    pub not_found: &'s OsStr,
    /// For lower versions.
    pub lower: &'s OsStr,
    /// For equal versions.
    pub equal: &'s OsStr,
    /// For greater versions.
    pub greater: &'s OsStr,
}

impl PackageColors<'_, '_> {
    fn to_raw(&self) -> raw::Rdnf5PackageColors {
        raw::Rdnf5PackageColors {
            base_versions: self.base_versions.raw(),
            not_found: bytes(self.not_found),
            lower: bytes(self.lower),
            equal: bytes(self.equal),
            greater: bytes(self.greater),
        }
    }
}

/// `list` and `info`: packages under headings, empty sections left out; false when there was no package.
pub fn package_sections(
    sections: &[(&str, PackageQuery<'_>)],
    detail: Detail,
    json: bool,
    colors: Option<&PackageColors<'_, '_>>,
) -> Result<bool> {
    let sections: Vec<_> = sections
        .iter()
        .map(|(heading, packages)| Section {
            heading: OsStr::new(heading),
            packages,
            obsoletes: &[],
        })
        .collect();
    colored_sections(&sections, detail, json, colors)
}

/// `list` and `info` in full: with obsoleted packages and colours.
pub fn colored_sections(
    sections: &[Section<'_, '_>],
    detail: Detail,
    json: bool,
    colors: Option<&PackageColors<'_, '_>>,
) -> Result<bool> {
    let kind = match (detail, json) {
        (Detail::List, false) => raw::RDNF5_SECTIONS_LIST,
        (Detail::Info, false) => raw::RDNF5_SECTIONS_INFO,
        (Detail::List, true) => raw::RDNF5_SECTIONS_LIST_JSON,
        (Detail::Info, true) => raw::RDNF5_SECTIONS_INFO_JSON,
    };
    // The lists that the sections point to live until the call is over.
    let obsoletes: Vec<_> = sections.iter().map(obsoletes).collect();
    let sections: Vec<_> = sections
        .iter()
        .zip(&obsoletes)
        .map(|(section, lists)| to_raw(section, lists))
        .collect();
    let colors = colors.map(PackageColors::to_raw);
    let colors = colors.as_ref().map_or(ptr::null(), ptr::from_ref);
    value!(
        0_u8,
        rdnf5_output_package_sections(kind, sections.as_ptr(), sections.len(), colors)
    )
    .map(|any| any != 0)
}

type PackagePointers = Vec<*const raw::Rdnf5Package>;

fn obsoletes(section: &Section<'_, '_>) -> (PackagePointers, PackagePointers) {
    section
        .obsoletes
        .iter()
        .map(|(obsoleter, obsoleted)| (obsoleter.raw().cast_const(), obsoleted.raw().cast_const()))
        .unzip()
}

fn to_raw(section: &Section<'_, '_>, lists: &(PackagePointers, PackagePointers)) -> raw::Rdnf5PackageSection {
    raw::Rdnf5PackageSection {
        heading: bytes(section.heading),
        packages: section.packages.raw(),
        obsoleters: lists.0.as_ptr(),
        obsoleted: lists.1.as_ptr(),
        obsoletes: lists.0.len(),
    }
}

/// `repoquery --info` of a package.
pub fn package_info(package: &Package<'_>) -> Result<()> {
    call!(rdnf5_output_package_info(package.raw()))
}

/// `repoquery --queryformat`
pub fn queryformat(packages: &PackageQuery<'_>, format: impl AsRef<OsStr>) -> Result<()> {
    call!(rdnf5_output_pkg_set_with_format(packages.raw(), bytes(format.as_ref())))
}

/// `repoquery --requires` and its like: the values of an attribute, sorted, each once.
pub fn package_attribute(packages: &PackageQuery<'_>, attribute: impl AsRef<OsStr>) -> Result<()> {
    call!(rdnf5_output_pkg_attr_uniq_sorted(
        packages.raw(),
        bytes(attribute.as_ref())
    ))
}

/// `repoquery --querytags`
pub fn querytags() -> Result<()> {
    call!(rdnf5_output_available_pkg_attrs())
}

/// Whether a format needs the `filelists` metadata.
pub fn requires_filelists(format: impl AsRef<OsStr>) -> Result<bool> {
    value!(0_u8, rdnf5_output_requires_filelists(bytes(format.as_ref()))).map(|needs| needs != 0)
}

number_enum! {
    /// How a package came to be found by `provides`.
    pub enum ProvidesMatchedBy {
        /// Not said.
        NoMatch = RDNF5_PROVIDES_NO_MATCH,
        /// By what it provides.
        Provides = RDNF5_PROVIDES_PROVIDES,
        /// By a file.
        Filename = RDNF5_PROVIDES_FILENAME,
        /// By a binary.
        Binary = RDNF5_PROVIDES_BINARY,
    }
    else NoMatch
}

/// `provides` for one package.
pub fn provides(package: &Package<'_>, spec: impl AsRef<OsStr>, matched_by: ProvidesMatchedBy) -> Result<()> {
    call!(rdnf5_output_provides(
        package.raw(),
        bytes(spec.as_ref()),
        matched_by.number()
    ))
}

/// What `search` looked in.
#[derive(Debug, Clone, Copy, Default)]
pub struct SearchOptions {
    /// Description and URL too.
    pub search_all: bool,
    /// All versions are shown.
    pub show_duplicates: bool,
    /// The name alone.
    pub search_name: bool,
    /// The summary alone.
    pub search_summary: bool,
}

/// Packages that `search` found in the same keys.
#[derive(Debug)]
pub struct SearchGroup<'s, 'b> {
    /// The keys, and whether each is exactly the pattern.
    pub keys: &'s [(&'s OsStr, bool)],
    /// The packages.
    pub packages: &'s PackageQuery<'b>,
}

/// `search`
pub fn search<S: AsRef<OsStr>>(options: SearchOptions, patterns: &[S], groups: &[SearchGroup<'_, '_>]) -> Result<()> {
    let patterns = bytes_list(patterns);
    let keys: Vec<Vec<_>> = groups
        .iter()
        .map(|group| group.keys.iter().map(|(key, _)| bytes(key)).collect())
        .collect();
    let exact: Vec<Vec<_>> = groups
        .iter()
        .map(|group| group.keys.iter().map(|(_, exact)| u8::from(*exact)).collect())
        .collect();
    let groups: Vec<_> = groups
        .iter()
        .zip(keys.iter().zip(&exact))
        .map(|(group, (keys, exact))| raw::Rdnf5SearchGroup {
            keys: keys.as_ptr(),
            exact: exact.as_ptr(),
            key_count: keys.len(),
            packages: group.packages.raw(),
        })
        .collect();
    let options = raw::Rdnf5SearchOptions {
        search_all: options.search_all.into(),
        show_duplicates: options.show_duplicates.into(),
        search_name: options.search_name.into(),
        search_summary: options.search_summary.into(),
    };
    call!(rdnf5_output_search(
        options,
        patterns.as_ptr(),
        patterns.len(),
        groups.as_ptr(),
        groups.len()
    ))
}

/// `history list`
pub fn history_list(history: &History<'_>, json: bool) -> Result<()> {
    call!(rdnf5_output_history_list(history.raw(), json.into()))
}

/// `history info` of all transactions in `history`.
pub fn history_info(history: &History<'_>, json: bool) -> Result<()> {
    call!(rdnf5_output_history_info(history.raw(), json.into()))
}

/// `group list`
pub fn grouplist(groups: &GroupQuery<'_>) -> Result<()> {
    call!(rdnf5_output_grouplist(groups.raw()))
}

/// `group info`
pub fn groupinfo(groups: &GroupQuery<'_>) -> Result<()> {
    call!(rdnf5_output_groupinfo(groups.raw()))
}

/// `environment list`
pub fn environmentlist(environments: &EnvironmentQuery<'_>) -> Result<()> {
    call!(rdnf5_output_environmentlist(environments.raw()))
}

/// `environment info`
pub fn environmentinfo(environments: &EnvironmentQuery<'_>) -> Result<()> {
    call!(rdnf5_output_environmentinfo(environments.raw()))
}

/// `module list`
pub fn modulelist(modules: &ModuleQuery<'_>) -> Result<()> {
    call!(rdnf5_output_modulelist(modules.raw()))
}

/// `module info`
pub fn moduleinfo(modules: &ModuleQuery<'_>) -> Result<()> {
    call!(rdnf5_output_moduleinfo(modules.raw()))
}

/// Which entries `changelog` shows.
#[derive(Debug)]
pub enum ChangelogFilter<'s, 'b> {
    /// All.
    All,
    /// Those newer than in these installed packages.
    Upgrades(&'s PackageQuery<'b>),
    /// The newest ones; all but the oldest ones when it is negative.
    Count(i32),
    /// Those since then, in seconds since the epoch.
    Since(i64),
}

/// `changelog`
pub fn changelogs(packages: &PackageQuery<'_>, filter: &ChangelogFilter<'_, '_>) -> Result<()> {
    let (filter, number, installed) = match filter {
        ChangelogFilter::All => (raw::RDNF5_CHANGELOG_ALL, 0, ptr::null_mut()),
        ChangelogFilter::Upgrades(installed) => (raw::RDNF5_CHANGELOG_UPGRADES, 0, installed.raw()),
        ChangelogFilter::Count(count) => (raw::RDNF5_CHANGELOG_COUNT, i64::from(*count), ptr::null_mut()),
        ChangelogFilter::Since(since) => (raw::RDNF5_CHANGELOG_SINCE, *since, ptr::null_mut()),
    };
    call!(rdnf5_output_changelogs(packages.raw(), filter, number, installed))
}

/// Advisories, and the packages whose versions they are compared with.
#[derive(Debug)]
pub struct AdvisoryPackages<'s, 'b> {
    /// The advisories.
    pub advisories: &'s AdvisoryQuery<'b>,
    /// The packages.
    pub packages: &'s PackageQuery<'b>,
    /// How an advisory's version must compare with a package's.
    pub cmp: QueryCmp,
}

/// `advisory list`; a line for each reference of a type (`bugzilla`, `cve`) if one is given.
pub fn advisorylist(
    not_installed: &AdvisoryPackages<'_, '_>,
    installed: &AdvisoryPackages<'_, '_>,
    reference_type: Option<&OsStr>,
    json: bool,
) -> Result<()> {
    call!(rdnf5_output_advisorylist(
        not_installed.advisories.raw(),
        not_installed.packages.raw(),
        not_installed.cmp.bits(),
        installed.advisories.raw(),
        installed.packages.raw(),
        installed.cmp.bits(),
        bytes(reference_type.unwrap_or(OsStr::new(""))),
        json.into()
    ))
}

/// `advisory info`
pub fn advisoryinfo(advisories: &AdvisoryQuery<'_>, json: bool) -> Result<()> {
    call!(rdnf5_output_advisoryinfo(advisories.raw(), json.into()))
}

/// `advisory summary`; `mode` is such as `available`.
pub fn advisorysummary(advisories: &AdvisoryQuery<'_>, mode: impl AsRef<OsStr>) -> Result<()> {
    call!(rdnf5_output_advisorysummary(advisories.raw(), bytes(mode.as_ref())))
}

/// `status`
pub fn status(base: &Base<'_>, groups: &GroupQuery<'_>) -> Result<()> {
    call!(rdnf5_output_status(base.raw(), groups.raw()))
}

/// Runs `print` and returns what it wrote to the standard output, whoever wrote it.
///
/// The descriptor itself is exchanged, so nothing else may print meanwhile.
pub fn capture<T>(print: impl FnOnce() -> T) -> io::Result<(T, Vec<u8>)> {
    let mut file = File::from(memfd_create(c"output", MFdFlags::MFD_CLOEXEC)?);
    let result = {
        let _redirected = Redirected::to(&file)?;
        print()
    };
    let mut text = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut text)?;
    Ok((result, text))
}

/// The standard output leads elsewhere until this is dropped.
struct Redirected {
    stdout: std::os::fd::OwnedFd,
}

impl Redirected {
    fn to(file: &File) -> io::Result<Self> {
        io::stdout().flush()?;
        let stdout = dup(io::stdout())?;
        dup2_stdout(file)?;
        Ok(Self { stdout })
    }
}

impl Drop for Redirected {
    fn drop(&mut self) {
        // What Rust still holds belongs to the file. Failing to go back would need a descriptor that is not open.
        let _ = io::stdout().flush();
        let _ = dup2_stdout(&self.stdout);
    }
}
