//! Looks at the machine for all that [`resolve`](super::resolve()) decides upon.

use std::{
    collections::BTreeMap,
    env,
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use super::{CONFIGURATION, DOTENV, DotEnvText, Error, POLICY, PolicyText};

/// Longest `.env` or policy file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What was found. Not `Debug`, for it holds secrets.
#[derive(Clone, Default)]
pub struct Sources {
    /// The real environment; variables that are not UTF-8 are left out.
    pub environment: BTreeMap<String, String>,
    /// `./.env`
    pub dotenv: Option<DotEnvText>,
    /// The user's policy file.
    pub policy: Option<PolicyText>,
    /// `./mcp_servers.json`, if it is there.
    pub folder_configuration: Option<PathBuf>,
    /// `mcp_servers.json` in the user's configuration directory, if it is there.
    pub user_configuration: Option<PathBuf>,
    /// The user's configuration directory: `$XDG_CONFIG_HOME/mcm`.
    pub user_directory: Option<PathBuf>,
    /// The user's folder for what can be had again: `$XDG_CACHE_HOME/mcm`.
    pub cache_directory: Option<PathBuf>,
}

impl Sources {
    /// Reads the environment, the current folder and the user's configuration directory.
    ///
    /// # Errors
    /// [`Error::File`] for a file that is there and cannot be read.
    pub fn read() -> Result<Self, Error> {
        let (sources, errors) = Self::read_all();
        errors.into_iter().next().map_or(Ok(sources), Err)
    }

    /// All that can be read, and why the rest cannot.
    pub fn read_all() -> (Self, Vec<Error>) {
        let variable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let base = etcetera::choose_base_strategy().ok();
        let user_directory = base.as_ref().map(|base| base.config_dir().join("mcm"));
        let cache_directory = base.map(|base| base.cache_dir().join("mcm"));
        let in_user_directory = |name: &str| user_directory.as_ref().map(|directory| directory.join(name));
        let mut errors = Vec::new();
        let mut file = |path: PathBuf| match text(&path) {
            Ok(found) => found.map(|text| (path, text)),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let dotenv = file(DOTENV.into()).map(|(path, text)| DotEnvText { path, text });
        let policy = in_user_directory(POLICY)
            .and_then(&mut file)
            .map(|(path, text)| PolicyText { path, text });
        let here = PathBuf::from(CONFIGURATION);
        let sources = Self {
            environment: env::vars_os().filter_map(variable).collect(),
            dotenv,
            policy,
            folder_configuration: is_there(&here).then_some(here),
            user_configuration: in_user_directory(CONFIGURATION).filter(|path| is_there(path)),
            user_directory,
            cache_directory,
        };
        (sources, errors)
    }
}

/// Also true for a file that cannot be read, so that reading it says why.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn text(path: &Path) -> Result<Option<String>, Error> {
    let error = |problem: String| Error::File {
        path: path.to_owned(),
        problem,
    };
    // a folder named `.env` is a Python environment
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(None),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(e) => return Err(error(e.to_string())),
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| error(e.to_string()))?;
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| error(e.to_string()))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(error("it is longer than 1 MiB".into()));
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| error("it is not UTF-8 text".into()))
}
