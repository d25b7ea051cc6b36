//! What dnf5 does in one root, redwrap-dnf does in a node, and spread over a family.
//!
//! Every case is carried out three times on the same repository: by dnf5 in an installroot; by redwrap-dnf in a single node,
//! which has to print and hold the same; and by redwrap-dnf in a leaf whose platform has a part of the packages already. There
//! the family together holds what dnf5's root holds, or the leaf's command is refused because an ancestor would change.

mod advisories;
mod architectures;
mod case;
mod dependencies;
mod groups;
mod installonly;
mod modules;
mod queries;
mod shop;
mod versions;
