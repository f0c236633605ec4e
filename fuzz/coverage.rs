//! Which blocks of our code ran, where the compiler put a counter into each (`fuzz/instrumented`).
//!
//! - Without counters nothing is ever new, and no lines are known.

#![expect(unsafe_code, reason = "the counters are memory that compiled code writes to")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::{Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

static COUNTERS: OnceLock<(usize, usize)> = OnceLock::new();
static BLOCKS: OnceLock<(usize, usize)> = OnceLock::new();

/// Processor time of this thread, which a busy machine does not lengthen.
pub fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the result
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).expect("below a second"),
    )
}

/// Called before `main` by what the compiler adds.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(from: *mut u8, to: *mut u8) {
    COUNTERS.get_or_init(|| (from as usize, to as usize - from as usize));
}

/// Called before `main` by what the compiler adds; each entry is an address and flags.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_pcs_init(from: *const [usize; 2], to: *const [usize; 2]) {
    BLOCKS.get_or_init(|| (from as usize, (to as usize - from as usize) / size_of::<[usize; 2]>()));
}

/// Counters that are looked at together.
const FEW: [u8; 256] = [0; 256];

/// What has run so far.
pub struct Coverage {
    /// For each block, how often it ran in one go, as a set of powers of two.
    seen: Vec<u8>,
}

impl Coverage {
    pub fn new() -> Self {
        Self {
            seen: vec![0; counters().len()],
        }
    }

    /// Runs `work`; whether it did something new.
    pub fn of(&mut self, work: impl FnOnce()) -> bool {
        counters().fill(0);
        work();
        let mut new = false;
        for (seen, counted) in self.seen.chunks_mut(FEW.len()).zip(counters().chunks(FEW.len())) {
            // most did not run; this comparison is fast even where nothing is optimised
            if *counted == FEW[..counted.len()] {
                continue;
            }
            // a copy, since this very loop counts as well
            let counted = counted.to_vec();
            for (seen, counted) in seen.iter_mut().zip(counted).filter(|(_, counted)| *counted != 0) {
                let bucket = 1 << counted.ilog2();
                new |= *seen & bucket == 0;
                *seen |= bucket;
            }
        }
        new
    }

    /// How many blocks have run.
    pub fn blocks(&self) -> usize {
        self.seen.iter().filter(|seen| **seen != 0).count()
    }

    /// Per source file, lines at which a block begins: how many of them ran, and those that did not.
    pub fn lines(&self, files: &[&str]) -> BTreeMap<String, (usize, Vec<u32>)> {
        let blocks = blocks();
        let base = load_address();
        let mut program = Command::new("addr2line")
            .args(["-a", "-i", "-e"])
            .arg(std::env::current_exe().expect("this program's file"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`addr2line` of binutils");
        let mut input = program.stdin.take().expect("it is piped");
        let addresses: String = blocks
            .iter()
            .map(|[pc, _]| format!("{:#x}\n", pc.wrapping_sub(base)))
            .collect();
        let asked = std::thread::spawn(move || input.write_all(addresses.as_bytes()));
        let told = program.wait_with_output().expect("`addr2line` ends");
        asked.join().expect("no panic").expect("`addr2line` reads");
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let mut all: BTreeMap<String, (BTreeSet<u32>, BTreeSet<u32>)> = BTreeMap::new();
        let mut block = 0_usize;
        for line in told.lines() {
            if line.starts_with("0x") {
                block += 1;
                continue;
            }
            let place = line.rsplit_once(':').and_then(|(file, line)| {
                let file = files.iter().find(|known| file.ends_with(**known))?;
                Some((*file, line.split(' ').next()?.parse::<u32>().ok()?))
            });
            if let Some((file, line)) = place {
                let (found, reached) = all.entry(file.to_owned()).or_default();
                found.insert(line);
                if self.seen[block - 1] != 0 {
                    reached.insert(line);
                }
            }
        }
        all.into_iter()
            .map(|(file, (found, reached))| (file, (reached.len(), found.difference(&reached).copied().collect())))
            .collect()
    }
}

fn counters() -> &'static mut [u8] {
    let (at, length) = COUNTERS
        .get()
        .copied()
        .unwrap_or((std::ptr::dangling::<u8>() as usize, 0));
    // SAFETY: the compiler's own memory, for the whole life of the program; there is one thread that counts
    unsafe { std::slice::from_raw_parts_mut(at as *mut u8, length) }
}

fn blocks() -> &'static [[usize; 2]] {
    let (at, length) = BLOCKS
        .get()
        .copied()
        .unwrap_or((std::ptr::dangling::<[usize; 2]>() as usize, 0));
    // SAFETY: the compiler's own table, which nobody writes to
    unsafe { std::slice::from_raw_parts(at as *const [usize; 2], length) }
}

/// Where the program was loaded, by which addresses differ from those in its file.
fn load_address() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("this program's memory");
    let first = maps.split('-').next().unwrap_or_default();
    usize::from_str_radix(first, 16).expect("an address")
}
