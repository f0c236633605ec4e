//! Which values of an entry must not be shown.

/// A value that nothing but its place makes a secret is one from so many characters: shorter ones are words.
const WORD: usize = 8;
/// Words of letters and digits that are longer may be keys.
const RANDOM: usize = 12;

/// A value of `env` or of an `envFile`; plain paths, numbers, booleans and addresses are no secrets when they were typed
/// under a name that does not say so, nor are words.
pub(super) fn of_env(name: &str, value: &str, from_variable: bool, hidden: &mut Vec<String>) {
    let is_word = value.chars().count() < WORD;
    if from_variable || names_secret(name) || !(is_word || is_plain(value)) {
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

/// Arguments that follow a flag such as `--api-key`, or stand behind its `=`; `NAME=value` and `Name: value` where
/// the name says so; passwords in addresses.
pub(super) fn of_args(args: &[String], hidden: &mut Vec<String>) {
    let mut awaited = false;
    for arg in args {
        if std::mem::take(&mut awaited) && !arg.starts_with('-') {
            keep(arg, hidden);
        }
        of_url(arg, hidden);
        let flag = arg.trim_start_matches('-');
        match (flag.split_once('='), flag.split_once(": "), flag.split_once(':')) {
            (Some((name, value)), ..) if names_secret(name) => keep(value, hidden),
            (_, Some((name, value)), _) if names_secret(name) => of_header(value.trim(), hidden),
            (_, _, Some((name, value))) if names_secret(name) && !value.starts_with("//") => of_header(value, hidden),
            (None, ..) if flag.len() < arg.len() => awaited = names_secret(flag),
            _ => {}
        }
    }
}

/// What stood for `${name}`.
pub(super) fn of_variable(name: &str, value: &str, hidden: &mut Vec<String>) {
    if names_secret(name) {
        keep(value, hidden);
    }
}

/// What is a secret whatever it looks like.
pub(super) fn of_secret(value: &str, hidden: &mut Vec<String>) {
    keep(value, hidden);
}

/// Whether a piece of a file may show a secret: by a name in it, or by a word that is no word.
pub(super) fn may_be_in(text: &str) -> bool {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || "+_=".contains(c);
    let is_random = |word: &str| {
        word.len() >= RANDOM && word.contains(|c: char| c.is_ascii_digit()) && word.contains(char::is_alphabetic)
    };
    let has_user = || text.contains("://") && text.contains('@');
    names_secret(text) || has_user() || text.split(|c| !part_of_word(c)).any(is_random)
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
    [
        "key",
        "token",
        "secret",
        "password",
        "passwd",
        "auth",
        "credential",
        "bearer",
        "cookie",
    ]
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
    // the masker leaves out what is too short to be found without harm
    if !value.is_empty() {
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
