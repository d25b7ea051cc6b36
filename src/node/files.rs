//! Names of the files that make a node, relative to it, and of the main config.

/// Status file; its presence makes a directory a node.
pub const STATUS: &str = ".rednode.yaml";
/// Normal config.
pub const CONFIG: &str = "etc/redpack.yaml";
/// Normal config under its older name, read when only this one exists.
pub const CONFIG_LEGACY: &str = "etc/redpak.yaml";
/// Admin config.
pub const ADMIN: &str = "etc/redpack-admin.yaml";
/// Admin config under its older name, read when only this one exists.
pub const ADMIN_LEGACY: &str = "etc/redpak-admin.yaml";
/// Directory of the repositories.
pub const REPOSITORIES: &str = "etc/yum.repos.d";
/// Private rpmdb, where the node's configs name no other.
pub const RPMDB: &str = "var/lib/rpm";
/// Where programs of rpm look for one.
pub const RPMDBS: [&str; 2] = [RPMDB, "usr/lib/sysimage/rpm"];
/// libdnf5's state and history.
pub const DNF_STATE: &str = "usr/lib/sysimage/libdnf5";
/// What `$REDNODE_LOCK` names. Transactions lock the node's directory itself (`redpak_host::lock`), which needs no file.
pub const LOCK: &str = ".rednode.lock";
/// Remembered verdict of the last coherency check.
pub const VERDICT: &str = ".rednode.verdict";
/// Names of packages that were installed although an ancestor has them (`--forcenode`), one a line.
pub const FORCED: &str = ".rednode.forced";
/// Record of a transaction under way.
pub const JOURNAL: &str = ".rednode.journal";

/// What the repositories' metadata said of their age when they were last seen.
pub const METADATA: &str = ".rednode.metadata";

/// Exists while scriptlets run, and after a run that was killed: what their root takes in the node.
pub const OVERLAY: &str = ".rednode.overlay";

/// Files that govern a node: no package may own or change them. Directories count with all below them.
pub const GOVERNING: [&str; 12] = [
    STATUS,
    CONFIG,
    CONFIG_LEGACY,
    ADMIN,
    ADMIN_LEGACY,
    RPMDB,
    LOCK,
    VERDICT,
    FORCED,
    JOURNAL,
    METADATA,
    OVERLAY,
];

/// Main config, below the root.
pub const MAIN: &str = "etc/red-pak/main.yaml";
/// Main config under its older name, read when only this one exists.
pub const MAIN_LEGACY: &str = "etc/redpak/main.yaml";
/// Admin config beside the main config.
pub const MAIN_ADMIN: &str = "etc/red-pak/main-admin.yaml";
/// Admin config beside the main config, older name.
pub const MAIN_ADMIN_LEGACY: &str = "etc/redpak/main-admin.yaml";
/// Templates that override the shipped ones, below the root.
pub const TEMPLATES: &str = "etc/red-pak/templates.d";
/// Older place of the templates.
pub const TEMPLATES_LEGACY: &str = "etc/redpak/templates.d";
