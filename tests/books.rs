//! After months of the deli the books balance, and nobody was written to who should not
//! have been. The questions are asked of the tables, not of the engine.

mod support;

use support::{Folder, chainc};

/// Asks each question of the store of one replay; each must count nothing.
#[test]
fn after_three_months_nothing_is_owed_to_the_promises() {
    let folder = Folder::new();
    folder.copy("examples/deli");
    let output = chainc(&["run", folder.str(), "--replay", "2017-07-01..2017-09-30"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let store = rusqlite::Connection::open(folder.path().join("deli.db")).unwrap();
    let count = |sql: &str| -> i64 { store.query_row(sql, [], |row| row.get(0)).unwrap() };

    assert!(count("SELECT count(*) FROM outbox WHERE state = 'delivered'") > 1_000);
    assert!(count("SELECT count(*) FROM enrolment WHERE control = 1") > 50);
    for (promise, broken) in PROMISES {
        assert_eq!(count(broken), 0, "{promise}");
    }
    let check: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// A promise, and a query that counts where it is broken.
const PROMISES: [(&str, &str); 15] = [
    (
        "one enrolment at a time",
        "SELECT count(*) FROM (SELECT 1 FROM enrolment WHERE ended_at IS NULL \
         GROUP BY shard, customer_id, chain HAVING count(*) > 1)",
    ),
    (
        "nobody enters again before 120 days are over",
        "SELECT count(*) FROM enrolment a JOIN enrolment b USING (shard, customer_id, chain) \
         WHERE b.cycle > a.cycle AND b.entered_at - a.entered_at < 119 * 86400000",
    ),
    (
        "one entry for each grant step that is done, none for another",
        "SELECT (SELECT count(*) FROM journal j LEFT JOIN wallet_entry w \
         USING (shard, customer_id, chain, cycle, step) \
         WHERE j.what = 'granted' AND CAST(j.detail AS INTEGER) IS NOT w.points) \
         + (SELECT count(*) FROM wallet_entry WHERE kind = 'granted') \
         - (SELECT count(*) FROM journal WHERE what = 'granted')",
    ),
    (
        "what the points budget has used is what the wallet holds",
        "SELECT count(*) FROM (SELECT chain, sum(points) AS held FROM wallet_entry \
         WHERE kind = 'granted' GROUP BY chain) w \
         LEFT JOIN budget_use u ON u.owner = w.chain AND u.budget = 'points' \
         WHERE u.used IS NOT w.held",
    ),
    (
        "a lot is the sum of its entries",
        "SELECT count(*) FROM wallet_lot l WHERE l.points_left IS NOT (SELECT sum(points) \
         FROM wallet_entry e WHERE e.shard = l.shard AND e.customer_id = l.customer_id \
         AND e.lot = l.lot)",
    ),
    (
        "points that have expired are written off, each at its time",
        "SELECT (SELECT count(*) FROM wallet_lot WHERE points_left > 0 AND expires_at <= \
         (SELECT CAST(value AS INTEGER) FROM run_state WHERE name = 'clock')) \
         + (SELECT count(*) FROM wallet_entry JOIN wallet_lot USING (shard, customer_id, lot) \
         WHERE kind = 'expired' AND at IS NOT expires_at)",
    ),
    (
        "what the sms budget has used is what the messages cost",
        "SELECT count(*) FROM budget_use u WHERE u.budget = 'money on sms' AND u.used <> \
         (SELECT sum(o.cost) FROM outbox o WHERE o.chain = u.owner AND o.channel = 'sms')",
    ),
    (
        "control is left alone",
        "SELECT (SELECT count(*) FROM outbox JOIN enrolment \
         USING (shard, customer_id, chain, cycle) WHERE control = 1) \
         + (SELECT count(*) FROM wallet_entry JOIN enrolment \
         USING (shard, customer_id, chain, cycle) WHERE control = 1)",
    ),
    (
        "nothing leaves without a consent that holds at that moment",
        "SELECT count(*) FROM outbox o WHERE o.taken_at IS NOT NULL AND 1 IS NOT \
         (SELECT k.granted FROM consent k WHERE k.shard = o.shard \
         AND k.customer_id = o.customer_id AND k.channel = o.channel AND k.at <= o.taken_at \
         ORDER BY k.at DESC, k.number DESC LIMIT 1)",
    ),
    (
        "each message points at the consent that allowed it",
        "SELECT count(*) FROM outbox o LEFT JOIN consent k ON k.shard = o.shard \
         AND k.customer_id = o.customer_id AND k.channel = o.channel AND k.at = o.consent_at \
         AND k.number = o.consent_number \
         WHERE o.taken_at IS NOT NULL AND k.granted IS NOT 1",
    ),
    (
        "no reminder leaves after a purchase since entering",
        "SELECT count(*) FROM outbox o JOIN enrolment e USING (shard, customer_id, chain, cycle) \
         JOIN purchase p ON p.shard = o.shard AND p.customer_id = o.customer_id \
         AND p.occurred_at > e.entered_at AND p.occurred_at <= o.taken_at \
         WHERE o.message = 'reminder' AND o.taken_at IS NOT NULL",
    ),
    (
        "everyone has ended, or something is due for her",
        "SELECT count(*) FROM enrolment e WHERE e.ended_at IS NULL AND e.due_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.shard = e.shard \
         AND o.customer_id = e.customer_id AND o.chain = e.chain AND o.cycle = e.cycle \
         AND o.state = 'queued' AND o.due_at IS NOT NULL)",
    ),
    (
        "no timer is overdue",
        "SELECT count(*) FROM enrolment WHERE due_at <= \
         (SELECT CAST(value AS INTEGER) FROM run_state WHERE name = 'clock')",
    ),
    (
        "the numbers of the table are the lines of the journal",
        "SELECT count(*) FROM tally t WHERE t.what IN ('reached', 'granted', 'queued', 'sent', \
         'delivered', 'undeliverable', 'skipped', 'purchased', 'bought', 'control bought') \
         AND t.n <> (SELECT count(*) FROM journal j JOIN enrolment e \
         USING (shard, customer_id, chain, cycle) WHERE j.chain = t.chain \
         AND e.version = t.version AND coalesce(j.step, '') = t.step AND j.what = t.what)",
    ),
    (
        "the customer's own numbers are those of her purchases that are known",
        "SELECT count(*) FROM customer c WHERE (c.purchases, c.spent, c.last_purchase_at) IS NOT \
         (SELECT count(*), coalesce(sum(p.amount), 0), max(p.occurred_at) FROM purchase p \
         WHERE p.shard = c.shard AND p.customer_id = c.customer_id AND p.known = 1)",
    ),
];
