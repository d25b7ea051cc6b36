//! The rules that a transaction in a family obeys, as functions from data to refusals.
//!
//! The program resolves a transaction over the whole family and describes it here in plain types. [`ancestors`]
//! holds the rules about what an ancestor has, [`files`] those about places where two packages meet, [`payload`]
//! those about what governs a node, [`scriptlets`] tells what a package wants to run, [`accounts`] which users it
//! declares, [`touch`] which other nodes a change can break, and [`recovery`] what of it was done when it was interrupted. No function stops at the first refusal: a user is told everything that is wrong at once.

pub mod accounts;
pub mod ancestors;
pub mod files;
pub mod item;
pub mod payload;
pub mod recovery;
pub mod refusal;
pub mod scriptlets;
pub mod touch;

pub use item::{Action, Identity, Installed, Item, Owner};
pub use refusal::{Reason, Refusal};

#[cfg(test)]
mod fixture;
