//! The one test binary. `tests/run` installs what it needs and runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agent;
mod approval;
mod architecture;
mod ask;
mod auth;
mod batch;
mod cache;
mod catalog;
mod chat;
mod completions;
mod config;
mod connection;
mod demo;
mod doctor;
mod escapes;
mod faults;
mod fuzz;
mod gate;
mod help;
mod init;
mod inputs;
mod isolation;
mod mask;
mod model;
mod modules;
mod python;
mod readme;
mod repl;
mod run_script;
mod sandbox;
mod search;
mod secrets;
mod servers_cases;
mod settings;
mod several_configurations;
mod stubs;
mod support;
mod terminal;
mod terminal_run;
mod tools_verb;
mod ui;
mod workspace;
