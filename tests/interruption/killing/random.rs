//! Random numbers, and values drawn evenly.

/// Numbers that differ from run to run; the seed is printed, and `REDPAK_TEST_SEED` repeats a run.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        let seed = std::env::var("REDPAK_TEST_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = seed.unwrap_or_else(|| now.map_or(1, |now| now.as_nanos() as u64));
        println!("REDPAK_TEST_SEED={seed}");
        Self(seed | 1)
    }

    /// A number below `limit`.
    pub fn up_to(&mut self, limit: u32) -> u32 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32 % limit
    }
}

/// Gives each of its values once, in random order, before it gives any of them again.
pub struct Deck<T> {
    values: Vec<T>,
    left: Vec<T>,
}

impl<T: Clone> Deck<T> {
    pub fn new(values: &[T]) -> Self {
        Self {
            values: values.to_vec(),
            left: Vec::new(),
        }
    }

    pub fn draw(&mut self, random: &mut Random) -> T {
        if self.left.is_empty() {
            self.left.clone_from(&self.values);
        }
        let index = random.up_to(self.left.len() as u32) as usize;
        self.left.swap_remove(index)
    }

    /// A value that could not be used comes back later.
    pub fn put_back(&mut self, value: T) {
        self.left.push(value);
    }
}
