//! Texts as words that can be compared.

/// Bytes of the longest word; what is longer is a name or a number, and like no other word.
pub(super) const LONGEST: usize = 60;
/// Letters that two words begin with for being alike.
pub(super) const ALIKE: usize = 5;

/// The words of a text in lower case: `snake_case` and `camelCase` are taken apart, plurals lose their `s`.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts = c.is_uppercase()
            && (before.is_lowercase()
                || (before.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase())));
        if !c.is_alphanumeric() || starts {
            words.extend(finished(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.extend(finished(&mut word));
    words
}

fn finished(word: &mut String) -> Option<String> {
    let word = std::mem::take(word);
    let singular = match word.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => format!("{stem}y"),
        _ => match word.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
            _ => word,
        },
    };
    (!singular.is_empty()).then_some(singular)
}

/// The stems of a text's words.
pub(super) fn terms(text: &str) -> Vec<String> {
    words(text).iter().map(|word| stem(word)).collect()
}

/// The stem of a text that is one word.
pub(super) fn term(word: &str) -> String {
    terms(word).concat()
}

/// A long word taken apart in two, in all places.
pub(super) fn halves(word: &str) -> impl Iterator<Item = (&str, &str)> {
    const LEAST: usize = 4;
    let places = word.char_indices().map(|(at, _)| at);
    let places = places.filter(|at| *at >= LEAST && *at + LEAST <= word.len());
    places.map(|at| word.split_at(at))
}

/// A word in lower case without its ending, by a few rules for English: `configur` of `configuration`.
fn stem(word: &str) -> String {
    // without accents, so that who does not type them is understood
    let mut stem: String = word.chars().map(plain).collect();
    for (ending, least) in [("ing", 3), ("ed", 3), ("ion", 3), ("ment", 5), ("er", 4), ("or", 4)] {
        if let Some(shorter) = stem.strip_suffix(ending).filter(|shorter| shorter.len() >= least) {
            stem = shorter.to_owned();
            let mut back = stem.chars().rev();
            let (last, next) = (back.next(), back.next());
            if last == next && !matches!(last, Some('s' | 'l' | 'e')) {
                stem.pop();
            }
            break;
        }
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    if stem.len() > 5 && stem.ends_with("at") {
        stem.truncate(stem.len() - 2);
    }
    if stem.len() > 3 && stem.ends_with('y') {
        stem.pop();
        stem.push('i');
    }
    stem
}

fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'ä' | 'â' => 'a',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'ì' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        other => other,
    }
}

/// Whether two stems share so many letters at the beginning that they are most likely of one word.
pub(super) fn are_alike(a: &str, b: &str) -> bool {
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    if common < ALIKE {
        return false;
    }
    let (short, long) = (
        a.chars().count().min(b.chars().count()),
        a.chars().count().max(b.chars().count()),
    );
    common == short && long <= short + 6 || common * 4 >= long * 3
}

/// Whether a word says nothing of what is wanted.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// The parts of a task that say something each.
pub(super) fn clauses(task: &str) -> Vec<String> {
    const JOINTS: [&str; 8] = [
        " and ", " then ", " und ", " dann ", " y ", " luego ", " also ", " with ",
    ];
    let mut text = task.to_lowercase().replace(['.', ';', ',', ':', '?', '!', '\r'], "\n");
    for joint in JOINTS {
        text = text.replace(joint, "\n");
    }
    let says = |clause: &&str| terms(clause).iter().filter(|word| !is_filler(word)).count() > 1;
    text.lines().filter(says).map(str::to_owned).collect()
}

/// A text up to the end of its first sentence, and the rest.
pub(super) fn first_sentence(text: &str) -> (&str, &str) {
    let end = text.find(". ").map(|at| at + 1);
    let line = text.find('\n');
    let end = end.into_iter().chain(line).min().unwrap_or(text.len());
    text.split_at(end)
}

/// Stems of words that say nothing of what is wanted, in English, German and Spanish.
const FILLERS: &[&str] = &[
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "as", "is", "are", "be",
    "it", "its", "this", "that", "these", "those", "my", "me", "i", "we", "our", "you", "your", "what", "which", "who",
    "how", "do", "doe", "can", "could", "would", "should", "please", "pleas", "want", "need", "have", "ha", "there",
    "all", "any", "some", "into", "out", "up", "so", "if", "than", "then", "them", "their", "one", "not", "no", "but",
    "about", "was", "were", "just", "der", "die", "das", "den", "dem", "des", "ein", "eine", "ein", "einem", "einen",
    "einer", "eines", "und", "oder", "im", "ist", "sind", "von", "vom", "zu", "zum", "zur", "mit", "fur", "auf", "aus",
    "bei", "nach", "alle", "all", "mir", "ich", "el", "la", "lo", "los", "las", "un", "una", "unos", "unas", "de",
    "del", "al", "y", "o", "en", "con", "por", "para", "que", "es", "son", "su", "sus", "mi", "se", "sin",
];
