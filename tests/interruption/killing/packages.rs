//! The packages of a scene.

use redpak_testing::{Entry, Group, Package, Repository, Scriptlet, Trigger};

use super::case::Packages;

/// Files of the large package.
const FILES: u32 = 40;

/// Scriptlets write a line for each run here: `NAME-VERSION %SECTION ARGUMENT`.
pub const LOGS: &str = "var/lib";

/// A repository with two versions of everything.
pub fn repository(packages: Packages) -> Repository {
    let all: Vec<Package> = (1..=2).flat_map(|version| of_version(packages, version)).collect();
    let repository = Repository::new(&all);
    let members: &[&str] = match packages {
        Packages::DirectoryToLink | Packages::LinkToDirectory => &["one", "two", "configured", "shape"],
        Packages::Triggers => &["one", "two", "configured", "watcher"],
        _ => &["one", "two", "configured"],
    };
    repository.groups(&[Group::new("tools", "Tools", members)]);
    repository
}

/// What is asked for by name, beside what those need.
pub fn wanted(packages: Packages, version: u32) -> Vec<String> {
    let mut names = vec!["one", "two", "configured"];
    match packages {
        Packages::Triggers => names.push("watcher"),
        Packages::DirectoryToLink | Packages::LinkToDirectory => names.push("shape"),
        _ => {}
    }
    let mut names: Vec<String> = names.into_iter().map(|name| format!("{name}-{version}")).collect();
    names.push(if version == 1 { "old-name" } else { "new-name" }.into());
    names
}

fn of_version(packages: Packages, version: u32) -> Vec<Package> {
    let evr = format!("{version}-1");
    let large = (0..FILES).fold(Package::new("one", &evr), |package, number| {
        let content = format!("one {version}\n").repeat(100);
        package.entry(Entry::file(&format!("/usr/share/one/{number}"), content))
    });
    let library = Package::new("lib", &evr).file("/usr/share/lib/file", format!("lib {version}\n"));
    let two = Package::new("two", &evr)
        .requires(&format!("lib >= {version}"))
        .file("/usr/share/two/file", format!("two {version}\n"))
        .entry(Entry::directory("/usr/share/two/empty").mode(0o750));
    let named = if version == 1 {
        Package::new("old-name", "1-1").file("/usr/share/name/file", "old")
    } else {
        Package::new("new-name", "2-1")
            .obsoletes("old-name < 2")
            .file("/usr/share/name/file", "new")
    };
    let mut all: Vec<Package> = [large, library, two, configured(version), named]
        .into_iter()
        .map(|package| with_scriptlets(packages, package, version))
        .collect();
    match packages {
        Packages::Triggers => all.push(watcher(version)),
        Packages::DirectoryToLink | Packages::LinkToDirectory => all.push(shape(packages, version)),
        _ => {}
    }
    if version == 1 {
        // rpm wants what scriptlets are written in.
        all.push(
            Package::new("shell", "1-1")
                .provides("/bin/sh")
                .file("/usr/share/shell", ""),
        );
    }
    all
}

/// Configs that both versions have, that one of them has, and that its scriptlet edits.
fn configured(version: u32) -> Package {
    let only = if version == 1 { "gone" } else { "new" };
    Package::new("configured", &format!("{version}-1"))
        .entry(Entry::file("/etc/configured/kept", format!("kept={version}\n")).config_noreplace())
        .entry(Entry::file("/etc/configured/replaced", format!("replaced={version}\n")).config())
        .entry(Entry::file("/etc/configured/same", "same\n").config_noreplace())
        .entry(Entry::file("/etc/configured/made", format!("made={version}\n")).config_noreplace())
        .entry(Entry::file(&format!("/etc/configured/{only}-noreplace"), "x\n").config_noreplace())
        .entry(Entry::file(&format!("/etc/configured/{only}"), "x\n").config())
        .entry(Entry::symlink(
            "/usr/share/configured/link",
            &format!("target-{version}"),
        ))
        .file(&format!("/usr/share/configured/only-{version}"), "x")
}

const SECTIONS: [Scriptlet; 5] = [
    Scriptlet::Pre,
    Scriptlet::Post,
    Scriptlet::PreUn,
    Scriptlet::PostUn,
    Scriptlet::PostTrans,
];

fn with_scriptlets(packages: Packages, mut package: Package, version: u32) -> Package {
    let name = package.name().to_owned();
    for section in SECTIONS {
        let run = format!("{name}-{version} %{section}");
        package = match packages {
            Packages::Shell => {
                let edit = if name == "configured" && section == Scriptlet::Post {
                    "\ngrep -q by-post /etc/configured/made || echo by-post >>/etc/configured/made"
                } else {
                    ""
                };
                package.scriptlet(section, &format!("echo \"{run} $1\" >>/var/lib/{name}.log{edit}"))
            }
            Packages::Lua => package.scriptlet_for("<lua>", section, &lua_line(&name, &run)),
            _ => package,
        };
    }
    package
}

fn lua_line(name: &str, run: &str) -> String {
    format!(
        "local log = io.open('/var/lib/{name}.log', 'a')\nlog:write('{run} ' .. tostring(arg[2]) .. '\\n')\nlog:close()"
    )
}

/// Its triggers fire for the others.
fn watcher(version: u32) -> Package {
    let line = |section: &str| format!("echo \"watcher-{version} %{section} $1 $2\" >>/var/lib/watcher.log");
    let file_line = |section: &str| format!("echo \"watcher-{version} %{section}\" >>/var/lib/watcher.log");
    Package::new("watcher", &format!("{version}-1"))
        .file("/usr/share/watcher", format!("{version}\n"))
        .trigger(Trigger::PreIn, "one", &line("triggerprein"))
        .trigger(Trigger::In, "one", &line("triggerin"))
        .trigger(Trigger::Un, "one", &line("triggerun"))
        .trigger(Trigger::PostUn, "one", &line("triggerpostun"))
        .trigger(Trigger::FileIn, "/usr/share/two", &file_line("filetriggerin"))
        .trigger(Trigger::FileUn, "/usr/share/two", &file_line("filetriggerun"))
        .trigger(Trigger::TransFileIn, "/usr/share/two", &file_line("transfiletriggerin"))
}

/// One path is a directory in one version and a link in the other; `%pretrans` makes room, as rpm needs it.
fn shape(packages: Packages, version: u32) -> Package {
    let is_link = (packages == Packages::DirectoryToLink) == (version == 2);
    let package = Package::new("shape", &format!("{version}-1"));
    let content = |file: u32| format!("shape {version} {file}\n");
    if is_link {
        let package = package.entry(Entry::symlink("/usr/share/shape/data", "data.d"));
        (0..3)
            .fold(package, |package, file| {
                package.file(&format!("/usr/share/shape/data.d/{file}"), content(file))
            })
            .scriptlet_for(
                "<lua>",
                Scriptlet::PreTrans,
                "local path = '/usr/share/shape/data'\nlocal found = posix.stat(path)\n\
                 if found and found.type == 'directory' then os.rename(path, path .. '.rpmmoved') end",
            )
    } else {
        let package = package.entry(Entry::directory("/usr/share/shape/data"));
        (0..3)
            .fold(package, |package, file| {
                package.file(&format!("/usr/share/shape/data/{file}"), content(file))
            })
            .scriptlet_for(
                "<lua>",
                Scriptlet::PreTrans,
                "local path = '/usr/share/shape/data'\nlocal found = posix.stat(path)\n\
                 if found and found.type == 'link' then os.remove(path) end",
            )
    }
}
