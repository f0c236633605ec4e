//! Settings for a verb that goes on where others end: what makes no sense is left out and told.

use super::{Error, Flags, Origin, Settings, Sources, resolve};

/// Decides what holds without what makes no sense, and says why that was left out.
///
/// # Errors
/// What makes no sense was typed on the command line.
pub fn resolve_all(flags: &Flags, mut sources: Sources) -> Result<(Settings, Vec<Error>), Error> {
    let mut errors = Vec::new();
    loop {
        match resolve(flags, sources.clone()) {
            Ok(settings) => return Ok((settings, errors)),
            Err(error) if leave_out(&error, &mut sources) => errors.push(error),
            Err(error) => return Err(error),
        }
    }
}

/// Takes the cause of an error out of the sources; false where it is not among them.
fn leave_out(error: &Error, sources: &mut Sources) -> bool {
    match error {
        Error::DotEnv { .. } => sources.dotenv.take().is_some(),
        Error::Policy { .. } => sources.policy.take().is_some(),
        Error::Value { origin, .. } => match origin {
            Origin::Environment(name) => sources.environment.remove(name).is_some(),
            Origin::DotEnv { name, .. } => sources.dotenv.as_mut().is_some_and(|file| {
                // the last line counts, and an empty variable counts as not set
                file.text.push_str(&format!("\n{name}=\n"));
                true
            }),
            Origin::Flag(_) | Origin::PolicyFile(_) | Origin::Default => false,
        },
        Error::File { .. } => false,
    }
}
