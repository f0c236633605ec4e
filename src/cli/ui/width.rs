//! How many columns text takes, and where it is broken or cut. Pure.

/// Columns of a terminal that `text`, which is one line, takes; near enough for all that we print.
pub(in crate::cli) fn columns(text: &str) -> usize {
    text.chars().map(column).sum()
}

fn column(c: char) -> usize {
    match u32::from(c) {
        0..0x20 | 0x7f..0xa0 => 0,
        // combining marks, joiners, variation selectors
        0x300..0x370 | 0x200b..0x2010 | 0xfe00..0xfe10 | 0x20d0..0x2100 | 0xe0100..0xe01f0 => 0,
        0x1100..0x1160
        | 0x2e80..0x303f
        | 0x3041..0xa4d0
        | 0xac00..0xd7a4
        | 0xf900..0xfb00
        | 0xfe30..0xfe70
        | 0xff01..0xff61
        | 0xffe0..0xffe7
        | 0x1f300..0x1f650
        | 0x1f680..0x1f700
        | 0x1f900..0x1fa00
        | 0x20000..0x3fffe => 2,
        _ => 1,
    }
}

/// `text` in at most `room` columns; what is cut off is an ellipsis.
pub(in crate::cli) fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut taken = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            taken += column(*c);
            taken < room
        })
        .collect();
    kept + "…"
}

/// `text`, which is one line, in pieces of at most `room` columns, with every blank of it; there is at least one.
pub(in crate::cli) fn pieces(text: &str, room: usize) -> Vec<&str> {
    let (mut pieces, mut start, mut taken) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        if taken + column(c) > room && at > start {
            pieces.push(&text[start..at]);
            (start, taken) = (at, 0);
        }
        taken += column(c);
    }
    pieces.push(&text[start..]);
    pieces
}

/// `text`, which is one line, in rows of at most `room` columns, broken between words where that can be.
/// Blanks at its beginning stay; there is at least one row.
pub(in crate::cli) fn wrap(text: &str, room: usize) -> Vec<String> {
    let indent: String = text
        .chars()
        .take_while(|c| c.is_whitespace())
        .take(room / 2)
        .map(|_| ' ')
        .collect();
    let (mut rows, mut row, mut begun) = (Vec::new(), indent, false);
    for word in text.split_whitespace() {
        if begun && columns(&row) + 1 + columns(word) > room {
            rows.push(std::mem::take(&mut row));
        } else if begun {
            row.push(' ');
        }
        begun = true;
        for c in word.chars() {
            // a word that is wider than the room
            if columns(&row) + column(c) > room && !row.trim().is_empty() {
                rows.push(std::mem::take(&mut row));
            }
            row.push(c);
        }
    }
    rows.push(row);
    rows
}
