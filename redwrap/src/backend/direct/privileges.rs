//! Capabilities of the program, see capabilities(7).

use std::io;

use redpak::config::CAPABILITIES;
use redpak::plan::{Operation, Plan};
use rustix::io::Errno;
use rustix::thread::{
    CapabilitySet, CapabilitySets, configure_capability_in_ambient_set, remove_capability_from_bounding_set,
    set_capabilities,
};

use super::first::{Before, Failed, at};

/// What the program may do.
#[derive(Debug)]
pub struct Privileges {
    kept: CapabilitySet,
    /// Root that asks for nothing else keeps what it has, as it has it.
    is_unchanged: bool,
}

impl Privileges {
    /// What a plan says: root starts with what it had, everybody else with nothing.
    pub fn of(plan: &Plan, before: &Before) -> Self {
        let mut kept = if before.uid == 0 {
            before.capabilities
        } else {
            CapabilitySet::empty()
        };
        let mut is_unchanged = before.uid == 0;
        for step in &plan.steps {
            match &step.operation {
                Operation::AddCapability(name) => kept |= named(name),
                Operation::DropCapability(name) => kept -= named(name),
                _ => continue,
            }
            is_unchanged = false;
        }
        Self { kept, is_unchanged }
    }

    /// Gives up the rest, for good.
    ///
    /// # Errors
    /// When the kernel refuses: a capability is asked for that the launcher does not have.
    pub fn restrict(&self) -> Result<(), Failed> {
        at("limit the capabilities", limit(self.kept))?;
        if !self.is_unchanged {
            at("set the capabilities", set(self.kept))?;
        }
        at("give up gaining privileges", nix::sys::prctl::set_no_new_privs())
    }

    /// Lets the program have them whoever it is: exec drops those of others than root.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn keep_across_exec(&self) -> Result<(), Failed> {
        for capability in self.kept.iter() {
            match configure_capability_in_ambient_set(capability, true) {
                // Not inheritable: root has it without.
                Ok(()) | Err(Errno::PERM | Errno::INVAL) => {}
                Err(errno) => return at("keep capabilities", Err(errno)),
            }
        }
        Ok(())
    }
}

/// An init needs none.
///
/// # Errors
/// When the kernel refuses.
pub fn give_up_all() -> Result<(), Failed> {
    at("give up the capabilities", set(CapabilitySet::empty()))
}

fn set(kept: CapabilitySet) -> io::Result<()> {
    let sets = CapabilitySets {
        effective: kept,
        permitted: kept,
        inheritable: kept,
    };
    Ok(set_capabilities(None, sets)?)
}

/// Takes all others out of the bounding set. Without CAP_SETPCAP that cannot be done; no_new_privs keeps them away then.
fn limit(kept: CapabilitySet) -> io::Result<()> {
    for number in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        if kept.contains(capability) {
            continue;
        }
        match remove_capability_from_bounding_set(capability) {
            Ok(()) | Err(Errno::PERM) => {}
            // The kernel knows no more.
            Err(Errno::INVAL) => break,
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

fn named(name: &str) -> CapabilitySet {
    if name == "ALL" {
        return CapabilitySet::from_bits_retain((1 << CAPABILITIES.len()) - 1);
    }
    // The list is in the order of their numbers.
    let number = CAPABILITIES.iter().position(|known| *known == name);
    number.map_or(CapabilitySet::empty(), |number| {
        CapabilitySet::from_bits_retain(1 << number)
    })
}
