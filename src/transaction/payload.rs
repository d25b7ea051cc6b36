//! What a payload may not touch: the files that govern a node, other nodes, and everything outside the node.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::refusal::{Reason, Refusal};
use crate::package::{File, Package};

mod governed;
mod tree;

pub use governed::Governed;
use governed::Rules;
pub use tree::Links;
use tree::Tree;

/// What the payloads of one transaction are judged by.
pub struct Payloads<'a> {
    rules: Rules<'a>,
    tree: Tree<'a>,
}

impl std::fmt::Debug for Payloads<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Payloads")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl<'a> Payloads<'a> {
    /// `on_disk` reads the symlink at a path of the node as it is now (`None`: not a symlink); `links` are those that
    /// packages of the same transaction bring.
    pub fn new(governed: &'a Governed, links: &'a Links, on_disk: &'a dyn Fn(&Path) -> Option<PathBuf>) -> Self {
        Self {
            rules: Rules::new(governed),
            tree: Tree::new(links, on_disk),
        }
    }

    /// Everything in the payload of `package` that speaks against it.
    pub fn check(&self, package: &Package) -> Vec<Refusal> {
        let refuse = |reason| Refusal {
            package: package.into(),
            reason,
        };
        let reasons = package.files.iter().filter_map(|file| self.check_file(file));
        reasons.map(refuse).collect()
    }

    fn check_file(&self, file: &File) -> Option<Reason> {
        let path = &file.path;
        if !is_clean(path) {
            return Some(Reason::MalformedPath(path.to_owned()));
        }
        let directory = file.is_directory();
        if let Some(reason) = self.rules.reason(path, directory) {
            return Some(reason);
        }
        let place = match self.tree.place(path) {
            Ok(place) => place,
            Err(exit) => return Some(exit.reason(path)),
        };
        if place != *path
            && let Some(reason) = self.rules.reason(&place, directory)
        {
            return Some(reason);
        }
        let target = file.link_target.as_ref();
        let target = target.filter(|target| self.tree.climbs(&place, target))?;
        Some(Reason::SymlinkClimbs {
            path: path.to_owned(),
            target: target.clone(),
        })
    }
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
        let governed = governed();
        Payloads::new(&governed, &links, on_disk)
            .check(&package)
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
    fn as_many_symlinks_are_followed_as_the_kernel_follows() {
        for (length, expected) in [
            (40, "evil-1-1.noarch owns /etc/redpack.yaml, which governs the node"),
            (
                41,
                "evil-1-1.noarch reaches /0/redpack.yaml through a circle of symlinks",
            ),
        ] {
            // /0 leads to /1, which leads to /2, …, which leads to /etc.
            let target = |n| {
                if n + 1 < length {
                    format!("{}", n + 1)
                } else {
                    "etc".into()
                }
            };
            let links = (0..length).map(|n| symlink(&format!("/{n}"), &target(n)));
            let files = links.chain([file("/0/redpack.yaml")]).collect();
            assert_eq!(messages(files, &none), [expected], "{length}");
        }
        // Links of a directory and of the directory below it count together.
        for (length, expected) in [(39, 0), (40, 1)] {
            let target = |n| {
                if n + 1 < length {
                    format!("{}", n + 1)
                } else {
                    "usr".into()
                }
            };
            let links = (0..length).map(|n| symlink(&format!("/{n}"), &target(n)));
            let files = links.chain([symlink("/usr/l", "lib"), file("/0/l/x")]).collect();
            assert_eq!(messages(files, &none).len(), expected, "{length}");
        }
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
