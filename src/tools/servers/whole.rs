//! An entry's parts put together: which command, which address, and how the server is reached.

use super::{
    Kind, RawEntry, Text,
    expand::names_variable,
    read::{Address, Reading},
    tree::Found,
    values::{put, words},
};

impl Reading<'_> {
    /// The entry, whose object stands at `at`.
    pub(super) fn whole(mut self, at: usize) -> Found<RawEntry> {
        let http_url = self.http_url.is_some();
        let address = self.http_url.take().or(self.url.take());
        let kind = self.reached_by(http_url, address.is_some());
        self.entry.kind = kind.map_err(|message| (at, message.into()))?;
        self.put_command_together(at)?;
        if let Some(bearer) = self.bearer.take()
            && !self
                .entry
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        {
            put(&mut self.entry.headers, "Authorization", bearer);
        }
        if let Some(Address { key, at, text }) = address {
            let is_network = !matches!(self.entry.kind, Kind::Stdio | Kind::Workspace);
            if is_network && !names_variable(&text.value) && !is_address(&text.value) {
                return Err((at, format!("`{key}` must begin with `http://` or `https://`")));
            }
            self.entry.url = Some(text);
        }
        Ok(self.entry)
    }

    /// How the server is reached, by what is said or else by what is there.
    fn reached_by(&self, http_url: bool, has_address: bool) -> Result<Kind, &'static str> {
        let (command, workspace) = (self.entry.command.is_some(), self.entry.workspace.is_some());
        match self.said {
            None if workspace && !command && !has_address => Ok(Kind::Workspace),
            _ if workspace => Err("`builtin` stands alone, without `command`, `url` and `type`"),
            Some(Kind::Stdio) if !command => Err("a stdio server needs a `command`"),
            Some(Kind::Http | Kind::Remote) if !has_address => Err("an http server needs a `url`"),
            Some(Kind::Sse) if !has_address => Err("an sse server needs a `url`"),
            Some(kind) => Ok(kind),
            None if command => Ok(Kind::Stdio),
            None if http_url => Ok(Kind::Http),
            None if has_address => Ok(Kind::Remote),
            None => Err("it needs a `command`, a `url` or a `builtin`"),
        }
    }

    fn put_command_together(&mut self, at: usize) -> Found<()> {
        let Some(command) = self.entry.command.take() else {
            self.entry.args = self.args.take().unwrap_or_default();
            return Ok(());
        };
        let has_words = command.value.trim().contains(char::is_whitespace);
        let mut line = match (self.command_tail.take(), self.args.take()) {
            (None, None) if has_words => {
                let message = || (at, "`command` has a quote that is not closed".to_owned());
                let words = words(&command.value).ok_or_else(message)?;
                let place = command.place;
                words.into_iter().map(|value| Text { value, place }).collect()
            }
            (tail, args) => {
                let mut line = vec![command];
                line.extend(tail.into_iter().flatten().chain(args.into_iter().flatten()));
                line
            }
        };
        if is_windows_shell(&line) {
            let remark = "`cmd /c` is what starts a program on Windows; here it is started without";
            self.entry.remarks.push(remark.into());
            line.drain(..2);
        }
        self.entry.command = Some(line.remove(0));
        self.entry.args = line;
        Ok(())
    }
}

/// `cmd /c PROGRAM …`
fn is_windows_shell(line: &[Text]) -> bool {
    let [shell, flag, _, ..] = line else { return false };
    let shell = shell.value.to_ascii_lowercase();
    let name = shell.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(name, "cmd" | "cmd.exe") && flag.value.eq_ignore_ascii_case("/c")
}

/// Whether it has the scheme of one.
pub(super) fn is_address(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let host = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://"));
    host.is_some_and(|host| !host.is_empty())
}
