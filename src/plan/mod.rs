//! From a merged configuration and the facts of the machine to a launch plan, and the plan's printed forms.

pub mod operation;

pub use operation::{Account, Content, ControlGroup, Namespace, Operation, Plan, Preparation, Source, Step};
