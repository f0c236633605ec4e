//! What the model server says, and how it misbehaves.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Gate, Request};

type Rule = Arc<dyn Fn(&Request) -> bool + Send + Sync>;

/// What a request is answered with.
#[derive(Clone)]
pub struct Reply {
    pub(super) rule: Option<Rule>,
    pub(super) gate: Option<Gate>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    body: Body,
    pub(super) ending: Ending,
}

#[derive(Clone)]
enum Body {
    /// As the client asked: streamed or whole.
    Completion {
        text: String,
        reasoning: String,
        /// Names and arguments of tools that it calls.
        calls: Vec<(String, String)>,
        finish: Value,
        chunk: usize,
        usage: Option<(u64, u64)>,
    },
    /// These events, whatever was asked.
    Events(Vec<String>),
    /// These bytes, whatever was asked.
    Bytes(Vec<u8>),
}

#[derive(Clone, Copy, PartialEq)]
pub enum Ending {
    /// As it should be.
    Proper,
    /// The connection is reset after so many pieces.
    Cut(usize),
    /// Nothing more comes after so many pieces, until the client hangs up.
    Silent(usize),
}

impl Reply {
    /// A completion in the endpoint's best manners, with plausible usage.
    pub fn text(text: impl Into<String>) -> Self {
        let (text, finish) = (text.into(), json!("stop"));
        Self::new(
            200,
            Body::Completion {
                text,
                reasoning: String::new(),
                calls: Vec::new(),
                finish,
                chunk: 7,
                usage: Some((0, 0)),
            },
        )
    }

    /// An error in OpenAI's form.
    pub fn error(status: u16, message: &str) -> Self {
        Self::json(
            status,
            &json!({ "error": { "message": message, "type": null, "param": null, "code": null } }),
        )
    }

    /// A JSON body, also where a stream was asked for.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, body.to_string()).header("content-type", "application/json")
    }

    /// Any body.
    pub fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, Body::Bytes(body.into()))
    }

    /// An event stream of these `data`, without a closing `[DONE]`.
    pub fn events<T: ToString>(events: impl IntoIterator<Item = T>) -> Self {
        Self::new(
            200,
            Body::Events(events.into_iter().map(|event| event.to_string()).collect()),
        )
    }

    fn new(status: u16, body: Body) -> Self {
        Self {
            rule: None,
            gate: None,
            status,
            headers: Vec::new(),
            body,
            ending: Ending::Proper,
        }
    }

    /// Serves every request whose last message contains `needle`.
    pub fn when(self, needle: &str) -> Self {
        let needle = needle.to_owned();
        self.when_request(move |request| request.last_message().contains(&needle))
    }

    /// Serves every request that `rule` accepts.
    pub fn when_request(mut self, rule: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.rule = Some(Arc::new(rule));
        self
    }

    /// Nothing is sent before the gate is open.
    pub fn after(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// Another header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Reasoning in a field of its own.
    pub fn reasoning(mut self, words: &str) -> Self {
        if let Body::Completion { reasoning, .. } = &mut self.body {
            *reasoning = words.to_owned();
        }
        self
    }

    /// Calls tools besides: names and arguments, which need be no JSON.
    pub fn calling(mut self, tools: &[(&str, &str)]) -> Self {
        if let Body::Completion { calls, finish, .. } = &mut self.body {
            *calls = tools
                .iter()
                .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
                .collect();
            *finish = json!("tool_calls");
        }
        self
    }

    /// Characters in each piece of the stream.
    pub fn chunks_of(mut self, characters: usize) -> Self {
        if let Body::Completion { chunk, .. } = &mut self.body {
            *chunk = characters.max(1);
        }
        self
    }

    /// The finish reason; null for none.
    pub fn finish(mut self, reason: impl Into<Value>) -> Self {
        if let Body::Completion { finish, .. } = &mut self.body {
            *finish = reason.into();
        }
        self
    }

    /// These tokens of prompt and reply.
    pub fn usage(mut self, prompt: u64, reply: u64) -> Self {
        if let Body::Completion { usage, .. } = &mut self.body {
            *usage = Some((prompt, reply));
        }
        self
    }

    /// No usage at all.
    pub fn without_usage(mut self) -> Self {
        if let Body::Completion { usage, .. } = &mut self.body {
            *usage = None;
        }
        self
    }

    /// Resets the connection after `pieces` of the body.
    pub fn cut_after(mut self, pieces: usize) -> Self {
        self.ending = Ending::Cut(pieces);
        self
    }

    /// Falls silent after `pieces` of the body, until the client hangs up.
    pub fn silent_after(mut self, pieces: usize) -> Self {
        self.ending = Ending::Silent(pieces);
        self
    }

    /// The pieces of the body, as they are sent.
    pub(super) fn pieces(&self, request: &Request) -> Vec<Vec<u8>> {
        match &self.body {
            Body::Bytes(bytes) => vec![bytes.clone()],
            Body::Events(events) => events
                .iter()
                .map(|event| format!("data: {event}\n\n").into_bytes())
                .collect(),
            Body::Completion {
                text,
                reasoning,
                calls,
                finish,
                chunk,
                usage,
            } => {
                let usage = usage.map(|(prompt, reply)| used(request, text, prompt, reply));
                if request.streams() {
                    streamed(request, [text, reasoning], calls, finish, *chunk, usage)
                } else {
                    let mut message = json!({ "role": "assistant", "content": text });
                    if !reasoning.is_empty() {
                        message["reasoning_content"] = json!(reasoning);
                    }
                    if !calls.is_empty() {
                        let whole = |(at, call): (usize, &(String, String))| called(at, &call.0, &call.1);
                        message["tool_calls"] = calls.iter().enumerate().map(whole).collect();
                    }
                    let choice = json!({ "index": 0, "message": message, "finish_reason": finish });
                    vec![
                        frame("chat.completion", request, json!([choice]), usage)
                            .to_string()
                            .into_bytes(),
                    ]
                }
            }
        }
    }
}

/// A call, whole or its first piece.
fn called(at: usize, name: &str, arguments: &str) -> Value {
    let function = json!({ "name": name, "arguments": arguments });
    json!({ "index": at, "id": format!("call_{at}"), "type": "function", "function": function })
}

/// The events of a completion.
fn streamed(
    request: &Request,
    [text, reasoning]: [&str; 2],
    calls: &[(String, String)],
    finish: &Value,
    chunk: usize,
    usage: Option<Value>,
) -> Vec<Vec<u8>> {
    let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
    for (name, whole) in [("reasoning_content", reasoning), ("content", text)] {
        let characters = whole.chars().collect::<Vec<_>>();
        deltas.extend(
            characters
                .chunks(chunk)
                .map(|piece| json!({ name: piece.iter().collect::<String>() })),
        );
    }
    for (at, (name, arguments)) in calls.iter().enumerate() {
        deltas.push(json!({ "tool_calls": [called(at, name, "")] }));
        let characters = arguments.chars().collect::<Vec<_>>();
        deltas.extend(characters.chunks(chunk).map(|piece| {
            let function = json!({ "arguments": piece.iter().collect::<String>() });
            json!({ "tool_calls": [{ "index": at, "function": function }] })
        }));
    }
    let mut choices = deltas
        .into_iter()
        .map(|delta| json!([{ "index": 0, "delta": delta, "finish_reason": null }]))
        .collect::<Vec<_>>();
    choices.push(json!([{ "index": 0, "delta": {}, "finish_reason": finish }]));
    let mut events = choices
        .into_iter()
        .map(|choices| frame("chat.completion.chunk", request, choices, None))
        .collect::<Vec<_>>();
    if request.body["stream_options"]["include_usage"] == true && usage.is_some() {
        events.push(frame("chat.completion.chunk", request, json!([]), usage));
    }
    let lines = events.iter().map(ToString::to_string).chain(["[DONE]".to_owned()]);
    lines.map(|line| format!("data: {line}\n\n").into_bytes()).collect()
}

fn frame(object: &str, request: &Request, choices: Value, usage: Option<Value>) -> Value {
    let model = &request.body["model"];
    let mut frame =
        json!({ "id": "chatcmpl-1", "object": object, "created": 1_700_000_000, "model": model, "choices": choices });
    if let Some(usage) = usage {
        frame["usage"] = usage;
    }
    frame
}

/// The given counts, or four characters a token where they are 0.
fn used(request: &Request, text: &str, prompt: u64, reply: u64) -> Value {
    let rough = |count: u64, bytes: usize| if count > 0 { count } else { bytes as u64 / 4 + 1 };
    let (prompt, reply) = (
        rough(prompt, request.body["messages"].to_string().len()),
        rough(reply, text.len()),
    );
    json!({ "prompt_tokens": prompt, "completion_tokens": reply, "total_tokens": prompt + reply })
}
