//! The program as users run it.

mod check;
mod create;
mod output;
mod pool;
mod show;
