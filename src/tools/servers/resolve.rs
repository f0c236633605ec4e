//! From an entry as typed to a server that can be started.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    Fault, Kind, OauthClient, RawEntry, Reach, ServerEntry, Surroundings, Text, Transport, dotenv,
    expand::{Expander, names_variable},
    secrets,
    whole::is_address,
};

/// Longest file of variables, in bytes.
const MAX_ENV_FILE: u64 = 1 << 20;

impl RawEntry {
    /// What this entry means; `path` is its file, for messages. An `envFile` is read.
    ///
    /// # Errors
    /// A variable or an input is not given and has no default; the address is none; the `envFile` cannot be read.
    pub fn resolve(&self, path: &Path, surroundings: &Surroundings<'_>) -> Result<ServerEntry, Fault> {
        let mut expander = Expander {
            entry: self,
            path,
            surroundings,
            hidden: Vec::new(),
        };
        let transport = match self.kind {
            Kind::Stdio => expander.stdio()?,
            Kind::Http | Kind::Sse | Kind::Remote => expander.network()?,
            Kind::Workspace => expander.workspace()?,
        };
        let roots = expander.roots()?;
        Ok(ServerEntry {
            name: self.name.clone(),
            transport,
            description: self.description.clone(),
            required: self.required,
            start_timeout: self.start_timeout,
            call_timeout: self.timeout,
            filter: self.filter.clone(),
            roots,
            sampling: self.sampling,
            results: self.results.clone(),
            secrets: secrets::longest_first(expander.hidden),
        })
    }
}

impl Expander<'_> {
    fn stdio(&mut self) -> Result<Transport, Fault> {
        let entry = self.entry;
        let command = entry
            .command
            .as_ref()
            .expect("an entry of this kind was read with a command");
        let mut env = match &entry.env_file {
            Some(file) => self.env_file(file)?,
            None => BTreeMap::new(),
        };
        for (name, text) in &entry.env {
            let value = self.text(&format!("env.{name}"), text)?;
            secrets::of_env(name, &value, names_variable(&text.value), &mut self.hidden);
            env.insert(name.clone(), value);
        }
        let cwd = match &entry.cwd {
            Some(cwd) => self.surroundings.folder.join(self.text("cwd", cwd)?),
            None => PathBuf::from(self.surroundings.folder),
        };
        let command = self.text("command", command)?;
        let args = self.texts("args", &entry.args)?;
        secrets::of_args(&args, &mut self.hidden);
        Ok(Transport::Stdio {
            command,
            args,
            env,
            cwd,
        })
    }

    /// The variables of a file, which is relative to the folder that the program runs in.
    fn env_file(&mut self, typed: &Text) -> Result<BTreeMap<String, String>, Fault> {
        let file = self.surroundings.folder.join(self.text("envFile", typed)?);
        let unreadable = |why: String| self.fault(typed, format!("`envFile`: cannot read `{}`: {why}", file.display()));
        let size = fs::metadata(&file).map_err(|e| unreadable(e.to_string()))?;
        if !size.is_file() || size.len() > MAX_ENV_FILE {
            return Err(unreadable("it is no file, or longer than 1 MiB".into()));
        }
        let text = fs::read_to_string(&file).map_err(|e| unreadable(e.to_string()))?;
        let variables =
            dotenv::parse(&text).map_err(|(line, problem)| unreadable(format!("line {line}: {problem}")))?;
        let mut env = BTreeMap::new();
        for variable in variables {
            secrets::of_env(&variable.name, &variable.value, false, &mut self.hidden);
            env.insert(variable.name, variable.value);
        }
        Ok(env)
    }

    fn network(&mut self) -> Result<Transport, Fault> {
        let entry = self.entry;
        let typed = entry.url.as_ref().expect("an entry of this kind was read with a url");
        let url = self.text("url", typed)?;
        if !is_address(&url) {
            return Err(self.fault(typed, "`url` must begin with `http://` or `https://`".into()));
        }
        secrets::of_url(&url, &mut self.hidden);
        let mut headers = Vec::new();
        for (name, text) in &entry.headers {
            let value = self.text(&format!("headers.{name}"), text)?;
            secrets::of_header(&value, &mut self.hidden);
            headers.push((name.clone(), value));
        }
        let oauth = self.oauth()?;
        let is_sse = entry.kind == Kind::Sse || (entry.kind == Kind::Remote && ends_in_sse(&url));
        Ok(if is_sse {
            Transport::Sse { url, headers }
        } else {
            Transport::Http { url, headers, oauth }
        })
    }

    fn oauth(&mut self) -> Result<OauthClient, Fault> {
        let typed = &self.entry.oauth;
        let id = typed
            .id
            .as_ref()
            .map(|id| self.text("oauth.clientId", id))
            .transpose()?;
        let secret = typed.secret.as_ref();
        let secret = secret
            .map(|secret| self.text("oauth.clientSecret", secret))
            .transpose()?;
        if let Some(secret) = &secret {
            secrets::of_secret(secret, &mut self.hidden);
        }
        Ok(OauthClient {
            id,
            secret,
            scopes: self.texts("oauth.scopes", &typed.scopes)?,
        })
    }

    /// A relative root is one in the folder of the file.
    fn workspace(&mut self) -> Result<Transport, Fault> {
        let entry = self.entry;
        let workspace = entry
            .workspace
            .as_ref()
            .expect("an entry of this kind was read with a root");
        let permission = workspace.permission;
        if let Reach::Inside { folder, root } = &workspace.reach {
            return Ok(Transport::Workspace {
                root: root.clone(),
                inside: Some(folder.clone()),
                permission,
            });
        }
        let root = self.text("root", &workspace.root)?;
        if root.is_empty() {
            let message = "`root` is empty once its variables are filled in".into();
            return Err(self.fault(&workspace.root, message));
        }
        Ok(Transport::Workspace {
            root: self.path.parent().unwrap_or(Path::new("")).join(root),
            inside: None,
            permission,
        })
    }

    /// Paths or `file://` addresses; a relative path is one in the folder that the program runs in.
    fn roots(&mut self) -> Result<Vec<PathBuf>, Fault> {
        let mut roots = Vec::new();
        for typed in &self.entry.roots {
            let root = self.text("roots", typed)?;
            let path = match root.split_once("://") {
                Some(("file", rest)) if rest.starts_with('/') => decoded(rest),
                Some(_) => return Err(self.fault(typed, "`roots` must hold paths or `file:///` addresses".into())),
                None => root,
            };
            roots.push(self.surroundings.folder.join(path));
        }
        Ok(roots)
    }

    fn texts(&mut self, what: &str, texts: &[Text]) -> Result<Vec<String>, Fault> {
        texts.iter().map(|text| self.text(what, text)).collect()
    }
}

/// Whether the path of an address does; its query does not count.
fn ends_in_sse(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').ends_with("/sse")
}

/// The path of an address, in which `%20` is a blank.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits are a byte"));
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
