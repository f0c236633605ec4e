//! A server behind the toolbox: the way to it, and what holds for its tools.

use std::{sync::Arc, time::Duration};

use super::policy::{Access, Consent};
use crate::tools::{
    RawTool,
    client::Client,
    names::{self, Names},
    observations::Observations,
    servers::{Results, ServerEntry, Transport},
};

/// A server that runs, or that a call will start, and what it offers.
#[derive(Clone)]
pub struct Running {
    /// Its name in the configuration.
    pub name: String,
    /// From the configuration.
    pub description: Option<String>,
    /// Its tools as listed.
    pub tools: Vec<RawTool>,
    /// The way to it.
    pub client: Arc<Client>,
    /// How long a call may be without a sign of progress.
    pub call_timeout: Duration,
    /// How its text is to be read.
    pub results: Results,
    /// Whether its writing tools need no question.
    pub consent: Consent,
    /// What results looked like, and those of this run.
    pub observations: Arc<Observations>,
}

impl Running {
    /// A server that listed these `tools`, where a call may be so long without a sign of progress unless its entry says
    /// otherwise.
    pub fn new(
        entry: &ServerEntry,
        client: Client,
        tools: Vec<RawTool>,
        patience: Duration,
        observations: Observations,
    ) -> Self {
        Self {
            name: entry.name.clone(),
            description: entry.description.clone(),
            tools: entry.filter.apply(tools).tools,
            client: Arc::new(client),
            call_timeout: entry.call_timeout.unwrap_or(patience),
            results: entry.results.clone(),
            consent: match entry.transport {
                // whoever wrote `"write": true` there means it
                Transport::Workspace { .. } => Consent::Given,
                Transport::Stdio { .. } | Transport::Http { .. } | Transport::Sse { .. } => Consent::Open,
            },
            observations: Arc::new(observations),
        }
    }

    /// Python names of all tools that it lists.
    pub(super) fn tool_names(&self) -> Names {
        let raw: Vec<&str> = self.tools.iter().map(|tool| tool.name.as_str()).collect();
        names::tools(&raw)
    }
}

/// What a tool may do, as its server says.
pub fn access(tool: &RawTool) -> Access {
    if tool.read_only { Access::Read } else { Access::Write }
}
