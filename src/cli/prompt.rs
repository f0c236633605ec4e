//! `mcm prompt`: the messages that would be sent; nothing is sent.

use serde_json::{Value, json};

use crate::{
    agent::{
        conversation::Conversation,
        event::Event,
        module::{Module, Wanted, chat::Tools},
        prompt::{self, Context, Fit, Templates},
        run::Run,
    },
    cli::{
        args::PromptOnly,
        failure::{Exit, Failure},
        launch::Lists,
        program, startup,
    },
    model::{
        Prompt, Role,
        tokens::{self, Count},
    },
};

/// Prints the first prompt of a run.
///
/// # Errors
/// What keeps it from being rendered.
pub async fn prompt(args: &PromptOnly) -> Result<Exit, Failure> {
    let loaded = program::load(&args.program)?;
    let mut startup = startup::begin(&loaded.settings(args.flags())?)?;
    let configured = startup.configured()?;
    let which = loaded.restrict(&mut startup, &configured)?;
    let program = &loaded.program;
    let task = loaded.task(&startup, &configured, (args.task.as_deref(), &args.inputs.inputs))?;
    let templates = Templates::new(startup.templates())?;
    let servers = startup.start(&configured, &which, Lists::Kept).await?;
    let toolbox = startup.toolbox(servers, &configured)?;
    let run = Run::new("", task, startup.run_limits());
    let wanted = startup.settings.module.value;
    let module = wanted.of(run.task(), toolbox.catalog());
    if wanted == Wanted::Auto {
        startup.ui.show(&Event::ModuleChosen { module });
    }
    let mut context = startup.prompt_context(&toolbox, Some(&run.task().text));
    context.demonstrations.clone_from(&program.demonstrations);
    let rendered = match module {
        Module::Chat => {
            let tools = Tools::new(toolbox.catalog());
            prompt::chat(&templates, &context, &tools, &run, Fit::FULL)
        }
        Module::Code | Module::Codeact => {
            let context = Context { module, ..context };
            prompt::render(&templates, &context, &Conversation::default(), &run, Fit::FULL)
        }
    };
    startup.close(&toolbox).await;
    startup.ui.finish();
    let rendered = rendered?.masked(startup.ui.masker());
    let model = startup.settings.model.as_ref().map_or("", |model| model.value.as_str());
    let count = tokens::count_prompt(model, &rendered);
    let printed = if startup.settings.json.value {
        startup.ui.answer(&record(&rendered, count))
    } else {
        startup.ui.print(&shown(&rendered))
    };
    printed.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
    let how = if count.exact {
        ""
    } else {
        " (an estimate: the model's own tokenizer is not known)"
    };
    startup.ui.note(&format!("{} tokens{how}", count.tokens));
    Ok(Exit::Answered)
}

/// For programs.
fn record(prompt: &Prompt, count: Count) -> Value {
    let mut record = json!({ "messages": prompt.messages, "tokens": count.tokens, "exact": count.exact });
    if !prompt.tools.is_empty() {
        record["tools"] = json!(prompt.tools);
    }
    record
}

/// For people.
fn shown(prompt: &Prompt) -> String {
    let messages = prompt
        .messages
        .iter()
        .map(|message| format!("# {}\n\n{}\n", title(message.role), message.content));
    let tools = (!prompt.tools.is_empty()).then(|| format!("# tools\n\n{:#}\n", json!(prompt.tools)));
    messages.chain(tools).collect::<Vec<_>>().join("\n")
}

fn title(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}
