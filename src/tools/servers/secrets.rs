//! Which values of an entry must not be shown.

/// Shorter values would mask words that have nothing to do with them.
const SHORTEST: usize = 8;

/// A value of `env`; plain paths, numbers, booleans and addresses are no secrets when they were typed.
pub(super) fn of_env(value: &str, from_variable: bool, hidden: &mut Vec<String>) {
    if from_variable || !is_plain(value) {
        keep(value, hidden);
    }
}

/// A header's value, and what follows the scheme in it.
pub(super) fn of_header(value: &str, hidden: &mut Vec<String>) {
    keep(value, hidden);
    if let Some((scheme, token)) = value.split_once(' ')
        && ["bearer", "basic"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        keep(token.trim(), hidden);
    }
}

/// Arguments that follow a flag such as `--api-key`, or stand behind its `=`.
pub(super) fn of_args(args: &[String], hidden: &mut Vec<String>) {
    let mut awaited = false;
    for arg in args {
        if std::mem::take(&mut awaited) && !arg.starts_with('-') {
            keep(arg, hidden);
        }
        let Some(flag) = arg.strip_prefix('-') else { continue };
        match flag.split_once('=') {
            Some((name, value)) if names_secret(name) => keep(value, hidden),
            Some(_) => {}
            None => awaited = names_secret(flag),
        }
    }
}

/// The password and the query of an address.
pub(super) fn of_url(url: &str, hidden: &mut Vec<String>) {
    let Some((_, rest)) = url.split_once("://") else { return };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@') {
        keep(user.split_once(':').map_or(user, |(_, password)| password), hidden);
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    for pair in query.split('#').next().unwrap_or_default().split('&') {
        if let Some((name, value)) = pair.split_once('=')
            && names_secret(name)
        {
            keep(value, hidden);
        }
    }
}

/// Whether a flag, a parameter or a variable of this name holds a secret.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "token", "secret", "password", "passwd", "auth", "credential"]
        .iter()
        .any(|word| name.contains(word))
}

/// Longest first, so that masking one leaves no rest of another.
pub(super) fn longest_first(mut hidden: Vec<String>) -> Vec<String> {
    hidden.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    hidden.dedup();
    hidden
}

fn keep(value: &str, hidden: &mut Vec<String>) {
    if value.chars().count() >= SHORTEST {
        hidden.push(value.into());
    }
}

/// Whether a value is a path, a number, a boolean or an address, which are no secrets.
pub fn is_plain(value: &str) -> bool {
    let path =
        ["/", "./", "../", "~/"].iter().any(|start| value.starts_with(start)) && !value.contains(char::is_whitespace);
    let boolean = ["true", "false"].contains(&value.to_ascii_lowercase().as_str());
    let address = value.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !authority.contains('@') && !rest.contains('?')
    });
    path || boolean || address || value.parse::<f64>().is_ok()
}
