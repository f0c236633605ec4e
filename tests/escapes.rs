//! What a script, and a worker that a script has taken over, can reach: nothing.
//!
//! A script of `# misbehave` is an order to the worker of a debug build (`src/worker/misbehave.rs`): raw system calls
//! and bytes on its socket, from the place where a script runs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{program::Program, servers::scripted};

/// Stands in a file beside the script, in the environment of `mcm`, and in no record.
const CANARY: &str = "canary-7f3a91";

/// `mcm run --json` of these orders.
fn misbehaves(orders: &[String]) -> Value {
    let mut script = "# misbehave\n".to_owned();
    for order in orders {
        writeln!(script, "# {order}").unwrap();
    }
    let ended = Program::new(["run", "--json", "script.py"])
        .file("script.py", &script)
        .servers(&json!({ "toy": scripted() }))
        .run();
    assert_eq!(ended.leftovers, Vec::<String>::new());
    ended.json()
}

/// A system call by number, with its arguments.
fn call(number: libc::c_long, arguments: &str) -> String {
    format!("call {number} {arguments}")
}

#[test]
fn files_and_whatever_else_is_refused_gives_an_error_and_no_more() {
    let (read, create) = (libc::O_RDONLY, libc::O_CREAT | libc::O_WRONLY);
    let refused = [
        (
            call(libc::SYS_openat, &format!("-100 \"/etc/passwd\" {read}")),
            libc::EACCES,
        ),
        (
            call(libc::SYS_openat, &format!("-100 \"/tmp/mcm-escaped\" {create} 420")),
            libc::EACCES,
        ),
        (
            call(libc::SYS_openat, &format!("-100 \"/proc/self/mem\" {read}")),
            libc::EACCES,
        ),
        (call(libc::SYS_openat2, "-100 \"/etc/passwd\" 0 24"), libc::EACCES),
        (call(libc::SYS_statx, "-100 \"/etc/passwd\" 0 0 0"), libc::EACCES),
        (call(libc::SYS_readlinkat, "-100 \"/proc/self/exe\" 0 0"), libc::EACCES),
        (call(libc::SYS_unlinkat, "-100 \"/tmp/x\" 0"), libc::EACCES),
        (call(libc::SYS_mkdirat, "-100 \"/tmp/mcm-escaped\" 511"), libc::EACCES),
        (call(libc::SYS_sendmsg, "0 0 0"), libc::EACCES),
        // out-of-band bytes
        (call(libc::SYS_sendto, "0 \"x\" 1 1 0 0"), libc::ENOSYS),
        (call(libc::SYS_recvfrom, "0 0 0 1 0 0"), libc::ENOSYS),
        (call(libc::SYS_recvmsg, "0 0 1"), libc::ENOSYS),
        // to raise its own limits
        (call(libc::SYS_prlimit64, "0 9 1 0"), libc::ENOSYS),
        (call(libc::SYS_prctl, "22 0"), libc::ENOSYS),
        (call(libc::SYS_seccomp, "0 0 0"), libc::EACCES),
        // memory that can be run
        (call(libc::SYS_mmap, "0 4096 7 34 -1 0"), libc::ENOSYS),
        (call(libc::SYS_mprotect, "0 4096 4"), libc::ENOSYS),
        // signals to another process, and to this one by the way that `abort` takes
        (call(libc::SYS_tgkill, "1 1 9"), libc::EPERM),
        (call(libc::SYS_clone3, "0 88"), libc::ENOSYS),
        (call(libc::SYS_ioctl, "0 21531 0"), libc::ENOSYS),
        // one that does not exist
        (call(100_000, "0"), libc::ENOSYS),
    ];
    let (orders, errors): (Vec<_>, Vec<_>) = refused.into_iter().unzip();
    let expected: Vec<i32> = errors.iter().map(|errno| -errno).collect();
    let record = misbehaves(&orders);
    assert_eq!(record["result"], json!(expected), "{orders:#?}");
    let threaded: Vec<String> = orders.iter().map(|order| order.replace("call ", "thread ")).collect();
    assert_eq!(misbehaves(&threaded)["result"], json!(expected));
    assert!(!std::path::Path::new("/tmp/mcm-escaped").exists());
}

#[test]
fn what_only_an_attacker_does_ends_the_script_and_is_named() {
    let parent = std::process::id();
    let forbidden = [
        ("execve", call(libc::SYS_execve, "\"/bin/sh\" 0 0")),
        ("execveat", call(libc::SYS_execveat, "-100 \"/bin/sh\" 0 0 0")),
        ("socket", call(libc::SYS_socket, "2 1 0")),
        ("socketpair", call(libc::SYS_socketpair, "1 1 0 0")),
        ("connect", call(libc::SYS_connect, "0 0 0")),
        ("bind", call(libc::SYS_bind, "0 0 0")),
        ("kill", call(libc::SYS_kill, &format!("{parent} 15"))),
        ("kill", call(libc::SYS_kill, "-1 9")),
        ("tkill", call(libc::SYS_tkill, &format!("{parent} 15"))),
        (
            "rt_sigqueueinfo",
            call(libc::SYS_rt_sigqueueinfo, &format!("{parent} 15 0")),
        ),
        ("pidfd_open", call(libc::SYS_pidfd_open, &format!("{parent} 0"))),
        ("ptrace", call(libc::SYS_ptrace, &format!("16 {parent} 0 0"))),
        (
            "process_vm_readv",
            call(libc::SYS_process_vm_readv, &format!("{parent} 0 0 0 0 0")),
        ),
        (
            "process_vm_writev",
            call(libc::SYS_process_vm_writev, &format!("{parent} 0 0 0 0 0")),
        ),
        // as the C library forks, as `vfork` does, with namespaces, and out of the parent's sight
        ("clone", call(libc::SYS_clone, "18874385 0 0 0 0")),
        ("clone", call(libc::SYS_clone, "17 0 0 0 0")),
        ("clone", call(libc::SYS_clone, "268435473 0 0 0 0")),
        ("clone", call(libc::SYS_clone, "32785 0 0 0 0")),
        ("unshare", call(libc::SYS_unshare, "268435456")),
        ("setns", call(libc::SYS_setns, "0 0")),
        ("mount", call(libc::SYS_mount, "\"/\" \"/\" 0 4096 0")),
        ("chroot", call(libc::SYS_chroot, "\"/\"")),
        ("bpf", call(libc::SYS_bpf, "0 0 0")),
        ("io_uring_setup", call(libc::SYS_io_uring_setup, "8 0")),
        ("userfaultfd", call(libc::SYS_userfaultfd, "0")),
        ("perf_event_open", call(libc::SYS_perf_event_open, "0 0 0 -1 0")),
        ("keyctl", call(libc::SYS_keyctl, "0 -3 0")),
        ("memfd_create", call(libc::SYS_memfd_create, "\"x\" 0")),
        ("setuid", call(libc::SYS_setuid, "0")),
        ("reboot", call(libc::SYS_reboot, "0 0 0 0")),
    ];
    let ends = |name: &str, order: String| {
        let record = misbehaves(std::slice::from_ref(&order));
        assert_eq!(record["diagnostics"]["code"], "CRASHED", "{order}: {record:#}");
        let message = record["diagnostics"]["message"].as_str().unwrap();
        let expected = format!("the script was ended at a system call that is forbidden (`{name}`)");
        assert_eq!(message, expected, "{order}");
    };
    std::thread::scope(|scope| {
        for half in forbidden.chunks(forbidden.len() / 2) {
            scope.spawn(move || {
                for (name, order) in half {
                    ends(name, order.clone());
                }
            });
        }
    });
    ends("socket", call(libc::SYS_socket, "2 1 0").replace("call ", "thread "));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_by_the_numbers_of_another_architecture_end_the_script() {
    // x32's `getpid`
    let record = misbehaves(&[call(0x4000_0000 + 39, "")]);
    assert_eq!(record["diagnostics"]["code"], "CRASHED", "{record:#}");
}

#[test]
fn bytes_that_are_no_frames_end_the_script_and_nothing_else() {
    let frame = |head: &str, body: u32| {
        let mut hex = String::new();
        let lengths = [u32::try_from(head.len()).unwrap().to_le_bytes(), body.to_le_bytes()].concat();
        for byte in lengths.iter().chain(head.as_bytes()) {
            write!(hex, "{byte:02x}").unwrap();
        }
        format!("send {hex}")
    };
    let broken = [
        format!("send {}", "ff".repeat(16)),
        frame("{}", 0),
        frame("{\"type\":\"no_such\"}", 0),
        frame("{\"type\":\"forked\",\"pid\":1}", 0),
        frame("{\"type\":\"begun\",\"layers\":[]}", 0),
        frame("{\"type\":\"output\",\"stream\":\"stdout\"}", u32::MAX),
    ];
    for order in broken {
        let record = misbehaves(std::slice::from_ref(&order));
        assert_eq!(record["diagnostics"]["code"], "CRASHED", "{order}: {record:#}");
        let message = record["diagnostics"]["message"].as_str().unwrap();
        assert!(message.contains("broke the protocol"), "{order}: {message}");
    }
    // a result is what a script may give; a tool that does not exist is none however it is asked for
    let record = misbehaves(&[frame(
        "{\"type\":\"finished\",\"answered\":true,\"diagnostics\":null}",
        0,
    )]);
    assert_eq!(
        (&record["success"], &record["result"]),
        (&json!(true), &Value::Null),
        "{record:#}"
    );
}

/// Each tries to get at the canary or to leave a file, by ways that need no import statement.
const SCRIPTS: &[&str] = &[
    "open('canary.txt').read()",
    "print.__self__.open('canary.txt').read()",
    "import io\nio.open('canary.txt').read()",
    "import io\nio.FileIO('canary.txt').read()",
    "import io\nio.open_code('canary.txt').read()",
    "import codecs\ncodecs.open('canary.txt').read()",
    "import sys\nsys.modules['os'].open('canary.txt', 0)",
    "import sys\nsys.modules['os'].environ['CANARY']",
    "import sys\nsys.modules['os'].system('cat canary.txt > escaped')",
    "import sys\nsys.modules['posix'].environ[b'CANARY']",
    "import sys\nsys.modules['subprocess'].run(['cp', 'canary.txt', 'escaped'])",
    "import asyncio\nasyncio.run(asyncio.create_subprocess_shell('cp canary.txt escaped'))",
    "import asyncio\nawait asyncio.open_connection('127.0.0.1', 9)",
    "import sys\nsys.modules['socket'].socket()",
    "import logging\nlogging.FileHandler('escaped')",
    "import traceback, linecache\nlinecache.getlines('canary.txt')",
    "import traceback\ntraceback.linecache.getline('canary.txt', 1)",
    "import inspect\ninspect.linecache.updatecache('canary.txt')",
    "import xml.etree.ElementTree as e\ne.parse('canary.txt')",
    "import xml.etree.ElementTree as e\ne.fromstring('<!DOCTYPE a [<!ENTITY x SYSTEM \"canary.txt\">]><a>&x;</a>').text",
    "import tomllib\ntomllib.load(tomllib.__builtins__['open']('canary.txt', 'rb'))",
    "import zoneinfo\nzoneinfo.reset_tzpath(['.'])\nzoneinfo.ZoneInfo('canary.txt')",
    "import csv\nlist(csv.reader(csv.__builtins__['open']('canary.txt')))",
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'FileIO'][0]('canary.txt').read()",
    "[c for c in ().__class__.__base__.__subclasses__() if 'Loader' in c.__name__ or 'Importer' in c.__name__][-1].get_data('canary.txt')",
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'catch_warnings'][0]()._module.__builtins__['open']('canary.txt').read()",
    "(lambda: 0).__globals__['__builtins__'].__dict__['__import__']('posix').system('cp canary.txt escaped')",
    "import sys\nsys.modules['importlib._bootstrap_external'].FileLoader('x', 'canary.txt').get_data('canary.txt')",
    "import sys\nsys.meta_path[0].find_spec('_ctypes').loader.load_module('_ctypes')",
    "import sys\nsys._getframe().f_builtins['open']('canary.txt').read()",
    "import types\ntypes.FunctionType((lambda: 0).__code__.replace(co_code=b'\\x00' * 64), {})()",
    "import sys\nsys.modules['_io'].FileIO(0).read()",
    "import sys\nsys.modules['_io'].FileIO(0, 'w').write(b'\\xff' * 64)",
    "tools.call('toy', '../canary')",
    "import sys\nsys.modules['_mcm'].call('tools', 'artifact', {'id': '../canary.txt'}, None)[0].index('value')",
    "import sys\nsys.modules['_mcm'].call('no such', 'tool', {}, None)[0].index('value')",
];

#[test]
fn no_way_round_the_language_reaches_a_file_the_environment_or_the_network() {
    let escapes = |source: &str| {
        let program = Program::new(["run", "--json", "script.py"])
            .file("script.py", &format!("{source}\n"))
            .file("canary.txt", CANARY)
            .env("CANARY", CANARY)
            .servers(&json!({ "toy": scripted() }));
        let folder = program.folder();
        let ended = program.run();
        assert!(!ended.stdout.contains(CANARY), "{source}\n{}", ended.stdout);
        assert!(!folder.join("escaped").exists(), "{source}");
        assert_eq!(ended.leftovers, Vec::<String>::new(), "{source}");
        let record = ended.json();
        // nothing is what there is of a file that is not there
        let harmless = record["success"] == false || [json!([]), json!(""), Value::Null].contains(&record["result"]);
        assert!(harmless, "{source}\n{record:#}");
    };
    std::thread::scope(|scope| {
        for half in SCRIPTS.chunks(SCRIPTS.len().div_ceil(2)) {
            scope.spawn(move || half.iter().for_each(|source| escapes(source)));
        }
    });
}
