//! All rows of a store, for comparing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rusqlite::types::Value;

/// Which rows share another depends on what was done at once, and that on when a process was
/// killed: those are compared as the views show them.
const SHARED: [&str; 8] = ["cohort", "member", "sheet", "letter", "gift", "given", "lot", "entry"];

/// The columns of those views that say which row is shared.
const WHICH: [&str; 3] = ["number", "cohort", "sheet"];

/// Returns the names of all that a store holds rows of, for comparing.
fn compared(connection: &rusqlite::Connection) -> Vec<String> {
    let mut tables = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' \
             OR name IN ('enrolment', 'outbox', 'wallet_entry', 'wallet_lot') ORDER BY name",
        )
        .unwrap();
    let names = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap);
    names.filter(|name: &String| !SHARED.contains(&name.as_str())).collect()
}

/// Returns every row of every table, each behind the table's name.
pub(crate) fn all(connection: &rusqlite::Connection) -> Vec<String> {
    let names = compared(connection);
    let mut all = Vec::new();
    for name in names {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let is_view = ["enrolment", "outbox"].contains(&name.as_str());
        let shown: Vec<usize> = (0..statement.column_count())
            .filter(|index| !(is_view && WHICH.contains(&statement.column_name(*index).unwrap())))
            .collect();
        let mut lines = Vec::new();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let fields: Vec<String> = shown
                .iter()
                .map(|index| match row.get(*index).unwrap() {
                    Value::Null => "-".to_owned(),
                    Value::Integer(n) => n.to_string(),
                    Value::Real(n) => n.to_string(),
                    Value::Text(text) => text,
                    Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
                })
                .collect();
            lines.push(format!("{name}: {}", fields.join("|")));
        }
        lines.sort();
        all.extend(lines);
    }
    all
}
