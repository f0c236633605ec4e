//! The walk of `mcm ask` in a program of one's own, which is given a task, the address of an endpoint and a model, in a
//! folder with an `mcp_servers.json`.

use std::{error::Error, path::Path};

use mcm::{
    agent::{run::Record, task::Task},
    embed::{Agent, Setup, servers},
    model::openai::Options,
};

/// What a script may take of memory is counted by this allocator.
#[global_allocator]
static ALLOCATOR: mcm::worker::budget::Budget = mcm::worker::budget::Budget;

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() -> Result<(), Box<dyn Error>> {
    // scripts run in a child of this program
    mcm::worker::run_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, base_url, model] = arguments.as_slice() else {
        return Err("give a task, the address of an endpoint, and the name of a model".into());
    };
    let record = tokio::runtime::Runtime::new()?.block_on(ask(Task::new(task), Options::new(base_url, model)))?;
    println!("{}", record.answer);
    match record.error {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

async fn ask(task: Task, model: Options) -> Result<Record, Box<dyn Error>> {
    let mut setup = Setup::new(model, std::env::temp_dir());
    setup.servers = servers(Path::new("mcp_servers.json"), &|name| std::env::var(name).ok())?;
    setup.environment = std::env::vars().collect();
    let agent = Agent::start(setup).await?;
    let record = agent.ask(task).await?;
    agent.close().await;
    Ok(record)
}
