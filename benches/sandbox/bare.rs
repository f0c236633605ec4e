//! What can be had without `mcm`: RustPython alone, with the same features, and two processes that say nothing but bytes.

use std::{
    io::{Read, Write},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command, Stdio},
};

use rustpython_vm::{Interpreter, Settings};

use super::{Cell, Side, What};

/// Bytes of a request to the echo: as many as the frame of a small call has.
const REQUEST: usize = 128;
/// Bytes of a small answer.
const ANSWER: usize = 64;

/// As a process: runs the script from standard input and prints how long it took, as the script says itself.
pub fn run() {
    let source = std::io::read_to_string(std::io::stdin()).unwrap();
    let mut settings = Settings::default();
    settings.install_signal_handlers = false;
    settings.import_site = false;
    settings.isolated = true;
    let builder = Interpreter::builder(settings);
    let native = rustpython_stdlib::stdlib_module_defs(&builder.ctx);
    let interpreter = builder
        .add_native_modules(&native)
        .add_frozen_modules(include!(concat!(env!("OUT_DIR"), "/plain.rs")).decode())
        .build();
    let took = interpreter.enter(|vm| {
        let scope = vm.new_scope_with_builtins();
        let ended = vm.run_string(scope.clone(), &source, "<script>");
        if let Err(error) = ended {
            vm.print_exception(&error);
            std::process::exit(1);
        }
        let took = scope
            .globals
            .get_item("elapsed", vm)
            .expect("the script takes its time");
        took.str(vm).expect("a number").to_string_lossy().into_owned()
    });
    println!("{took}");
}

/// As a process: answers each request on standard input with as many bytes as it asks for.
pub fn echo() {
    use std::os::fd::AsFd;
    let mut socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
    let mut request = [0; REQUEST];
    while socket.read_exact(&mut request).is_ok() {
        let size = u64::from_le_bytes(*request.first_chunk().unwrap());
        socket.write_all(&vec![b'x'; usize::try_from(size).unwrap()]).unwrap();
    }
}

/// The side of the table.
pub struct Bare {
    socket: UnixStream,
    echo: Child,
}

impl Bare {
    pub fn new() -> Self {
        let (socket, theirs) = UnixStream::pair().unwrap();
        let echo = this_program("echo").stdin(OwnedFd::from(theirs)).spawn().unwrap();
        Self { socket, echo }
    }

    fn ask(&mut self, size: usize) {
        let mut request = [0; REQUEST];
        request[..8].copy_from_slice(&(size as u64).to_le_bytes());
        self.socket.write_all(&request).unwrap();
        self.socket.read_exact(&mut vec![0; size]).unwrap();
    }
}

impl Side for Bare {
    fn name(&self) -> &'static str {
        "bare"
    }

    fn measure(&mut self, what: &What) -> Cell {
        match what {
            What::Calls => super::milliseconds(|| (0..1000).for_each(|_| self.ask(ANSWER))),
            What::Result(size) => super::milliseconds(|| self.ask(*size)),
            What::Script(source) => {
                let mut child = this_program("bare")
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap();
                child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
                let output = child.wait_with_output().unwrap();
                let took = String::from_utf8_lossy(&output.stdout).trim().parse();
                Cell::from(took.map_err(|_| "cannot".to_owned()))
            }
            _ => Cell::Empty,
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.echo.kill().unwrap();
        self.echo.wait().unwrap();
    }
}

/// This very program as something else.
pub fn this_program(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(role);
    command
}
