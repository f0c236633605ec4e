//! The program `mcm`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mcm::worker::budget::Budget = mcm::worker::budget::Budget;

fn main() -> ExitCode {
    mcm::worker::run_if_asked();
    mcm::cli::main()
}
