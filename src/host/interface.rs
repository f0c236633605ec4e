//! The catalog as the worker takes it.

use crate::{
    tools::{
        catalog::{Catalog, Server, Tool},
        names::{self, Names},
    },
    wire::{self, Callable, Interface, Namespace, Parameter},
};

/// The functions that a session's scripts get, from the same stubs that the model reads.
pub fn interface(catalog: &Catalog) -> Interface {
    Interface {
        servers: catalog.servers.iter().map(namespace).collect(),
    }
}

fn namespace(server: &Server) -> Namespace {
    Namespace {
        name: server.name.clone(),
        raw: server.raw.clone(),
        doc: server.description.clone(),
        source: server.source(),
        tools: server.tools.iter().map(callable).collect(),
    }
}

fn callable(tool: &Tool) -> Callable {
    let parameters = tool.parameters.iter().map(|p| Parameter {
        name: p.name.clone(),
        raw: p.raw.clone(),
        required: p.required,
    });
    Callable {
        name: tool.name.clone(),
        raw: tool.raw.name.clone(),
        parameters: parameters.collect(),
        open: tool.open,
    }
}

/// Python names of the configured servers, the same whichever of them are started.
pub fn server_names(configured: &[&str]) -> Names {
    let reserved: Vec<&str> = [wire::MODULES, wire::BUILTINS, wire::FUNCTIONS, &[wire::LLM]]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    names::servers(configured, &reserved)
}
