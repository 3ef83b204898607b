//! What a stretch of work took of the machine, as Linux accounts for it.

use std::time::{Duration, Instant};

/// What this process has used up to a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gauge {
    at: Instant,
    cpu: Duration,
    written: u64,
}

/// What a stretch of work took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    /// Wall time.
    pub(crate) wall: Duration,
    /// Time of all threads, in the program and in the system.
    pub(crate) cpu: Duration,
    /// Bytes handed to the system to be written.
    pub(crate) written: u64,
}

impl std::ops::Add for Used {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            cpu: self.cpu + other.cpu,
            written: self.written + other.written,
        }
    }
}

impl Gauge {
    /// Begins a stretch.
    pub(crate) fn start() -> Self {
        Self { at: Instant::now(), cpu: cpu(), written: number("/proc/self/io", "wchar") }
    }

    /// Returns what was used since.
    pub(crate) fn read(self) -> Used {
        Used {
            wall: self.at.elapsed(),
            cpu: cpu().saturating_sub(self.cpu),
            written: number("/proc/self/io", "wchar").saturating_sub(self.written),
        }
    }
}

/// The time all threads have run, to the nanosecond: the scheduler's own account.
fn cpu() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let of = |thread: std::fs::DirEntry| -> Option<u64> {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    Duration::from_nanos(threads.flatten().filter_map(of).sum())
}

/// Forgets the peak of memory up to now.
pub(crate) fn forget_peak() {
    // Without the right to do so the peak is that of the whole process, which is larger.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory held at once since the peak was forgotten, in bytes.
pub(crate) fn peak() -> u64 {
    number("/proc/self/status", "VmHWM") * 1_024
}

fn number(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
