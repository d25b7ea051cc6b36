//! Record of a transaction under way.
