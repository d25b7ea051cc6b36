//! Lists what is installed below a root, and from which repository it came: `installed [ROOT]`.

use std::error::Error;

use libdnf5::{Base, ExcludeFlags, Load, OptionPriority, PackageQuery};

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).unwrap_or_else(|| "/".into());
    let engine = librpm::Engine::start()?;
    let base = Base::new(&engine)?;
    base.config().set("installroot", root, OptionPriority::Commandline)?;
    base.load_config()?;
    base.setup()?;
    base.repo_sack().load_repos(Load::System, &mut (), &mut ())?;
    let mut packages = PackageQuery::new(&base, ExcludeFlags::APPLY_EXCLUDES)?;
    for package in packages.filter_installed()?.list()? {
        println!(
            "{:50} {}",
            package.nevra()?.display(),
            package.from_repo_id()?.display()
        );
    }
    Ok(())
}
