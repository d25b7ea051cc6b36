//! The packages that are offered: each kind of dependency, shared files, configuration, scriptlets and triggers.

use redpak_testing::{Entry, Group, Package, Scriptlet, Trigger};

/// Versions in which most packages exist.
pub const VERSIONS: [u32; 3] = [1, 2, 3];

/// What provides `/bin/sh`, which scriptlets require; the core has it from the beginning.
pub const SHELL: &str = "shell";

/// Ids of the groups.
pub const GROUPS: [&str; 2] = ["tools", "extras"];

/// The groups that the repository defines.
pub fn groups() -> [Group; 2] {
    [
        Group::new("tools", "Tools", &["member-one", "member-two", "app-alpha"]),
        Group::new("extras", "Extras", &["member-three", "library-delta"]).optional("member-one"),
    ]
}

/// All packages in all versions.
pub fn all() -> Vec<Package> {
    let mut packages = vec![
        Package::new(SHELL, "1-1")
            .provides("/bin/sh")
            .file("/usr/lib/shell/data", "shell\n"),
    ];
    for version in VERSIONS {
        packages.extend(libraries(version));
        packages.extend(applications(version));
        packages.extend(rivals(version));
        packages.extend(owners_of_files(version));
        packages.extend(configured(version));
        packages.extend(scripted(version));
    }
    packages
}

/// A package with one file that names the version.
fn plain(name: &str, version: u32) -> Package {
    Package::new(name, &format!("{version}-1")).file(&format!("/usr/share/{name}/data"), format!("{name} {version}\n"))
}

fn libraries(version: u32) -> Vec<Package> {
    let library = |name: &str| plain(name, version).provides(&format!("lib{name}.so.{version}"));
    vec![
        library("library-alpha"),
        library("library-beta"),
        library("library-gamma"),
        library("library-delta"),
        plain("provider-one", version).provides("virtual = 1"),
        plain("provider-two", version).provides(&format!("virtual = {version}")),
    ]
}

fn applications(version: u32) -> Vec<Package> {
    vec![
        plain("app-alpha", version).requires("library-alpha"),
        plain("app-beta", version).requires(&format!("library-beta >= {version}")),
        plain("app-exact", version).requires(&format!("liblibrary-alpha.so.{version}")),
        plain("app-condition", version).requires("(library-gamma if library-alpha)"),
        plain("app-choice", version).requires("(library-beta or library-gamma)"),
        plain("app-virtual", version).requires("virtual"),
        plain("app-file", version).requires("/usr/share/many/1"),
        plain("app-weak", version).recommends("library-delta"),
        plain("app-chain", version).requires("app-alpha").requires("app-choice"),
        plain("circle", version).requires("radius"),
        plain("radius", version).requires(&format!("circle = {version}-1")),
        plain("broken", version).requires("nowhere"),
        plain("member-one", version),
        plain("member-two", version).requires("library-delta"),
        plain("member-three", version),
    ]
}

fn rivals(version: u32) -> Vec<Package> {
    let mut packages = vec![
        plain("red", version).conflicts("blue"),
        plain("blue", version),
        plain("rival", version).conflicts("library-alpha < 2"),
    ];
    packages.push(match version {
        1 => plain("old-name", 1).file("/usr/share/name/file", "old\n"),
        later => plain("new-name", later)
            .obsoletes("old-name < 2")
            .provides("old-name = 2")
            .file("/usr/share/name/file", "new\n"),
    });
    packages
}

fn owners_of_files(version: u32) -> Vec<Package> {
    let common = format!("common {version}\n");
    let many = (0..30).fold(Package::new("many", &format!("{version}-1")), |package, number| {
        package.file(&format!("/usr/share/many/{number}"), format!("{number} {version}\n"))
    });
    vec![
        plain("shared-one", version).file("/usr/share/shared/common", common.clone()),
        plain("shared-two", version).file("/usr/share/shared/common", common),
        plain("clash-one", version).file("/usr/share/clash", "one\n"),
        plain("clash-two", version).file("/usr/share/clash", "two\n"),
        many,
        plain("linked", version)
            .entry(Entry::directory("/usr/share/linked"))
            .entry(Entry::symlink(
                "/usr/share/linked/current",
                &format!("version-{version}"),
            ))
            .file(&format!("/usr/share/linked/version-{version}"), "x"),
    ]
}

fn configured(version: u32) -> Vec<Package> {
    vec![
        plain("config-kept", version)
            .entry(Entry::file("/etc/config-kept/main.conf", format!("version={version}\n")).config_noreplace()),
        plain("config-replaced", version)
            .entry(Entry::file("/etc/config-replaced/main.conf", format!("version={version}\n")).config()),
        // The file stays the same from the second version on.
        plain("config-steady", version)
            .entry(Entry::file("/etc/config-steady/main.conf", format!("second={}\n", version > 1)).config_noreplace()),
    ]
}

fn scripted(version: u32) -> Vec<Package> {
    vec![
        plain("scripted", version)
            .scriptlet(Scriptlet::Pre, "test -d /usr")
            .scriptlet(
                Scriptlet::Post,
                "mkdir -p /var/lib/scripted && echo here > /var/lib/scripted/made",
            )
            .scriptlet(Scriptlet::PostUn, "if [ $1 = 0 ]; then rm -rf /var/lib/scripted; fi"),
        plain("scripted-config", version)
            .entry(Entry::file("/etc/scripted/main.conf", format!("version={version}\n")).config_noreplace())
            .scriptlet(Scriptlet::PreUn, "test -e /etc/scripted/main.conf")
            .scriptlet(Scriptlet::PostTrans, "test -e /etc/scripted/main.conf"),
        plain("scripted-lua", version).scriptlet_for("<lua>", Scriptlet::PreTrans, "local x = 1"),
        plain("watcher", version).trigger(Trigger::In, "library-alpha", "test -d /usr/share"),
        plain("watcher-of-files", version).trigger(Trigger::TransFileIn, "/usr/share/many", "cat > /dev/null"),
    ]
}
