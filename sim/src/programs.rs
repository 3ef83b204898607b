//! The programs that worlds run, in several editions: chains are changed while customers are
//! in them, and budgets are raised at the end.
//!
//! A text holds `@v` for the edition, `@wait` for a wait that differs between editions,
//! `@points` and `@money` for budgets, and `@D+9` for a day counted from the world's first.

use crate::check::zones::date_of;
use chainc_compiler::ir::{Chain, Program};
use chainc_compiler::{Settings, SourceFile, compile};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program that worlds run.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) name: &'static str,
    text: &'static str,
    /// Sources of purchases: name, days of grace, whether waits are held behind it.
    pub(crate) sources: &'static [(&'static str, u32, bool)],
    /// Until when everybody has left who was in it, in days.
    pub(crate) longest: i64,
    /// Small budgets, in points and in minor units of money.
    points: i64,
    money: i64,
    /// The wait that differs: one for each edition, the last of them for when all have room.
    waits: &'static [&'static str],
}

/// The waits of programs for worlds of days.
const DAYS: &[&str] = &["3d", "2d", "50h", "3d"];

/// The waits of programs for worlds of years.
const MONTHS: &[&str] = &["60d", "45d", "1100h", "70d", "30d", "75d", "60d", "100h", "60d"];

/// The programs of worlds that last for days.
pub(crate) static DRAFTS: [Draft; 7] = [
    Draft {
        name: "winback",
        text: include_str!("programs/winback.chain"),
        sources: &[],
        longest: 12,
        points: 2_500,
        money: 4_000,
        waits: DAYS,
    },
    Draft {
        name: "mall",
        text: include_str!("programs/mall.chain"),
        sources: &[],
        longest: 14,
        points: 1_200,
        money: 0,
        waits: DAYS,
    },
    Draft {
        name: "weekly",
        text: include_str!("programs/weekly.chain"),
        sources: &[],
        longest: 45,
        points: 3_000,
        money: 40,
        waits: DAYS,
    },
    Draft {
        name: "events",
        text: include_str!("programs/events.chain"),
        sources: &[],
        longest: 20,
        points: 0,
        money: 0,
        waits: DAYS,
    },
    Draft {
        name: "sources",
        text: include_str!("programs/sources.chain"),
        sources: &[("tills", 1, true), ("web", 2, false)],
        longest: 16,
        points: 3_000,
        money: 0,
        waits: DAYS,
    },
    Draft {
        name: "frozen",
        text: include_str!("programs/frozen.chain"),
        sources: &[],
        longest: 36,
        points: 1_500,
        money: 3_000,
        waits: DAYS,
    },
    Draft {
        name: "seed",
        text: concat!(
            include_str!("../../examples/seed/seed.chain"),
            "\n",
            include_str!("../../examples/seed/messages.chain")
        ),
        sources: &[("web", 1, false)],
        longest: 10,
        points: 0,
        money: 0,
        waits: DAYS,
    },
];

/// The programs of worlds that last for years.
pub(crate) static LONG: [Draft; 3] = [
    Draft {
        name: "years",
        text: include_str!("programs/years.chain"),
        sources: &[],
        longest: 200,
        points: 2_000,
        money: 60,
        waits: MONTHS,
    },
    Draft {
        name: "seasons",
        text: include_str!("programs/seasons.chain"),
        sources: &[],
        longest: 230,
        points: 2_500,
        money: 20,
        waits: MONTHS,
    },
    Draft {
        name: "ledgers",
        text: include_str!("programs/ledgers.chain"),
        sources: &[("tills", 3, true), ("web", 6, false)],
        longest: 200,
        points: 3_000,
        money: 0,
        waits: MONTHS,
    },
];

/// The first days of worlds: before clocks change in Europe and America, and others.
pub(crate) const FIRST_DAYS: [i64; 5] = [20_457, 20_514, 20_527, 20_602, 20_740];

/// The first days of worlds that last for years: two of them meet a leap day in their first.
pub(crate) const LONG_FIRST_DAYS: [i64; 4] = [19_680, 20_457, 20_990, 21_200];

/// A program in one edition.
#[derive(Debug)]
pub(crate) struct Edition {
    pub(crate) number: usize,
    pub(crate) program: Program,
}

impl Edition {
    /// The chain of a name.
    pub(crate) fn chain(&self, name: &str) -> Option<&Chain> {
        self.program.chains.iter().find(|chain| chain.name == name)
    }
}

/// A program in all its editions.
#[derive(Debug)]
pub(crate) struct Editions {
    pub(crate) draft: &'static Draft,
    pub(crate) all: Vec<Edition>,
    /// Every version of every chain.
    versions: BTreeMap<(String, String), (usize, usize)>,
}

impl Editions {
    /// Compiles a program for worlds that begin on a day.
    fn compile(draft: &'static Draft, first_day: i64) -> Self {
        let all: Vec<Edition> = (0..=draft.editions())
            .map(|number| Edition { number, program: draft.compile(number, first_day) })
            .collect();
        let mut versions = BTreeMap::new();
        for edition in &all {
            for (place, chain) in edition.program.chains.iter().enumerate() {
                let key = (chain.name.clone(), chain.version.clone());
                versions.entry(key).or_insert((edition.number, place));
            }
        }
        Self { draft, all, versions }
    }

    /// A version of a chain.
    pub(crate) fn version(&self, chain: &str, version: &str) -> Option<&Chain> {
        let (edition, place) = self.versions.get(&(chain.to_owned(), version.to_owned()))?;
        self.all.get(*edition)?.program.chains.get(*place)
    }

    /// The pools that its chains give codes of.
    pub(crate) fn pools(&self) -> &'static [&'static str] {
        if ["mall", "seasons"].contains(&self.draft.name) { &["books"] } else { &[] }
    }
}

impl Draft {
    /// How many editions it has while the world is rough; the one behind them has room in all
    /// budgets.
    pub(crate) const fn editions(&self) -> usize {
        self.waits.len() - 1
    }

    fn compile(&self, number: usize, first_day: i64) -> Program {
        let path = format!("{}.chain", self.name);
        let file = SourceFile { path, text: self.text(number, first_day) };
        let compiled = compile(&[file], &BTreeMap::new(), &Settings::default());
        compiled.program.unwrap_or_else(|| panic!("{}: {:#?}", self.name, compiled.diagnostics))
    }

    fn text(&self, number: usize, first_day: i64) -> String {
        let last = number == self.editions();
        let scale = if last { 1_000_000 } else { i64::try_from(number).unwrap_or(0) + 1 };
        let wait = self.waits.get(number).copied().unwrap_or("1d");
        let money = self.money * scale;
        let mut text = self
            .text
            .replace("@v", &(number + 1).to_string())
            .replace("@wait", wait)
            .replace("@points", &(self.points * scale).to_string())
            .replace("@money", &format!("{}.{:02}", money / 100, money % 100));
        while let Some(place) = text.find("@D+") {
            let digits: String =
                text[place + 3..].chars().take_while(char::is_ascii_digit).collect();
            let (year, month, day) =
                date_of(first_day + digits.parse::<i64>().expect("a number of days"));
            let date = format!("{year:04}-{month:02}-{day:02}");
            text.replace_range(place..place + 3 + digits.len(), &date);
        }
        text
    }
}

thread_local! {
    static COMPILED: RefCell<BTreeMap<(&'static str, i64), Arc<Editions>>> = RefCell::default();
}

/// Returns a program in all its editions, compiled once for each thread.
pub(crate) fn editions(draft: &'static Draft, first_day: i64) -> Arc<Editions> {
    COMPILED.with_borrow_mut(|compiled| {
        compiled
            .entry((draft.name, first_day))
            .or_insert_with(|| Arc::new(Editions::compile(draft, first_day)))
            .clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_compiles_and_its_editions_differ() {
        let days = DRAFTS.iter().map(|draft| (draft, &FIRST_DAYS[..]));
        for (draft, first_days) in days.chain(LONG.iter().map(|one| (one, &LONG_FIRST_DAYS[..]))) {
            for day in first_days {
                let editions = editions(draft, *day);
                let chains: usize = editions.all.iter().map(|one| one.program.chains.len()).sum();
                assert!(
                    draft.name == "seed" || editions.versions.len() == chains,
                    "{}",
                    draft.name
                );
            }
        }
    }
}
