//! Who is held out: an exact share of every stratum, and for good.

use crate::{buy, crowd, replay, shop};

const ARMS: &str = "SELECT customer_id, control FROM assignment ORDER BY 1";

#[test]
fn of_every_alternative_and_every_band_the_same_share_is_held_out() {
    let chains = "segment fresh = recency 5..6
        segment stale = recency 7..8
        chain a { goal purchase within 7d control 25% budget 90_000 points
          segment (fresh or stale) and not staff
          -> grant by recency { 5: 100, 6..7: 200, 8: 300 } expires 30d -> sms offer }"
        .replace("staff", "tag staff")
        .replace(" control", "\ncontrol")
        .replace(" budget", "\nbudget")
        .replace(" segment (", "\nsegment (");
    let project = shop(&chains, &(1..=160).map(|id| format!("{id},,yes\n")).collect::<String>());
    let day = |id: u32| 10 - id % 4;
    let rows = (1..=160).map(|id| format!("{id},2026-01-{:02}T12:00:00,10\n", day(id)));
    buy(&project, &rows.collect::<String>());
    replay(&project, "2026-01-15..2026-01-16");
    // 40 bought on each day; 5, 6, 7 and 8 days ago are two alternatives with two bands each.
    let strata = "SELECT count(*), sum(control) FROM assignment GROUP BY stratum";
    assert_eq!(project.store().rows(strata), ["40|10", "40|10", "40|10", "40|10"]);
    assert_eq!(project.store().number("SELECT count(*) FROM enrolment WHERE control"), 40);
}

#[test]
fn few_a_day_add_up_to_the_share() {
    let chains =
        "chain a { goal purchase within 7d\ncontrol 10%\nsegment recency 5..5 -> sms offer }";
    let project = shop(chains, &(1..=90).map(|id| format!("{id},,yes\n")).collect::<String>());
    let rows = (1..=90).map(|id| format!("{id},2026-01-{:02}T12:00:00,10\n", 1 + id / 3));
    buy(&project, &rows.collect::<String>());
    replay(&project, "2026-01-05..2026-02-10");
    assert_eq!(project.store().rows("SELECT count(*), sum(control) FROM assignment"), ["90|9"]);
}

#[test]
fn a_changed_share_and_a_new_version_leave_everybody_where_she_is() {
    let chain = |share: &str, audience: &str| {
        format!(
            "chain a {{ goal purchase within 7d\ncontrol {share}\nreenter after 3d
             segment {audience} -> sms offer }}"
        )
    };
    let project = crowd(&chain("20%", "recency 5..60"), 50, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-20");
    let before = project.store().rows(ARMS);
    assert_eq!(before.iter().filter(|row| row.ends_with("|1")).count(), 10);
    let again = "SELECT count(DISTINCT control), count(*) FROM enrolment GROUP BY customer_id";
    assert!(project.store().rows(again).iter().all(|row| row == "1|2"), "the same at re-entry");

    // Ten more come, and half is held out now: of the ten alone.
    let newcomers: String = (51..=60).map(|id| format!("{id},+12025550100,yes\n")).collect();
    project.imported("customers", &format!("customer_id,phone,consent_sms\n{newcomers}"));
    buy(&project, &(51..=60).map(|id| format!("{id},2026-01-19,5\n")).collect::<String>());
    project.write("chains.chain", chain("50%", "recency 5..61"));
    replay(&project, "2026-01-20..2026-01-30");
    let after = project.store().rows(ARMS);
    assert!(before.iter().all(|row| after.contains(row)), "{before:?}\n{after:?}");
    assert_eq!(after.len(), 60);
    assert_eq!(after.iter().filter(|row| row.ends_with("|1")).count(), 15);
}

#[test]
fn who_was_of_the_held_out_segment_stays_held_out() {
    let chains = "segment spare = recency 5..7
        experiment autumn { goal purchase within 7d\ncontrol spare
          chain a { reenter after 3d\nsegment recency 5..60 -> sms offer }
          chain b { segment recency 20..20 -> push offer }
        }";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    buy(&project, "1,2026-01-10,5\n2,2026-01-01,5\n");
    replay(&project, "2026-01-15..2026-02-05");
    assert_eq!(project.store().rows(ARMS), ["1|1", "2|0"]);
    let entries =
        "SELECT chain, customer_id, min(control), max(control) FROM enrolment GROUP BY 1, 2";
    assert_eq!(project.store().rows(entries), ["a|1|1|1", "a|2|0|0", "b|1|1|1", "b|2|0|0"]);
}

#[test]
fn a_fresh_replay_decides_anew_and_the_same() {
    let chains =
        "chain a { goal purchase within 7d\ncontrol 30%\nsegment recency 5..5 -> sms offer }";
    let project = crowd(chains, 40, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    let before = project.store().rows(ARMS);
    project.chainc(&["run", ".", "--fresh", "--replay", "2026-01-15..2026-01-16"]).succeeded();
    assert_eq!(project.store().rows(ARMS), before);
    assert_eq!(project.store().rows("SELECT due, held_out FROM stratum"), ["120000|12"]);
}
