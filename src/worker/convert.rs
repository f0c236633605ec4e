//! From the bodies of frames to Python values.
//!
//! - Nothing is rounded: an integer keeps all its digits.

use std::{cell::RefCell, fmt, sync::OnceLock};

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyDict, PyTypeRef},
};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::wire::ValueKind;

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

/// The classes, once the tools module has made them known.
pub fn classes() -> Option<&'static Classes> {
    CLASSES.get()
}

/// Makes the classes known; the first ones stay.
pub fn register(classes: Classes) {
    let _ = CLASSES.set(classes);
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
