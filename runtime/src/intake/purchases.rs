//! Rows of a purchase file.

use super::rows::Row;
use super::{From, Outcome, Reading, Report, amount};
use crate::store::Problem;
use crate::store::purchases::{self, Kept, Purchase};
use crate::store::sources;
use chainc_compiler::units::Points;
use rusqlite::Transaction;
use std::collections::HashMap;

/// The columns, required ones first.
pub(super) const COLUMNS: [&str; 10] = [
    "customer_id",
    "purchased_at",
    "amount",
    "external_id",
    "items",
    "store_id",
    "brand",
    "categories",
    "points_spent",
    "points_earned",
];

/// How many rows wait at most to be taken in: some 150 MB of them.
const MOST: usize = 600_000;

/// Purchases of a file that wait to be taken in together: the more, the fewer pages of the
/// store each of them costs.
#[derive(Debug, Default)]
pub(super) struct Pile {
    waiting: Vec<Purchase>,
    occurrences: Occurrences,
}

/// How often the same purchase stood in the file so far. Two receipts of one customer over
/// one amount at one moment are two purchases, and stay two when the file comes again.
#[derive(Debug, Default)]
struct Occurrences(HashMap<[u8; 16], u32>);

impl Pile {
    /// Takes a row; the store gets it with many others.
    pub(super) fn take(
        &mut self,
        tx: &Transaction<'_>,
        row: &Row<'_>,
        reading: &Reading<'_>,
        report: &mut Report,
    ) -> Result<Outcome, Problem> {
        let purchase = match purchase(row, reading, &mut self.occurrences) {
            Ok(purchase) => purchase,
            Err(reason) => return Ok(Err(reason)),
        };
        report.last_purchase = report.last_purchase.max(Some(purchase.occurred_at));
        self.waiting.push(purchase);
        if self.waiting.len() >= MOST {
            self.keep(tx, reading, report)?;
        }
        Ok(Ok(()))
    }

    /// Brings all that waits into the store.
    pub(super) fn keep(
        &mut self,
        tx: &Transaction<'_>,
        reading: &Reading<'_>,
        report: &mut Report,
    ) -> Result<(), Problem> {
        let mut purchases = std::mem::take(&mut self.waiting);
        let Some(From { source, .. }) = reading.from else {
            purchases::keep_all(tx, &purchases)?.into_iter().for_each(|kept| count(kept, report));
            return Ok(());
        };
        // Some may have come before the project named its sources.
        let mut are_kept = purchases::are_kept(tx, &purchases)?.into_iter();
        let all = purchases.len();
        purchases.retain(|_| !are_kept.next().unwrap_or(false));
        report.known += u64::try_from(all - purchases.len()).unwrap_or(0);
        for purchase in &mut purchases {
            purchase.event_id = of_source(source, &purchase.event_id);
        }
        let said = sources::watermark(tx, source)?;
        for (purchase, kept) in purchases.iter().zip(purchases::keep_all(tx, &purchases)?) {
            if kept != Kept::Repeat && said.is_some_and(|said| purchase.occurred_at <= said) {
                report.late += 1;
            }
            count(kept, report);
        }
        Ok(())
    }
}

const fn count(kept: Kept, report: &mut Report) {
    match kept {
        Kept::New => report.new += 1,
        Kept::Repeat => report.known += 1,
        Kept::Stray => report.aside += 1,
    }
}

/// The id of what a source says: two sources may number their receipts alike.
pub(super) fn of_source(source: &str, id: &[u8; 16]) -> [u8; 16] {
    crate::key::event(&[b"of source", source.as_bytes(), id])
}

fn purchase(
    row: &Row<'_>,
    reading: &Reading<'_>,
    occurrences: &mut Occurrences,
) -> Result<Purchase, String> {
    if let Some(broken) = &row.broken {
        return Err(broken.clone());
    }
    let customer_id = row.need("customer_id")?.to_owned();
    let at = row.need("purchased_at")?;
    let occurred_at = reading.zone.parse(at).ok_or_else(|| no_time("purchased_at", at))?;
    let amount = amount::parse(row.need("amount")?, reading.digits)?;
    let items = match row.get("items") {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| format!("`items` is `{text}`: not a whole number"))?)
        }
    };
    let points_spent = points(row, "points_spent")?;
    let points_earned = points(row, "points_earned")?;
    let own = |column: &str| row.get(column).map(str::to_owned);
    let external_id = own("external_id");
    let event_id = match &external_id {
        Some(id) => receipt(id),
        None => {
            let what =
                [customer_id.as_bytes(), &occurred_at.0.to_le_bytes(), &amount.0.to_le_bytes()];
            let same = occurrences.0.entry(crate::key::event(&what)).or_default();
            let id = crate::key::event(&[
                b"purchase by content",
                what[0],
                what[1],
                what[2],
                &same.to_le_bytes(),
            ]);
            *same += 1;
            id
        }
    };
    Ok(Purchase {
        event_id,
        customer_id,
        occurred_at,
        amount,
        items,
        store_id: own("store_id"),
        brand: own("brand"),
        categories: own("categories").map(|text| words(&text)),
        external_id,
        points_spent,
        points_earned,
    })
}

/// The id of the purchase with a shop's own number.
pub(super) fn receipt(external_id: &str) -> [u8; 16] {
    crate::key::event(&[b"purchase by id", external_id.as_bytes()])
}

/// Reads points of a till; none where the file says nothing.
fn points(row: &Row<'_>, column: &str) -> Result<Points, String> {
    let Some(text) = row.get(column) else { return Ok(Points(0)) };
    let read = text.parse().ok().filter(|points| (0..=MOST_POINTS).contains(points));
    read.map(Points)
        .ok_or_else(|| format!("`{column}` is `{text}`: not a whole number of points, 0 or more"))
}

/// More points than that are not of one purchase.
const MOST_POINTS: i64 = 1_000_000_000;

/// Categories as stores hold them: separated by `;`, without blanks around.
fn words(text: &str) -> String {
    let words: Vec<&str> = text.split(';').map(str::trim).filter(|word| !word.is_empty()).collect();
    words.join(";")
}

/// The reason for a time that cannot be read.
pub(super) fn no_time(column: &str, text: &str) -> String {
    format!(
        "`{column}` is `{text}`: not a date or time between 1970 and 2200, like 2026-03-01 or 2026-03-01T18:30:00"
    )
}
