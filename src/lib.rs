#![doc = include_str!("README.md")]
pub mod agent;
pub mod model;
pub mod sandbox;
pub mod tools;
pub mod wire;
pub mod worker;
