//! What every transaction in a family stands on: libdnf5 reads the database that `_dbpath` names after setup, checks and tests
//! against it, and opens the one that is named when `before_begin` has returned for writing.

#[path = "../../libdnf5/tests/support/mod.rs"]
mod support;

use std::path::Path;

use libdnf5::{Base, BoxError, Job, RunResult, TransactionCallbacks};
use librpm::Engine;
use redpak_packages::{FamilyView, NodeDatabase, Origin, ViewCaches, ViewGuard};
use redpak_testing::{Package, Repository};
use support::{Root, load, nevras, output, query, resolve, turn};
use tempfile::TempDir;

/// A parent with `lib`, and a leaf with `own` whose repository has all of it.
struct Family {
    parent: Root,
    leaf: Root,
    caches: TempDir,
}

impl Family {
    fn new(engine: &Engine) -> Self {
        let lib = || {
            Package::new("lib", "1-1")
                .provides("lib(x)")
                .file("/usr/lib/lib.so", "lib")
        };
        let parent = Root::with(Repository::new(&[lib()]));
        let leaf = Root::with(Repository::new(&[
            lib(),
            Package::new("lib", "2-1").provides("lib(x)"),
            Package::new("own", "1-1"),
            Package::new("app", "1-1")
                .requires("lib(x)")
                .requires("/usr/lib/lib.so")
                .file("/usr/bin/app", "app"),
            Package::new("enemy", "1-1").conflicts("lib"),
        ]));
        parent.install(engine, &["lib-1"]);
        leaf.install(engine, &["own"]);
        Self {
            parent,
            leaf,
            caches: redpak_testing::directory(),
        }
    }

    fn view(&self, engine: &Engine) -> FamilyView {
        let database = |root: &Path| NodeDatabase::locate(engine, root).expect("the database is found");
        let caches = ViewCaches {
            views: self.caches.path().join("views"),
            bases: self.caches.path().join("bases"),
        };
        FamilyView::open_or_build(
            engine,
            &database(self.leaf.path()),
            &[database(self.parent.path())],
            &caches,
        )
        .expect("the view can be built")
    }

    /// A base of the leaf that sees the family.
    fn base<'e>(&self, engine: &'e Engine, view: &FamilyView) -> (Base<'e>, ViewGuard<'e>) {
        let base = self.leaf.base(engine);
        let guard = view
            .push_dbpath(engine, self.leaf.path())
            .expect("the macro can be pushed");
        load(&base);
        (base, guard)
    }
}

/// Gives the leaf's own database back when rpm begins.
struct Pop<'e>(Option<ViewGuard<'e>>);

impl TransactionCallbacks for Pop<'_> {
    fn before_begin(&mut self, _total: u64) -> Result<(), BoxError> {
        self.0.take().ok_or("the database was given back before")?.pop();
        Ok(())
    }
}

#[test]
fn an_installation_sees_the_family_and_writes_in_the_leaf() {
    let turn = turn();
    let family = Family::new(&turn.engine);
    let view = family.view(&turn.engine);
    let (base, guard) = family.base(&turn.engine, &view);
    let mut installed = query(&base);
    installed.filter_installed().unwrap();
    assert_eq!(nevras(&installed), ["lib-1-1.noarch", "own-1-1.noarch"]);

    let mut transaction = resolve(&base, Job::Install, &["app"]);
    let items = transaction.transaction_packages().unwrap();
    assert_eq!(items.len(), 1, "what the parent has is not installed again: {items:?}");
    transaction.download(&mut ()).unwrap();
    let result = transaction.run(&mut Pop(Some(guard)), &mut ()).unwrap();
    assert_eq!(result, RunResult::Success, "{:?}", transaction.transaction_problems());

    assert_eq!(family.leaf.installed(), ["app-1-1.noarch", "own-1-1.noarch"]);
    assert_eq!(family.parent.installed(), ["lib-1-1.noarch"]);
    assert!(family.leaf.join("usr/bin/app").exists());
    let history = output(&family.leaf.dnf5(&["history", "info", "last"]));
    assert!(history.contains("app-0:1-1.noarch"), "{history}");
}

#[test]
fn the_solver_knows_the_ancestors_conflicts() {
    let turn = turn();
    let family = Family::new(&turn.engine);
    let view = family.view(&turn.engine);
    let (base, _guard) = family.base(&turn.engine, &view);
    let transaction = resolve(&base, Job::Install, &["enemy"]);
    assert!(!transaction.problems().unwrap().is_empty());
}

#[test]
fn what_touches_an_ancestor_is_known_by_its_header_number() {
    let turn = turn();
    let family = Family::new(&turn.engine);
    let view = family.view(&turn.engine);
    let (base, _guard) = family.base(&turn.engine, &view);
    let transaction = resolve(&base, Job::Upgrade, &["lib"]);
    let items = transaction.transaction_packages().unwrap();
    let replaced = items
        .iter()
        .flat_map(|item| &item.replaces)
        .next()
        .expect("lib is replaced");
    let number = u32::try_from(replaced.rpmdbid().unwrap()).unwrap();
    assert!(
        matches!(view.origin(number), Some(Origin { node: 1, .. })),
        "{:?}",
        view.origin(number)
    );
}

#[test]
fn an_ancestors_package_cannot_be_removed_through_the_leaf() {
    let turn = turn();
    let family = Family::new(&turn.engine);
    let view = family.view(&turn.engine);
    let (base, guard) = family.base(&turn.engine, &view);
    let mut transaction = resolve(&base, Job::Remove, &["lib"]);
    let result = transaction.run(&mut Pop(Some(guard)), &mut ()).unwrap();
    assert_ne!(result, RunResult::Success);
    assert_eq!(family.leaf.installed(), ["own-1-1.noarch"]);
    assert_eq!(family.parent.installed(), ["lib-1-1.noarch"]);
    assert!(family.parent.join("usr/lib/lib.so").exists());
}
