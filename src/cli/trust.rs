//! Trust in a configuration that came with the current folder: the question, and `mcm trust`.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    cli::{
        failure::{Exit, Failure},
        settings::{Configuration, Flags},
        startup::{self, Startup},
        terminal::Terminal,
    },
    host::trust::{self, Question},
    tools::servers::{self, Config},
};

/// The name of the store in the user's configuration directory.
pub const STORE: &str = "trust.json";

/// `mcm trust`: trusts all servers of this folder's configuration, and says what they are.
///
/// # Errors
/// There is no such configuration, or it cannot be read.
pub async fn trust() -> Result<Exit, Failure> {
    let startup = startup::begin(&Flags::default())?;
    let places = &startup.settings.configurations;
    let needs_trust = |place: &Configuration| place.needs_trust(&startup.folder);
    if !places.iter().any(needs_trust) {
        return Err(Failure::usage(
            "there is no configuration in this folder that needs trust",
        ));
    }
    let store_path = store_path(&startup)?;
    let mut all = Vec::new();
    let files = places.iter().map(|place| startup.read(&place.path));
    let files = servers::merge(files.collect::<Result<_, _>>()?);
    for (_, config) in places.iter().zip(files).filter(|(place, _)| needs_trust(place)) {
        let asked = trust::needs(&config, &trust::load(&store_path)?);
        trust::grant(&config.path, &asked, &store_path)?;
        all.extend(asked);
    }
    if all.is_empty() {
        startup.ui.note("all servers of this folder are trusted already");
    }
    for question in &all {
        startup.ui.note(&format!("trusted: {}", one_line(question)));
    }
    Ok(Exit::Answered)
}

/// Asks about those of the `wanted` servers that are not trusted yet; names of the declined ones.
///
/// # Errors
/// Servers that are not trusted, and no terminal to ask on.
pub async fn settle(
    startup: &Startup,
    configuration: &Configuration,
    config: &Config,
    wanted: &BTreeSet<&str>,
) -> Result<BTreeSet<String>, Failure> {
    let mut declined = BTreeSet::new();
    if startup.settings.trust.value || !configuration.needs_trust(&startup.folder) {
        return Ok(declined);
    }
    let store_path = store_path(startup)?;
    let mut questions = trust::needs(config, &trust::load(&store_path)?);
    questions.retain(|question| wanted.contains(question.server.as_str()));
    if questions.is_empty() {
        return Ok(declined);
    }
    let Some(terminal) = Terminal::open() else {
        let failure = Failure::usage(format!(
            "the servers of `{}` are not trusted yet, and there is no terminal to ask on",
            configuration.path.display()
        ));
        let failure = questions
            .iter()
            .fold(failure, |failure, question| failure.hint(one_line(question)));
        return Err(failure.hint("to trust them, type: mcm trust"));
    };
    for question in questions {
        let text = format!(
            "`{}` has a server that is new here\n{}\ntrust it?",
            config.path.display(),
            one_line(&question)
        );
        let _pause = startup.ui.pause();
        if matches!(terminal.choose(&text, &["yes", "no"]).await, Ok(Some(0))) {
            trust::grant(&config.path, &[question], &store_path)?;
        } else {
            startup
                .ui
                .warning(&format!("server `{}` is not trusted and is left out", question.server));
            declined.insert(question.server);
        }
    }
    Ok(declined)
}

/// Names of a file's entries that are not trusted yet.
///
/// # Errors
/// What is trusted cannot be read.
pub fn untrusted(
    startup: &Startup,
    configuration: &Configuration,
    config: &Config,
) -> Result<BTreeSet<String>, Failure> {
    if startup.settings.trust.value || !configuration.needs_trust(&startup.folder) {
        return Ok(BTreeSet::new());
    }
    let questions = trust::needs(config, &trust::load(&store_path(startup)?)?);
    Ok(questions.into_iter().map(|question| question.server).collect())
}

fn one_line(question: &Question) -> String {
    format!("{}: {}", question.server, question.text.replace('\n', " "))
}

fn store_path(startup: &Startup) -> Result<PathBuf, Failure> {
    let folder = startup.settings.user_directory().ok_or_else(|| {
        Failure::usage("there is no folder for your settings").hint("set `HOME` or `XDG_CONFIG_HOME`")
    })?;
    Ok(folder.join(STORE))
}
