//! `mcm serve`: an MCP server over stdin and stdout.
//!
//! - stdout is for the protocol alone; nobody is asked on the terminal, which is the client's.
//! - A client is answered before servers have started.
//! - Whatever ends it, scripts may end within five seconds, and nothing stays behind.

mod print_config;
mod stock;

use std::{sync::Arc, time::Duration};

use tokio::{io, sync::watch, time::Instant};

use crate::{
    agent::prompt::Templates,
    cli::{
        args,
        failure::{Exit, Failure},
        gather, interrupt,
        startup::{self, Startup, Which},
        terminal,
    },
    sandbox::Limits,
    serve::{Ended, Server, Setup, Stock, over_lines},
};
use stock::Stocker;

/// How long a client waits for servers that have not answered yet.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the program may take to end: what runs five seconds, servers three.
const TO_END: Duration = Duration::from_secs(12);

/// Serves one client until it is gone.
///
/// # Errors
/// What keeps it from serving: the configuration, a required server.
pub async fn serve(args: &args::Serve) -> Result<Exit, Failure> {
    if let Some(client) = args.print_config {
        return print_config::print(client, args);
    }
    let by_hand = terminal::on_terminal();
    terminal::leave_alone();
    let mut startup = startup::begin(&args.flags())?;
    if by_hand {
        startup.ui.note("an MCP client starts this and talks to it over stdin and stdout; `--print-config` says how; Ctrl-C ends it");
    }
    interrupt::take_time(TO_END);
    let mut signals = interrupt::own().map_err(|e| Failure::usage(format!("cannot listen for signals: {e}")))?;
    let (relisted, relists) = stock::relisting();
    startup.relisted = Some(relisted);
    let startup = Arc::new(startup);
    let sandbox = startup.start_sandbox()?;
    let configured = startup.configured()?;
    let trusted = startup.trusted(&configured, &Which::All).await?;
    let (sender, stock) = watch::channel(Stock::default());
    let server = Server::new(setup(&startup)?, stock.clone());
    let (close, closing) = watch::channel(false);
    let client = over_lines(server.connect(), io::stdin(), io::stdout(), closing);
    let stocker = Stocker {
        startup: &startup,
        sandbox: &sandbox,
        configured: &configured,
        entries: configured.of(&trusted),
        patience: Instant::now() + PATIENCE,
    };
    let listening = async {
        signals.next().await;
        close.send_replace(true);
        // the second one ends what the first one waits for
        signals.next().await;
    };
    let ended = tokio::select! {
        ended = client => match ended {
            Ended::Closed => Ok(Exit::Answered),
            Ended::Refused(message) => Err(Failure::unreachable(format!("the client cannot be served: {message}"))),
        },
        failure = stocker.keep(&sender, relists) => Err(failure),
        () = listening => Ok(Exit::Interrupted),
    };
    server.ended().await;
    let tools = stock.borrow().clone();
    if let Some(tools) = tools {
        startup.close(&tools.toolbox).await;
    }
    startup.ui.finish();
    let interrupted = *close.borrow();
    ended.map(|exit| if interrupted { Exit::Interrupted } else { exit })
}

fn setup(startup: &Arc<Startup>) -> Result<Setup, Failure> {
    let asked = Arc::clone(startup);
    Ok(Setup {
        limits: startup.limits(Limits::MODEL_SCRIPT),
        max_time: startup.settings.max_time.value,
        max_output: usize::try_from(startup.settings.max_output.value).unwrap_or(usize::MAX),
        run: startup.run_limits(),
        budget: startup.budget(),
        queries: Box::new(move || asked.queries(&asked.ledger())),
        run_id: gather::run_id,
        templates: Templates::new(startup.templates())?,
        masker: startup.ui.masker().clone(),
    })
}
