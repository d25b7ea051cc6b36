//! Which header number of a view belongs to which node.

use redpak::package::Origin;
use serde::{Deserialize, Serialize};

/// The leaf's own numbers are all below. An rpmdb counts up by one per installation, so it gets there after sixteen
/// million of them.
pub(super) const FIRST_ANCESTOR: u32 = 1 << 24;
/// sqlite's C API hands header numbers to librpm as signed 32-bit numbers.
const LAST: u32 = i32::MAX.cast_unsigned();

/// The numbers of one node: its own number plus `shift`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Region {
    node: usize,
    shift: u32,
    last: u32,
}

/// The nodes' regions, in the order of the numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbering {
    regions: Vec<Region>,
}

impl Numbering {
    /// Reserves numbers for an ancestor whose own highest number is `highest`, and tells by how much they are shifted.
    /// `None` when there are none left.
    pub(super) fn add_ancestor(&mut self, node: usize, highest: u32) -> Option<u32> {
        let shift = self.regions.last().map_or(FIRST_ANCESTOR, |region| region.last);
        let last = shift.checked_add(highest).filter(|last| *last <= LAST)?;
        self.regions.push(Region { node, shift, last });
        Some(shift)
    }

    /// Adds the leaf, whose own highest number is `highest`. False when that is too high.
    pub(super) fn add_leaf(&mut self, highest: u32) -> bool {
        self.regions.insert(
            0,
            Region {
                node: 0,
                shift: 0,
                last: highest,
            },
        );
        highest < FIRST_ANCESTOR
    }

    pub(super) fn origin(&self, number: u32) -> Option<Origin> {
        let region = self
            .regions
            .iter()
            .find(|region| number > region.shift && number <= region.last)?;
        Some(Origin {
            node: region.node,
            header_number: number - region.shift,
        })
    }

    pub(super) fn highest_of(&self, node: usize) -> u32 {
        let region = self.regions.iter().find(|region| region.node == node);
        region.map_or(0, |region| region.last - region.shift)
    }

    pub(super) fn number_of(&self, origin: Origin) -> Option<u32> {
        let region = self.regions.iter().find(|region| region.node == origin.node)?;
        let number = region.shift.checked_add(origin.header_number)?;
        (origin.header_number > 0 && number <= region.last).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_leads_to_its_node_and_back() {
        let mut numbering = Numbering::default();
        assert_eq!(numbering.add_ancestor(1, 3), Some(FIRST_ANCESTOR));
        assert_eq!(numbering.add_ancestor(2, 0), Some(FIRST_ANCESTOR + 3));
        assert_eq!(numbering.add_ancestor(3, 1500), Some(FIRST_ANCESTOR + 3));
        assert!(numbering.add_leaf(7));
        for (number, origin) in [
            (1, Some((0, 1))),
            (7, Some((0, 7))),
            (8, None),
            (FIRST_ANCESTOR, None),
            (FIRST_ANCESTOR + 1, Some((1, 1))),
            (FIRST_ANCESTOR + 3, Some((1, 3))),
            (FIRST_ANCESTOR + 4, Some((3, 1))),
            (FIRST_ANCESTOR + 1503, Some((3, 1500))),
            (FIRST_ANCESTOR + 1504, None),
        ] {
            let origin = origin.map(|(node, header_number)| Origin { node, header_number });
            assert_eq!(numbering.origin(number), origin, "{number}");
            if let Some(origin) = origin {
                assert_eq!(numbering.number_of(origin), Some(number));
            }
        }
        assert_eq!(
            numbering.number_of(Origin {
                node: 2,
                header_number: 1
            }),
            None
        );
        assert_eq!(
            numbering.number_of(Origin {
                node: 0,
                header_number: 0
            }),
            None
        );
    }

    #[test]
    fn the_highest_number_is_the_nodes_own() {
        let mut numbering = Numbering::default();
        numbering.add_ancestor(1, 3);
        numbering.add_ancestor(3, 1500);
        numbering.add_leaf(7);
        assert_eq!([0, 1, 2, 3].map(|node| numbering.highest_of(node)), [7, 3, 0, 1500]);
    }

    #[test]
    fn numbers_that_do_not_fit_are_noticed() {
        let mut numbering = Numbering::default();
        assert_eq!(numbering.add_ancestor(1, LAST), None);
        assert!(!numbering.add_leaf(FIRST_ANCESTOR));
    }
}
