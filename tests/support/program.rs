//! Starts `mcm` as a user would, in a folder of its own, and looks what it leaves behind.
//!
//! - Each program runs in a session of its own, by which its processes are told from those of other tests.
//! - No variable of the machine reaches it but PATH, and HOME is a new folder.

use std::{
    io::{Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Far longer than anything takes; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A program to be started.
pub struct Program {
    folder: Arc<tempfile::TempDir>,
    command: Command,
    stdin: Option<Vec<u8>>,
}

/// What became of it.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub elapsed: Duration,
    /// Command lines of processes that it left running.
    pub leftovers: Vec<String>,
}

/// What comes from a stream, as it comes.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<()>,
}

/// A program that runs.
pub struct Started {
    child: Child,
    stdout: Collected,
    stderr: Collected,
    started: Instant,
    folder: Arc<tempfile::TempDir>,
}

impl Program {
    /// `mcm` with these arguments, in a new folder.
    pub fn new<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Self {
        Self::of(env!("CARGO_BIN_EXE_mcm").as_ref(), arguments)
    }

    /// Another program.
    pub fn of<I: AsRef<std::ffi::OsStr>>(program: &Path, arguments: impl IntoIterator<Item = I>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("a home folder");
        std::fs::create_dir(folder.path().join("work")).expect("a working folder");
        Self::in_folder(Arc::new(folder), program, arguments)
    }

    /// `mcm` with other arguments, in the same folder and with the same home.
    pub fn again<I: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Self {
        Self::in_folder(Arc::clone(&self.folder), env!("CARGO_BIN_EXE_mcm").as_ref(), arguments)
    }

    fn in_folder<I: AsRef<std::ffi::OsStr>>(
        folder: Arc<tempfile::TempDir>,
        program: &Path,
        arguments: impl IntoIterator<Item = I>,
    ) -> Self {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(folder.path().join("work"))
            .env_clear()
            .env("HOME", folder.path().join("home"));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self {
            folder,
            command,
            stdin: None,
        }
    }

    /// The folder that it runs in.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder for the file");
        std::fs::write(path, text).expect("a file");
        self
    }

    /// Writes mcp_servers.json and trusts it.
    pub fn servers(self, servers: &Value) -> Self {
        let text = serde_json::json!({ "servers": servers }).to_string();
        self.file("mcp_servers.json", &text).arg("--trust")
    }

    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// A model endpoint to ask.
    pub fn model(self, base_url: &str) -> Self {
        self.env("OPENAI_BASE_URL", base_url)
            .env("OPENAI_API_KEY", "sk-test-key-of-nobody")
            .env("MCM_MODEL", "scripted")
    }

    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// What is to be started, and the folder that goes with it.
    pub(super) fn into_parts(self) -> (Command, Arc<tempfile::TempDir>) {
        (self.command, self.folder)
    }

    /// Makes the permissions of files count for it, as they do not for root.
    pub fn obeying_permissions(mut self) -> Self {
        const CAP_DAC_OVERRIDE: libc::c_ulong = 1;
        const CAP_DAC_READ_SEARCH: libc::c_ulong = 2;
        // SAFETY: `prctl` is safe between fork and exec. Who is not root may not do this, and need not.
        unsafe {
            self.command.pre_exec(|| {
                libc::prctl(libc::PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
                libc::prctl(libc::PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
                Ok(())
            })
        };
        self
    }

    /// Runs it as on a system where this system call fails; with `bits`, only where its second argument has them.
    pub fn on_a_system_without(mut self, call: libc::c_long, bits: u32, errno: i32) -> Self {
        let filter = refusing(call, bits, errno);
        let act = move || {
            let program = libc::sock_fprog {
                len: u16::try_from(filter.len()).unwrap_or_default(),
                filter: filter.as_ptr().cast_mut(),
            };
            // SAFETY: `prctl` is safe between fork and exec, and `program` lives longer than the call.
            let failed = unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                    || libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) != 0
            };
            if failed {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        };
        // SAFETY: nothing is allocated in it.
        unsafe { self.command.pre_exec(act) };
        self
    }

    /// Starts it and waits for its end.
    pub fn run(self) -> Ended {
        self.start().wait()
    }

    /// Starts it.
    pub fn start(mut self) -> Started {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.stdin(if self.stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        // SAFETY: `setsid` is safe between fork and exec.
        unsafe {
            self.command.pre_exec(|| match libc::setsid() {
                -1 => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            })
        };
        let started = Instant::now();
        let mut child = self.command.spawn().expect("mcm starts");
        if let (Some(text), Some(mut stdin)) = (self.stdin, child.stdin.take()) {
            std::thread::spawn(move || stdin.write_all(&text));
        }
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        Started {
            child,
            stdout,
            stderr,
            started,
            folder: self.folder,
        }
    }
}

impl Started {
    pub fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so its id is its own.
        unsafe { libc::kill(self.child.id().cast_signed(), signal) };
    }

    /// Its process.
    pub fn id(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Processes of its session, itself excluded.
    pub fn others(&self) -> Vec<(i32, String)> {
        processes_of(self.child.id().cast_signed())
    }

    /// The most memory that it has held so far, in KiB; its worker is not counted.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| line.trim().strip_suffix(" kB"));
        size.expect("a size in KiB").parse().expect("a number")
    }

    /// Waits until a process of its session has `part` in its command line.
    pub fn wait_for_process(&self, part: &str) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((id, _)) = self.others().into_iter().find(|(_, command)| command.contains(part)) {
                return id;
            }
            assert!(Instant::now() < deadline, "no process with `{part}` appears");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for a file in the folder that it runs in, and reads it.
    pub fn wait_for_file(&self, name: &str) -> String {
        let (path, deadline) = (self.folder.path().join("work").join(name), Instant::now() + PATIENCE);
        loop {
            match std::fs::read_to_string(&path) {
                Ok(text) => return text,
                Err(_) if Instant::now() > deadline => panic!("the file `{name}` did not appear"),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Waits until its stderr holds `part`.
    pub fn wait_for_stderr(&self, part: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.stderr.so_far().contains(part) {
            assert!(Instant::now() < deadline, "no `{part}` in: {}", self.stderr.so_far());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has written to stderr.
    pub fn stderr_so_far(&self) -> String {
        self.stderr.so_far()
    }

    /// Waits for its end, and for the end of what it started.
    pub fn wait(mut self) -> Ended {
        let session = self.child.id().cast_signed();
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("mcm can be waited for") {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    self.signal(libc::SIGKILL);
                    panic!("mcm did not end; stderr: {}", self.stderr.so_far());
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let elapsed = self.started.elapsed();
        let leftovers = leftovers(session);
        let text = |stream: Collected| {
            stream.ended.recv_timeout(PATIENCE).expect("its output ends");
            stream.so_far()
        };
        Ended {
            code: status.code(),
            stdout: text(self.stdout),
            stderr: text(self.stderr),
            elapsed,
            leftovers,
        }
    }
}

impl Ended {
    /// stdout as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("stdout is no JSON ({e}):\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }

    /// The same, checked for its exit code and that it left no process behind.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        assert_eq!(self.leftovers, Vec::<String>::new(), "it left processes behind");
        self
    }
}

/// A system call filter with one rule.
fn refusing(call: libc::c_long, bits: u32, errno: i32) -> [libc::sock_filter; 6] {
    let statement = |code: u32, k: u32, jt: u8, jf: u8| libc::sock_filter {
        code: u16::try_from(code).unwrap(),
        jt,
        jf,
        k,
    };
    let (load, returns) = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, libc::BPF_RET | libc::BPF_K);
    [
        statement(load, 0, 0, 0),
        statement(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            u32::try_from(call).unwrap(),
            0,
            3,
        ),
        statement(load, 24, 0, 0),
        statement(
            libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K,
            bits,
            0,
            u8::from(bits != 0),
        ),
        statement(returns, libc::SECCOMP_RET_ERRNO | errno.cast_unsigned(), 0, 0),
        statement(returns, libc::SECCOMP_RET_ALLOW, 0, 0),
    ]
}

fn collect(mut from: impl Read + Send + 'static) -> Collected {
    let (sender, ended) = mpsc::channel();
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let collected = Arc::clone(&bytes);
    std::thread::spawn(move || {
        let mut chunk = [0; 1 << 16];
        while let Ok(n @ 1..) = from.read(&mut chunk) {
            collected
                .lock()
                .expect("nothing panics with it")
                .extend_from_slice(&chunk[..n]);
        }
        sender.send(())
    });
    Collected { bytes, ended }
}

impl Collected {
    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("nothing panics with it")).into_owned()
    }
}

/// What is still there of a session. A killed process takes a moment to go, so this waits for it.
fn leftovers(session: i32) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = processes_of(session);
        if left.is_empty() || Instant::now() > deadline {
            return left.into_iter().map(|(_, command)| command).collect();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes of a session, its leader excluded.
pub fn processes_of(session: i32) -> Vec<(i32, String)> {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| *id != session)
        .filter_map(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            let of_session = fields.get(3)?.parse::<i32>().ok()? == session && fields.first() != Some(&"Z");
            let command = std::fs::read(format!("/proc/{id}/cmdline")).ok()?;
            of_session.then(|| (id, String::from_utf8_lossy(&command).replace('\0', " ")))
        })
        .collect()
}
