//! Plans, in tables and golden texts.
