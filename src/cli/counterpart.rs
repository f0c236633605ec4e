//! What a server says by itself, for the user, and who answers what it asks.

use std::sync::Arc;

use futures::FutureExt;

use crate::{
    agent::event::Event,
    cli::{elicitation, model, startup::Startup, terminal::Terminal},
    model::{Message, Model, Prompt, Role},
    tools::{
        connection::{
            Counterpart,
            counterpart::{Notice, Sample, Sampled, Write},
        },
        servers::{Sampling, ServerEntry},
    },
};

impl Startup {
    /// The user's side of the connections to these servers.
    pub async fn counterpart(&self, entries: &[&ServerEntry]) -> Counterpart {
        let ui = self.ui.clone();
        let hear = move |server: &str, notice: Notice| match notice {
            Notice::Log { level, logger, text } => ui.show(&Event::ServerSays {
                server: server.to_owned(),
                text: match logger {
                    Some(logger) => format!("{level} ({logger}): {text}"),
                    None => format!("{level}: {text}"),
                },
            }),
            Notice::ToolsChanged => ui.show(&Event::ServerSays {
                server: server.to_owned(),
                text: "it says that its tools have changed".into(),
            }),
            Notice::Restarting { message } => ui.warning(&format!("server `{server}`: {message}; it is started again")),
            Notice::Declined { message, reason } => {
                ui.warning(&format!(
                    "server `{server}` asked for something and was told no, since {reason}: {message}"
                ));
            }
        };
        let terminal = Terminal::open().map(Arc::new);
        let ui = self.ui.clone();
        let wanted = entries.iter().any(|entry| entry.sampling == Sampling::Allowed);
        Counterpart {
            hear: Arc::new(hear),
            elicit: terminal.map(|terminal| elicitation::on(terminal, ui)),
            write: if wanted { self.writer().await } else { None },
        }
    }

    /// Has the configured model write for servers; `None` where none can be asked.
    async fn writer(&self) -> Option<Write> {
        let endpoint = model::endpoint(self).await.ok()?;
        let name = endpoint.model().to_owned();
        let model = Arc::new(Model::OpenAi(endpoint));
        Some(Arc::new(move |sample| {
            write(Arc::clone(&model), name.clone(), sample).boxed()
        }))
    }
}

async fn write(model: Arc<Model>, name: String, sample: Sample) -> Result<Sampled, String> {
    let system = sample.system.map(|content| Message::new(Role::System, content));
    let others = sample.messages.into_iter().map(|(role, content)| {
        let role = if role == "assistant" {
            Role::Assistant
        } else {
            Role::User
        };
        Message::new(role, content)
    });
    let prompt = Prompt::new(system.into_iter().chain(others).collect());
    match model.complete(&prompt, &mut |_| ()).await {
        Ok(completion) => Ok(Sampled {
            model: name,
            text: completion.text,
        }),
        Err(error) => Err(error.to_string()),
    }
}
