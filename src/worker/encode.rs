//! From Python values to JSON: the arguments of calls, answers and results.
//!
//! - Nothing is rounded: an integer of more than 64 bits becomes a text of all its digits.
//! - What has no JSON form is a `TypeError` that says where it is.

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyDict, PyFloat, PyInt, PyList, PyStr, PyTuple, PyType, PyTypeRef},
};

use super::convert::{self, Classes};
use crate::wire;

/// Deepest nesting that is sent; the other side reads 128 levels.
const MAX_DEPTH: usize = 100;
/// Most steps of a place that an error names.
const MAX_SHOWN: usize = 12;

/// What a value becomes JSON for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The arguments of a call.
    Arguments,
    /// The answer or result of a script.
    Answer,
}

/// `value` as JSON.
///
/// # Errors
/// `TypeError` that names the place of what has no JSON form; `ValueError` for what is too large.
pub fn to_json(vm: &VirtualMachine, value: &PyObject, purpose: Purpose) -> PyResult<Vec<u8>> {
    let mut encoder = Encoder {
        vm,
        purpose,
        out: Vec::new(),
        path: Vec::new(),
        open: Vec::new(),
    };
    encoder.value(value)?;
    if encoder.out.len() > wire::MAX_FROM_WORKER {
        let (size, most) = (encoder.out.len() >> 20, wire::MAX_FROM_WORKER >> 20);
        return Err(vm.new_value_error(format!(
            "the value is {size} MiB as JSON; at most {most} MiB can be given"
        )));
    }
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
            self.integer(&number.as_bigint().to_string());
        } else if let Some(number) = value.downcast_ref::<PyFloat>() {
            self.float(number.to_f64())?;
        } else {
            self.nested(value)?;
        }
        Ok(())
    }

    /// Readers of JSON take a longer number for a float.
    fn integer(&mut self, digits: &str) {
        if digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok() {
            self.out.extend_from_slice(digits.as_bytes());
        } else {
            self.text(digits);
        }
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
        let classes = convert::classes();
        let is = |of: fn(&Classes) -> &PyTypeRef| classes.is_some_and(|known| std::ptr::eq(class, &***of(known)));
        std::ptr::eq(class, &**self.vm.ctx.types.dict_type)
            || is(|known| &known.tool_dict)
            || is(|known| &known.json_dict)
    }

    fn plain(&self, value: &PyObject) -> PyResult {
        let classes = convert::classes().expect("the tools module is imported before any script runs");
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
        for (index, step) in self.path.iter().enumerate() {
            match step {
                _ if index == MAX_SHOWN => {
                    place.push('…');
                    break;
                }
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
