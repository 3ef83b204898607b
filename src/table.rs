//! The numbers of a run as a table for people.

use chainc_compiler::ir::{Chain, Entry};
use chainc_compiler::units::Currency;
use chainc_runtime::store::summary::{ChainSummary, StepSummary, Summary};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, LineStyle, Row, Table, TableStyle, Width,
};

/// How wide a step's text may get before it wraps; the table then fits 100 columns.
const STEP_WIDTH: u16 = 27;

/// Writes a table for each chain.
pub(crate) fn of(summary: &Summary, chains: &[Chain], currency: &Currency) -> String {
    let mut out = String::new();
    for chain in &summary.chains {
        let current = chains.iter().find(|c| c.version == chain.version);
        out.push_str(&heading(chain, current));
        out.push_str(&steps(chain, currency));
        out.push_str("\n\n");
    }
    out
}

fn heading(chain: &ChainSummary, current: Option<&Chain>) -> String {
    let title = match current.and_then(|chain| chain.title.as_deref()) {
        Some(title) => format!("{}: {title}", chain.name),
        None => chain.name.clone(),
    };
    let standing = if current.is_some() { "" } else { ", no longer current" };
    let ended: i64 = chain.ended.values().sum();
    let mut states: Vec<String> = Vec::new();
    for (reason, n) in chain.ended.iter().filter(|(reason, _)| *reason != "control") {
        let words = match reason.as_str() {
            "completed" => "went all the way".to_owned(),
            "purchased" => "left by buying".to_owned(),
            "budget" => "left as the points budget was empty".to_owned(),
            "exited" => "left by `exit`".to_owned(),
            "erased" => "erased".to_owned(),
            "stopped" => "left as the chain was stopped".to_owned(),
            other => format!("ended: {other}"),
        };
        states.push(format!("{n} {words}"));
    }
    states.push(format!("{} under way", chain.entered - ended));
    if chain.undecided > 0 {
        states.push(format!("{} of them undecided", chain.undecided));
    }
    let mut lines = format!(
        "{title} (version {}{standing})\n{} entered, {} of them held as control; {}\n",
        chain.version,
        chain.entered,
        chain.control,
        states.join(", ")
    );
    let treated = chain.entered - chain.control;
    let goal = current.and_then(|chain| chain.goal.as_ref());
    let within =
        goal.map_or("while in the chain".to_owned(), |goal| format!("within {}", goal.within));
    lines.push_str(&format!("{} of {treated} bought {within}", chain.purchases));
    if chain.control > 0 && goal.is_some() {
        lines.push_str(&format!("; {} of {} in control", chain.control_purchases, chain.control));
    }
    if let Some(Entry::Again { after, .. }) = current.map(|chain| chain.entry) {
        lines.push_str(&format!("; may enter again after {after}"));
    }
    lines.push('\n');
    lines
}

fn steps(chain: &ChainSummary, currency: &Currency) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    let cost = format!("message\ncost, {}", currency.code);
    let names = [
        "step",
        "reached",
        "sent",
        "deli-\nvered",
        "undeli-\nverable",
        "fell\nback",
        "skipped",
        "pur-\nchased",
        "points\ngranted",
        &cost,
    ];
    table.set_header(names.iter().enumerate().map(|(index, name)| {
        let side = if index == 0 { CellAlignment::Left } else { CellAlignment::Right };
        Cell::new(name).set_alignment(side)
    }));
    for step in &chain.steps {
        table.add_row(row(step, currency));
    }
    let sum = |of: fn(&StepSummary) -> i64| chain.steps.iter().map(of).sum::<i64>();
    table.add_row(Row::from(numbers(
        "all steps".to_owned(),
        [
            None,
            Some(sum(|s| s.sent)),
            Some(sum(|s| s.delivered)),
            Some(sum(|s| s.undeliverable)),
            Some(sum(|s| if s.fallback { s.done } else { 0 })),
            Some(sum(|s| s.skipped)),
            Some(sum(|s| s.purchased)),
            Some(chain.points_granted),
        ],
        Some(chain.message_cost_minor),
        currency,
    )));
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((1, 0));
        if index == 0 {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(STEP_WIDTH)));
        }
    }
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    for step in chain.steps.iter().filter(|step| step.held > 0) {
        let line =
            format!(" {} held at step {} until a budget has room for them", step.held, step.id);
        lines.push(line);
    }
    lines.join("\n")
}

fn row(step: &StepSummary, currency: &Currency) -> Row {
    let sends = step.sent + step.undeliverable > 0 || step.fallback;
    let of_send = |n: i64| sends.then_some(n);
    Row::from(numbers(
        format!("{}{} {}", "  ".repeat(step.id.matches('.').count()), step.id, step.text),
        [
            Some(step.reached),
            of_send(step.sent),
            of_send(step.delivered),
            of_send(step.undeliverable),
            step.fallback.then_some(step.done),
            Some(step.skipped).filter(|n| sends || *n > 0),
            Some(step.purchased).filter(|n| *n > 0),
            Some(step.points).filter(|n| *n > 0),
        ],
        of_send(step.cost_minor),
        currency,
    ))
}

fn numbers(
    name: String,
    numbers: [Option<i64>; 8],
    cost: Option<i64>,
    currency: &Currency,
) -> Vec<Cell> {
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let mut cells = vec![Cell::new(name)];
    cells.extend(numbers.map(|n| right(n.map(|n| n.to_string()).unwrap_or_default())));
    cells.push(right(cost.map(|minor| money(minor, currency.digits)).unwrap_or_default()));
    cells
}

/// Writes minor units as an amount.
fn money(minor: i64, digits: u8) -> String {
    if digits == 0 {
        return minor.to_string();
    }
    let (unit, width) = (10_i64.pow(u32::from(digits)), usize::from(digits));
    format!("{}.{:0width$}", minor / unit, minor % unit)
}
