//! Numbers that differ from run to run, and can be had again.

/// A sequence of numbers that a seed determines.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A new sequence, or the one of `REDPAK_TEST_SEED`; its seed is printed.
    ///
    /// # Panics
    /// When `REDPAK_TEST_SEED` is no number.
    pub fn new() -> Self {
        let wanted = std::env::var("REDPAK_TEST_SEED").ok();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = wanted.map_or_else(
            || now.map_or(1, |now| now.as_nanos() as u64),
            |seed| seed.parse().expect("REDPAK_TEST_SEED is a number"),
        );
        println!("REDPAK_TEST_SEED={seed}");
        Self::seeded(seed)
    }

    /// The sequence of a seed.
    pub fn seeded(seed: u64) -> Self {
        // Zero is the one state that xorshift64 does not leave.
        Self(seed.max(1))
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as usize % limit
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several, unless there is none.
    pub fn one_of<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        (!things.is_empty()).then(|| &things[self.below(things.len())])
    }

    /// One of several, each as often as its weight says.
    ///
    /// # Panics
    /// When there is nothing to choose from.
    pub fn weighted<T: Copy>(&mut self, things: &[(usize, T)]) -> T {
        let mut place = self.below(things.iter().map(|(weight, _)| weight).sum());
        for (weight, thing) in things {
            if place < *weight {
                return *thing;
            }
            place -= weight;
        }
        unreachable!("the place is below the sum of the weights")
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_sequence() {
        let sequence = |seed| {
            let mut random = Random::seeded(seed);
            (0..20).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(sequence(7), sequence(7));
        assert_ne!(sequence(7), sequence(8));
    }

    #[test]
    fn weights_decide() {
        let mut random = Random::seeded(7);
        let chosen: Vec<&str> = (0..100)
            .map(|_| random.weighted(&[(0, "never"), (1, "one"), (9, "nine")]))
            .collect();
        let count = |name| chosen.iter().filter(|chosen| **chosen == name).count();
        assert_eq!(count("never"), 0);
        assert!(count("one") > 0 && count("one") < count("nine"), "{chosen:?}");
    }
}
