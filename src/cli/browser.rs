//! The user's browser.

use std::{
    io,
    process::{Command, Stdio},
};

/// Shows an address in it.
///
/// # Errors
/// There is none that could be started.
pub fn open(url: &str) -> io::Result<()> {
    let graphical = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if !graphical {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let mut command = Command::new("xdg-open");
    command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn()?;
    // it ends when it has handed the address on
    std::thread::spawn(move || child.wait());
    Ok(())
}
