//! The program `mcm`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mcm::worker::run_if_asked();
    mcm::cli::main()
}
