//! Which system calls a confined process may make.
//!
//! - What no list names does not exist ([`libc::ENOSYS`]), so that a call which only a newer kernel or C library
//!   knows is no crash.
//! - Lists are by name, so that each architecture has its own numbers.

/// A system call's number on this architecture, and its name.
pub type Call = (libc::c_long, &'static str);

macro_rules! calls {
    ($($number:ident)*) => { &[$((libc::$number, stringify!($number)),)*] };
}

/// What an interpreter with threads does: memory, time, random numbers, its socket, waiting.
pub const ALLOWED: &[Call] = calls! {
    SYS_read SYS_write SYS_readv SYS_writev SYS_close SYS_close_range SYS_dup3
    SYS_ppoll SYS_brk SYS_munmap SYS_mremap SYS_madvise SYS_futex
    SYS_clock_gettime SYS_clock_getres SYS_gettimeofday SYS_clock_nanosleep SYS_nanosleep SYS_getrandom
    SYS_rt_sigreturn SYS_rt_sigprocmask SYS_rt_sigaction SYS_sigaltstack SYS_restart_syscall
    SYS_sched_yield SYS_sched_getaffinity SYS_getrusage SYS_getpid SYS_gettid SYS_getuid
    SYS_set_robust_list SYS_rseq SYS_wait4 SYS_exit SYS_exit_group
};

/// The older forms of some of them.
#[cfg(target_arch = "x86_64")]
pub const ALLOWED_OLD: &[Call] = calls! { SYS_poll SYS_dup2 };
#[cfg(target_arch = "aarch64")]
pub const ALLOWED_OLD: &[Call] = &[];

/// Files, refused in a way that libraries expect, since they look for some by themselves; and what the root itself
/// still does after the first filter: sending a descriptor, putting up the second.
pub const REFUSED: &[Call] = calls! {
    SYS_openat SYS_openat2 SYS_faccessat SYS_faccessat2 SYS_newfstatat SYS_statx SYS_fstat SYS_readlinkat SYS_getcwd
    SYS_unlinkat SYS_renameat SYS_renameat2 SYS_mkdirat SYS_linkat SYS_symlinkat SYS_mknodat SYS_fchmodat
    SYS_fchownat SYS_truncate SYS_ftruncate SYS_utimensat SYS_getdents64 SYS_statfs SYS_chdir SYS_fchdir
    SYS_sendmsg SYS_sendmmsg SYS_seccomp
};

/// The older forms of some of them.
#[cfg(target_arch = "x86_64")]
pub const REFUSED_OLD: &[Call] = calls! {
    SYS_open SYS_creat SYS_access SYS_stat SYS_lstat SYS_readlink SYS_unlink SYS_rename SYS_mkdir SYS_rmdir SYS_link
    SYS_symlink SYS_mknod SYS_chmod SYS_chown SYS_lchown
};
#[cfg(target_arch = "aarch64")]
pub const REFUSED_OLD: &[Call] = &[];

/// What only an attacker wants: other processes, the network, more rights, the kernel itself. Whoever tries one is
/// ended.
pub const FORBIDDEN: &[Call] = calls! {
    SYS_execve SYS_execveat SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_process_madvise SYS_kcmp
    SYS_kill SYS_tkill SYS_rt_sigqueueinfo SYS_rt_tgsigqueueinfo
    SYS_pidfd_send_signal SYS_pidfd_open SYS_pidfd_getfd
    SYS_socket SYS_socketpair SYS_connect SYS_bind SYS_listen SYS_accept SYS_accept4
    SYS_unshare SYS_setns SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_fsopen SYS_fsconfig
    SYS_fsmount SYS_fspick SYS_open_tree SYS_mount_setattr SYS_name_to_handle_at SYS_open_by_handle_at
    SYS_setuid SYS_setgid SYS_setreuid SYS_setregid SYS_setresuid SYS_setresgid SYS_setgroups SYS_setfsuid
    SYS_setfsgid SYS_capset SYS_setpgid SYS_setsid SYS_personality
    SYS_add_key SYS_request_key SYS_keyctl SYS_bpf SYS_perf_event_open SYS_userfaultfd
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register SYS_memfd_create SYS_memfd_secret
    SYS_shmget SYS_shmat SYS_shmctl SYS_msgget SYS_semget SYS_mq_open SYS_fanotify_init SYS_inotify_init1
    SYS_init_module SYS_finit_module SYS_delete_module SYS_kexec_load SYS_reboot SYS_swapon SYS_swapoff SYS_acct
    SYS_settimeofday SYS_clock_settime SYS_clock_adjtime SYS_adjtimex SYS_sethostname SYS_setdomainname SYS_syslog
    SYS_quotactl SYS_vhangup SYS_move_pages SYS_migrate_pages SYS_setrlimit SYS_sched_setaffinity
};

/// Those that one architecture has besides.
#[cfg(target_arch = "x86_64")]
pub const FORBIDDEN_OLD: &[Call] = calls! { SYS_fork SYS_vfork SYS_iopl SYS_ioperm SYS_modify_ldt SYS_kexec_file_load };
// by its number, since musl's list does not have it
#[cfg(target_arch = "aarch64")]
pub const FORBIDDEN_OLD: &[Call] = &[(294, "SYS_kexec_file_load")];

/// The name of a forbidden call, and of a new process.
pub fn name(number: libc::c_long) -> String {
    let known = FORBIDDEN
        .iter()
        .chain(FORBIDDEN_OLD)
        .find(|(known, _)| *known == number);
    match known {
        Some((_, name)) => name.trim_start_matches("SYS_").to_owned(),
        None if number == libc::SYS_clone => "clone".to_owned(),
        None => format!("number {number}"),
    }
}
