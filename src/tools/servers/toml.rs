//! The tree of a file in TOML.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    FileError,
    tree::{File, Member, Node, Value, lower},
};

impl File<'_> {
    /// The tree of a file in TOML, its keys in the order of the file.
    pub(super) fn toml(&self) -> Result<Node, FileError> {
        let table = DeTable::parse(self.text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            self.error(at, lower(e.message()), "mend the line, or compare it with README.md")
        })?;
        Ok(Node {
            at: 0,
            end: self.text.len(),
            value: of_table(table.get_ref()),
        })
    }
}

fn of_table(table: &DeTable<'_>) -> Value {
    let mut members: Vec<Member> = table
        .iter()
        .map(|(key, value)| Member {
            key: key.get_ref().to_string(),
            at: key.span().start,
            node: of_value(value),
        })
        .collect();
    members.sort_by_key(|member| member.at);
    Value::Map(members)
}

fn of_value(spanned: &Spanned<DeValue<'_>>) -> Node {
    let span = spanned.span();
    Node {
        at: span.start,
        end: span.end,
        value: match spanned.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                let decimal = i64::from_str_radix(number.as_str(), number.radix());
                Value::Number(decimal.map_or_else(|_| number.to_string(), |number| number.to_string()))
            }
            DeValue::Float(number) => Value::Number(number.as_str().into()),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Array(items) => Value::List(items.iter().map(of_value).collect()),
            DeValue::Table(table) => of_table(table),
        },
    }
}
