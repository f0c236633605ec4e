//! Configurations as clients' documents show them, each with what it means.
//!
//! A case is a file of `servers_cases/`; below the line `=>` stands in comments what comes of it. In a case, the
//! variable `X` is `value-of-X`, `X_URL` is `https://X_URL`, `EMPTY` is empty, and what begins with `UNSET` is not set; so are inputs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mcm::tools::servers::{
    self, Config, FileError, Input, RawEntry, Results, Sampling, Secrecy, Surroundings, Transport,
};

#[test]
fn every_clients_configuration_is_read_as_its_case_says() {
    let mut faults = Vec::new();
    let mut count = 0;
    for path in cases() {
        let text = fs::read_to_string(&path).unwrap();
        let comment = if path.extension().unwrap() == "toml" { "#" } else { "//" };
        let (typed, expected) = text.split_once(&format!("{comment} =>\n")).unwrap_or((&text, ""));
        let found = found(typed, &path);
        let lines = found
            .lines()
            .map(|line| format!("{comment} {line}").trim_end().to_owned() + "\n");
        let lines: String = lines.collect();
        if lines != expected {
            faults.push(format!("{}:\n{lines}", path.display()));
        }
        count += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= 80, "{count} cases were found");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers_cases")
}

fn cases() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut cases: Vec<PathBuf> = files.filter(|path| path.extension().unwrap() != "env").collect();
    cases.sort();
    cases
}

/// What comes of a text, in lines.
fn found(text: &str, path: &Path) -> String {
    let shown = match servers::read(text, path) {
        Ok(config) => of_config(&config),
        Err(FileError { hint, .. }) if hint.is_empty() => panic!("an error without a hint"),
        Err(error) => format!("{error}\n"),
    };
    shown.replace(folder().to_str().unwrap(), "/srv")
}

fn of_config(config: &Config) -> String {
    let variable = |name: &str| match name {
        "EMPTY" => Some(String::new()),
        "NESTED" => Some("${A}".to_owned()),
        name if name.starts_with("UNSET") => None,
        name if name.ends_with("_URL") => Some(format!("https://{name}")),
        name => Some(format!("value-of-{name}")),
    };
    let input = |id: &str| {
        let secrecy = config.inputs.iter().find(|spec| spec.id == id).map(|spec| spec.secrecy);
        (!id.starts_with("unset")).then(|| Input {
            value: format!("input-{id}"),
            secrecy: secrecy.unwrap_or(Secrecy::Hidden),
        })
    };
    let surroundings = Surroundings {
        folder: &folder(),
        home: Some(Path::new("/home/me")),
        variable: &variable,
        input: &input,
    };
    let mut lines: Vec<String> = config.notes.iter().map(|note| format!("note: {note}")).collect();
    lines.extend(config.faults.iter().map(ToString::to_string));
    for entry in &config.entries {
        lines.extend(of_entry(entry, &config.path, &surroundings));
    }
    lines.join("\n") + "\n"
}

fn of_entry(entry: &RawEntry, path: &Path, surroundings: &Surroundings<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if entry.disabled {
        lines.push(format!("{}: disabled", entry.name));
    } else {
        match entry.resolve(path, surroundings) {
            Ok(server) => lines.extend(of_server(&server)),
            Err(fault) => lines.push(fault.to_string()),
        }
    }
    let names: Vec<&str> = entry.unknown.iter().map(|unknown| unknown.key.as_str()).collect();
    if !names.is_empty() {
        lines.push(format!("  means nothing: {}", names.join(", ")));
    }
    lines.extend(entry.remarks.iter().map(|remark| format!("  remark: {remark}")));
    lines
}

fn of_server(server: &servers::ServerEntry) -> Vec<String> {
    let name = &server.name;
    let mut lines = of_transport(name, &server.transport);
    let mut more = |what: &str, value: Option<String>| lines.extend(value.map(|value| format!("  {what} {value}")));
    more("description", server.description.clone());
    more("start within", server.start_timeout.map(|time| format!("{time:?}")));
    more("call within", server.call_timeout.map(|time| format!("{time:?}")));
    more("only tools", server.filter.allow.as_ref().map(|globs| globs.join(", ")));
    let deny = &server.filter.deny;
    more("no tools", (!deny.is_empty()).then(|| deny.join(", ")));
    let roots: Vec<_> = server.roots.iter().map(|root| root.display().to_string()).collect();
    more("roots", (!roots.is_empty()).then(|| roots.join(", ")));
    more(
        "sampling",
        (server.sampling == Sampling::Allowed).then(|| "allowed".to_owned()),
    );
    more(
        "results",
        (server.results != Results::Json).then(|| format!("{:?}", server.results)),
    );
    more("required", server.required.then(String::new));
    let secrets = server.secrets();
    more("secret", (!secrets.is_empty()).then(|| secrets.join(" | ")));
    lines
}

fn of_transport(name: &str, transport: &Transport) -> Vec<String> {
    let named = |what: &str, pairs: &[(String, String)]| {
        let line = |(name, value): &(String, String)| format!("  {what} {name}={value}");
        pairs.iter().map(line).collect::<Vec<_>>()
    };
    match transport {
        Transport::Stdio {
            command,
            args,
            env,
            cwd,
        } => {
            let words = std::iter::once(command).chain(args).map(|word| quoted(word));
            let mut lines = vec![format!("{name}: runs {}", words.collect::<Vec<_>>().join(" "))];
            lines.extend((*cwd != folder()).then(|| format!("  in {}", cwd.display())));
            let env: Vec<_> = env.clone().into_iter().collect();
            lines.extend(named("env", &env));
            lines
        }
        Transport::Http { url, headers, oauth } => {
            let mut lines = vec![format!("{name}: http {url}")];
            lines.extend(named("header", headers));
            let client = [("id", &oauth.id), ("secret", &oauth.secret)];
            lines.extend(
                client
                    .iter()
                    .filter_map(|(what, value)| Some(format!("  client {what} {}", value.as_ref()?))),
            );
            lines.extend((!oauth.scopes.is_empty()).then(|| format!("  scopes {}", oauth.scopes.join(", "))));
            lines
        }
        Transport::Sse { url, headers } => {
            let mut lines = vec![format!("{name}: sse {url}")];
            lines.extend(named("header", headers));
            lines
        }
        Transport::Workspace {
            root,
            inside,
            permission,
        } => {
            let inside = inside
                .as_ref()
                .map_or(String::new(), |folder| format!(" inside {}", folder.display()));
            vec![format!("{name}: workspace {}{inside}, {permission:?}", root.display())]
        }
    }
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '"', '\'']) {
        format!("{word:?}")
    } else {
        word.to_owned()
    }
}
