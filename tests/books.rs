//! After months of the deli the books balance, and nobody was written to who should not
//! have been. The questions are asked of the tables, not of the engine.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use support::{Folder, chainc};

#[test]
fn after_three_months_of_the_deli_nothing_is_owed_to_the_promises() {
    let store = replayed("deli", "2017-07-01..2017-09-30");
    assert!(store.count("SELECT count(*) FROM outbox WHERE state = 'delivered'") > 1_000);
    assert!(store.count("SELECT count(*) FROM enrolment WHERE control = 1") > 50);
    store.keeps(&PROMISES);
    store.keeps(&[(
        "nobody enters again before 120 days are over",
        "SELECT count(*) FROM enrolment a JOIN enrolment b USING (shard, customer_id, chain) \
         WHERE b.cycle > a.cycle AND b.entered_at - a.entered_at < 119 * 86400000",
    )]);
}

#[test]
fn after_a_quiet_autumn_nothing_is_owed_to_the_promises() {
    let store = replayed("quiet-churn", "2017-08-01..2017-10-31");
    let lists = "SELECT count(*) FROM frozen_list";
    assert_eq!(store.count(lists), 5);
    assert!(store.count("SELECT count(*) FROM wallet_entry WHERE kind = 'cashback'") > 50);
    // Most raised cashbacks are over, and the last ones will be.
    assert!(store.count("SELECT sum(ended) * 10 > count(*) * 9 FROM cashback") == 1);
    store.keeps(&PROMISES);
    store.keeps(&[
        (
            "the SMS stay within their budget, which is nearly used",
            "SELECT count(*) FROM budget_use WHERE budget = 'money on sms' \
             AND used NOT BETWEEN 2490 AND 2500",
        ),
        (
            "a week brings one message",
            "SELECT count(*) FROM outbox a JOIN outbox b USING (shard, customer_id) \
             WHERE a.effect_key <> b.effect_key AND a.state = 'delivered' \
             AND b.state = 'delivered' AND b.taken_at BETWEEN a.taken_at AND a.taken_at + 5 * 86400000",
        ),
        (
            "who is on the control's list got nothing",
            "SELECT count(*) FROM outbox o JOIN customer_tag t USING (shard, customer_id) \
             WHERE t.tag = 'q3'",
        ),
    ]);
}

#[test]
fn after_a_spring_at_the_mall_nothing_is_owed_to_the_promises() {
    let store = replayed("mall", "1997-03-20..1997-04-06");
    store.keeps(&PROMISES);
    // One wallet: what one tenant's till gave is spent at another's.
    let elsewhere = "SELECT coalesce(-sum(e.points), 0) FROM wallet_entry e \
        JOIN purchase spent ON spent.event_id = e.purchase \
        JOIN wallet_entry o ON o.entry = e.lot AND o.shard = e.shard \
        AND o.customer_id = e.customer_id \
        JOIN purchase earned ON earned.event_id = o.purchase \
        WHERE e.kind = 'spent' AND earned.brand <> spent.brand";
    assert!(store.count(elsewhere) > 1_000);
    // Gifts of chains pay too, and codes are given.
    let gifts =
        "SELECT -sum(points) FROM wallet_entry WHERE kind = 'spent' AND lot LIKE 'granted %'";
    assert!(store.count(gifts) > 100);
    assert!(store.count("SELECT count(*) FROM purchase WHERE returned > 0") > 10);
    store.keeps(&[
        (
            "points of the toy shop are spent there alone",
            "SELECT count(*) FROM wallet_entry e JOIN wallet_lot l USING (shard, customer_id, lot) \
             JOIN purchase p ON p.event_id = e.purchase \
             WHERE e.kind = 'spent' AND l.brand IS NOT NULL AND l.brand IS NOT p.brand",
        ),
        (
            "what expires first is spent first",
            "SELECT count(*) FROM wallet_entry e JOIN wallet_lot l USING (shard, customer_id, lot) \
             JOIN wallet_lot other ON other.shard = e.shard AND other.customer_id = e.customer_id \
             AND other.expires_at < coalesce(l.expires_at, 9e15) AND other.since < e.at \
             AND other.expires_at > e.at AND other.brand IS NULL AND other.points_left > 0 \
             WHERE e.kind = 'spent'",
        ),
        (
            "a code is given once",
            "SELECT count(given_at) - count(DISTINCT CASE WHEN given_at THEN code END) \
             FROM promo_code",
        ),
        (
            "who is in one of the chains that exclude each other is in no other",
            "SELECT count(*) FROM enrolment a JOIN enrolment b USING (shard, customer_id) \
             WHERE a.chain < b.chain AND a.control = 0 AND b.control = 0 \
             AND a.chain <> 'regulars' AND b.chain <> 'regulars' \
             AND a.entered_at < coalesce(b.ended_at, 9e15) \
             AND b.entered_at < coalesce(a.ended_at, 9e15)",
        ),
    ]);
}

/// The store of an example after a replay.
struct Books {
    store: rusqlite::Connection,
    _folder: Folder,
}

fn replayed(example: &str, range: &str) -> Books {
    let folder = Folder::new();
    folder.copy(&format!("examples/{example}"));
    let output = chainc(&["run", folder.str(), "--replay", range]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = folder.path().join(format!("{example}.db"));
    let store = rusqlite::Connection::open(path).unwrap();
    // Whose purse pays for a chain: its own, and that of the only experiment there is.
    store
        .execute_batch(
            "CREATE TEMP VIEW of_owner AS SELECT DISTINCT v.chain, u.owner FROM chain_version v \
             JOIN budget_use u ON u.owner = v.chain OR u.owner LIKE 'experiment %'; \
             CREATE TEMP TABLE purchase AS SELECT * FROM main.purchase; \
             CREATE INDEX temp.purchase_of ON purchase (shard, customer_id); \
             CREATE INDEX temp.purchase_by ON purchase (event_id)",
        )
        .unwrap();
    Books { store, _folder: folder }
}

impl Books {
    fn count(&self, sql: &str) -> i64 {
        self.store.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// Asks each question; each must count nothing.
    fn keeps(&self, promises: &[(&str, &str)]) {
        for (promise, broken) in promises {
            assert_eq!(self.count(broken), 0, "{promise}");
        }
        let sound = "PRAGMA integrity_check";
        let check: String = self.store.query_row(sound, [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}

/// A promise, and a query that counts where it is broken.
const PROMISES: [(&str, &str); 16] = [
    (
        "one enrolment at a time",
        "SELECT count(*) FROM (SELECT 1 FROM enrolment WHERE ended_at IS NULL \
         GROUP BY shard, customer_id, chain HAVING count(*) > 1)",
    ),
    (
        "one entry for each grant that is told, none for another",
        "SELECT (SELECT count(*) FROM journal j LEFT JOIN wallet_entry w \
         USING (shard, customer_id, chain, cycle, step, at) \
         WHERE j.what = 'granted' AND CAST(j.detail AS INTEGER) IS NOT w.points) \
         + (SELECT count(*) FROM wallet_entry WHERE kind = 'granted') \
         - (SELECT count(*) FROM journal WHERE what = 'granted')",
    ),
    (
        "what the points budgets have used is what the chains gave and hold in reserve",
        "SELECT count(*) FROM budget_use u WHERE u.budget = 'points' AND u.used <> \
         coalesce((SELECT sum(points) FROM wallet_entry w JOIN of_owner ON of_owner.chain = w.chain \
          WHERE of_owner.owner = u.owner AND w.kind = 'granted'), 0) \
         + coalesce((SELECT sum(CASE WHEN c.ended OR c.up_to IS NULL THEN c.earned ELSE c.up_to END) \
          FROM cashback c JOIN of_owner ON of_owner.chain = c.chain \
          WHERE of_owner.owner = u.owner), 0)",
    ),
    (
        "what a cashback has earned is what its purchases brought and did not take back",
        "SELECT (SELECT coalesce(sum(earned), 0) FROM cashback) \
         - (SELECT coalesce(sum(points), 0) FROM wallet_entry \
         WHERE kind = 'cashback' OR (kind = 'taken_back' AND entry LIKE 'taken back cashback %'))",
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
         (SELECT sum(o.cost) FROM outbox o JOIN of_owner USING (chain) \
         WHERE of_owner.owner = u.owner AND o.channel = 'sms')",
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
         AND p.occurred_at > e.entered_at AND p.occurred_at <= o.taken_at AND p.known = 1 \
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
         'delivered', 'undeliverable', 'skipped', 'purchased') \
         AND t.n <> (SELECT count(*) FROM journal j JOIN enrolment e \
         USING (shard, customer_id, chain, cycle) WHERE j.chain = t.chain \
         AND e.version = t.version AND coalesce(j.step, '') = t.step AND j.what = t.what)",
    ),
    (
        "the purchases of the table are the enrolments that have one",
        "SELECT (SELECT coalesce(sum(n), 0) FROM tally WHERE what IN ('bought', 'control bought')) \
         - (SELECT count(bought_at) FROM enrolment)",
    ),
    (
        "the customer's own numbers are those of her purchases that are known",
        "SELECT count(*) FROM customer c WHERE (c.purchases, c.spent, c.last_purchase_at) IS NOT \
         (SELECT count(*), coalesce(sum(p.amount), 0), max(p.occurred_at) FROM purchase p \
         WHERE p.shard = c.shard AND p.customer_id = c.customer_id AND p.known = 1)",
    ),
];
