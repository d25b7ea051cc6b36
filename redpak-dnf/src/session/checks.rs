//! Checks of signatures: what no file and no option below loosens, and what the machine's macros do not decide. And plugins, which
//! could do all of that and more.

use anyhow::Result;
use librpm::{Engine, MacroGuard};

use crate::node::Node;
use crate::options::Global;
use crate::terminal::Messages;
use libdnf5::{Base, OptionPriority, RepoQuery};

/// Bits of `_pkgverify_flags` that may stay: they leave out digests by SHA-1 and MD5, which prove nothing any more.
const OBSOLETE_DIGESTS: u32 = 0x2_0100;
/// Bits of `__vsflags` that may stay, rpm's own default: payloads are checked before they are unpacked, not as they are read.
const PAYLOADS: u32 = 0xf_0000;

/// rpm's settings about checks for the length of a session: the macro files of the machine and of the caller may not weaken them,
/// and keys are where the family's view has them.
pub fn pin_macros(engine: &Engine) -> Result<Vec<MacroGuard<'_>>> {
    let macros = engine.macros();
    let masked = |name: &str, mask| -> Result<MacroGuard<'_>> {
        let value = macros.expand(format!("%{{?{name}}}"))?;
        Ok(macros.push_global(name, mask_flags(&value.to_string_lossy(), mask))?)
    };
    Ok(vec![
        masked("_pkgverify_flags", OBSOLETE_DIGESTS)?,
        masked("__vsflags", PAYLOADS)?,
        macros.push_global("_keyring", "rpmdb")?,
    ])
}

/// What rpm itself demands of packages while it installs them: signatures where every one of them had to have one, digests always.
pub fn pin_level(engine: &Engine, all_signed: bool) -> Result<MacroGuard<'_>> {
    let level = if all_signed { "all" } else { "digest" };
    Ok(engine.macros().push_global("_pkgverify_level", level)?)
}

/// The bits of `mask` that a macro's value has. One that is no number has none.
fn mask_flags(value: &str, mask: u32) -> String {
    let value = value.trim();
    let number = match value.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => value.parse(),
    };
    format!("{:#x}", number.unwrap_or(0) & mask)
}

/// libdnf5's plugins are off, whatever files and options say: they act on the host, and where their code comes from is told by the
/// configuration of the node.
pub fn pin_plugins(base: &Base<'_>) -> Result<()> {
    Ok(base.config().set("plugins", "0", OptionPriority::Runtime)?)
}

/// Where the family demands signatures: the main options, before libdnf5 sets itself up.
pub fn demand(base: &Base<'_>, node: &Node) -> Result<()> {
    if !node.demands_signatures() {
        return Ok(());
    }
    let config = base.config();
    for (option, value) in [("gpgcheck", "1"), ("localpkg_gpgcheck", "1")] {
        config.set(option, value, OptionPriority::Runtime)?;
    }
    let flags = config.get("tsflags")?;
    set_flags(base, node, &flags.to_string_lossy())
}

/// Sets the flags of the transaction, as far as the family lets them be.
pub fn set_flags(base: &Base<'_>, node: &Node, flags: &str) -> Result<()> {
    let flags = match node.demands_signatures() {
        true => checking(flags),
        false => flags.to_owned(),
    };
    Ok(base.config().set("tsflags", flags, OptionPriority::Runtime)?)
}

/// The packages of a repair come from files on the command line, although they were chosen and checked as packages of their
/// repositories: options that keep packages away, or check those of the command line alone, were not asked about them. An old
/// version goes alone where the new one is there, even of a protected package. What the family demands stays.
pub fn lift_for_repair(base: &Base<'_>, node: &Node) -> Result<()> {
    let config = base.config();
    for (option, value) in [
        ("disable_excludes", "*"),
        ("protected_packages", ""),
        ("protect_running_kernel", "0"),
    ] {
        config.set(option, value, OptionPriority::Runtime)?;
    }
    if !node.demands_signatures() {
        config.set("localpkg_gpgcheck", "0", OptionPriority::Runtime)?;
    }
    Ok(())
}

/// Transaction flags without the one that switches all checks off.
fn checking(flags: &str) -> String {
    let flags = flags
        .split([',', ' '])
        .filter(|flag| !flag.is_empty() && *flag != "nocrypto");
    flags.collect::<Vec<_>>().join(",")
}

/// The same for all repositories that there are.
pub fn demand_of_repos(base: &Base<'_>, node: &Node) -> Result<()> {
    if !node.demands_signatures() {
        return Ok(());
    }
    for repo in RepoQuery::new(base)?.list()? {
        repo.set_option("gpgcheck", "1", OptionPriority::Runtime)?;
    }
    Ok(())
}

/// Who tried to loosen them is told.
pub fn tell(node: &Node, global: &Global, messages: Messages) {
    if asks_for_plugins(&global.setopt) {
        messages.say("Warning: --setopt=plugins is not followed, because libdnf5's plugins act on the host, and are off for a node.");
    }
    if node.demands_signatures() && global.no_gpgchecks {
        messages.say("Warning: --no-gpgchecks is not followed, because a config of the family has \"gpgcheck: true\".");
    }
}

/// The last value counts; all that does not mean off was refused or means on.
fn asks_for_plugins(setopt: &[(String, String)]) -> bool {
    let last = setopt.iter().rev().find(|(option, _)| option == "plugins");
    last.is_some_and(|(_, value)| !["0", "no", "false", "off"].contains(&value.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::{OBSOLETE_DIGESTS, asks_for_plugins, checking, mask_flags};

    #[test]
    fn flags_keep_what_weakens_nothing() {
        let cases = [
            ("0x20100", "0x20100"),
            ("0xffffffff", "0x20100"),
            ("131328", "0x20100"),
            ("0x0", "0x0"),
            ("", "0x0"),
            (" 0x100\n", "0x100"),
            ("everything", "0x0"),
            ("-1", "0x0"),
        ];
        for (value, kept) in cases {
            assert_eq!(mask_flags(value, OBSOLETE_DIGESTS), kept, "{value:?}");
        }
    }

    #[test]
    fn the_last_word_about_plugins_counts() {
        let cases: [(&[&str], bool); 5] = [
            (&[], false),
            (&["plugins=1"], true),
            (&["plugins=1", "plugins=False"], false),
            (&["plugins=0", "plugins=yes"], true),
            (&["pluginpath=1"], false),
        ];
        for (options, asked) in cases {
            let options = options.iter().filter_map(|option| option.split_once('='));
            let options: Vec<_> = options
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            assert_eq!(asks_for_plugins(&options), asked, "{options:?}");
        }
    }

    #[test]
    fn one_transaction_flag_goes() {
        let cases = [
            ("nocrypto", ""),
            ("nodocs,nocrypto", "nodocs"),
            ("nodocs nocrypto, nocaps", "nodocs,nocaps"),
            ("", ""),
        ];
        for (flags, kept) in cases {
            assert_eq!(checking(flags), kept, "{flags:?}");
        }
    }
}
