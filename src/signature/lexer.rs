//! The words of a signature, with their places.

use super::SyntaxError;

/// A piece of a signature.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a keyword.
    Name(String),
    /// What stood between quotes.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// `-> : , ? | [ ] { }`, a line's end, or the end.
    Mark(&'static str),
    /// What stood behind `#` or `--`.
    Description(String),
}

/// The end of the text.
pub(super) const END: &str = "the end";
/// The end of a line.
pub(super) const LINE: &str = "the end of the line";

/// A token and the byte at which it begins.
pub(super) type Placed = (Token, usize);

/// Characters of a line that are shown, and of them before the place.
const MAX_LINE: usize = 120;
const MAX_BEFORE: usize = 80;

const MARKS: [&str; 12] = ["->", ":", ",", "?", "|", "[", "]", "{", "}", "(", ")", "="];

/// All tokens, the end included.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, SyntaxError> {
    let mut tokens = Vec::new();
    let has_lines = text.trim().contains('\n');
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c == '\n' {
            tokens.push((Token::Mark(LINE), at));
            at += 1;
        } else if c.is_whitespace() {
            at += c.len_utf8();
        } else if rest.starts_with("--") || c == '#' {
            let skip = if c == '#' { 1 } else { 2 };
            let length = description(&rest[skip..], has_lines, depth > 0);
            let said = rest[skip..skip + length].trim();
            tokens.push((Token::Description(said.to_owned()), at));
            at += skip + length;
        } else if let Some(mark) = MARKS.into_iter().find(|mark| rest.starts_with(mark)) {
            match mark {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            tokens.push((Token::Mark(mark), at));
            at += mark.len();
        } else if c == '"' || c == '\'' {
            let (said, length) =
                quoted(rest, c).ok_or_else(|| fault(text, at, "this quote is not closed on its line"))?;
            tokens.push((Token::Text(said), at));
            at += length;
        } else if c.is_ascii_digit() || c == '-' {
            let length = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
                .unwrap_or(rest.len());
            let number = serde_json::from_str(&rest[..length]);
            let number = number.map_err(|_| fault(text, at, &format!("`{}` is no number", &rest[..length])))?;
            tokens.push((Token::Number(number), at));
            at += length;
        } else if c.is_alphabetic() || c == '_' {
            let length = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            tokens.push((Token::Name(rest[..length].to_owned()), at));
            at += length;
        } else {
            return Err(fault(text, at, &format!("`{c}` means nothing here")));
        }
    }
    tokens.push((Token::Mark(END), text.len()));
    Ok(tokens)
}

/// Bytes of a description: to the end of its line, or of its braces; where all is one line, to what can only be the next
/// field, or to `->`.
fn description(text: &str, has_lines: bool, in_braces: bool) -> usize {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        match c {
            '\n' => return at,
            ',' if !has_lines && begins_field(&rest[1..]) => return at,
            '-' if !has_lines && rest.starts_with("->") => return at,
            '{' => open += 1,
            '}' if open > 0 => open -= 1,
            '}' if in_braces => return at,
            _ => {}
        }
    }
    text.len()
}

/// `NAME:` or `NAME?`
fn begins_field(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\t']);
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let rest = text[end..].trim_start_matches([' ', '\t']);
    end > 0 && (rest.starts_with(':') || rest.starts_with("?:"))
}

/// The text between quotes, `\` before a quote or another `\` taken out, and the length of it all.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut said = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => return None,
            '\\' => match chars.next()?.1 {
                escaped @ ('\\' | '\'' | '"') => said.push(escaped),
                other => said.extend(['\\', other]),
            },
            c if c == quote => return Some((said, at + 1)),
            c => said.push(c),
        }
    }
    None
}

/// A fault at a byte of the text.
pub fn fault(text: &str, at: usize, message: &str) -> SyntaxError {
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let column = text[start..at].chars().count();
    let skipped = column.saturating_sub(MAX_BEFORE);
    let shown: String = line.chars().skip(skipped).take(MAX_LINE).collect();
    // a tab stays one, so that the mark stands where the eye expects it
    let aside = text[start..at].chars().skip(skipped);
    let indent = aside.map(|c| if c == '\t' { '\t' } else { ' ' });
    SyntaxError {
        line: before.matches('\n').count() + 1,
        column: column + 1,
        message: message.to_owned(),
        excerpt: format!("  {shown}\n  {}^", indent.collect::<String>()),
    }
}
