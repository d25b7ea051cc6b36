//! Writes a spec file and the tree that its `%install` copies.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::entry::{Entry, Kind};
use crate::package::Package;

/// Text of one spec file that builds all these packages, each as a subpackage of one that is never written.
pub(crate) fn render(packages: &[&Package], stage: &Path) -> String {
    let mut text = String::from(
        "Name: redpak-test\nVersion: 1\nRelease: 1\nSummary: Carrier of the packages below\nLicense: MIT\n%description\n-\n",
    );
    for package in packages {
        preamble(&mut text, package);
    }
    let _ = writeln!(
        text,
        "%install\nmkdir -p %{{buildroot}}\ncp -a {}/. %{{buildroot}}",
        stage.display()
    );
    for package in packages {
        for (section, body) in &package.scripts {
            let _ = writeln!(text, "%{section}\n{}", escape(body));
        }
        let _ = writeln!(text, "%files -n {}", package.name);
        for entry in &package.entries {
            files_line(&mut text, entry);
        }
    }
    text
}

fn preamble(text: &mut String, package: &Package) {
    let Package {
        name,
        epoch,
        version,
        release,
        arch,
        summary,
        tags,
        automatic_dependencies,
        ..
    } = package;
    let _ = writeln!(
        text,
        "%package -n {name}\nVersion: {version}\nRelease: {release}\nSummary: {summary}"
    );
    if let Some(epoch) = epoch {
        let _ = writeln!(text, "Epoch: {epoch}");
    }
    if arch == "noarch" {
        text.push_str("BuildArch: noarch\n");
    }
    if !automatic_dependencies {
        text.push_str("AutoReqProv: no\n");
    }
    for (tag, value) in tags {
        let _ = writeln!(text, "{tag}: {}", escape(value));
    }
    let _ = writeln!(text, "%description -n {name}\nMade by a test.");
}

fn files_line(text: &mut String, entry: &Entry) {
    let mode = entry.mode.map_or("-".into(), |mode| format!("{mode:04o}"));
    let (user, group) = &entry.owner;
    let directives = entry.directives.join(" ");
    let _ = writeln!(
        text,
        "{directives} %attr({mode},{user},{group}) \"{}\"",
        escape(&entry.path)
    );
}

/// `%` begins a macro everywhere in a spec file.
fn escape(text: &str) -> String {
    text.replace('%', "%%")
}

/// Puts the files of all packages below `stage`.
pub(crate) fn stage(packages: &[&Package], stage: &Path) {
    for entry in packages.iter().flat_map(|package| &package.entries) {
        let path = stage.join(entry.path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("a payload path has a parent"))
            .expect("make the directory of a payload file");
        let made = match &entry.kind {
            Kind::File(content) => fs::write(&path, content),
            Kind::Directory => fs::create_dir_all(&path),
            Kind::Symlink(target) => symlink(target, &path),
            Kind::HardLink(to) => fs::hard_link(stage.join(to.trim_start_matches('/')), &path),
        };
        made.unwrap_or_else(|error| panic!("stage {}: {error}", entry.path));
    }
}
