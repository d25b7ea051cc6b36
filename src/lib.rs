//! Pure core of red-pak: data in, data out. Nothing here reads a file, a clock, a user id or an environment variable.

pub mod plan;
