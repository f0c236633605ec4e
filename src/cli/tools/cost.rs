//! `mcm tools cost`: tokens of the tools as the model reads them, and of the same tools in plain tool calling.
//!
//! - Both ways send their tools with every request of a run. Plain tool calling sends all of them; our prompt has at most
//!   `--tool-budget` tokens of them, and rules, which are counted.
//! - Plain tool calling is counted as the JSON text of its `tools`; services turn that into a text of their own.

use std::cmp::Reverse;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    agent::{
        conversation::Conversation,
        module::chat::Tools,
        prompt::{self, Fit, Templates},
        run::Run,
        task::{Task, thousands},
    },
    cli::{failure::Failure, startup::Startup, ui::Tint},
    model::{self, tokens},
    tools::{
        catalog::{Catalog, Server},
        context::Context,
        stub::ShownClasses,
    },
};

/// What a request has of the tools.
const IN_EACH: &str = "tools in each request";
/// Columns of a number.
const WIDTH: usize = 11;

/// What the tools of all servers cost.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    /// Which one counted.
    tokenizer: &'static str,
    /// Whether it is the model's own.
    exact: bool,
    /// The dearest first.
    servers: Vec<ServerCost>,
    /// The tools of all servers in full.
    all: Tokens,
    /// The tools as each request has them.
    request: Tokens,
    /// The most that a request has of them as Python, where all of them take more.
    budget: Option<u64>,
    /// The prompt without tools and task, which plain tool calling does not need.
    rules_tokens: u64,
    /// Requests of a run.
    steps: u64,
}

#[derive(Debug, Serialize)]
struct ServerCost {
    server: String,
    #[serde(flatten)]
    tokens: Tokens,
    /// The dearest first.
    tools: Vec<ToolCost>,
}

#[derive(Debug, Serialize)]
struct ToolCost {
    tool: String,
    #[serde(flatten)]
    tokens: Tokens,
}

/// The same tools, told in two ways.
#[derive(Debug, Clone, Copy, Serialize)]
struct Tokens {
    /// As typed Python.
    tokens: u64,
    /// As the `tools` of a request.
    plain_tokens: u64,
}

/// Counts for `model`, else for the one that is set.
///
/// # Errors
/// The templates of prompts cannot be read.
pub(super) fn count(startup: &Startup, catalog: &Catalog, model: Option<&str>, steps: u64) -> Result<Cost, Failure> {
    let set = startup.settings.model.as_ref().map(|model| model.value.as_str());
    let model = model.or(set).unwrap_or_default();
    let tokens = |text: &str| tokens::count(model, text).tokens;
    let plain = Tools::new(catalog);
    let mut rest = plain.definitions();
    let mut servers: Vec<ServerCost> = catalog
        .servers
        .iter()
        .map(|server| {
            let (of_server, others) = rest.split_at(server.tools.len());
            rest = others;
            self::of_server(server, of_server, catalog, &tokens)
        })
        .collect();
    servers.sort_by_key(|server| Reverse(server.tokens.tokens));
    let all = Tokens {
        tokens: tokens(&catalog.prompt_text()),
        plain_tokens: if servers.is_empty() {
            0
        } else {
            tokens(&json!(plain.definitions()).to_string())
        },
    };
    let whole = Context::whole_within(catalog, startup.tool_budget());
    let budget = whole.is_none().then_some(startup.settings.tool_budget.value);
    Ok(Cost {
        tokenizer: tokens::tokenizer(model),
        exact: tokens::count(model, "").exact,
        all,
        request: Tokens {
            tokens: match (whole, budget) {
                // shapes of results may have made room
                (Some(whole), _) => tokens(&whole.text),
                (None, budget) => budget.map_or(all.tokens, |budget| budget.min(all.tokens)),
            },
            ..all
        },
        budget,
        servers,
        rules_tokens: rules(startup, model)?,
        steps,
    })
}

fn of_server(server: &Server, plain: &[model::Tool], catalog: &Catalog, tokens: &dyn Fn(&str) -> u64) -> ServerCost {
    // a class stands with the first tool that needs it
    let mut shown = ShownClasses::default();
    let mut tools: Vec<ToolCost> = server
        .tools
        .iter()
        .zip(plain)
        .map(|(tool, plain)| ToolCost {
            tool: tool.name.clone(),
            tokens: Tokens {
                tokens: tokens(&(tool.stub.prompt(&mut shown).join("\n    ") + "\n")),
                plain_tokens: tokens(&json!(plain).to_string()),
            },
        })
        .collect();
    tools.sort_by_key(|tool| Reverse(tool.tokens.tokens));
    ServerCost {
        server: server.name.clone(),
        tokens: Tokens {
            tokens: tokens(&catalog.prompt_text_of(|other, _| other.name == server.name)),
            plain_tokens: tools.iter().map(|tool| tool.tokens.plain_tokens).sum(),
        },
        tools,
    }
}

/// The first prompt of a run without tools and task.
fn rules(startup: &Startup, model: &str) -> Result<u64, Failure> {
    let templates = Templates::new(startup.templates())?;
    let run = Run::new("", Task::new(""), startup.run_limits());
    let context = startup.prompt_context_of(Context::default());
    let prompt = prompt::render(&templates, &context, &Conversation::default(), &run, Fit::FULL)?;
    Ok(tokens::count_prompt(model, &prompt).tokens)
}

impl Cost {
    /// For programs.
    pub(super) fn record(&self) -> Value {
        let mut record = serde_json::to_value(self).expect("numbers and strings are JSON");
        record["run"] = json!(self.run());
        record["ratio"] = json!(self.ratio());
        record
    }

    /// For people.
    pub(super) fn table(&self) -> Vec<(Tint, String)> {
        let names = self.servers.iter().flat_map(|server| {
            let tools = server.tools.iter().map(|tool| tool.tool.chars().count() + 2);
            tools.chain([server.server.chars().count()])
        });
        let name = names.max().unwrap_or_default().max(IN_EACH.len());
        let line = |tint, text: &str, tokens: Tokens, note: &str| {
            let (python, plain) = (number(tokens.tokens), number(tokens.plain_tokens));
            (tint, format!("{text:name$}{python:>WIDTH$}{plain:>WIDTH$}{note}\n"))
        };
        let mut lines = vec![(
            Tint::Faint,
            format!("{:name$}{:>WIDTH$}{:>WIDTH$}\n", "tokens", "as Python", "as JSON"),
        )];
        for server in &self.servers {
            lines.push(line(Tint::Strong, &server.server, server.tokens, ""));
            for tool in &server.tools {
                lines.push(line(Tint::Plain, &format!("  {}", tool.tool), tool.tokens, ""));
            }
        }
        lines.push(line(Tint::Strong, "all tools in full", self.all, ""));
        let ratio = self.ratio().map_or(String::new(), |ratio| format!("   1 : {ratio}"));
        let most = self.budget.map_or("", |_| ", at most (`--tool-budget`)");
        lines.push(line(Tint::Strong, IN_EACH, self.request, &format!("{ratio}{most}")));
        let rules = Tokens {
            tokens: self.rules_tokens,
            plain_tokens: 0,
        };
        lines.push(line(Tint::Plain, "rules, in each request", rules, ""));
        let all = format!("{} request{}", self.steps, if self.steps == 1 { "" } else { "s" });
        lines.push(line(Tint::Strong, &all, self.run(), ""));
        let how = if self.exact {
            "exact for this model"
        } else {
            "an estimate: the model's own tokenizer is not known"
        };
        lines.push((
            Tint::Faint,
            format!(
                "\ncounted by {} ({how})\n\
                 as Python: what `mcm` sends; as JSON: the `tools` of plain tool calling, all of them, as text\n\
                 they go with every request of a run (services may cache them), and the conversation comes on top;\n\
                 plain tool calling needs a request for each round of calls, a script makes many calls in one\n",
                self.tokenizer
            ),
        ));
        lines
    }

    fn run(&self) -> Tokens {
        Tokens {
            tokens: self.steps.saturating_mul(self.request.tokens + self.rules_tokens),
            plain_tokens: self.steps.saturating_mul(self.request.plain_tokens),
        }
    }

    /// How many times as much the same tools take in plain tool calling, to a tenth.
    fn ratio(&self) -> Option<f64> {
        let Tokens { tokens, plain_tokens } = self.request;
        (tokens > 0).then(|| (plain_tokens as f64 / tokens as f64 * 10.0).round() / 10.0)
    }
}

fn number(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}
