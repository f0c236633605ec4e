//! Builtins that a script may not read.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use super::{Finding, Servers, meaning::Meaning, scopes::Names};

const REFUSED: &[&str] = &["exec", "eval", "compile", "__import__", "open", "input", "breakpoint"];

/// Refused builtins that are read where nothing of the script's own can be meant.
pub(super) fn check(names: &Names<'_>, servers: Servers<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for used in &names.uses {
        if let Expr::Name(name) = used.expr
            && REFUSED.contains(&name.id.as_str())
            && names.meaning(used.scope, &name.id) == Meaning::Builtin
        {
            let message = format!("builtin `{}` is not available", name.id);
            findings.push(Finding::new(
                name.range().start(),
                "name",
                message,
                instead(&name.id, servers),
            ));
        }
    }
    findings
}

fn instead(name: &str, servers: Servers<'_>) -> String {
    match name {
        "open" => return no_files(servers),
        "input" => "nobody can be asked: work with the task and the variables that are given",
        "breakpoint" => "use `print` to look at values",
        "__import__" => "use an `import` statement",
        "eval" => "for data use `json.loads`, otherwise write the code directly",
        _ => "write the code directly",
    }
    .to_owned()
}

/// What to use instead of files.
pub(super) fn no_files(servers: Servers<'_>) -> String {
    let reader = servers.0.iter().find_map(|server| {
        let reads = |name: &str| name.contains("read") && name.contains("file");
        server
            .tools
            .iter()
            .find(|tool| reads(&tool.name))
            .map(|tool| (server, tool))
    });
    match reader {
        Some((server, tool)) => format!(
            "there are no local files: use `{}`",
            super::calls::signature(server, tool)
        ),
        None => "there are no local files: use the servers' tools, or `io.StringIO` for text in memory".to_owned(),
    }
}
