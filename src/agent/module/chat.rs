//! Plain tool calling: the model is sent all tools and calls them itself, each reply as many side by side as it likes.
//!
//! - Calls go the way that those of scripts go: policy, approval, argument check, masking, the list of calls.
//! - Whatever a reply holds, each of its calls has a result, in the same order.
//! - What counts is what a reply holds, not what its finish reason says of it.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use crate::{
    agent::{
        shorten::{one_line, shorten},
        solve::{Surroundings, Workshop},
        step::Step,
    },
    host::Host,
    model::{self, Completion},
    sandbox::{
        Cancelled, Execution, Host as _, ToolCall, ToolReply,
        execution::{Call, CallStatus, Code, Diagnostics},
    },
    signature::Answer,
    tools::catalog::{Catalog, Server, Tool, distance},
    wire::Reply,
};

/// Longest name of a tool that endpoints take.
const MAX_NAME: usize = 64;
/// Characters shown of arguments that are none, and of a name.
const MAX_SHOWN: usize = 200;
/// Calls of one reply that are made at a time.
const AT_A_TIME: usize = 16;
/// Names that an error suggests.
const SUGGESTIONS: usize = 3;

/// All tools of a catalog as a model may call them.
#[derive(Debug, Default)]
pub struct Tools {
    /// In the order of the catalog.
    definitions: Vec<model::Tool>,
    /// Python name of the server and raw name of the tool, by the definition's name.
    by_name: HashMap<String, (String, String)>,
    /// Python names of the servers.
    servers: HashSet<String>,
}

impl Tools {
    /// Names all tools `server__tool`, cut and numbered where that is too long, or taken. Those whose names stay as they
    /// are come first, so that no other tool takes one of them.
    pub fn new(catalog: &Catalog) -> Self {
        let all: Vec<(&Server, &Tool)> = catalog
            .servers
            .iter()
            .flat_map(|server| server.tools.iter().map(move |tool| (server, tool)))
            .collect();
        let wished = |(server, tool): &(&Server, &Tool)| format!("{}__{}", server.name, tool.raw.name);
        let mut names = vec![String::new(); all.len()];
        let mut by_name = HashMap::new();
        let (exact, others): (Vec<usize>, Vec<usize>) =
            (0..all.len()).partition(|at| wished(&all[*at]) == permitted(&wished(&all[*at])));
        for at in exact.into_iter().chain(others) {
            let (server, tool) = all[at];
            let name = free(&permitted(&wished(&all[at])), &by_name);
            by_name.insert(name.clone(), (server.name.clone(), tool.raw.name.clone()));
            names[at] = name;
        }
        let definitions = all.iter().zip(names).map(|((_, tool), name)| model::Tool {
            name,
            description: tool.raw.description.clone(),
            parameters: parameters(&tool.raw.input_schema),
        });
        Self {
            definitions: definitions.collect(),
            by_name,
            servers: catalog.servers.iter().map(|server| server.name.clone()).collect(),
        }
    }

    /// As they are sent, in the order of the catalog.
    pub fn definitions(&self) -> &[model::Tool] {
        &self.definitions
    }

    /// Server and raw name of the tool that a name stands for. A name that is none of ours, but of one of our servers,
    /// goes to the host all the same, which knows why it may not be called.
    fn find(&self, name: &str) -> Option<(String, String)> {
        let of_a_server = || {
            let (server, tool) = name
                .split_once("__")
                .filter(|(server, _)| self.servers.contains(*server))?;
            Some((server.to_owned(), tool.to_owned()))
        };
        self.by_name.get(name).cloned().or_else(of_a_server)
    }

    /// What to say of a name that stands for nothing.
    fn unknown(&self, name: &str) -> String {
        let mut near: Vec<(usize, &str)> = self
            .definitions
            .iter()
            .map(|tool| {
                let bare = tool.name.split_once("__").map_or("", |(_, bare)| bare);
                (distance(name, &tool.name).min(distance(name, bare)), tool.name.as_str())
            })
            .filter(|(far, _)| *far <= 1 + name.chars().count() / 3)
            .collect();
        near.sort_unstable();
        let near: Vec<&str> = near.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect();
        let hint = match near.is_empty() {
            true => String::new(),
            false => format!("; did you mean `{}`", near.join("`, `")),
        };
        format!("there is no tool `{}`{hint}", one_line(name, MAX_SHOWN))
    }

    /// What a call of the model's asks for.
    ///
    /// # Errors
    /// Why it cannot be made.
    fn read(&self, call: &model::ToolCall) -> Result<ToolCall, String> {
        let (server, tool) = self.find(&call.name).ok_or_else(|| self.unknown(&call.name))?;
        let arguments = arguments(&call.arguments).map_err(|problem| {
            let sent = one_line(&call.arguments, MAX_SHOWN);
            format!("the arguments are no JSON object ({problem}): {sent}")
        })?;
        Ok(ToolCall {
            server,
            tool,
            arguments: Value::Object(arguments).to_string().into_bytes(),
            cancelled: Cancelled::never(),
        })
    }
}

/// Makes the calls of a reply side by side; a reply without calls is the answer.
pub(super) async fn step(
    completion: Completion,
    (tools, wanted_answer): (&Tools, Option<&Answer>),
    workshop: &Workshop,
    around: &Surroundings<'_>,
) -> Step {
    if completion.calls.is_empty() {
        return without_calls(completion, wanted_answer);
    }
    let started = Instant::now();
    let wanted = wanted(&completion, tools, workshop.limits.calls);
    let refused: Vec<Option<String>> = wanted.iter().map(|call| call.as_ref().err().cloned()).collect();
    let (masker, most) = (workshop.toolbox.masker(), workshop.context.max_output);
    let shown = async |call| shorten(&masker.text(&made(call, around.host).await), most);
    let texts = tokio::select! {
        texts = stream::iter(wanted).map(shown).buffered(AT_A_TIME).collect::<Vec<_>>() => Some(texts),
        _ = around.stop.wait() => None,
    };
    let calls = listed(&completion.calls, refused, tools, workshop, around.host);
    let stopped = texts.is_none().then(|| around.stop.asked().unwrap_or(Code::Cancelled));
    Step {
        results: texts.unwrap_or_default(),
        ..Step::called(completion, execution(calls, stopped, started))
    }
}

/// What each call of a reply asks for, or why it is not made: no more than `most` are.
fn wanted(completion: &Completion, tools: &Tools, most: usize) -> Vec<Result<ToolCall, String>> {
    let last = completion.calls.len() - 1;
    let read = |(at, call): (usize, &model::ToolCall)| {
        if at >= most {
            return Err(format!("a reply may make {most} calls (`--max-calls`)"));
        }
        // what is cut off anywhere else is no JSON
        if at == last && is_cut(completion) && call.arguments.trim().is_empty() {
            return Err("the reply was cut off before the call's arguments".to_owned());
        }
        tools.read(call)
    };
    completion.calls.iter().enumerate().map(read).collect()
}

/// Whether the endpoint ended the reply at its greatest length.
pub(in crate::agent) fn is_cut(completion: &Completion) -> bool {
    completion.finish_reason.as_deref() == Some("length")
}

/// A reply that calls nothing: the answer, unless there is nothing in it, its end is missing, or it is not of the type that
/// is wanted. Nowhere else does a reply of this module become the answer.
fn without_calls(completion: Completion, wanted: Option<&Answer>) -> Step {
    let text = completion.visible();
    let answer = if text.is_empty() {
        Err("the reply was empty".to_owned())
    } else if is_cut(&completion) {
        Err("the reply was cut off at its greatest length".to_owned())
    } else {
        wanted.map(|wanted| wanted.read(&text)).transpose()
    };
    match answer {
        Ok(answer) => Step {
            answer,
            ..Step::text(completion)
        },
        Err(problem) => Step::called(completion, Execution::no_code(&problem)),
    }
}

/// What the model is told of a call.
async fn made(call: Result<ToolCall, String>, host: &Host) -> String {
    let call = match call {
        Ok(call) => call,
        Err(message) => return format!("Error: {message}"),
    };
    let ToolReply { reply, body } = host.call(call).await;
    match reply {
        Reply::Value(_) => String::from_utf8(body).unwrap_or_else(|_| "binary data, which is not shown".to_owned()),
        Reply::Failed { message, data: None } => format!("Error: {message}"),
        Reply::Failed {
            message,
            data: Some(data),
        } => format!("Error: {message}\n{data}"),
        Reply::Denied { message } => format!("Denied: {message}. Do not try it again."),
    }
}

/// The list of all calls in the order of the reply: those that the host made, and those that were not made.
fn listed(
    asked: &[model::ToolCall],
    refused: Vec<Option<String>>,
    tools: &Tools,
    workshop: &Workshop,
    host: &Host,
) -> Vec<Call> {
    let mut made = host.take_calls(CallStatus::Unknown).into_iter();
    let masker = workshop.toolbox.masker();
    let not_made = |call: &model::ToolCall, error: String| {
        let unknown = || (String::new(), one_line(&call.name, MAX_SHOWN));
        let (server, tool) = tools.find(&call.name).unwrap_or_else(unknown);
        let sent = match arguments(&call.arguments) {
            Ok(object) => Value::Object(object),
            Err(_) => json!(call.arguments),
        };
        Call {
            server,
            tool: masker.text(&tool),
            arguments: masker.value(sent),
            status: CallStatus::Error,
            error: Some(masker.text(&error)),
            duration_ms: 0,
            bytes: 0,
            result: None,
        }
    };
    let pairs = asked.iter().zip(refused);
    pairs
        .filter_map(|(call, refused)| match refused {
            Some(error) => Some(not_made(call, error)),
            None => made.next(),
        })
        .collect()
}

/// A step fails where all of its calls did, or where it was stopped before they had ended.
fn execution(calls: Vec<Call>, stopped: Option<Code>, started: Instant) -> Execution {
    let success = stopped.is_none() && calls.iter().any(|call| call.status == CallStatus::Ok);
    let message = match stopped {
        Some(_) => "stopped before all calls had ended".to_owned(),
        None => {
            let first = calls.iter().find_map(|call| Some((call, call.error.as_deref()?)));
            first.map_or(String::new(), |(call, error)| {
                let name = format!("{}.{}", call.server, call.tool);
                format!("{}: {error}", name.trim_start_matches('.'))
            })
        }
    };
    let diagnostics = Diagnostics {
        code: stopped.unwrap_or(Code::ToolError),
        rule: None,
        message,
        line: None,
        hint: None,
    };
    Execution {
        success,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        calls,
        diagnostics: (!success).then_some(diagnostics.clone()),
        ..Execution::failed(diagnostics)
    }
}

/// A call's arguments. Some models write none at all, or JSON within a JSON text.
///
/// # Errors
/// Why they are no object.
fn arguments(text: &str) -> Result<Map<String, Value>, String> {
    let parsed = |text: &str| match text.trim() {
        "" => Ok(Value::Null),
        text => serde_json::from_str(text).map_err(|e| e.to_string()),
    };
    let value = match parsed(text)? {
        Value::String(inner) => parsed(&inner)?,
        value => value,
    };
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(arguments) => Ok(arguments),
        Value::Array(_) => Err("a list".to_owned()),
        _ => Err("a single value".to_owned()),
    }
}

/// A call as it may be sent again: endpoints refuse, or fail at, names and arguments that are none.
pub(in crate::agent) fn presentable(call: &model::ToolCall) -> model::ToolCall {
    let name = match permitted(&call.name) {
        name if name.is_empty() => "unknown".to_owned(),
        name => name,
    };
    model::ToolCall {
        id: call.id.clone(),
        name,
        arguments: match arguments(&call.arguments) {
            Ok(arguments) => Value::Object(arguments).to_string(),
            Err(_) => "{}".to_owned(),
        },
    }
}

/// The name with what endpoints do not take replaced, and cut.
fn permitted(name: &str) -> String {
    let permitted = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().take(MAX_NAME).map(permitted).collect()
}

/// The name, or if it is taken, the first of it with a number that is not.
fn free(name: &str, taken: &HashMap<String, (String, String)>) -> String {
    let numbered = (2..).map(|n| {
        let end = format!("_{n}");
        format!("{}{end}", &name[..name.len().min(MAX_NAME - end.len())])
    });
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| !taken.contains_key(name))
        .expect("there are more numbers than tools")
}

/// A tool's input schema; endpoints want it to be that of an object, and to say which properties there are.
fn parameters(schema: &Value) -> Value {
    let Value::Object(schema) = schema else {
        return json!({ "type": "object", "properties": {} });
    };
    let mut schema = schema.clone();
    schema.entry("type").or_insert_with(|| json!("object"));
    schema.entry("properties").or_insert_with(|| json!({}));
    Value::Object(schema)
}
