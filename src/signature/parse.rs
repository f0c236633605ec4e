//! The grammar of a signature:
//!
//! ```text
//! signature   = [fields "->"] (fields | type)
//! fields      = field { ("," | line) field }
//! field       = NAME ["?"] [":" type] [description]
//! type        = one { "|" one }
//! one         = NAME | "Literal" "[" value { "," value } "]" | "list" "[" type "]" | "dict" "[" "str" "," type "]"
//!             | "Optional" "[" type "]" | "Union" "[" type { "," type } "]" | "{" fields "}"
//! description = ("#" | "--") text
//! ```

use serde_json::{Value, json};

use super::{
    Field, Signature, SyntaxError,
    lexer::{END, LINE, Placed, Token, fault, tokens},
    object,
};

/// Types one inside the other.
const MAX_DEPTH: usize = 32;
/// Types without parameters, and what they are in JSON.
const PLAIN: [(&str, &str); 5] = [
    ("str", "string"),
    ("int", "integer"),
    ("float", "number"),
    ("bool", "boolean"),
    ("None", "null"),
];
/// What other languages call them.
const OTHERS: [(&str, &str); 16] = [
    ("string", "str"),
    ("String", "str"),
    ("text", "str"),
    ("integer", "int"),
    ("Int", "int"),
    ("number", "float"),
    ("double", "float"),
    ("boolean", "bool"),
    ("Bool", "bool"),
    ("null", "None"),
    ("List", "list"),
    ("array", "list"),
    ("Dict", "dict"),
    ("object", "dict"),
    ("Date", "date"),
    ("DateTime", "datetime"),
];

pub(super) fn signature(text: &str) -> Result<Signature, SyntaxError> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let has_inputs = parser.tokens.iter().any(|(token, _)| *token == Token::Mark("->"));
    let inputs = if has_inputs {
        let inputs = parser.fields("->")?;
        parser.expect("->")?;
        inputs
    } else {
        Vec::new()
    };
    parser.skip_comments();
    let answer = if parser.is_bare_type() {
        let mut answer = parser.ty()?;
        parser.skip_lines();
        if let Token::Description(said) = parser.peek().clone() {
            parser.at += 1;
            describe(&mut answer, &said);
        }
        answer
    } else {
        object(parser.fields(END)?)
    };
    parser.skip_comments();
    parser.expect(END)?;
    Ok(Signature { inputs, answer })
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Token::Mark(found) if *found == mark)
    }

    /// Whether it was there; then it is passed.
    fn take(&mut self, mark: &str) -> bool {
        let found = self.is(mark) && mark != END;
        self.at += usize::from(found);
        found
    }

    fn skip_lines(&mut self) {
        while self.take(LINE) {}
    }

    /// Ends of lines, and descriptions on lines of their own, which are comments.
    fn skip_comments(&mut self) {
        while matches!(self.peek(), Token::Mark(LINE) | Token::Description(_)) {
            self.at += 1;
        }
    }

    fn expect(&mut self, mark: &str) -> Result<(), SyntaxError> {
        if self.is(mark) && mark == END || self.take(mark) {
            return Ok(());
        }
        Err(self.fault(&format!("{} is expected, and not {}", shown(mark), self.found())))
    }

    fn fault(&self, message: &str) -> SyntaxError {
        self.fault_at(self.at, message)
    }

    fn fault_at(&self, token: usize, message: &str) -> SyntaxError {
        fault(self.text, self.tokens[token].1, message)
    }

    /// What stands here, in words.
    fn found(&self) -> String {
        match self.peek() {
            Token::Name(name) => format!("`{name}`"),
            Token::Text(text) => format!("`{text:?}`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Description(_) => "a description".to_owned(),
            Token::Mark(mark @ (END | LINE)) => (*mark).to_owned(),
            Token::Mark(mark) => format!("`{mark}`"),
        }
    }

    /// Whether the answer has no name: a type with parameters, in braces, or a name of a type on its own.
    fn is_bare_type(&self) -> bool {
        let followed_by = |marks: &[&str]| {
            let next = self.tokens.get(self.at + 1).map(|(token, _)| token);
            matches!(next, Some(Token::Mark(mark)) if marks.contains(mark))
        };
        match self.peek() {
            Token::Mark("{") => true,
            Token::Name(_) if followed_by(&["[", "|"]) => true,
            Token::Name(name) => is_type(name) && self.is_last(),
            _ => false,
        }
    }

    /// Whether nothing but a description comes after this token.
    fn is_last(&self) -> bool {
        let mut rest = self.tokens[self.at + 1..].iter();
        rest.all(|(token, _)| matches!(token, Token::Mark(LINE | END) | Token::Description(_)))
    }

    /// Fields up to a mark, which stays; a comma or a line's end between them, and perhaps one behind the last.
    fn fields(&mut self, end: &str) -> Result<Vec<Field>, SyntaxError> {
        let mut fields: Vec<Field> = Vec::new();
        loop {
            self.skip_comments();
            if self.is(end) {
                break;
            }
            let place = self.at;
            let field = self.field()?;
            if fields.iter().any(|other| other.name == field.name) {
                return Err(self.fault_at(place, &format!("`{}` is named twice", field.name)));
            }
            fields.push(field);
            if !self.take(",") && !self.is(LINE) && !self.is(end) {
                return Err(self.fault(&format!("`,` or {} is expected, and not {}", shown(end), self.found())));
            }
            // behind the comma it still belongs to the field before
            if let Token::Description(said) = self.peek().clone()
                && let Some(last) = fields.last_mut()
            {
                self.at += 1;
                describe(&mut last.schema, &said);
            }
        }
        if fields.is_empty() {
            return Err(self.fault("there is no field: give at least one, such as `answer: str`"));
        }
        Ok(fields)
    }

    fn field(&mut self) -> Result<Field, SyntaxError> {
        let Token::Name(name) = self.peek().clone() else {
            return Err(self.fault(&format!("the name of a field is expected, and not {}", self.found())));
        };
        if !name.is_ascii() {
            return Err(self.fault(&format!(
                "`{name}`: a field's name is made of English letters, digits and `_`"
            )));
        }
        self.at += 1;
        let required = !self.take("?");
        let mut schema = if self.take(":") {
            self.ty()?
        } else {
            json!({ "type": "string" })
        };
        if let Token::Description(said) = self.peek().clone() {
            self.at += 1;
            describe(&mut schema, &said);
        }
        Ok(Field { name, schema, required })
    }

    fn ty(&mut self) -> Result<Value, SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(&format!("types are nested deeper than {MAX_DEPTH} levels")));
        }
        let mut members = vec![self.one()?];
        while self.take("|") {
            members.push(self.one()?);
        }
        self.depth -= 1;
        Ok(union(members))
    }

    fn one(&mut self) -> Result<Value, SyntaxError> {
        if self.take("{") {
            let fields = self.fields("}")?;
            self.expect("}")?;
            return Ok(object(fields));
        }
        let place = self.at;
        let Token::Name(name) = self.peek().clone() else {
            return Err(self.fault(&format!("a type such as `str` is expected, and not {}", self.found())));
        };
        self.at += 1;
        let has_parameters = self.take("[");
        let schema = match (name.as_str(), has_parameters) {
            ("list", false) => json!({ "type": "array" }),
            ("dict", false) => json!({ "type": "object" }),
            ("Any", false) => json!({}),
            ("date", false) => json!({ "type": "string", "format": "date" }),
            ("datetime", false) => json!({ "type": "string", "format": "date-time" }),
            ("list", true) => json!({ "type": "array", "items": self.ty()? }),
            ("dict", true) => self.dict()?,
            ("Optional", true) => union(vec![self.ty()?, json!({ "type": "null" })]),
            ("Union", true) => {
                let mut members = vec![self.ty()?];
                while self.take(",") {
                    members.push(self.ty()?);
                }
                union(members)
            }
            ("Literal", true) => self.literal()?,
            ("Optional" | "Union" | "Literal", false) => {
                return Err(self.fault_at(place, &format!("`{name}` needs brackets, such as `{}`", sample(&name))));
            }
            (name, true) if is_type(name) => {
                return Err(self.fault_at(place, &format!("`{name}` takes no brackets")));
            }
            (name, _) => match PLAIN.iter().find(|(python, _)| *python == name) {
                Some((_, json)) => json!({ "type": json }),
                None => return Err(self.fault_at(place, &unknown(name))),
            },
        };
        if has_parameters {
            self.expect("]")?;
        }
        Ok(schema)
    }

    fn dict(&mut self) -> Result<Value, SyntaxError> {
        if *self.peek() != Token::Name("str".into()) {
            return Err(self.fault("the keys of a `dict` are `str`: `dict[str, int]`"));
        }
        self.at += 1;
        self.expect(",")?;
        Ok(json!({ "type": "object", "additionalProperties": self.ty()? }))
    }

    fn literal(&mut self) -> Result<Value, SyntaxError> {
        let mut values = Vec::new();
        loop {
            let value = match self.peek().clone() {
                Token::Text(text) => Value::String(text),
                Token::Number(number) if !number.is_f64() => Value::Number(number),
                Token::Number(_) => {
                    return Err(self.fault("a `Literal` holds whole numbers, texts, `True`, `False` and `None`"));
                }
                Token::Name(name) if name == "True" => Value::Bool(true),
                Token::Name(name) if name == "False" => Value::Bool(false),
                Token::Name(name) if name == "None" => Value::Null,
                Token::Name(name) => {
                    return Err(self.fault(&format!("a text in a `Literal` needs quotes: `\"{name}\"`")));
                }
                _ => return Err(self.fault(&format!("a value is expected, and not {}", self.found()))),
            };
            self.at += 1;
            if !values.contains(&value) {
                values.push(value);
            }
            if !self.take(",") || self.is("]") {
                return Ok(json!({ "enum": values }));
            }
        }
    }
}

fn is_type(name: &str) -> bool {
    PLAIN.iter().any(|(python, _)| *python == name)
        || [
            "list", "dict", "Any", "date", "datetime", "Optional", "Union", "Literal",
        ]
        .contains(&name)
}

fn sample(name: &str) -> &'static str {
    match name {
        "Optional" => "Optional[str]",
        "Union" => "Union[int, str]",
        _ => "Literal[\"yes\", \"no\"]",
    }
}

fn unknown(name: &str) -> String {
    match OTHERS.iter().find(|(other, _)| *other == name) {
        Some((_, python)) => format!("`{name}` is no type here: write `{python}`"),
        None => format!(
            "`{name}` is no type: there are `str`, `int`, `float`, `bool`, `date`, `datetime`, `list[…]`, \
             `dict[str, …]`, `Literal[…]`, `Optional[…]`, `… | …`, `{{name: type}}` and `Any`"
        ),
    }
}

fn shown(mark: &str) -> String {
    if mark == END {
        END.to_owned()
    } else {
        format!("`{mark}`")
    }
}

/// One of several types; those that are unions themselves become part of it.
fn union(members: Vec<Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for member in members {
        let parts = match member.get("anyOf") {
            Some(Value::Array(parts)) => parts.clone(),
            _ => vec![member],
        };
        for part in parts {
            if !all.contains(&part) {
                all.push(part);
            }
        }
    }
    match all.len() {
        1 => all.remove(0),
        _ => json!({ "anyOf": all }),
    }
}

fn describe(schema: &mut Value, said: &str) {
    if let (Some(map), false) = (schema.as_object_mut(), said.is_empty()) {
        map.insert("description".into(), said.into());
    }
}
