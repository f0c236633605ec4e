//! The commands: what there is, what happened, what is taken back.

use std::{fmt::Write, time::Duration};

use serde_json::Value;
use tokio::time::sleep;

use super::{Then, desk::Desk};
use crate::{
    cli::{
        failure::Failure,
        hosting::Prints,
        interrupt::Signals,
        terminal,
        ui::{self, Surface},
    },
    sandbox::{Execution, Limits, Script, Stop},
    tools::{
        catalog::{Catalog, Server, Tool},
        search::Index,
    },
};

/// Tools that a search shows.
const MAX_HITS: usize = 10;
/// How long the variables may take to describe themselves.
const LOOK: Duration = Duration::from_secs(5);
/// Asks the variables what they are. Their own code may run then, so it runs where nothing is kept of it.
const VARIABLES: &str = include_str!("variables.py");

impl Desk {
    /// `/tools [QUERY]`
    pub(super) async fn tools_of(&mut self, query: Option<&str>, signals: &mut Signals) -> Then {
        let stop = Stop::new();
        let waiting = wait_for(self, &stop);
        let ready = signals.handled(waiting, &stop, sleep(Duration::MAX)).await;
        let Some(ready) = ready else {
            return self.interrupted();
        };
        if let Err(failure) = ready {
            return self.failed(&failure);
        }
        let columns = self.columns();
        let Ok(tools) = self.tools().await else {
            return Then::Leave;
        };
        let catalog = tools.toolbox.catalog();
        let text = match query {
            Some(query) => found(catalog, query, columns),
            None => all(catalog, columns),
        };
        self.startup.ui.rest();
        self.print(&text)
    }

    /// `/vars`
    pub(super) async fn variables(&mut self, signals: &mut Signals) -> Then {
        let stop = Stop::new();
        let looking = look(self, &stop);
        let looked = signals.handled(looking, &stop, sleep(Duration::MAX)).await;
        self.startup.ui.rest();
        match looked {
            Ok(None) => self.interrupted(),
            Ok(Some(execution)) => match rows(&execution) {
                Some(rows) if rows.is_empty() => {
                    self.startup.ui.tell("there are no variables yet");
                    Then::GoOn
                }
                Some(rows) => self.print(&table(&rows, self.columns())),
                None => {
                    let why = execution.diagnostics.map(|diagnostics| diagnostics.message);
                    let last = why.as_deref().and_then(|why| why.trim_end().lines().last());
                    let failure = Failure::usage("the variables cannot be listed");
                    self.failed(&match last {
                        Some(last) => failure.hint(last),
                        None => failure,
                    })
                }
            },
            Err(failure) => self.failed(&failure),
        }
    }

    /// `/code`
    pub(super) fn last_script(&self) -> Then {
        match &self.last {
            Some(code) => match self.startup.ui.source(code) {
                Ok(()) => Then::GoOn,
                Err(_) => Then::Failed,
            },
            None => {
                self.startup.ui.tell("no script has run yet");
                Then::GoOn
            }
        }
    }

    /// `/undo`
    pub(super) async fn undo(&mut self) -> Then {
        let undone = match self.scripts.back() {
            // nothing has run, so nobody waits for servers
            None => None,
            Some(_) => match self.tools().await {
                Ok(tools) => tools.session.undo().await,
                Err(_) => return Then::Leave,
            },
        };
        let (Some(_), Some(code)) = (undone, self.scripts.pop_back()) else {
            self.startup.ui.tell("there is nothing to take back");
            return Then::GoOn;
        };
        let lines = code.lines().count();
        let first = code.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let which = match lines {
            1 => format!("`{}`", ui::one_line(first, 60)),
            _ => format!("a script of {lines} lines that begins `{}`", ui::one_line(first, 40)),
        };
        self.startup.ui.tell(&format!(
            "the variables are as they were before {which}; what its calls did stays"
        ));
        let (most, shown) = (self.max_note(), self.masked(&code).await);
        self.conversation.undone(&shown, most);
        Then::GoOn
    }

    /// `/reset`
    pub(super) async fn reset(&mut self, signals: &mut Signals) -> Then {
        let stop = Stop::new();
        self.startup.ui.busy("getting ready");
        let renewing = async {
            tokio::select! {
                renewed = self.renew() => Some(renewed),
                _ = stop.wait() => None,
            }
        };
        match signals.handled(renewing, &stop, sleep(Duration::MAX)).await {
            Some(Ok(())) => {
                self.startup.ui.rest();
                self.startup.ui.tell("a new session: no variables, no conversation");
                Then::GoOn
            }
            Some(Err(failure)) => self.failed(&failure),
            None => self.interrupted(),
        }
    }

    /// `/model [NAME]`
    pub(super) async fn model(&mut self, name: Option<String>, signals: &mut Signals) -> Then {
        if let Some(name) = name {
            if self.replays() {
                return self.failed(&Failure::usage("replies come from a recording (`--replay`)"));
            }
            let stop = Stop::new();
            let choosing = async {
                tokio::select! {
                    chosen = self.choose(&name) => Some(chosen),
                    _ = stop.wait() => None,
                }
            };
            match signals.handled(choosing, &stop, sleep(Duration::MAX)).await {
                Some(Ok(())) => {}
                Some(Err(failure)) => return self.failed(&failure),
                None => return self.interrupted(),
            }
        }
        let text = match &self.named {
            Some(name) => format!("the model is {name}"),
            None => match &self.startup.settings.model {
                Some(model) => format!("the model is {}", model.value),
                None => "the model is looked for with the first task".into(),
            },
        };
        self.startup.ui.tell(&text);
        Then::GoOn
    }

    /// How wide a line of a list may be: a program gets all of it.
    fn columns(&self) -> usize {
        match self.startup.ui.look().stdout {
            Surface::Terminal => terminal::columns(),
            Surface::Plain => usize::MAX,
        }
    }

    fn interrupted(&self) -> Then {
        self.startup.ui.rest();
        self.startup.ui.tell("  interrupted");
        Then::Failed
    }

    fn failed(&mut self, failure: &Failure) -> Then {
        self.startup.ui.rest();
        if self.broken().is_some() {
            return Then::Leave;
        }
        self.startup.ui.failure(failure);
        Then::Failed
    }

    fn print(&self, text: &str) -> Then {
        match self.startup.ui.print(text) {
            Ok(()) => Then::GoOn,
            Err(_) => Then::Failed,
        }
    }
}

/// `None` if it was stopped.
async fn wait_for(desk: &mut Desk, stop: &Stop) -> Option<Result<(), Failure>> {
    desk.startup.ui.busy("getting ready");
    tokio::select! {
        tools = desk.tools() => Some(tools.map(drop)),
        _ = stop.wait() => None,
    }
}

async fn look(desk: &mut Desk, stop: &Stop) -> Result<Option<Execution>, Failure> {
    match wait_for(desk, stop).await {
        None => return Ok(None),
        Some(ready) => ready?,
    }
    let startup = desk.startup.clone();
    let tools = desk.tools().await?;
    let host = startup.host(&tools.toolbox, Prints::Kept);
    let mut limits = startup.limits(Limits::ANY_LENGTH);
    (limits.time, limits.calls) = (LOOK.min(limits.time), 0);
    let script = Script(VARIABLES.to_owned());
    let execution = tools.session.peek(&script, &host, &limits, stop).await?;
    Ok(stop.asked().is_none().then_some(execution))
}

/// Name, type, size and beginning of a variable.
type Row = [String; 4];

fn rows(execution: &Execution) -> Option<Vec<Row>> {
    let row = |row: &Value| {
        let cells: Vec<String> = row.as_array()?.iter().map(cell).collect();
        cells.try_into().ok()
    };
    execution
        .result
        .as_array()
        .filter(|_| execution.answered)?
        .iter()
        .map(row)
        .collect()
}

fn cell(value: &Value) -> String {
    ui::one_line(value.as_str().unwrap_or_default(), 80)
}

fn table(rows: &[Row], columns: usize) -> String {
    let wide = |at: usize, most: usize| {
        rows.iter()
            .map(|row| row[at].chars().count())
            .max()
            .unwrap_or(0)
            .min(most)
    };
    let (name, kind, size) = (wide(0, 24), wide(1, 16), wide(2, 18));
    let mut text = String::new();
    for [a, b, c, d] in rows {
        let row = format!("{a:<name$}  {b:<kind$}  {c:<size$}  {d}");
        let _ = writeln!(text, "{}", ui::cut(row.trim_end(), columns));
    }
    text
}

/// All tools, each on a line of `columns`.
fn all(catalog: &Catalog, columns: usize) -> String {
    if catalog.servers.is_empty() {
        return "no server is configured: `mcp_servers.json` names them\n".into();
    }
    let mut text = String::new();
    for server in &catalog.servers {
        let _ = writeln!(text, "{} ({})", server.name, ui::plural(server.tools.len(), "tool"));
        let names = server.tools.iter().map(|tool| tool.name.chars().count());
        let wide = names.max().unwrap_or(0).min(24);
        for tool in &server.tools {
            let line = format!("  {:<wide$}  {}", tool.name, ui::one_line(&tool.stub.doc, 200));
            let _ = writeln!(text, "{}", ui::cut(line.trim_end(), columns));
        }
    }
    text
}

/// The tools that fit best, with their signatures.
fn found(catalog: &Catalog, query: &str, columns: usize) -> String {
    let hits = Index::new(catalog).search(query, MAX_HITS);
    let tools: Vec<(&Server, &Tool)> = hits
        .iter()
        .filter_map(|hit| {
            let server = catalog.server(&hit.server)?;
            Some((server, server.tool(&hit.tool)?))
        })
        .collect();
    if tools.is_empty() {
        return format!("no tool fits `{query}`; `/tools` lists all\n");
    }
    let mut text = String::new();
    for (server, tool) in tools {
        let stub = catalog.prompt_text_of(|s, t| s.name == server.name && t.name == tool.name);
        let head = stub.lines().find_map(|line| line.trim_start().strip_prefix("def "));
        let signature = signature(head.unwrap_or(&tool.name), &tool.stub.doc);
        let room = columns.saturating_sub(2);
        for row in ui::wrap(&format!("{}.{signature}", server.name), columns) {
            let _ = writeln!(text, "{row}");
        }
        for row in ui::wrap(&ui::one_line(&tool.stub.doc, 400), room) {
            let _ = writeln!(text, "  {row}");
        }
    }
    text
}

/// A function's head without its docstring, which is in the same line.
fn signature<'a>(head: &'a str, doc: &str) -> &'a str {
    let begins: String = doc.chars().take(8).collect();
    let end = head.find(&format!(": \"{begins}")).filter(|_| !begins.is_empty());
    &head[..end.unwrap_or(head.len())]
}
