//! CPython and pydantic-monty.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{Cell, Side, What, memory, milliseconds};

/// `python3 -I`
pub struct CPython {
    program: String,
}

impl CPython {
    /// The interpreter itself, since `python3` may be a shell script that looks for it.
    pub fn new() -> Self {
        let output = Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output()
            .unwrap();
        let program = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Self { program }
    }

    fn run(&self, source: &str) -> String {
        let output = Command::new(&self.program).args(["-I", "-c", source]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Interpreters that wait after their script.
    fn waiting(&self, count: usize) -> Vec<Child> {
        let start = |_| {
            let mut command = Command::new(&self.program);
            command.args(["-I", "-c", "x = 1\nprint(x, flush=True)\ninput()"]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
        };
        let mut started: Vec<Child> = (0..count).map(start).collect();
        for child in &mut started {
            let mut line = String::new();
            BufReader::new(child.stdout.as_mut().unwrap())
                .read_line(&mut line)
                .unwrap();
        }
        started
    }

    fn end(sessions: Vec<Child>) {
        for mut child in sessions {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Side for CPython {
    fn name(&self) -> &'static str {
        "CPython"
    }

    fn measure(&mut self, what: &What) -> Cell {
        match what {
            What::Fresh => milliseconds(|| drop(self.run("print(1 + 1)"))),
            What::Cold => milliseconds(|| drop(self.run("print(1)"))),
            What::Script(source) => {
                let took = self.run(&format!("{source}\nprint(elapsed)"));
                Cell::from(took.trim().parse().map_err(|_| took.clone()))
            }
            What::Sessions => {
                let mut started = Vec::new();
                let took = milliseconds(|| started = self.waiting(super::SESSIONS));
                Self::end(started);
                took
            }
            What::SessionsMemory => {
                let started = self.waiting(super::SESSIONS);
                let bytes: u64 = started.iter().map(|child| memory::share(child.id())).sum();
                Self::end(started);
                Cell::Figure(super::megabytes(bytes))
            }
            What::Private => {
                let started = self.waiting(1);
                let bytes = memory::private(started[0].id());
                Self::end(started);
                Cell::Figure(super::megabytes(bytes))
            }
            _ => Cell::Empty,
        }
    }
}

/// pydantic-monty, driven through a Python that has it.
pub struct Monty {
    driver: Option<(Child, ChildStdin, BufReader<ChildStdout>)>,
}

impl Monty {
    /// `MONTY_PYTHON` names a Python in which pydantic-monty is installed, if it is not `python3`.
    pub fn new() -> Self {
        let python = std::env::var_os("MONTY_PYTHON").unwrap_or("python3".into());
        let installed = Command::new(&python)
            .args(["-c", "import pydantic_monty"])
            .stderr(Stdio::null())
            .status();
        if !installed.is_ok_and(|status| status.success()) {
            return Self { driver: None };
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/sandbox/monty.py");
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self {
            driver: Some((child, stdin, BufReader::new(stdout))),
        }
    }
}

impl Side for Monty {
    fn name(&self) -> &'static str {
        "monty"
    }

    fn measure(&mut self, what: &What) -> Cell {
        let order = match what {
            What::Fresh => "fresh".to_owned(),
            What::Same => "same".to_owned(),
            What::Calls => "calls".to_owned(),
            What::Parallel => "parallel".to_owned(),
            What::Result(size) => format!("result {size}"),
            What::Sessions => "sessions".to_owned(),
            What::Script(source) => format!("script {}", serde_json::Value::from(source.as_str())),
            _ => return Cell::Empty,
        };
        let Some((_, stdin, stdout)) = &mut self.driver else {
            return Cell::Text("not installed".to_owned());
        };
        writeln!(stdin, "{order}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Cell::from(line.trim().parse().map_err(|_| line.trim().to_owned()))
    }
}

impl Drop for Monty {
    fn drop(&mut self) {
        if let Some((child, ..)) = &mut self.driver {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
