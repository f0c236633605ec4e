//! The time that counts for a script: by the clock, which stands still while it waits for replies, and by the
//! processors, which do not.
//!
//! - A wait for a reply stops it although another thread of the script naps meanwhile: such a nap is not counted, and
//!   ends with the call, whose time is bounded. A thread that computes is counted by its processor time.
//! - A processor is asked only when its time may be up, so a short script costs one question.

use std::{
    io,
    num::NonZero,
    sync::LazyLock,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use rustix::process::Pid;

/// Processor time is not asked for more often.
const SELDOM: Duration = Duration::from_millis(10);

/// A script's own time.
pub struct Clock {
    left: Duration,
    since: Option<Instant>,
    processors: Option<Processors>,
}

/// The processor time of a process.
struct Processors {
    clock: libc::clockid_t,
    /// What may be used, what the process had used before included.
    limit: Duration,
    /// Before this it cannot be used up.
    ask: Instant,
}

impl Clock {
    /// Stands at the whole limit.
    pub fn new(limit: Duration) -> Self {
        Self {
            left: limit,
            since: None,
            processors: None,
        }
    }

    /// Goes on, if it stood still.
    pub fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Stands still.
    pub fn stop(&mut self) {
        if let Some(since) = self.since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
    }

    /// Counts the processor time of this process, too, from now on, and gives what it has used before.
    ///
    /// # Errors
    /// There is no such process.
    pub fn count(&mut self, process: Pid) -> io::Result<Duration> {
        let clock = clock_of(process)?;
        let used = now(clock)?;
        self.processors = Some(Processors {
            clock,
            limit: used + self.left,
            ask: earliest(self.left),
        });
        Ok(used)
    }

    /// Waits until nothing is left, of one kind or the other.
    pub async fn expired(&mut self) {
        loop {
            let end = self.since.map(|since| since + self.left);
            let ask = self.processors.as_ref().map(|processors| processors.ask);
            let Some(next) = end.into_iter().chain(ask).min() else {
                return std::future::pending().await;
            };
            tokio::time::sleep_until(next.into()).await;
            if end.is_some_and(|end| end <= Instant::now()) || self.processors.as_mut().is_some_and(Processors::used_up)
            {
                return;
            }
        }
    }
}

impl Processors {
    fn used_up(&mut self) -> bool {
        if Instant::now() < self.ask {
            return false;
        }
        // a process that has ended uses nothing more
        let used = now(self.clock).unwrap_or_default();
        let left = self.limit.saturating_sub(used);
        self.ask = earliest(left);
        left.is_zero()
    }
}

/// When so much processor time can have been used, at the earliest.
fn earliest(left: Duration) -> Instant {
    // asking takes a dozen system calls
    static PROCESSORS: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, NonZero::get));
    let processors = *PROCESSORS;
    let shared = left / u32::try_from(processors).unwrap_or(u32::MAX);
    Instant::now() + shared.max(SELDOM)
}

fn clock_of(process: Pid) -> io::Result<libc::clockid_t> {
    let mut clock = 0;
    // SAFETY: `clock` is a valid place for the result
    match unsafe { libc::clock_getcpuclockid(process.as_raw_nonzero().get(), &raw mut clock) } {
        0 => Ok(clock),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

fn now(clock: libc::clockid_t) -> io::Result<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the result
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let whole = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or_default());
    Ok(whole + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default()))
}
