//! Programs that run beside the benchmark, and the CPU time they take.

use std::collections::BTreeMap;
use std::process::{Child, ChildStdin, ChildStdout, Command};
use std::time::{Duration, Instant};

/// How often a second Linux counts CPU time in what it tells of processes (`USER_HZ`).
const TICKS: u64 = 100;

/// A program that runs until this is dropped.
pub(super) struct Running {
    child: Child,
    signal: &'static str,
}

impl Running {
    /// Starts a program, which is to be stopped by a signal.
    pub(super) fn start(command: &mut Command, signal: &'static str) -> Result<Self, String> {
        let child = command.spawn();
        let child = child.map_err(|e| format!("{}: {e}", command.get_program().display()))?;
        Ok(Self { child, signal })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The two ends by which one speaks with it, once.
    pub(super) fn pipes(&mut self) -> Result<(ChildStdin, ChildStdout), String> {
        let pipes = self.child.stdin.take().zip(self.child.stdout.take());
        pipes.ok_or_else(|| "a program without pipes".to_owned())
    }

    /// Whether it ends within a time.
    fn ends_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if self.has_ended() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.has_ended() {
            return;
        }
        // The number is still its own: it has not been waited for.
        let number = self.child.id().to_string();
        let _ = Command::new("kill").args(["-s", self.signal, &number]).status();
        if !self.ends_within(Duration::from_secs(30)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The time that a process and all that descend from it have run, also those that have ended and
/// were waited for.
pub(super) fn cpu(root: u32) -> Result<Duration, String> {
    let mut all = BTreeMap::new();
    let folder = std::fs::read_dir("/proc").map_err(|error| format!("/proc: {error}"))?;
    for entry in folder.flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        let text = std::fs::read_to_string(entry.path().join("stat")).ok();
        if let Some((number, process)) = number.zip(text.as_deref().and_then(Process::read)) {
            all.insert(number, process);
        }
    }
    if !all.contains_key(&root) {
        return Err(format!("process {root} has ended"));
    }
    let of_root = |mut number: u32| {
        // Parents are older than children: this comes to an end, and the bound is for the case
        // that numbers were given out anew meanwhile.
        for _ in 0..64 {
            if number == root {
                return true;
            }
            let Some(process) = all.get(&number) else { return false };
            number = process.parent;
        }
        false
    };
    let ticks: u64 = all.iter().filter(|(one, _)| of_root(**one)).map(|(_, p)| p.ticks).sum();
    Ok(Duration::from_millis(ticks * 1_000 / TICKS))
}

/// What is read of a process.
struct Process {
    parent: u32,
    ticks: u64,
}

impl Process {
    /// Reads `/proc/<number>/stat`. Its name stands in parentheses and may hold anything.
    fn read(text: &str) -> Option<Self> {
        let (_, behind) = text.rsplit_once(')')?;
        let fields: Vec<&str> = behind.split_whitespace().collect();
        // In the program and in the system, then the same of children that were waited for.
        let times = fields.get(11..15)?.iter().map(|time| time.parse::<u64>().ok());
        Some(Self { parent: fields.get(1)?.parse().ok()?, ticks: times.sum::<Option<u64>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    #[test]
    fn the_time_of_a_process_is_read_behind_its_name() {
        let text = "7 (a) (b) S 3 7 7 0 -1 4194304 1 2 3 4 10 20 300 400 20 0 1 0 5 6 7";
        let read = Process::read(text).map(|process| (process.parent, process.ticks));
        assert_eq!(read, Some((3, 730)));
    }

    #[test]
    fn what_a_child_took_is_counted_while_it_runs_and_after() {
        let busy = "i=0; while [ $i -lt 2000000 ]; do i=$((i + 1)); done";
        let mut command = Command::new("sh");
        command.args(["-c", &format!("sh -c '{busy}'; cat")]).stdin(Stdio::piped());
        let running = Running::start(&mut command, "TERM").unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        let mut seen = Duration::ZERO;
        while seen < Duration::from_millis(100) && Instant::now() < until {
            let now = cpu(running.id()).unwrap();
            assert!(now >= seen, "{now:?} after {seen:?}");
            seen = now;
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(seen >= Duration::from_millis(100), "{seen:?}");
    }
}
