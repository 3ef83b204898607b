//! A row of a file of returns: a purchase came back, whole or in part.

use super::purchases::of_source;
use super::rows::Row;
use super::{From, Outcome, Reading, Report, amount};
use crate::store::Problem;
use crate::store::returns::{self, Kept, Return};
use rusqlite::Transaction;

/// The columns, required ones first.
pub(super) const COLUMNS: [&str; 4] = ["external_id", "returned_at", "amount", "return_id"];

pub(super) fn take(
    tx: &Transaction<'_>,
    row: &Row<'_>,
    reading: &Reading<'_>,
    report: &mut Report,
) -> Result<Outcome, Problem> {
    let (receipt, back) = match read(row, reading) {
        Ok(read) => read,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut kept = returns::keep(tx, &back)?;
    if let (Kept::NoPurchase, Some(From { source, .. })) = (&kept, reading.from) {
        let purchase = of_source(source, &back.purchase);
        kept = returns::keep(tx, &Return { purchase, ..back })?;
    }
    match kept {
        Kept::New => report.new += 1,
        Kept::Repeat => report.known += 1,
        Kept::NoPurchase => {
            return Ok(Err(format!(
                "no purchase with `external_id` {receipt} is known; import purchases first"
            )));
        }
        Kept::TooEarly => {
            return Ok(Err(format!("`returned_at` is before purchase {receipt} was made")));
        }
        Kept::TooMuch(left) if left.0 == 0 => {
            return Ok(Err(format!("purchase {receipt} has been returned already")));
        }
        Kept::TooMuch(left) => {
            let left = amount::show(left, reading.digits);
            return Ok(Err(format!("of purchase {receipt} only {left} are left to return")));
        }
    }
    Ok(Ok(()))
}

fn read<'a>(row: &Row<'a>, reading: &Reading<'_>) -> Result<(&'a str, Return), String> {
    if let Some(broken) = &row.broken {
        return Err(broken.clone());
    }
    let receipt = row.need("external_id")?;
    let at = row.need("returned_at")?;
    let occurred_at =
        reading.zone.parse(at).ok_or_else(|| super::purchases::no_time("returned_at", at))?;
    let amount = match row.get("amount") {
        Some(text) => Some(amount::parse(text, reading.digits)?),
        None => None,
    };
    if amount.is_some_and(|amount| amount.0 == 0) {
        return Err("`amount` is 0: nothing came back".to_owned());
    }
    let event_id = match row.get("return_id") {
        Some(id) => crate::key::event(&[b"return by id", id.as_bytes()]),
        None => crate::key::event(&[
            b"return by content",
            receipt.as_bytes(),
            &occurred_at.0.to_le_bytes(),
            &amount.map_or(-1, |amount| amount.0).to_le_bytes(),
        ]),
    };
    let purchase = super::purchases::receipt(receipt);
    Ok((receipt, Return { event_id, purchase, occurred_at, amount }))
}
