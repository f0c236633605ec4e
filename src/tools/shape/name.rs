//! Whether a key names a field, or is data.

/// Characters of a name.
const MAX_NAME: usize = 60;
/// Characters of one word of a name; ids and tokens have longer ones.
const MAX_WORD: usize = 20;
/// Digits of a name: `sha256` is one, and `user-1024` is not.
const MAX_DIGITS: usize = 3;

/// Whether it can be no id, path, host, date or token.
pub(super) fn is_name(key: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let digits = key.chars().filter(char::is_ascii_digit).count();
    !key.is_empty()
        && key.len() <= MAX_NAME
        && key.chars().all(is_of_name)
        && !key.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && digits <= MAX_DIGITS
        && longest_word(key) <= MAX_WORD
}

/// Words end at `_` and `-`, and before the first capital letter of `camelCase`.
fn longest_word(key: &str) -> usize {
    let (mut longest, mut length, mut before) = (0, 0, '_');
    for c in key.chars() {
        length = match c {
            '_' | '-' => 0,
            _ if c.is_ascii_uppercase() && before.is_ascii_lowercase() => 1,
            _ => length + 1,
        };
        longest = longest.max(length);
        before = c;
    }
    longest
}
