//! A server's questions to the user, on the terminal.
//!
//! - The question says who asks; nothing is sent before the user has agreed to answer.
//! - What is typed is checked against the field's schema, and asked for again where it does not fit.
//! - An address is shown whole, and opened only when the user says so.

use std::sync::Arc;

use futures::FutureExt;
use serde_json::{Map, Value, json};

use crate::{
    cli::{
        browser,
        terminal::{Echo, Terminal},
        ui::Ui,
    },
    host::Checker,
    tools::connection::counterpart::{Elicit, Elicitation, Elicited, Wanted},
};

/// Choices that are shown of an enumeration.
const MAX_CHOICES: usize = 30;

/// Asks on this terminal, where nothing else is shown meanwhile.
pub fn on(terminal: Arc<Terminal>, ui: Ui) -> Elicit {
    Arc::new(move |question| {
        let (terminal, ui) = (Arc::clone(&terminal), ui.clone());
        async move {
            let _dialogue = terminal.dialogue().await;
            let _pause = ui.pause();
            ask(&terminal, question).await.unwrap_or(Elicited::Cancelled)
        }
        .boxed()
    })
}

async fn ask(terminal: &Terminal, question: Elicitation) -> std::io::Result<Elicited> {
    let Elicitation {
        server,
        message,
        wanted,
    } = question;
    terminal.say(&format!("server `{server}` asks: {message}")).await?;
    let agreed = |question: String| async move { terminal.choose(&question, &["yes", "no"]).await };
    match wanted {
        Wanted::Visit(url) => {
            terminal.say(&format!("  {url}")).await?;
            match agreed("open this address?".into()).await? {
                Some(0) => {
                    if browser::open(&url).is_err() {
                        terminal.say("no browser could be started: open it by hand").await?;
                    }
                    Ok(Elicited::Accepted(Map::new()))
                }
                Some(_) => Ok(Elicited::Declined),
                None => Ok(Elicited::Cancelled),
            }
        }
        Wanted::Form(schema) => match agreed("answer?".into()).await? {
            Some(0) => form(terminal, &schema).await,
            Some(_) => Ok(Elicited::Declined),
            None => Ok(Elicited::Cancelled),
        },
    }
}

async fn form(terminal: &Terminal, schema: &Value) -> std::io::Result<Elicited> {
    let mut values = Map::new();
    let fields = schema.get("properties").and_then(Value::as_object);
    let required = |name: &str| {
        let names = schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|n| n == name))
    };
    for (name, field) in fields.into_iter().flatten() {
        let need = if required(name) { Need::Required } else { Need::Optional };
        let mut question = describe(name, field, need);
        loop {
            let Some(line) = terminal.line(&question, Echo::Shown).await? else {
                return Ok(Elicited::Cancelled);
            };
            match read(line.trim(), field, need) {
                Ok(Some(value)) => drop(values.insert(name.clone(), value)),
                Ok(None) => {}
                Err(wrong) => {
                    question = format!("{wrong}: ");
                    continue;
                }
            }
            break;
        }
    }
    Ok(Elicited::Accepted(values))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

/// `name (description; yes or no) [default]: `
fn describe(name: &str, field: &Value, need: Need) -> String {
    let text = |key: &str| field.get(key).and_then(Value::as_str).map(str::to_owned);
    let kind = match field.get("type").and_then(Value::as_str) {
        Some("boolean") => Some("yes or no".to_owned()),
        Some("integer") => Some("a whole number".to_owned()),
        Some("number") => Some("a number".to_owned()),
        Some("array") => Some("several, with commas between".to_owned()),
        _ => text("format"),
    };
    let choices = choices(field);
    let choices = (!choices.is_empty()).then(|| {
        let one = |(value, title): &(String, Option<String>)| match title {
            Some(title) if title != value => format!("{value} ({title})"),
            _ => value.clone(),
        };
        let shown: Vec<_> = choices.iter().take(MAX_CHOICES).map(one).collect();
        let more = choices.len().saturating_sub(MAX_CHOICES);
        let more = if more == 0 {
            String::new()
        } else {
            format!(", and {more} more")
        };
        format!("one of {}{more}", shown.join(", "))
    });
    let notes: Vec<_> = [text("description"), kind, choices].into_iter().flatten().collect();
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", notes.join("; "))
    };
    let default = match (field.get("default"), need) {
        (Some(default), _) => format!(
            " [{}]",
            default.as_str().map_or_else(|| default.to_string(), str::to_owned)
        ),
        (None, Need::Optional) => " [none]".to_owned(),
        (None, Need::Required) => String::new(),
    };
    format!("{}{notes}{default}: ", text("title").unwrap_or_else(|| name.to_owned()))
}

/// The values that a field may have, with their titles.
fn choices(field: &Value) -> Vec<(String, Option<String>)> {
    let items = field.get("items").unwrap_or(field);
    let titled = ["oneOf", "anyOf"].iter().find_map(|key| items.get(key)?.as_array());
    if let Some(titled) = titled {
        let one = |choice: &Value| {
            let title = choice.get("title").and_then(Value::as_str).map(str::to_owned);
            Some((choice.get("const")?.as_str()?.to_owned(), title))
        };
        return titled.iter().filter_map(one).collect();
    }
    let names = field.get("enumNames").and_then(Value::as_array);
    let name = |at: usize| names?.get(at)?.as_str().map(str::to_owned);
    let values = items.get("enum").and_then(Value::as_array).into_iter().flatten();
    let values = values.filter_map(Value::as_str).enumerate();
    values.map(|(at, value)| (value.to_owned(), name(at))).collect()
}

/// What was typed, as the field's value; `None` where nothing is said of it.
fn read(typed: &str, field: &Value, need: Need) -> Result<Option<Value>, String> {
    if typed.is_empty() {
        return match (field.get("default"), need) {
            (Some(default), _) => Ok(Some(default.clone())),
            (None, Need::Optional) => Ok(None),
            (None, Need::Required) => Err("it must be answered".into()),
        };
    }
    let choices = choices(field);
    let chosen = |typed: &str| {
        let fits = |(value, title): &&(String, Option<String>)| value == typed || title.as_deref() == Some(typed);
        match choices.iter().find(fits) {
            Some((value, _)) => Ok(json!(value)),
            None if choices.is_empty() => Ok(json!(typed)),
            None => Err(format!("`{typed}` is none of them")),
        }
    };
    let value = match field.get("type").and_then(Value::as_str) {
        Some("boolean") => match typed.to_lowercase().as_str() {
            "y" | "yes" | "true" => json!(true),
            "n" | "no" | "false" => json!(false),
            _ => return Err("yes or no".into()),
        },
        Some("integer") => json!(typed.parse::<i64>().map_err(|_| "a whole number")?),
        Some("number") => match typed.parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => return Err("a number".into()),
        },
        Some("array") => typed
            .split(',')
            .map(|one| chosen(one.trim()))
            .collect::<Result<_, _>>()?,
        _ => chosen(typed)?,
    };
    let whole = Map::from_iter([("it".to_owned(), value.clone())]);
    Checker::new(&json!({ "properties": { "it": field } }))
        .check(&whole)
        .map(|()| Some(value))
}
