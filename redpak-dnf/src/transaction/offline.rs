//! A transaction that is prepared now and carried out later, in the place and format of dnf5's offline transactions.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use redpak_host::dir::Dir;

use super::store;
use crate::commands::Outcome;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::terminal;
use libdnf5::{Base, Offline, OfflineField, OptionPriority, Transaction, VarsPriority};

/// Its packages are not all there.
pub const DOWNLOAD_INCOMPLETE: &str = "download-incomplete";
/// It waits.
pub const DOWNLOAD_COMPLETE: &str = "download-complete";
/// It waits for the next boot, says dnf5 in an installroot.
pub const READY: &str = "ready";
/// It was begun.
pub const TRANSACTION_INCOMPLETE: &str = "transaction-incomplete";

/// Below the node, as dnf5 has it: the transaction and its state.
const DATA: &str = "usr/lib/sysimage/libdnf5/offline";
/// Below the node, as dnf5 has it: the packages.
const PACKAGES: &str = "var/lib/dnf/offline/packages";
const COMPS: &str = "comps";

/// The transaction that waits.
pub fn transaction(base: &Base<'_>) -> Result<PathBuf> {
    Ok(root(base)?.join(DATA).join(store::TRANSACTION))
}

/// Where its packages are kept.
pub fn packages(base: &Base<'_>) -> Result<PathBuf> {
    Ok(root(base)?.join(PACKAGES))
}

fn root(base: &Base<'_>) -> Result<PathBuf> {
    Ok(base.config().get("installroot")?.into())
}

/// A state that cannot be read is not taken for none.
pub fn require_readable(state: &Offline<'_>) -> Result<()> {
    if let Some(error) = state.read_error()? {
        bail!(
            "Error reading state: {}. Rerun the command you used to initiate the offline transaction, e.g. `redwrap-dnf system-upgrade download [OPTIONS]`.",
            error.display()
        );
    }
    Ok(())
}

/// The command line of the transaction that waits, if one does.
pub fn pending(session: &Session<'_>) -> Result<Option<String>> {
    let state = Offline::read(&session.base)?;
    Ok(if state.is_pending()? {
        Some(state.get(OfflineField::CmdLine)?.to_string_lossy().into_owned())
    } else {
        None
    })
}

/// Asks before another transaction that waits is given up.
pub fn may_replace(session: &Session<'_>) -> Result<bool> {
    let Some(command) = pending(session)? else {
        return Ok(true);
    };
    terminal::tell(format_args!(
        "There is already an offline transaction queued, initiated by the following command:\n\t{command}"
    ));
    eprintln!("Continuing will cancel the old offline transaction and replace it with this one.");
    Ok(session.answers.confirm(session.default_yes))
}

/// The transaction is kept; it counts only once [`complete`] was called.
pub fn write(session: &Session<'_>, transaction: &Transaction<'_>) -> Result<()> {
    let base = &session.base;
    let data = root(base)?.join(DATA);
    let mut state = Offline::read(base)?;
    state.set(OfflineField::Status, DOWNLOAD_INCOMPLETE)?;
    state.write()?;
    transaction.store_comps(data.join(COMPS))?;
    let text = transaction.serialize(packages(base)?.as_os_str(), format!("./{COMPS}").as_ref(), "".as_ref())?;
    store::write_text(&data, &text)
}

/// From here on it waits. The rpmdb must be the node's own at this moment, not the family's view.
pub fn complete(session: &Session<'_>, global: &Global, command: &str) -> Result<()> {
    let base = &session.base;
    let mut state = Offline::read(base)?;
    let releasever = base.vars().get("releasever")?.unwrap_or_default();
    for (field, text) in [
        (OfflineField::Status, DOWNLOAD_COMPLETE.into()),
        (OfflineField::CmdLine, command.into()),
        (OfflineField::Verb, verb(global).into()),
        (OfflineField::Cachedir, base.config().get("cachedir")?),
        (OfflineField::TargetReleasever, releasever),
        // Most systems have none.
        (
            OfflineField::ModulePlatformId,
            base.config().get("module_platform_id").unwrap_or_default(),
        ),
    ] {
        state.set(field, text)?;
    }
    state.capture_rpmdb_cookie()?;
    Ok(state.write()?)
}

/// The subcommand, with the one below it where dnf5 says so.
fn verb(global: &Global) -> String {
    let mut words = global.command_line.iter().skip(1).map(|word| word.to_string_lossy());
    match words.next() {
        Some(word) if word == "system-upgrade" => "system-upgrade download".to_owned(),
        word => word.unwrap_or_default().into_owned(),
    }
}

/// Before repositories are loaded, and before the family's view is shown: the node must be as it was.
pub fn begin(session: &Session<'_>) -> Result<()> {
    let base = &session.base;
    let state = Offline::read(base)?;
    require_readable(&state)?;
    let status = state.get(OfflineField::Status)?;
    if !transaction(base)?.exists() {
        bail!("No offline transaction is stored.");
    }
    if status != DOWNLOAD_COMPLETE && status != READY {
        bail!("System is not ready for offline transaction.");
    }
    let command = state.get(OfflineField::CmdLine)?;
    let command = command.display();
    if !state.check_rpmdb_cookie()? {
        bail!("The system has been modified since the offline transaction was prepared. To reschedule, run: {command}");
    }
    let releasever = state.get(OfflineField::TargetReleasever)?;
    if !releasever.is_empty() {
        base.vars().set("releasever", releasever, VarsPriority::Commandline)?;
    }
    terminal::show(format_args!(
        "The offline transaction initiated by the following command will now be performed:\n\t{command}"
    ));
    Ok(())
}

/// It is being carried out.
pub fn started(session: &Session<'_>) -> Result<()> {
    let mut state = Offline::read(&session.base)?;
    state.set(OfflineField::Status, TRANSACTION_INCOMPLETE)?;
    Ok(state.write()?)
}

/// Forgets what waits.
pub fn clean(_: &Session<'_>, node: &Node) -> Result<Outcome> {
    forget(node.path())?;
    Ok(Outcome::Done)
}

/// The same for the directory of a node. A repair by root does this unconfined, and the node's owner decides which links lead
/// where: nothing outside of the node is removed.
pub fn forget(node: &Path) -> Result<()> {
    let node = Dir::open(node)?;
    for directory in [DATA, PACKAGES] {
        node.remove_all(Path::new(directory))?;
    }
    Ok(())
}

/// Says where its packages go.
pub fn prepare(session: &Session<'_>, transaction: &mut Transaction<'_>) -> Result<()> {
    transaction.set_download_local_pkgs(true)?;
    let destination = packages(&session.base)?;
    std::fs::create_dir_all(&destination).with_context(|| format!("cannot make {}", destination.display()))?;
    use_packages(session)
}

/// libdnf5 puts packages there, and finds them there. Nothing may ask whether a package of a stored transaction is there
/// already: librepo aborts, because it knows no checksum.
pub fn use_packages(session: &Session<'_>) -> Result<()> {
    let (config, place) = (session.base.config(), packages(&session.base)?);
    Ok(config.set("destdir", place, OptionPriority::Commandline)?)
}
