//! CPU time, memory and disk of a process, as the system tells them.

use std::path::Path;

use crate::demo::{Told, failed};

/// Ticks of the system's coarse CPU clock in a second; a constant of Linux for user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// Between the coarse and the fine clock so many ticks may differ without a thread having ended.
const TICKS_APART: f64 = 3.0;

/// CPU time of a whole process at one moment, by two clocks: the fine one forgets threads that have ended.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    fine_s: f64,
    coarse_s: f64,
}

impl Cpu {
    /// Of a process.
    pub fn of(process: u32) -> Told<Self> {
        let mut fine_ns = 0;
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).map_err(failed("CPU time is not told"))?;
        for thread in threads.flatten() {
            // A thread may end between the list and the look.
            if let Ok(line) = std::fs::read_to_string(thread.path().join("schedstat")) {
                fine_ns += first_number(&line);
            }
        }
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).map_err(failed("CPU time is not told"))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
        Ok(Self { fine_s: fine_ns as f64 / 1e9, coarse_s: ticks as f64 / TICKS_PER_SECOND })
    }

    /// Of this process.
    pub fn own() -> Told<Self> {
        Self::of(std::process::id())
    }

    /// Seconds since an earlier look.
    pub fn since(self, earlier: Self) -> f64 {
        let (fine, coarse) = (self.fine_s - earlier.fine_s, self.coarse_s - earlier.coarse_s);
        if fine + TICKS_APART / TICKS_PER_SECOND >= coarse { fine } else { coarse }
    }
}

/// CPU seconds of this thread for some work.
pub fn thread_cpu<T>(work: impl FnOnce() -> T) -> Told<(T, f64)> {
    let before = thread_ns()?;
    let done = work();
    Ok((done, (thread_ns()? - before) as f64 / 1e9))
}

fn thread_ns() -> Told<u64> {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").map_err(failed("CPU time is not told"))?;
    Ok(first_number(&line))
}

fn first_number(line: &str) -> u64 {
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The most memory that a process has held so far, bytes.
pub fn peak_bytes(process: u32) -> Told<u64> {
    memory(process, "VmHWM:")
}

/// The memory that this process holds now, bytes.
pub fn current_bytes() -> Told<u64> {
    memory(std::process::id(), "VmRSS:")
}

fn memory(process: u32, name: &str) -> Told<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).map_err(failed("Memory is not told"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("Memory is not told")?;
    Ok(first_number(line) * 1024)
}

/// Forgets the peak of this process, where the system allows it.
pub fn forget_peak() {
    // Without it the peak is the one since the start, which is only larger.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Bytes of all files directly in a folder.
pub fn disk_bytes(folder: &Path) -> Told<u64> {
    let files = std::fs::read_dir(folder).map_err(failed("A folder cannot be read"))?;
    Ok(files.flatten().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum())
}
