//! Raw bindings to libdnf5 and libdnf5-cli.
//!
//! libdnf5 is a C++ library that throws. `shim/` puts a C ABI of our own over it (`shim/redpak_dnf5.h`: opaque handles, strings as
//! bytes with a length, every failure an error object), `build.rs` compiles it, and bindgen reads that one header. The safe layer is
//! the crate `libdnf5`.
//!
//! # To add a function
//!
//! 1. Declare it in the header of its area in `shim/abi/` with a `///` comment: what it does, who owns what, what it needs.
//!    `_new`, `_copy` and `_free` for ownership, `_view` for what is borrowed.
//! 2. Define it in the `.cpp` file of its area. It is `noexcept` and its body is one call of `guard` (`shim/guard.hpp`).
//! 3. A new opaque type gets its C++ type in `shim/handle.hpp`. Numbers that are libdnf5's own get a `static_assert`.
//! 4. What only some versions of libdnf5 have goes through a function of `shim/compat.hpp`.
//! 5. Wrap it in `libdnf5/`, and test it there.
//!
//! # To move to a new libdnf5
//!
//! Build with it: the `static_assert`s tell which numbers changed and the compiler which members did. Name each difference in
//! `shim/compat.hpp`, then run the tests of `libdnf5` under valgrind.

#![allow(
    unsafe_code,
    missing_docs,
    non_upper_case_globals,
    non_camel_case_types,
    non_snake_case,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    missing_debug_implementations
)]
// The lints above are off because everything here is generated.

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
