//! A row of a file of codes: one code of a pool.

use super::rows::Row;
use super::{Outcome, Report};
use crate::store::Problem;
use crate::store::promo::{self, Kept};
use rusqlite::Transaction;
use std::collections::HashSet;

/// The columns, required ones first.
pub(super) const COLUMNS: [&str; 2] = ["pool", "code"];

/// The longest code, in characters: what texts are counted with.
const LONGEST: usize = 64;

/// The codes of this file so far.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<(String, String)>);

pub(super) fn take(
    tx: &Transaction<'_>,
    row: &Row<'_>,
    report: &mut Report,
    seen: &mut Seen,
) -> Result<Outcome, Problem> {
    let (pool, code) = match read(row) {
        Ok(read) => read,
        Err(reason) => return Ok(Err(reason)),
    };
    if !seen.0.insert((pool.to_owned(), code.to_owned())) {
        return Ok(Err(format!("code `{code}` stands in this file twice; it is taken once")));
    }
    match promo::keep(tx, pool, code)? {
        Kept::New => report.new += 1,
        Kept::Repeat => report.known += 1,
        Kept::Elsewhere(other) => {
            return Ok(Err(format!(
                "code `{code}` is in pool `{other}` already; a code can be given only once"
            )));
        }
    }
    Ok(Ok(()))
}

fn read<'a>(row: &Row<'a>) -> Result<(&'a str, &'a str), String> {
    if let Some(broken) = &row.broken {
        return Err(broken.clone());
    }
    let (pool, code) = (row.need("pool")?.trim(), row.need("code")?.trim());
    if code.chars().count() > LONGEST {
        return Err(format!("`code` is longer than {LONGEST} characters"));
    }
    if code.is_empty() || code.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("`code` is `{}`: a code has no blanks in it", code.escape_debug()));
    }
    Ok((pool, code))
}
