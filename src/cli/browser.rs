//! The user's browser.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

/// Shows an address of the web in it.
///
/// # Errors
/// The address is none of the web; there is no browser that could be started.
pub fn open(url: &str) -> io::Result<()> {
    // any other scheme would start whatever program the desktop has for it
    let url = reqwest::Url::parse(url).map_err(|_| io::ErrorKind::InvalidInput)?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let graphical = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if !graphical {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let mut command = Command::new("xdg-open");
    command
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C at this program is not meant for it
    let mut child = command.process_group(0).spawn()?;
    // it ends when it has handed the address on
    std::thread::spawn(move || child.wait());
    Ok(())
}
