//! What a payload may not touch: the files that govern a node, other nodes, and everything outside the node.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::refusal::{Reason, Refusal};
use crate::node::files;
use crate::package::{File, Package};

/// As many symlinks on one path as the kernel follows, see path_resolution(7).
const MAX_LINKS: usize = 40;

/// What governs a node beside the files that every node has (`node::files::GOVERNING`), as absolute paths seen from
/// the node's root.
#[derive(Debug, Clone, Default)]
pub struct Governed {
    /// Files, and directories with everything below them: rpmdb, libdnf5's state and caches as the tags place them.
    pub paths: Vec<PathBuf>,
    /// Directories of the nodes below this one.
    pub nodes: Vec<PathBuf>,
}

impl Governed {
    /// `None` when a package may own `path`. `directory`: it owns it as a directory.
    fn reason(&self, path: &Path, directory: bool) -> Option<Reason> {
        if self.is_governing(path) || (!directory && self.holds_governing(path)) {
            return Some(Reason::Governs(path.to_owned()));
        }
        let node = self.nodes.iter().find(|node| path.starts_with(node))?;
        Some(Reason::OtherNode {
            path: path.to_owned(),
            node: node.clone(),
        })
    }

    fn is_governing(&self, path: &Path) -> bool {
        self.all().any(|governing| path.starts_with(governing))
            || path.file_name() == Some(OsStr::new(files::STATUS))
            || is_config(path)
    }

    /// A file or symlink in the place of a directory that leads to what governs.
    fn holds_governing(&self, path: &Path) -> bool {
        self.all()
            .chain(self.nodes.iter().cloned())
            .any(|governing| governing.starts_with(path))
    }

    fn all(&self) -> impl Iterator<Item = PathBuf> {
        let root = Path::new("/");
        let everywhere = files::GOVERNING
            .iter()
            .chain([&files::DNF_STATE])
            .map(|path| root.join(path));
        everywhere.chain(self.paths.iter().cloned())
    }
}

/// `/etc/redpack*.yaml` and `/etc/redpak*.yaml`.
fn is_config(path: &Path) -> bool {
    let Some(name) = path.strip_prefix("/etc").ok().and_then(|rest| rest.components().next()) else {
        return false;
    };
    let name = name.as_os_str().as_bytes();
    (name.starts_with(b"redpack") || name.starts_with(b"redpak")) && name.ends_with(b".yaml")
}

/// Everything in the payload of `package` that speaks against it.
///
/// `link` reads the symlink at a path of the node as it is now (`None`: not a symlink); `earlier` holds the symlinks
/// that packages of the same transaction bring.
pub fn check(
    package: &Package,
    governed: &Governed,
    earlier: &Links,
    link: &dyn Fn(&Path) -> Option<PathBuf>,
) -> Vec<Refusal> {
    let tree = Tree {
        payload: earlier,
        on_disk: link,
    };
    let refuse = |reason| Refusal {
        package: package.into(),
        reason,
    };
    let reasons = package
        .files
        .iter()
        .filter_map(|file| check_file(file, governed, &tree));
    reasons.map(refuse).collect()
}

fn check_file(file: &File, governed: &Governed, tree: &Tree<'_>) -> Option<Reason> {
    let path = &file.path;
    if !is_clean(path) {
        return Some(Reason::MalformedPath(path.to_owned()));
    }
    let directory = file.is_directory();
    if let Some(reason) = governed.reason(path, directory) {
        return Some(reason);
    }
    let place = match tree.place(path) {
        Ok(place) => place,
        Err(exit) => return Some(exit.reason(path)),
    };
    if let Some(reason) = governed.reason(&place, directory) {
        return Some(reason);
    }
    let target = file.link_target.as_ref().filter(|target| tree.climbs(&place, target))?;
    Some(Reason::SymlinkClimbs {
        path: path.to_owned(),
        target: target.clone(),
    })
}

/// Absolute, and without `.`, `..`, empty components or NUL.
fn is_clean(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let Some(rest) = bytes.strip_prefix(b"/") else {
        return false;
    };
    let component_is_clean = |part: &[u8]| !matches!(part, b"" | b"." | b"..") && !part.contains(&0);
    rest.is_empty() || rest.split(|byte| *byte == b'/').all(component_is_clean)
}

/// Symlinks that the packages of a transaction bring.
#[derive(Debug, Clone, Default)]
pub struct Links(HashMap<PathBuf, PathBuf>);

impl Links {
    /// Of all inbound packages; order does not matter, because rpm may install them in any.
    pub fn of<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Self {
        let files = packages.into_iter().flat_map(|package| &package.files);
        let links = files.filter_map(|file| Some((file.path.clone(), file.link_target.clone()?)));
        Self(links.collect())
    }
}

/// The node as it will be: what is on disk, and the symlinks that come.
struct Tree<'a> {
    payload: &'a Links,
    on_disk: &'a dyn Fn(&Path) -> Option<PathBuf>,
}

/// Why following a path ended before its end.
enum Exit {
    /// More symlinks than the kernel follows.
    Loop,
    /// A symlink with an absolute target: it starts at whatever root the reader has.
    Absolute(PathBuf, PathBuf),
    /// `..` at the root of the node, in the target of this symlink.
    Climbs(PathBuf, PathBuf),
}

impl Exit {
    fn reason(self, file: &Path) -> Reason {
        let path = file.to_owned();
        match self {
            Self::Loop => Reason::SymlinkLoop(path),
            Self::Absolute(link, target) | Self::Climbs(link, target) => Reason::LeavesNode { path, link, target },
        }
    }
}

impl Tree<'_> {
    /// Where a file really lands: its parent with all symlinks followed, and its own name.
    fn place(&self, path: &Path) -> Result<PathBuf, Exit> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(path.to_owned());
        };
        Ok(self.follow(PathBuf::from("/"), names(parent), None)?.join(name))
    }

    /// A symlink at `place` with this relative target points above the root. Absolute targets start at the root that
    /// the program sees, which is what packages mean by them.
    fn climbs(&self, place: &Path, target: &Path) -> bool {
        let (false, Some(parent)) = (target.is_absolute(), place.parent()) else {
            return false;
        };
        let last = (place.to_owned(), target.to_owned());
        matches!(
            self.follow(parent.to_owned(), names(target), Some(last)),
            Err(Exit::Climbs(..))
        )
    }

    /// Follows `rest` (last component first) from `place`, which has no symlinks in it; `last` is the symlink that
    /// `rest` comes from.
    fn follow(
        &self,
        mut place: PathBuf,
        mut rest: Vec<OsString>,
        mut last: Option<(PathBuf, PathBuf)>,
    ) -> Result<PathBuf, Exit> {
        let mut links = 0;
        while let Some(name) = rest.pop() {
            if name == ".." {
                if let (false, Some((link, target))) = (place.pop(), &last) {
                    return Err(Exit::Climbs(link.clone(), target.clone()));
                }
                continue;
            }
            place.push(&name);
            let Some(target) = self.link(&place) else {
                continue;
            };
            links += 1;
            if links > MAX_LINKS {
                return Err(Exit::Loop);
            }
            if target.is_absolute() {
                return Err(Exit::Absolute(place, target));
            }
            rest.extend(names(&target));
            last = Some((place.clone(), target));
            place.pop();
        }
        Ok(place)
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        self.payload.0.get(path).cloned().or_else(|| (self.on_disk)(path))
    }
}

/// Components from last to first, `.` and `/` left out.
fn names(path: &Path) -> Vec<OsString> {
    let keep = |part: Component<'_>| {
        matches!(part, Component::Normal(_) | Component::ParentDir).then(|| part.as_os_str().to_owned())
    };
    path.components().rev().filter_map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{directory, file, ghost, package, symlink};
    use super::*;

    fn governed() -> Governed {
        Governed {
            paths: vec!["/srv/rpmdb".into()],
            nodes: vec!["/demo".into()],
        }
    }

    fn messages(files: Vec<File>, on_disk: &dyn Fn(&Path) -> Option<PathBuf>) -> Vec<String> {
        let package = package("evil-1-1", files);
        let links = Links::of([&package]);
        check(&package, &governed(), &links, on_disk)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn none(_: &Path) -> Option<PathBuf> {
        None
    }

    #[test]
    fn what_governs_a_node_is_refused() {
        let governing = [
            file("/.rednode.yaml"),
            file("/anywhere/.rednode.yaml"),
            file("/etc/redpack.yaml"),
            file("/etc/redpack-admin.yaml"),
            file("/etc/redpak.yaml"),
            file("/etc/redpak-extra.yaml"),
            directory("/etc/redpack.yaml"),
            file("/etc/redpack.yaml/x"),
            file("/var/lib/rpm/rpmdb.sqlite"),
            directory("/var/lib/rpm"),
            symlink("/var/lib/rpm", "elsewhere"),
            symlink("/var/lib", "elsewhere"),
            symlink("/etc", "usr"),
            symlink("/demo", "usr"),
            file("/usr/lib/sysimage/libdnf5/packages.toml"),
            ghost("/var/lib/rpm/.rpm.lock"),
            file("/srv/rpmdb/rpmdb.sqlite"),
            file("/.rednode.journal"),
        ];
        for file in governing {
            let found = messages(vec![file.clone()], &none);
            let expected = format!("evil-1-1.noarch owns {}, which governs the node", file.path.display());
            assert_eq!(found, [expected], "{file:?}");
        }
        for file in [
            file("/etc/redpack.conf"),
            file("/opt/etc/redpack.yaml"),
            directory("/var/lib"),
            directory("/etc"),
            file("/etc/red.yaml"),
        ] {
            assert_eq!(messages(vec![file.clone()], &none), [""; 0], "{file:?}");
        }
    }

    #[test]
    fn other_nodes_are_refused() {
        let found = messages(vec![file("/demo/usr/bin/x"), file("/demos/x")], &none);
        assert_eq!(
            found,
            ["evil-1-1.noarch owns /demo/usr/bin/x, which lies in another node (/demo)"]
        );
    }

    #[test]
    fn malformed_paths_are_refused() {
        for path in [
            "usr/bin/x",
            "/usr/../../x",
            "/usr/./x",
            "/usr//x",
            "/usr/x/",
            "",
            "/usr/\0x",
        ] {
            assert_eq!(messages(vec![file(path)], &none).len(), 1, "{path:?}");
        }
        assert_eq!(messages(vec![file("/usr/..x/..."), directory("/")], &none), [""; 0]);
    }

    #[test]
    fn symlinks_may_not_climb_out() {
        let cases = [
            ("/usr/lib/x", "../../../etc", true),
            ("/x", "..", true),
            ("/usr/x", "a/../../../b", true),
            ("/usr/lib/x", "../../etc", false),
            ("/usr/lib/x", "link/../../../../../etc", true),
            ("/usr/lib/x", "/usr/lib/y", false),
        ];
        for (path, target, refused) in cases {
            assert_eq!(
                !messages(vec![symlink(path, target)], &none).is_empty(),
                refused,
                "{path} -> {target}"
            );
        }
    }

    #[test]
    fn a_symlink_counts_from_where_it_really_is() {
        let here = |path: &Path| (path == Path::new("/here")).then(|| PathBuf::from("."));
        assert_eq!(messages(vec![symlink("/x", "here/a/../../z")], &here).len(), 1);
        assert_eq!(messages(vec![symlink("/x", "there/a/../../z")], &here).len(), 0);
        assert_eq!(messages(vec![symlink("/here/here/x", "../etc")], &here).len(), 1);
    }

    #[test]
    fn nothing_is_written_through_a_symlink_out_of_the_node() {
        let through_payload = messages(vec![symlink("/opt/out", "/etc"), file("/opt/out/passwd")], &none);
        assert_eq!(
            through_payload,
            [
                "evil-1-1.noarch would write /opt/out/passwd outside the node, through /opt/out -> /etc; replace /opt/out by a directory, or by a relative link inside the node"
            ]
        );
        let on_disk = |path: &Path| (path == Path::new("/srv/data")).then(|| PathBuf::from("../../home"));
        assert_eq!(messages(vec![file("/srv/data/a/b")], &on_disk).len(), 1);
        let inside = |path: &Path| (path == Path::new("/lib")).then(|| PathBuf::from("usr/lib"));
        assert_eq!(messages(vec![file("/lib/x.so")], &inside), [""; 0]);
    }

    #[test]
    fn symlinks_lead_to_what_governs() {
        let chain = vec![symlink("/a", "b"), symlink("/b", "etc"), file("/a/redpack.yaml")];
        assert_eq!(
            messages(chain, &none),
            ["evil-1-1.noarch owns /etc/redpack.yaml, which governs the node"]
        );
        let into_child = vec![symlink("/a", "usr/../demo"), file("/a/x")];
        assert_eq!(messages(into_child, &none).len(), 1);
        let circle = vec![symlink("/a", "b"), symlink("/b", "a"), file("/a/x")];
        assert_eq!(
            messages(circle, &none),
            ["evil-1-1.noarch reaches /a/x through a circle of symlinks"]
        );
    }
}
