#![doc = include_str!("README.md")]

pub mod agent;
pub mod batch;
pub mod cli;
pub mod embed;
mod files;
pub mod host;
pub mod mask;
pub mod model;
pub mod program;
pub mod sandbox;
pub mod serve;
pub mod signature;
pub mod tools;
pub mod wire;
pub mod worker;

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!("mcm confines scripts by means of Linux on x86_64 and aarch64, and runs nowhere else");
