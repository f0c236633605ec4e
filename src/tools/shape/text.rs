//! A shape as text that looks like Python.

use super::{Dict, MAX_DEPTH, MAX_KEYS, Observed, Plain, Shape};

impl Observed {
    /// In at most about `most` characters, such as `list[{id: int, name: str, parent?: int | None}] (12 results)`.
    pub fn short(&self, most: usize) -> String {
        format!("{} ({})", self.shape.short(most), self.count())
    }

    /// All of it, on one line.
    pub fn whole(&self) -> String {
        let plural = if self.results == 1 { "" } else { "s" };
        format!("observed in {} result{plural}: {}", self.results, self.shape.whole())
    }

    /// So rough that it seldom changes, and the prompt with it.
    fn count(&self) -> String {
        match self.results {
            1 => "1 result".to_owned(),
            few @ ..10 => format!("{few} results"),
            10..100 => "10+ results".to_owned(),
            100..1_000 => "100+ results".to_owned(),
            _ => "1000+ results".to_owned(),
        }
    }
}

/// What is shown of a shape.
#[derive(Clone, Copy)]
struct Room {
    /// Lists and dicts inside of each other.
    depth: usize,
    /// Keys of a dict.
    keys: usize,
}

impl Shape {
    /// All of it.
    pub fn whole(&self) -> String {
        self.within(Room {
            depth: MAX_DEPTH,
            keys: MAX_KEYS,
        })
    }

    /// As much as fits into so many characters: first what is deep inside goes, then the last keys.
    pub fn short(&self, most: usize) -> String {
        let first_keys = self.depth_of_keys().unwrap_or(1);
        let by_depth = (first_keys..=MAX_DEPTH)
            .rev()
            .map(|depth| Room { depth, keys: MAX_KEYS });
        let by_keys = (1..MAX_KEYS).rev().map(|keys| Room {
            depth: first_keys,
            keys,
        });
        let less = Room {
            depth: first_keys - 1,
            keys: 0,
        };
        let texts = by_depth.chain(by_keys).map(|room| self.within(room));
        let fits = |text: &String| text.len() <= most;
        texts.into_iter().find(fits).unwrap_or_else(|| self.within(less))
    }

    /// How far inside the first keys are.
    fn depth_of_keys(&self) -> Option<usize> {
        let values = match self.dict.as_deref() {
            Some(Dict::Keys(_)) => return Some(1),
            Some(Dict::Map(values)) => values.depth_of_keys(),
            None => None,
        };
        let items = self.list.as_ref().and_then(|items| items.depth_of_keys());
        values.into_iter().chain(items).min().map(|depth| depth + 1)
    }

    fn within(&self, room: Room) -> String {
        let mut types: Vec<String> = Vec::new();
        let plain = |types: &mut Vec<String>, wanted: &dyn Fn(Plain) -> bool| {
            let found = self.plain.iter().filter(|plain| wanted(**plain));
            types.extend(found.map(|plain| plain.text().to_owned()));
        };
        plain(&mut types, &|plain| !matches!(plain, Plain::Empty | Plain::None));
        let inside = Room {
            depth: room.depth.saturating_sub(1),
            ..room
        };
        if let Some(items) = &self.list {
            types.push(match items.within(inside) {
                items if items.is_empty() || room.depth == 0 => "list".to_owned(),
                items => format!("list[{items}]"),
            });
        }
        if let Some(dict) = &self.dict {
            types.push(match &**dict {
                _ if room.depth == 0 => "dict".to_owned(),
                Dict::Map(values) if *values == Self::default() => "dict".to_owned(),
                Dict::Map(values) => format!("dict[str, {}]", values.within(inside)),
                Dict::Keys(fields) => {
                    let text = |always: bool| {
                        let mark = if always { "" } else { "?" };
                        let of = fields.iter().filter(move |(_, field)| field.always == always);
                        of.map(move |(key, field)| format!("{key}{mark}: {}", field.shape.within(inside)))
                    };
                    let mut texts: Vec<String> = text(true).chain(text(false)).take(room.keys).collect();
                    match fields.len() - texts.len() {
                        0 => {}
                        more => texts.push(format!("+{more} more")),
                    }
                    format!("{{{}}}", texts.join(", "))
                }
            });
        }
        plain(&mut types, &|plain| matches!(plain, Plain::Empty | Plain::None));
        types.join(" | ")
    }
}

impl Plain {
    fn text(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Str => "str",
            Self::Artifact => "Artifact",
            Self::Empty => "{}",
            Self::None => "None",
            Self::Any => "Any",
        }
    }
}
