//! Interrupts commands at any moment, repairs, and judges what is there then.

pub mod case;
pub mod consistency;
pub mod family;
pub mod interrupt;
pub mod judge;
pub mod packages;
pub mod random;
pub mod snapshot;
pub mod sums;
pub mod workers;
