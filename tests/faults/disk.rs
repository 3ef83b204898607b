//! No room: the store runs into a limit on the size of files, or into a disk that somebody
//! else has filled. The run ends with the one error that says so, and goes on once there is
//! room.

use crate::judge::Clock;
use crate::life::{Came, Life, When};
use crate::live::{finish, is_over, open_shop, time_passes};
use crate::outsider::{Errand, Fact, Room};
use crate::provider::now;
use crate::replay::{self, History};
use crate::shop::Shop;
use crate::trial::{Trial, with_every_seed};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// How many faults there are at least.
pub(crate) const LIMITS: u64 = 12;
const FILLINGS: u64 = 6;

#[test]
fn a_replay_that_runs_into_a_limit_loses_nothing() {
    with_every_seed("a_replay_that_runs_into_a_limit_loses_nothing", |trial| {
        let history = History::draw(&mut trial.dice, 25);
        let (expected, _) = history.undisturbed();
        let mut shop = Shop::new(trial, "chainc.db");
        history.write(&shop.project, &shop.provider.settings());
        let mut outsider = shop.outsider(trial);
        for range in replay::RANGES {
            let run = ["run", ".", "--replay", range, "--real-channels"];
            // Less than the store has already, as much, or a little more.
            for share in [1, 2, 3, 4] {
                let has = std::fs::metadata(&shop.store).map_or(400_000, |meta| meta.len());
                let bytes = has * share / 4 + trial.dice.roll(150_000);
                let blocks = u32::try_from(bytes / 512).expect("a small store");
                let command = shop.project.on_a_small_disk(blocks, &run);
                let life = Life::start(&shop.project, command, "life.err");
                ran_out(&mut shop, life.end(), "limits on a file met", trial);
            }
            let (code, words) = shop.start(&run).end();
            if code != 0 {
                trial.violated(format!("with room again a replay ended with {code}: {words}"));
            }
            shop.after_an_end(trial);
            if let Some(chapter) = history.after(range) {
                for errand in chapter {
                    let blocks = u32::try_from(20 + trial.dice.roll(120)).expect("a few");
                    if outsider.try_to_bring(errand, Room::Blocks(blocks)) {
                        outsider.remember(errand.clone());
                    } else {
                        outsider.bring(errand.clone());
                    }
                }
            }
        }
        shop.has_heard(outsider.heard, trial);
        if replay::granted(&shop.store) != expected {
            trial.violated("other points were granted than by an undisturbed run".to_owned());
        }
        shop.judge(Clock::Replay, trial);
        trial.assert_at_least("limits on a file met", LIMITS);
        trial.assert_at_least("imports without room", 1);
    });
}

#[test]
fn a_live_service_whose_disk_is_filled_loses_nothing() {
    with_every_seed("a_live_service_whose_disk_is_filled_loses_nothing", |trial| {
        let mut shop = Shop::new(trial, "disk/chainc.db");
        let Some(disk) = SmallDisk::mount(shop.project.path("disk")) else {
            println!("no small disk can be mounted here: only limits on files are tried");
            return;
        };
        open_shop(&shop, "store: sqlite:disk/chainc.db\n", 60, trial);
        let mut outsider = shop.outsider(trial);
        let mut number = 0;
        while !is_over(&shop.store) && trial.counted("disks filled") < FILLINGS + 2 {
            let mut life = shop.start(&["run", "."]);
            let when = When::Taken(1 + trial.dice.roll(5));
            let store = shop.store.clone();
            match life.until(when, &store, &mut shop.truth, &mut time_passes) {
                Came::Moment => {}
                Came::Nothing => break,
                Came::End(code, words) => {
                    trial.violated(format!("with room a service ended with {code}: {words}"));
                    break;
                }
            }
            disk.fill(trial.dice.roll(40_000));
            // Somebody imports meanwhile; whatever is acknowledged is there.
            number += 1;
            let who = format!("c{}", 1 + trial.dice.roll(60));
            let at = i64::try_from(now()).expect("a clock");
            let errand = Errand::of(vec![(Fact::Bought(who, format!("full-{number}")), at)]);
            if outsider.try_to_bring(&errand, Room::Enough) {
                outsider.remember(errand);
            }
            match life.until(When::Never, &store, &mut shop.truth, &mut is_over) {
                Came::End(code, words) => {
                    ran_out(&mut shop, (code, words), "disks filled", trial);
                }
                // A service with nothing left to do does not notice.
                Came::Nothing | Came::Moment => {
                    shop.kill(life, trial);
                }
            }
            disk.clear();
        }
        shop.has_heard(outsider.heard, trial);
        finish(&mut shop, trial);
        trial.assert_at_least("disks filled", FILLINGS);
        drop(disk);
    });
}

/// Notes how a process ended that had no room: by itself, and with the error that says so.
fn ran_out(shop: &mut Shop, (code, words): (i32, String), what: &'static str, trial: &mut Trial) {
    shop.after_an_end(trial);
    let errors: Vec<&str> = words.lines().filter(|line| line.starts_with("chainc: ")).collect();
    let clear = matches!(errors[..], [one] if one.contains("no room left to write the store")
        || one.contains("messages cannot be written to"));
    match code {
        0 => {}
        3 if clear => trial.count(what, 1),
        _ => trial.violated(format!("without room a run ended with {code}: {words}")),
    }
}

/// A disk of a few megabytes, in memory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one, where this machine and this user can.
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"])
            .arg(&at)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at))
    }

    /// Fills it but for so many bytes.
    fn fill(&self, but: u64) {
        let mut file = File::create(self.0.join("filler")).expect("somebody else's file");
        let page = [0; 4096];
        while file.write_all(&page).is_ok() {}
        let length = file.metadata().expect("a file").len();
        file.set_len(length.saturating_sub(but)).expect("a file can be made shorter");
    }

    fn clear(&self) {
        std::fs::remove_file(self.0.join("filler")).expect("somebody else's file");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
