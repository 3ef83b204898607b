//! Two keys turn out to be one customer.

use crate::support::Project;
use crate::{buy, crowd, replay, say};

const CHAINS: &str = "chain gift { budget 9_000 points
      goal purchase within 30d
      segment recency 5..5 -> grant 300 expires 40d -> sms offer -> wait 3d unless purchase -> push reminder -> wait 60d }
    chain late { budget 9_000 points
      reenter after 5d at most 2 times
      segment recency 8..30 -> grant 50 expires 40d -> email offer }";

fn balances(project: &Project) -> Vec<String> {
    let sum = "SELECT customer_id || ' ' || sum(points) FROM wallet_entry GROUP BY customer_id ORDER BY 1";
    project.store().rows(sum)
}

#[test]
fn everything_of_the_one_key_becomes_the_others_and_nothing_is_given_twice() {
    let project = crowd(CHAINS, 3, "2026-01-10");
    replay(&project, "2026-01-15..2026-01-16");
    assert_eq!(balances(&project), ["1 300", "2 300", "3 300"]);
    let done = project.chainc(&["merge", "2", "1"]).succeeded();
    assert!(
        done.stderr
            .contains("`2` is `1` now; 1 purchase went over; 300 points went over; 1 chain ended"),
        "{done:#?}"
    );
    assert_eq!(balances(&project), ["1 600", "3 300"]);
    let walks = "SELECT customer_id || ' ' || cycle || ' ' || coalesce(ended, 'in it') FROM enrolment \
                 ORDER BY customer_id, cycle";
    assert_eq!(project.store().rows(walks), ["1 1 in it", "1 2 merged", "3 1 in it"]);
    // Files go on naming the old key; what was imported before is not imported again.
    buy(&project, "2,2026-01-10T12:00:00,10\n2,2026-01-17T12:00:00,5\n");
    say(&project, "2,push,no,2026-01-16\n");
    let numbers = "SELECT customer_id || ' ' || purchases || ' ' || spent FROM customer ORDER BY 1";
    replay(&project, "2026-01-15..2026-02-20");
    assert_eq!(project.store().rows(numbers), ["1 3 2500", "3 1 1000"]);
    // Her purchase under the old key ended her chain; nobody got a reminder but 3.
    let reminders: Vec<String> =
        project.sent().into_iter().filter(|line| line.contains("push")).collect();
    assert_eq!(reminders, ["2026-01-18 10:00 push 3"]);
    // Two keys, one person: `late` came twice in all, as it may.
    let late = "SELECT count(*) FROM enrolment WHERE chain = 'late' AND customer_id = '1'";
    assert_eq!(project.store().number(late), 2);
    // She has walked `gift` under both keys, which was once too often already: not again.
    let gift = "SELECT count(*) FROM enrolment WHERE chain = 'gift' AND customer_id = '1'";
    assert_eq!(project.store().number(gift), 2);
    let left = "SELECT count(*) FROM wallet_lot l WHERE points_left <> \
        (SELECT sum(points) FROM wallet_entry e \
         WHERE e.shard = l.shard AND e.customer_id = l.customer_id AND e.lot = l.lot)";
    assert_eq!(project.store().number(left), 0);
    let dangling = "SELECT count(*) FROM outbox o LEFT JOIN consent k ON k.shard = o.shard \
        AND k.customer_id = o.customer_id AND k.channel = o.channel AND k.at = o.consent_at \
        AND k.number = o.consent_number WHERE o.taken_at IS NOT NULL AND k.granted IS NOT 1";
    assert_eq!(project.store().number(dangling), 0);
}

#[test]
fn what_one_key_knows_and_the_other_does_not_is_kept() {
    let project = crowd(CHAINS, 2, "2026-01-10");
    let header = "customer_id,first_name,city,phone,tags,size";
    project.imported(
        "customers",
        &format!("{header}\n1,,Omsk,,vip,M\n2,Anna,Perm,+12025550111,staff,L\n"),
    );
    project.chainc(&["merge", "2", "1"]).succeeded();
    let store = project.store();
    let row = "SELECT first_name || ' ' || city || ' ' || phone FROM customer";
    assert_eq!(store.rows(row), ["Anna Omsk +12025550111"]);
    assert_eq!(store.rows("SELECT tag FROM customer_tag ORDER BY 1"), ["staff", "vip"]);
    assert_eq!(store.rows("SELECT value FROM customer_attribute"), ["M"]);
    let done = project.imported("customers", "customer_id,first_name\n2,Other\n");
    assert!(done.stderr.contains("1 rejected"), "{done:#?}");
}

#[test]
fn a_merge_that_makes_no_sense_is_refused_and_changes_nothing() {
    let project = crowd(CHAINS, 3, "2026-01-10");
    let before = project.store().dump();
    let said =
        |old: &str, new: &str| project.chainc(&["merge", old, new]).failed_with(2).to_owned();
    assert!(said("1", "1").contains("give two keys"));
    assert!(said("1", "x9").contains("no customer is known as `x9`"));
    assert!(said("x9", "1").contains("no customer is known as `x9`"));
    assert_eq!(project.store().dump(), before);
    project.chainc(&["merge", "2", "1"]).succeeded();
    project.chainc(&["merge", "1", "3"]).succeeded();
    let done = project.chainc(&["merge", "2", "3"]).succeeded();
    assert!(done.stderr.contains("`2` was merged into `3` already"), "{done:#?}");
    assert!(said("1", "2").contains("customer `1` was merged into `3`; say `3`"));
    // Who is erased takes her old keys along.
    project.chainc(&["erase", "3", "--yes"]).succeeded();
    let rows = "customer_id,purchased_at,amount\n1,2026-01-20,5\n2,2026-01-20,5\n";
    let done = project.imported("purchases", rows);
    assert!(done.stderr.contains("2 rejected"), "{done:#?}");
}
