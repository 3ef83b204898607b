//! A text that is repeated takes as much longer to check as it is longer.
#![no_main]

use chainc_compiler::{Settings, SourceFile, compile};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;

const SMALL: usize = 16 << 10;
const TIMES: u32 = 4;

/// Returns how long this thread has run: what other programs do does not count.
fn now() -> Duration {
    let run = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(run.tv_sec as u64, run.tv_nsec as u32)
}

fn time(text: &str) -> Duration {
    let file = SourceFile { path: "a.chain".to_owned(), text: text.to_owned() };
    let start = now();
    black_box(compile(&[file], &Default::default(), &Settings::default()));
    now() - start
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if text.is_empty() || text.len() > SMALL / 16 {
        return;
    }
    let times = SMALL / text.len();
    let (small, large) = (text.repeat(times), text.repeat(times * TIMES as usize));
    let (mut shorter, mut longer) = (Duration::MAX, Duration::MAX);
    for _ in 0..6 {
        shorter = shorter.min(time(&small));
        longer = longer.min(time(&large));
        // Linear is four times, quadratic sixteen.
        if longer < shorter * TIMES * 2 + Duration::from_millis(20) {
            return;
        }
    }
    panic!("{shorter:?} for {} bytes, {longer:?} for {}:\n{text}", small.len(), large.len());
});
