//! What a script printed, as much of it as a record keeps.

/// Bytes kept of one stream: the first half and the last half of them.
const KEPT: usize = 1 << 20;

/// Text that keeps its beginning and its end.
#[derive(Debug, Default)]
pub struct Kept {
    head: String,
    tail: String,
    cut: usize,
}

impl Kept {
    /// Appends `text`.
    pub fn push(&mut self, text: &str) {
        let room = (KEPT / 2).saturating_sub(self.head.len());
        let split = if self.tail.is_empty() {
            text.floor_char_boundary(room)
        } else {
            0
        };
        self.head.push_str(&text[..split]);
        self.tail.push_str(&text[split..]);
        // now and then only, since it moves what stays
        if self.tail.len() > KEPT {
            self.trim();
        }
    }

    /// The text, with the number of characters cut out of its middle.
    pub fn into_text(mut self) -> String {
        if self.head.len() + self.tail.len() > KEPT {
            self.trim();
        }
        if self.cut > 0 {
            self.head.push_str(&format!("\n… {} characters cut …\n", self.cut));
        }
        self.head + &self.tail
    }

    /// Leaves as much of the tail as is kept in the end.
    fn trim(&mut self) {
        let surplus = self.tail.floor_char_boundary(self.tail.len() - KEPT / 2);
        self.cut += self.tail.drain(..surplus).count();
    }
}
