//! System call filters, as programs that the kernel runs at each call (seccomp).
//!
//! Two of them stand one behind the other, and the stricter answer counts. The first asks `mcm` about the calls
//! that only an attacker wants, and about each fork; the second allows what an interpreter needs and refuses the rest.
//!
//! - A call of another architecture, or of the other set of numbers that x86_64 has, ends the process.
//! - Without the first one the second ends a process that tries a forbidden call, and forks are free.

use std::{
    collections::BTreeMap,
    io,
    os::fd::{FromRawFd, OwnedFd},
};

use super::calls::{ALLOWED, ALLOWED_OLD, FORBIDDEN, FORBIDDEN_OLD, REFUSED, REFUSED_OLD};

/// The flags with which the C library forks.
/// Flags of a plain fork, as the C library makes it.
pub const FORK: u32 = (libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID | libc::SIGCHLD).cast_unsigned();
/// Those that make a thread and no process.
const THREAD: u32 = (libc::CLONE_THREAD | libc::CLONE_VM).cast_unsigned();
const OUT_OF_BAND: u32 = libc::MSG_OOB.cast_unsigned();
const EXECUTABLE: u32 = libc::PROT_EXEC.cast_unsigned();

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e; // AUDIT_ARCH_X86_64
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7; // AUDIT_ARCH_AARCH64
/// From here on, numbers are those of x86_64's x32.
const OTHER_NUMBERS: u32 = 0x4000_0000;

/// Offsets into the kernel's `seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const ARGUMENTS: u32 = 16;

/// What the kernel does with a call.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Allow,
    /// `mcm` is asked.
    Ask,
    Fail(i32),
    Kill,
}

/// When a rule holds; arguments are counted from 0.
#[derive(Debug, Clone, Copy)]
enum When {
    Always,
    /// The argument has this value.
    Equal(u32, u32),
    /// All these bits of it are set; its upper half is not looked at, as the kernel does not.
    All(u32, u32),
    /// None of them is.
    None(u32, u32),
}

type Rule = (libc::c_long, When, Answer);
type Program = Vec<libc::sock_filter>;

/// Both filters, made once and put up in each session's root.
pub struct Filters {
    asking: Program,
    asked: Program,
    alone: Program,
}

impl Filters {
    /// Makes the programs.
    pub fn make() -> Self {
        Self {
            asking: program(&asking(), Answer::Allow),
            asked: program(&strict(Answer::Allow), Answer::Fail(libc::ENOSYS)),
            alone: program(&strict(Answer::Kill), Answer::Fail(libc::ENOSYS)),
        }
    }

    /// Puts up the first filter: whoever holds the descriptor answers.
    pub fn ask(&self) -> io::Result<OwnedFd> {
        let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
        // a call that `mcm` has taken note of is not begun again by a signal; kernels before 5.19 do not know the flag
        let descriptor = install(&self.asking, listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
            .or_else(|_| install(&self.asking, listener))?;
        // SAFETY: the kernel has just given this descriptor to us.
        Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
    }

    /// Puts up the second filter behind the first.
    pub fn close(&self) -> io::Result<()> {
        install(&self.asked, 0).map(drop)
    }

    /// Puts up the second filter alone.
    pub fn close_alone(&self) -> io::Result<()> {
        install(&self.alone, 0).map(drop)
    }
}

fn asking() -> Vec<Rule> {
    let mut rules = vec![
        (libc::SYS_clone, When::All(0, THREAD), Answer::Allow),
        (libc::SYS_clone, When::Always, Answer::Ask),
    ];
    let forbidden = FORBIDDEN.iter().chain(FORBIDDEN_OLD);
    rules.extend(forbidden.map(|(number, _)| (*number, When::Always, Answer::Ask)));
    rules
}

/// `forbidden` is what becomes of what the first filter asks about.
fn strict(forbidden: Answer) -> Vec<Rule> {
    let mut rules = vec![
        (libc::SYS_mmap, When::None(2, EXECUTABLE), Answer::Allow),
        (libc::SYS_mprotect, When::None(2, EXECUTABLE), Answer::Allow),
        (libc::SYS_clone, When::All(0, THREAD), Answer::Allow),
        (libc::SYS_clone, When::Equal(0, FORK), Answer::Allow),
        (libc::SYS_clone, When::Always, forbidden),
        // its flags are out of a filter's sight; the C library then takes `clone`
        (libc::SYS_clone3, When::Always, Answer::Fail(libc::ENOSYS)),
        // of `abort`, which then ends the process by itself
        (libc::SYS_tgkill, When::Always, Answer::Fail(libc::EPERM)),
        (
            libc::SYS_prctl,
            When::Equal(0, libc::PR_SET_NAME.cast_unsigned()),
            Answer::Allow,
        ),
        (
            libc::SYS_fcntl,
            When::Equal(1, libc::F_DUPFD_CLOEXEC.cast_unsigned()),
            Answer::Allow,
        ),
        (
            libc::SYS_fcntl,
            When::Equal(1, libc::F_GETFD.cast_unsigned()),
            Answer::Allow,
        ),
        // out-of-band bytes are a part of the kernel's sockets that nothing here needs
        (libc::SYS_sendto, When::None(3, OUT_OF_BAND), Answer::Allow),
        (libc::SYS_recvfrom, When::None(3, OUT_OF_BAND), Answer::Allow),
        (libc::SYS_recvmsg, When::None(2, OUT_OF_BAND), Answer::Allow),
        // asking for a limit, be it of another process of the same user, not setting one
        (libc::SYS_prlimit64, When::Equal(2, 0), Answer::Allow),
    ];
    for (calls, answer) in [
        (ALLOWED, Answer::Allow),
        (ALLOWED_OLD, Answer::Allow),
        (REFUSED, Answer::Fail(libc::EACCES)),
        (REFUSED_OLD, Answer::Fail(libc::EACCES)),
        (FORBIDDEN, forbidden),
        (FORBIDDEN_OLD, forbidden),
    ] {
        rules.extend(calls.iter().map(|(number, _)| (*number, When::Always, answer)));
    }
    rules
}

/// The program for these rules, of which the first that holds counts, and the answer to all other calls.
fn program(rules: &[Rule], otherwise: Answer) -> Program {
    let mut program = vec![
        load(ARCH),
        jump(libc::BPF_JEQ, ARCHITECTURE, 1, 0),
        answer(Answer::Kill),
        load(NUMBER),
        jump(libc::BPF_JGE, OTHER_NUMBERS, 0, 1),
        answer(Answer::Kill),
    ];
    let mut of_calls: BTreeMap<u32, Program> = BTreeMap::new();
    for (number, when, then) in rules {
        let number = u32::try_from(*number).expect("system calls have small numbers");
        of_calls.entry(number).or_default().extend(rule(*when, *then));
    }
    program.extend(search(&of_calls.into_iter().collect::<Vec<_>>(), otherwise));
    program
}

/// Finds a call's rules by halves: the kernel goes through a filter once for each number when it is put up.
fn search(calls: &[(u32, Program)], otherwise: Answer) -> Program {
    match calls {
        [] => vec![answer(otherwise)],
        [(number, rules)] => {
            let skipped = u8::try_from(rules.len()).expect("a call has few rules");
            let mut found = vec![jump(libc::BPF_JEQ, *number, 0, skipped)];
            found.extend(rules);
            found.push(answer(otherwise));
            found
        }
        _ => {
            let (lower, upper) = calls.split_at(calls.len() / 2);
            let (first_of_upper, lower) = (upper[0].0, search(lower, otherwise));
            let over_lower = u32::try_from(lower.len()).expect("a filter has some hundred instructions");
            let mut halves = vec![
                jump(libc::BPF_JGE, first_of_upper, 0, 1),
                statement(libc::BPF_JMP | libc::BPF_JA, over_lower),
            ];
            halves.extend(lower);
            halves.extend(search(upper, otherwise));
            halves
        }
    }
}

/// Goes on behind itself if it does not hold.
fn rule(when: When, then: Answer) -> Program {
    let mut rule = match when {
        When::Always => Vec::new(),
        When::Equal(argument, value) => vec![
            half(argument, Half::Upper),
            jump(libc::BPF_JEQ, 0, 0, 3),
            half(argument, Half::Lower),
            jump(libc::BPF_JEQ, value, 0, 1),
        ],
        When::All(argument, bits) => vec![
            half(argument, Half::Lower),
            statement(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, bits),
            jump(libc::BPF_JEQ, bits, 0, 1),
        ],
        When::None(argument, bits) => vec![half(argument, Half::Lower), jump(libc::BPF_JSET, bits, 1, 0)],
    };
    rule.push(answer(then));
    rule
}

fn load(offset: u32) -> libc::sock_filter {
    statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset)
}

/// Of an argument's 64 bits; both architectures store the lower one first.
#[derive(Debug, Clone, Copy)]
enum Half {
    Lower = 0,
    Upper = 4,
}

fn half(argument: u32, half: Half) -> libc::sock_filter {
    load(ARGUMENTS + 8 * argument + half as u32)
}

fn answer(answer: Answer) -> libc::sock_filter {
    let value = match answer {
        Answer::Allow => libc::SECCOMP_RET_ALLOW,
        Answer::Ask => libc::SECCOMP_RET_USER_NOTIF,
        Answer::Fail(errno) => libc::SECCOMP_RET_ERRNO | errno.cast_unsigned(),
        Answer::Kill => libc::SECCOMP_RET_KILL_PROCESS,
    };
    statement(libc::BPF_RET | libc::BPF_K, value)
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter {
        code: u16::try_from(code).expect("codes have 16 bits"),
        jt: 0,
        jf: 0,
        k,
    }
}

/// Skips so many instructions if the test holds (`jt`), or if not (`jf`).
fn jump(test: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    let plain = statement(libc::BPF_JMP | test | libc::BPF_K, k);
    libc::sock_filter { jt, jf, ..plain }
}

fn install(program: &Program, flags: libc::c_ulong) -> io::Result<i32> {
    let program = libc::sock_fprog {
        len: u16::try_from(program.len()).expect("a filter has some hundred instructions"),
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: `program` points to as many instructions as it says, and the kernel only reads them.
    let installed = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const program,
        )
    };
    if installed < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(i32::try_from(installed).expect("descriptors are small numbers"))
}
