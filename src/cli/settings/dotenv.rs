//! A `.env` as a file of settings.

use std::path::PathBuf;

use super::Error;
use crate::tools::servers::dotenv::{self, Variable};

/// A `.env` as found. Not `Debug`, for it holds secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct DotEnvText {
    /// Where it is.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// All variables, in order.
pub(super) fn read(file: &DotEnvText) -> Result<Vec<Variable>, Error> {
    dotenv::parse(&file.text).map_err(|(line, problem)| Error::DotEnv {
        path: file.path.clone(),
        line,
        problem,
    })
}
