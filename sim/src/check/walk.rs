//! What the checker reads out of a chain.

use super::zones::Zone;
use chainc_compiler::ir::{Action, Chain, Event, Program, Step};
use chainc_compiler::units::Period;
use rusqlite::Connection;

/// Writes every line of the journal into a table of this connection, `told`, for checks that
/// ask for lines again and again: the journal itself is read out of texts each time.
pub(super) fn read_journal(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached(
        "CREATE TEMP TABLE IF NOT EXISTS told (shard INTEGER, customer_id TEXT, chain TEXT, \
         cycle INTEGER, number INTEGER, at INTEGER, step TEXT, what TEXT, detail TEXT, \
         PRIMARY KEY (shard, customer_id, chain, cycle, number)) WITHOUT ROWID",
    )?
    .execute([])?;
    db.prepare_cached("DELETE FROM told")?.execute([])?;
    let sql = "INSERT INTO told SELECT shard, customer_id, chain, cycle, number, at, step, what, \
         detail FROM journal";
    db.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Every step of a chain, those inside of blocks too.
pub(crate) fn steps(chain: &Chain) -> Vec<&Step> {
    fn add<'a>(steps: &'a [Step], all: &mut Vec<&'a Step>) {
        for step in steps {
            all.push(step);
            match &step.action {
                Action::If { arms, otherwise } => {
                    arms.iter().for_each(|arm| add(&arm.steps, all));
                    otherwise.iter().for_each(|steps| add(steps, all));
                }
                Action::Split { arms } => arms.iter().for_each(|arm| add(&arm.steps, all)),
                Action::Repeat { steps, .. } => add(steps, all),
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    add(&chain.steps, &mut all);
    all
}

/// The step of an id.
pub(crate) fn step<'a>(chain: &'a Chain, id: &str) -> Option<&'a Step> {
    steps(chain).into_iter().find(|step| step.id == id)
}

/// The ids of waits that watch for something.
pub(crate) fn watching<'a>(chain: &'a Chain, wanted: &Event) -> Vec<&'a str> {
    let waits = steps(chain).into_iter().filter(|step| match &step.action {
        Action::Wait { unless, .. } => unless.contains(wanted),
        _ => false,
    });
    waits.map(|step| step.id.as_str()).collect()
}

/// So long after a moment.
pub(crate) fn plus(zone: Zone, moment: i64, period: Period) -> i64 {
    match period {
        Period::Days(days) => zone.plus_days(moment, i64::from(days)),
        Period::Seconds(seconds) => moment + i64::from(seconds) * 1_000,
    }
}

/// So long before a moment.
pub(crate) fn minus(zone: Zone, moment: i64, period: Period) -> i64 {
    match period {
        Period::Days(days) => zone.plus_days(moment, -i64::from(days)),
        Period::Seconds(seconds) => moment - i64::from(seconds) * 1_000,
    }
}

/// The zone in which a chain's days begin.
pub(crate) fn business(program: &Program, chain: &Chain) -> Zone {
    let brand = chain.brand.as_ref().and_then(|brand| program.brands.get(brand));
    let own = brand.and_then(|brand| brand.timezone.as_deref());
    Zone::get(own.unwrap_or(&program.policy.timezone))
}
