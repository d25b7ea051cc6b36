//! What a node holds, as far as two nodes of one case have to agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use redpak_testing::{directory, tool};

use super::packages::LOGS;

const STATE: &str = "usr/lib/sysimage/libdnf5";

/// Differs with the way by which the same state was reached.
const PRIVATE: [&str; 6] = ["var/lib/rpm", STATE, "var/lib/dnf", "var/cache", "var/log", "run"];

/// What redwrap-dnf and redwrap remember of a node, and of nodes below.
const REMEMBERED: [&str; 2] = [".rednode.yaml", ".rednode.verdict"];

/// Directories that redwrap-dnf makes for itself.
const FRAMES: [&str; 8] = [
    "",
    "tmp",
    "var",
    "var/tmp",
    "var/lib",
    "usr",
    "usr/lib",
    "usr/lib/sysimage",
];

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    packages: Vec<String>,
    /// Lines of libdnf5's files: reasons, groups, environments.
    state: Vec<String>,
    files: BTreeMap<PathBuf, String>,
    /// How often each line was written by scriptlets.
    pub runs: BTreeMap<String, usize>,
}

impl Snapshot {
    pub fn of(node: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut runs = BTreeMap::new();
        walk(node, Path::new(""), &mut |path, metadata| {
            let place = node.join(path);
            if is_log(path) {
                for line in String::from_utf8_lossy(&fs::read(&place).unwrap_or_default()).lines() {
                    *runs.entry(line.to_owned()).or_default() += 1;
                }
            } else if !PRIVATE.iter().any(|private| path.starts_with(private))
                && !REMEMBERED.iter().any(|name| path.ends_with(name))
                && !FRAMES.iter().any(|frame| path == Path::new(frame))
            {
                files.insert(path.to_owned(), describe(&place, metadata));
            }
        });
        Self {
            packages: installed(node),
            state: state(node),
            files,
            runs,
        }
    }

    /// Where they differ, the runs of scriptlets aside.
    pub fn differences(&self, wanted: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (what, is, was) in [
            ("packages", &self.packages, &wanted.packages),
            ("reasons and groups", &self.state, &wanted.state),
        ] {
            let more = is
                .iter()
                .filter(|line| !was.contains(line))
                .map(|line| format!("+{line}"));
            let less = was
                .iter()
                .filter(|line| !is.contains(line))
                .map(|line| format!("-{line}"));
            let lines: Vec<String> = more.chain(less).collect();
            if is != was {
                found.push(format!(
                    "{what}: {} ({} instead of {})",
                    lines.join(" "),
                    is.len(),
                    was.len()
                ));
            }
        }
        for (path, is) in &self.files {
            match wanted.files.get(path) {
                None => found.push(format!("/{} is left: {is}", path.display())),
                Some(was) if was != is => found.push(format!("/{} is {is} instead of {was}", path.display())),
                Some(_) => {}
            }
        }
        let missing = wanted.files.iter().filter(|(path, _)| !self.files.contains_key(*path));
        found.extend(missing.map(|(path, was)| format!("/{} is missing: {was}", path.display())));
        found
    }

    /// Runs of scriptlets that are fewer or more than there should be.
    pub fn odd_runs(&self, wanted: &Self) -> Vec<(String, usize, usize)> {
        let lines: BTreeSet<&String> = self.runs.keys().chain(wanted.runs.keys()).collect();
        let count = |runs: &BTreeMap<String, usize>, line| runs.get(line).copied().unwrap_or(0);
        lines
            .into_iter()
            .map(|line| (line.clone(), count(&self.runs, line), count(&wanted.runs, line)))
            .filter(|(_, is, was)| is != was)
            .collect()
    }

    /// Files that rpm made of configs.
    pub fn saved_configs(&self) -> Vec<&PathBuf> {
        let saved = ["rpmnew", "rpmsave", "rpmorig"];
        self.files
            .keys()
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| saved.iter().any(|saved| end == *saved))
            })
            .collect()
    }
}

/// Temporary files and records of work in progress.
pub fn leftovers(node: &Path) -> Vec<String> {
    let mut found = Vec::new();
    walk(node, Path::new(""), &mut |path, _| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of_rpm = name
            .rsplit_once(';')
            .is_some_and(|(_, digits)| digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let ours = name.starts_with(".redpak-") && name.ends_with(".tmp");
        let records = [".rednode.journal", ".rednode.overlay", ".rednode.metadata"];
        if of_rpm || ours || name.starts_with("rpm-tmp.") || records.contains(&&*name) {
            found.push(path.display().to_string());
        }
    });
    found
}

fn is_log(path: &Path) -> bool {
    path.parent() == Some(Path::new(LOGS)) && path.extension().is_some_and(|end| end == "log")
}

/// Type, mode, owner and content.
fn describe(path: &Path, metadata: &fs::Metadata) -> String {
    let (mode, owner) = (
        metadata.permissions().mode() & 0o7777,
        format!("{}:{}", metadata.uid(), metadata.gid()),
    );
    if metadata.is_symlink() {
        return format!("link to {:?} of {owner}", fs::read_link(path).unwrap_or_default());
    }
    if metadata.is_dir() {
        return format!("directory {mode:o} of {owner}");
    }
    if !metadata.is_file() {
        return format!("special file {:o} of {owner}", metadata.mode());
    }
    let content = fs::read(path).unwrap_or_default();
    let shown: String = String::from_utf8_lossy(&content).chars().take(40).collect();
    format!(
        "file {mode:o} of {owner}, {} bytes {}, {shown:?}",
        content.len(),
        checksum(&content)
    )
}

/// FNV-1a
fn checksum(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn walk(node: &Path, below: &Path, each: &mut dyn FnMut(&Path, &fs::Metadata)) {
    let entries = fs::read_dir(node.join(below)).into_iter().flatten().flatten();
    for entry in entries {
        let path = below.join(entry.file_name());
        let Ok(metadata) = entry.metadata() else { continue };
        each(&path, &metadata);
        if metadata.is_dir() {
            walk(node, &path, each);
        }
    }
}

/// The rpmdb's packages; a copy is read, because rpm changes what it reads.
fn installed(node: &Path) -> Vec<String> {
    let copy = directory();
    let files = copy.path().join("rpm");
    let database = node.join("var/lib/rpm");
    if !database.exists() {
        return Vec::new();
    }
    tool("cp", [Path::new("-a"), &database, &files]);
    let dbpath = format!("--dbpath={}", files.display());
    let listed = tool("rpm", [&dbpath, "-qa", "--qf", "%{NEVRA}\n"]);
    let mut lines: Vec<String> = listed.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Lines of libdnf5's state, without what says nothing.
fn state(node: &Path) -> Vec<String> {
    let [packages, groups, environments] = ["packages.toml", "groups.toml", "environments.toml"]
        .map(|file| fs::read_to_string(node.join(STATE).join(file)).unwrap_or_default());
    let members: BTreeSet<&str> = groups.split('"').skip(1).step_by(2).collect();
    // To libdnf5 a member of a group has the reason "Group", whether or not it is written down as a dependency.
    let reasons = packages
        .lines()
        .filter(|line| !(line.contains("Dependency") && members.contains(name_of(line))));
    let mut lines: Vec<String> = reasons
        .chain(groups.lines())
        .chain(environments.lines())
        .filter(|line| !line.starts_with("version") && !line.is_empty())
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// `"NAME.ARCH" = {reason = "…"}`
fn name_of(line: &str) -> &str {
    let package = line.split('"').nth(1).unwrap_or_default();
    package.rsplit_once('.').map_or(package, |(name, _)| name)
}
