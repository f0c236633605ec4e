//! The one test binary.

mod help;
mod inputs;
mod settings;
mod terminal;
mod ui;
