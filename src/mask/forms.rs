//! How a secret may be written. Pure.

use std::collections::BTreeSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// What encoders of URLs leave as it is, besides letters and digits: RFC 3986 and Python's `quote`, without and with
/// the slash, JavaScript's `encodeURIComponent` and `encodeURI`, and HTML's forms.
const LEFT_BY_URLS: [&[u8]; 5] = [b"-_.~", b"-_.~/", b"-_.!~*'()", b"-_.!~*'();,/?:@&=+$#", b"-_.*"];

/// Bits of a character of base64.
const SEXTET: usize = 6;

/// All texts that stand for this secret, itself among them.
pub(super) fn of(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::from([secret.as_bytes().to_vec()]);
    let mut add = |form: String| {
        forms.insert(form.into_bytes());
    };
    let json = in_json(secret);
    add(ascii(&json));
    add(json.replace('/', "\\/"));
    // JSON within a string of JSON
    add(in_json(&json));
    add(json);
    for left in LEFT_BY_URLS {
        for space in ["%20", "+"] {
            let (upper, lower) = in_url(secret, left, space);
            add(upper);
            add(lower);
        }
    }
    for before in 0..3 {
        let (standard, url_safe) = in_base64(secret.as_bytes(), before);
        add(standard);
        add(url_safe);
    }
    forms
}

/// As it stands between quotes.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// JSON without any character beyond ASCII, as Python writes it.
fn ascii(json: &str) -> String {
    let escaped = |c: char| {
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units).iter();
        units.map(|unit| format!("\\u{unit:04x}")).collect::<String>()
    };
    json.chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { escaped(c) })
        .collect()
}

/// With upper-case and with lower-case digits.
fn in_url(text: &str, left: &[u8], space: &str) -> (String, String) {
    let (mut upper, mut lower) = (String::new(), String::new());
    for byte in text.bytes() {
        match byte {
            b' ' => {
                upper.push_str(space);
                lower.push_str(space);
            }
            byte if byte.is_ascii_alphanumeric() || left.contains(&byte) => {
                upper.push(char::from(byte));
                lower.push(char::from(byte));
            }
            byte => {
                upper.push_str(&format!("%{byte:02X}"));
                lower.push_str(&format!("%{byte:02x}"));
            }
        }
    }
    (upper, lower)
}

/// The characters of base64 that depend on nothing but `bytes`, where so many of the three bytes that make four
/// characters come `before`; with either alphabet.
fn in_base64(bytes: &[u8], before: usize) -> (String, String) {
    let mut whole = vec![0; before];
    whole.extend_from_slice(bytes);
    let first = (before * 8).div_ceil(SEXTET);
    let end = whole.len() * 8 / SEXTET;
    let core = |encoded: String| encoded[first..end].to_owned();
    (
        core(STANDARD_NO_PAD.encode(&whole)),
        core(URL_SAFE_NO_PAD.encode(&whole)),
    )
}
