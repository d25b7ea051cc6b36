//! Tests of whole programs. `Cargo.toml` lists them; each folder is an area.
