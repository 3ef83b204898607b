//! Control gets nothing, and who is control stays it: in every chain of an experiment, at
//! every entry; of each stratum exactly its share.

use super::rows::none;
use super::{Found, View, Violation};
use std::collections::BTreeMap;

pub(super) fn check(view: View<'_>) -> Found {
    let mut found = none(
        view,
        "control gets nothing",
        "SELECT 'message to ' || o.customer_id || ' of ' || o.chain FROM outbox o JOIN enrolment e \
         USING (shard, customer_id, chain, cycle) WHERE e.control = 1 UNION ALL \
         SELECT 'points for ' || w.customer_id || ' of ' || w.chain FROM wallet_entry w \
         JOIN enrolment e USING (shard, customer_id, chain, cycle) WHERE e.control = 1 UNION ALL \
         SELECT j.what || ' of ' || j.customer_id || ' in ' || j.chain FROM told j \
         JOIN enrolment e USING (shard, customer_id, chain, cycle) WHERE e.control = 1 \
         AND j.what NOT IN ('control', 'control bought', 'control returned') UNION ALL \
         SELECT customer_id || ' is in ' || chain FROM enrolment \
         WHERE control = 1 AND (ended IS NOT 'control' OR ended_at IS NULL)",
    )?;
    let mut arms: BTreeMap<(String, String), (String, bool)> = BTreeMap::new();
    for one in super::enrolments::all(view)? {
        if !view.log.is_plain(&one.customer) {
            continue;
        }
        let Some(chain) = view.editions.version(&one.chain, &one.version) else { continue };
        if chain.control.is_none() {
            if one.control {
                found.push(Violation::new("same customer, same arm", one.told()));
            }
            continue;
        }
        let experiment = chain.experiment.clone().unwrap_or_else(|| one.chain.clone());
        let arm = arms
            .entry((experiment.clone(), one.customer.clone()))
            .or_insert_with(|| (one.told(), one.control));
        if arm.1 != one.control {
            let detail = format!("{} is {}, and {} was not", one.told(), one.control, arm.0);
            found.push(Violation::new("same customer, same arm", detail));
        }
        let mut stored = view.db.prepare_cached(
            "SELECT count(*) FROM assignment WHERE customer_id = ? AND experiment = ? AND control = ?",
        )?;
        let n: i64 = stored
            .query_row(rusqlite::params![one.customer, experiment, one.control], |row| {
                row.get(0)
            })?;
        if n != 1 {
            let detail = format!("{}: {n} assignments say so", one.told());
            found.push(Violation::new("same customer, same arm", detail));
        }
    }
    found.extend(none(
        view,
        "the share is exact",
        "SELECT experiment || ' ' || stratum || ': ' || held_out || ' for ' || due FROM stratum \
         WHERE abs(held_out * 10000 - due) >= 10000",
    )?);
    if view.log.muddled.is_empty() {
        found.extend(
            none(
                view,
                "the share is exact",
                "SELECT s.experiment || ' ' || s.stratum || ': ' || s.held_out || ' of ' || \
             coalesce(sum(a.control), 0) FROM stratum s LEFT JOIN assignment a \
             USING (experiment, stratum) GROUP BY 1, s.experiment, s.stratum \
             HAVING s.held_out <> coalesce(sum(a.control), 0)",
            )
            .unwrap_or_default(),
        );
    }
    Ok(found)
}
