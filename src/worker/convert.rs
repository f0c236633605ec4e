//! Python values to JSON and back.
//!
//! - Nothing is rounded: an integer keeps all its digits in both directions.
//! - What has no JSON form is a `TypeError` that says where it is.

use std::{cell::RefCell, fmt, sync::OnceLock};

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyDict, PyFloat, PyInt, PyList, PyStr, PyTuple, PyType, PyTypeRef},
};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::wire::ValueKind;

/// Deepest nesting that is sent; the other side reads 128 levels.
const MAX_DEPTH: usize = 100;
/// As many digits in a row may be more than 64 bits hold.
const LONG_NUMBER: usize = 19;

/// The Python classes that values are made of.
#[derive(Debug)]
pub struct Classes {
    /// A dict whose `KeyError` names the keys.
    pub tool_dict: PyTypeRef,
    /// Such a dict with `.text`.
    pub json_dict: PyTypeRef,
    /// A list with `.text`.
    pub json_list: PyTypeRef,
    /// Data that is neither text nor JSON.
    pub artifact: PyTypeRef,
    /// `plain(value, answering)`: what stands for `value` in JSON.
    pub plain: PyObjectRef,
    /// `parse(text, hook)`: Python's own, exact and slower parser.
    pub parse: PyObjectRef,
}

static CLASSES: OnceLock<Classes> = OnceLock::new();

/// Makes the classes known; the first ones stay.
pub fn register(classes: Classes) {
    let _ = CLASSES.set(classes);
}

/// What a value becomes JSON for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The arguments of a call.
    Arguments,
    /// The answer or result of a script.
    Answer,
}

/// The Python value of a frame's body.
///
/// # Errors
/// `ValueError` for a body that is not what `kind` says.
pub fn to_python(vm: &VirtualMachine, kind: ValueKind, body: Vec<u8>) -> PyResult {
    let classes = CLASSES
        .get()
        .expect("the tools module is imported before any value comes");
    match kind {
        ValueKind::Text => Ok(vm.ctx.new_str(text(body)).into()),
        ValueKind::Bytes => Ok(vm.ctx.new_bytes(body).into()),
        ValueKind::Json => parse(vm, &text(body), None),
        ValueKind::ToolJson => parse(vm, &text(body), Some(&classes.tool_dict)),
        ValueKind::JsonText => json_text(vm, text(body), classes),
        ValueKind::Artifact => parse(vm, &text(body), None).and_then(|value| artifact(vm, &value, classes)),
        ValueKind::Blocks => {
            let blocks = parse(vm, &text(body), Some(&classes.tool_dict))?;
            let blocks: Vec<PyObjectRef> = blocks.try_to_value(vm)?;
            let blocks: PyResult<Vec<_>> = blocks.iter().map(|block| self::block(vm, block, classes)).collect();
            Ok(vm.ctx.new_list(blocks?).into())
        }
    }
}

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn json_text(vm: &VirtualMachine, text: String, classes: &Classes) -> PyResult {
    let value = parse(vm, &text, Some(&classes.tool_dict))?;
    let class = if value.downcast_ref::<PyDict>().is_some() {
        &classes.json_dict
    } else {
        &classes.json_list
    };
    let value = class.as_object().call((value,), vm)?;
    value.set_attr("text", vm.ctx.new_str(text), vm)?;
    Ok(value)
}

fn block(vm: &VirtualMachine, block: &PyObject, classes: &Classes) -> PyResult {
    if let Some(dict) = block.downcast_ref::<PyDict>() {
        for name in ["text", "json"] {
            if let Some(value) = dict.inner_getitem_opt(name, vm)? {
                return Ok(value);
            }
        }
        if let Some(value) = dict.inner_getitem_opt("artifact", vm)? {
            return artifact(vm, &value, classes);
        }
    }
    Err(vm.new_value_error("a block of a kind that this version does not know"))
}

fn artifact(vm: &VirtualMachine, value: &PyObject, classes: &Classes) -> PyResult {
    let field = |name: &str| match value.downcast_ref::<PyDict>() {
        Some(dict) => Ok(dict.inner_getitem_opt(name, vm)?.unwrap_or_else(|| vm.ctx.none())),
        None => Err(vm.new_value_error("an artifact is an object")),
    };
    classes
        .artifact
        .as_object()
        .call((field("id")?, field("path")?, field("mime")?, field("size")?), vm)
}

/// The Python value of a JSON text; objects become `dict_class`, if given.
///
/// # Errors
/// `ValueError` for what is no JSON.
pub fn parse(vm: &VirtualMachine, json: &str, dict_class: Option<&PyTypeRef>) -> PyResult {
    if !has_long_number(json.as_bytes()) {
        let mut from = serde_json::Deserializer::from_str(json);
        let failed = RefCell::new(None);
        let value = Seed {
            vm,
            dict_class,
            failed: &failed,
        }
        .deserialize(&mut from);
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        if let Ok(value) = value
            && from.end().is_ok()
        {
            return Ok(value);
        }
    }
    // numbers over 64 bits, and a precise message for what is no JSON
    let classes = CLASSES
        .get()
        .expect("the tools module is imported before any value comes");
    let hook: PyObjectRef = dict_class.map_or_else(|| vm.ctx.none(), |class| class.clone().into());
    classes.parse.call((vm.ctx.new_str(json), hook), vm)
}

fn has_long_number(json: &[u8]) -> bool {
    json.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .any(|run| run.len() >= LONG_NUMBER && run[0].is_ascii_digit())
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    vm: &'a VirtualMachine,
    dict_class: Option<&'a PyTypeRef>,
    /// A Python exception, which serde's errors cannot carry.
    failed: &'a RefCell<Option<PyBaseExceptionRef>>,
}

impl Seed<'_> {
    fn made<E: serde::de::Error>(&self, value: PyResult) -> Result<PyObjectRef, E> {
        value.map_err(|error| {
            *self.failed.borrow_mut() = Some(error);
            E::custom("python")
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = PyObjectRef;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<PyObjectRef, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = PyObjectRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<PyObjectRef, E> {
        Ok(self.vm.ctx.none())
    }

    fn visit_bool<E>(self, value: bool) -> Result<PyObjectRef, E> {
        Ok(self.vm.ctx.new_bool(value).into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<PyObjectRef, E> {
        Ok(self.vm.ctx.new_int(value).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<PyObjectRef, E> {
        Ok(self.vm.ctx.new_int(value).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<PyObjectRef, E> {
        Ok(self.vm.ctx.new_float(value).into())
    }

    fn visit_str<E>(self, value: &str) -> Result<PyObjectRef, E> {
        Ok(self.vm.ctx.new_str(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PyObjectRef, A::Error> {
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(self.vm.ctx.new_list(list).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<PyObjectRef, A::Error> {
        let vm = self.vm;
        let dict: PyRef<PyDict> = match self.dict_class {
            None => vm.ctx.new_dict(),
            Some(class) => {
                let made = PyDict::default().into_ref_with_type(vm, class.clone());
                let made = self.made::<A::Error>(made.map(Into::into))?;
                made.downcast()
                    .map_err(|_| A::Error::custom("the class of dicts is no dict"))?
            }
        };
        while let Some(key) = items.next_key::<std::borrow::Cow<'_, str>>()? {
            let value = items.next_value_seed(self)?;
            let set = dict.inner_setitem(&*vm.ctx.new_str(&*key), value, vm);
            self.made::<A::Error>(set.map(|()| vm.ctx.none()))?;
        }
        Ok(dict.into())
    }
}

/// `value` as JSON.
///
/// # Errors
/// `TypeError` that names the place of what has no JSON form.
pub fn to_json(vm: &VirtualMachine, value: &PyObject, purpose: Purpose) -> PyResult<Vec<u8>> {
    let mut encoder = Encoder {
        vm,
        purpose,
        out: Vec::new(),
        path: Vec::new(),
        open: Vec::new(),
    };
    encoder.value(value)?;
    Ok(encoder.out)
}

enum Place {
    Key(String),
    Index(usize),
}

struct Encoder<'a> {
    vm: &'a VirtualMachine,
    purpose: Purpose,
    out: Vec<u8>,
    path: Vec<Place>,
    /// Identities of the values that enclose the current one.
    open: Vec<usize>,
}

impl Encoder<'_> {
    fn value(&mut self, value: &PyObject) -> PyResult<()> {
        let vm = self.vm;
        if vm.is_none(value) {
            self.out.extend_from_slice(b"null");
        } else if value.is(&vm.ctx.true_value) {
            self.out.extend_from_slice(b"true");
        } else if value.is(&vm.ctx.false_value) {
            self.out.extend_from_slice(b"false");
        } else if let Some(text) = value.downcast_ref::<PyStr>() {
            self.text(&text.to_string_lossy());
        } else if let Some(number) = value.downcast_ref::<PyInt>() {
            self.out.extend_from_slice(number.as_bigint().to_string().as_bytes());
        } else if let Some(number) = value.downcast_ref::<PyFloat>() {
            self.float(number.to_f64())?;
        } else {
            self.nested(value)?;
        }
        Ok(())
    }

    fn float(&mut self, number: f64) -> PyResult<()> {
        if !number.is_finite() {
            return Err(self.refuse(&format!(
                "is {}, which JSON does not have",
                number.to_string().to_lowercase()
            )));
        }
        serde_json::to_writer(&mut self.out, &number).expect("a finite number into memory");
        Ok(())
    }

    fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.out, text).expect("text into memory");
    }

    fn nested(&mut self, value: &PyObject) -> PyResult<()> {
        if self.open.contains(&value.get_id()) {
            return Err(self.refuse("contains itself"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.refuse(&format!("is nested more than {MAX_DEPTH} levels deep")));
        }
        self.open.push(value.get_id());
        if let Some(list) = value.downcast_ref::<PyList>() {
            let items = list.borrow_vec().to_vec();
            self.array(&items)?;
        } else if let Some(tuple) = value.downcast_ref::<PyTuple>() {
            self.array(tuple.as_slice())?;
        } else if let Some(dict) = value.downcast_ref::<PyDict>().filter(|_| self.in_order(value.class())) {
            self.object(dict.items_vec())?;
        } else {
            let plain = self.plain(value)?;
            self.value(&plain)?;
        }
        self.open.pop();
        Ok(())
    }

    /// Whether instances of `class` keep their items in the order that Python shows.
    fn in_order(&self, class: &PyType) -> bool {
        let classes = CLASSES.get();
        let is = |of: fn(&Classes) -> &PyTypeRef| classes.is_some_and(|known| std::ptr::eq(class, &***of(known)));
        std::ptr::eq(class, &**self.vm.ctx.types.dict_type)
            || is(|known| &known.tool_dict)
            || is(|known| &known.json_dict)
    }

    fn plain(&self, value: &PyObject) -> PyResult {
        let classes = CLASSES
            .get()
            .expect("the tools module is imported before any script runs");
        let answering = self.vm.ctx.new_bool(self.purpose == Purpose::Answer);
        classes
            .plain
            .call((value.to_owned(), answering), self.vm)
            .map_err(|error| {
                if !error.class().is(self.vm.ctx.exceptions.type_error) {
                    return error;
                }
                let reason = error
                    .as_object()
                    .str(self.vm)
                    .map(|text| text.to_string_lossy().into_owned());
                self.refuse(&reason.unwrap_or_else(|_| "has no JSON form".to_owned()))
            })
    }

    fn array(&mut self, items: &[PyObjectRef]) -> PyResult<()> {
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Place::Index(index));
            self.value(item)?;
            self.path.pop();
        }
        self.out.push(b']');
        Ok(())
    }

    fn object(&mut self, items: Vec<(PyObjectRef, PyObjectRef)>) -> PyResult<()> {
        let only_text = items.iter().all(|(key, _)| key.downcast_ref::<PyStr>().is_some());
        let mut seen = std::collections::HashSet::new();
        self.out.push(b'{');
        for (index, (key, value)) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let key = self.key(key)?;
            if !only_text && !seen.insert(key.clone()) {
                return Err(self.refuse(&format!("has two keys that both become {key:?}")));
            }
            self.text(&key);
            self.out.push(b':');
            self.path.push(Place::Key(key));
            self.value(value)?;
            self.path.pop();
        }
        self.out.push(b'}');
        Ok(())
    }

    fn key(&self, key: &PyObject) -> PyResult<String> {
        if let Some(text) = key.downcast_ref::<PyStr>() {
            return Ok(text.to_string_lossy().into_owned());
        }
        let known = self.vm.is_none(key)
            || key.downcast_ref::<PyInt>().is_some()
            || key
                .downcast_ref::<PyFloat>()
                .is_some_and(|number| number.to_f64().is_finite());
        if !known {
            let class = key.class().name().to_string();
            return Err(self.refuse(&format!("has a key of type {class:?}; keys are texts or numbers")));
        }
        String::from_utf8(to_json(self.vm, key, self.purpose)?)
            .map_err(|_| self.vm.new_value_error("a number that is no text"))
    }

    fn refuse(&self, reason: &str) -> PyBaseExceptionRef {
        let mut place = String::from(match self.purpose {
            Purpose::Arguments => "",
            Purpose::Answer => "answer",
        });
        for step in &self.path {
            match step {
                Place::Index(index) => place += &format!("[{index}]"),
                Place::Key(key) if place.is_empty() => place += key,
                Place::Key(key) => place += &format!("[{key:?}]"),
            }
        }
        let what = if self.purpose == Purpose::Arguments {
            "argument "
        } else {
            ""
        };
        self.vm.new_type_error(format!("{what}`{place}` {reason}"))
    }
}
