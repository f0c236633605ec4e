//! What a session's scripts share, between two of them.

use super::{
    link::{Asked, Link},
    rest::Rest,
};

/// The variables as a script left them.
#[derive(Debug)]
pub struct State {
    /// What holds them; the beginning can be had again, so nothing need hold it.
    pub link: Option<Link>,
    /// The script's number; 0 for the beginning.
    pub script: u32,
    /// A fork for the next script.
    pub ahead: Option<Asked>,
    /// While nothing is asked of the link.
    rest: Option<Rest>,
}

impl State {
    /// Before any script; `root` is a session's that has run none.
    pub fn beginning(root: Option<Link>) -> Self {
        Self {
            link: root,
            script: 0,
            ahead: None,
            rest: None,
        }
    }

    /// As a script left them.
    pub fn after(script: u32, link: Link, ahead: Option<Asked>) -> Self {
        let mut state = Self {
            link: Some(link),
            script,
            ahead,
            rest: None,
        };
        state.rest();
        state
    }

    /// The link, to be asked for something.
    pub fn wake(&mut self) -> Option<&mut Link> {
        if let Some(rest) = self.rest.take() {
            rest.end();
        }
        self.link.as_mut()
    }

    /// Nothing is asked of the link for now; one that no script has used has nothing to go on with.
    pub fn rest(&mut self) {
        if self.script > 0 && self.rest.is_none() {
            self.rest = self.link.as_ref().and_then(Link::rest);
        }
    }
}
