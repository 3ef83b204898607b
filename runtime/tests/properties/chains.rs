//! Random chains, as text, through the real compiler.

use crate::dice::Dice;
use chainc_compiler::ir::Chain;
use chainc_compiler::{Settings, SourceFile};
use std::collections::BTreeMap;

const HEAD: &str = r#"
policy {
  currency USD
  attribute vip flag
  consent push opt_out
}
message offer { sms "{wallet.balance}, {customer.first_name}" push "an offer" email subject "An offer" body "{customer.city}" webhook "{link}" }
message reminder { sms "still" push title "Still" body "{link}" email subject "Still" body "still" webhook "still" }
message gift { sms "{grant.points}" push "{grant.points}" email subject "{grant.points}" body "come" webhook "{grant.points}" }
chain walked {
  segment frequency >= 0
"#;

/// Writes a chain.
pub(crate) fn draw(dice: &mut Dice) -> String {
    let mut size = dice.range(3, 14);
    let mut text = HEAD.to_owned();
    text += &flow(dice, 0, &mut size, false);
    text + "}\n"
}

/// Compiles it; the findings if it is none.
pub(crate) fn compile(text: &str) -> Result<Chain, String> {
    let file = SourceFile { path: "walked.chain".into(), text: text.to_owned() };
    let compiled = chainc_compiler::compile(&[file], &BTreeMap::new(), &Settings::default());
    let program = compiled.program.ok_or_else(|| format!("{:#?}", compiled.diagnostics))?;
    program.chains.into_iter().next().ok_or_else(|| "no chain".to_owned())
}

/// Writes some steps, each behind its arrow but for the first of a block.
fn flow(dice: &mut Dice, depth: u32, size: &mut i64, inside: bool) -> String {
    let mut steps = Vec::new();
    let length = dice.range(1, if depth == 0 { 7 } else { 3 });
    for _ in 0..length {
        if *size <= 0 && !steps.is_empty() {
            break;
        }
        *size -= 1;
        steps.push(step(dice, depth, size));
    }
    // Behind an exit nothing is done.
    if inside && dice.percent(12) {
        steps.push("exit".to_owned());
    }
    let text = steps.join("\n    -> ");
    if inside { text } else { format!("    -> {text}\n") }
}

fn step(dice: &mut Dice, depth: u32, size: &mut i64) -> String {
    let deep = depth >= 3 || *size <= 0;
    match dice.roll(if deep { 12 } else { 17 }) {
        0 => format!("grant {}{}", 10 * dice.range(1, 30), expires(dice)),
        1 => {
            let middle = dice.range(10, 100);
            let end = middle + dice.range(1, 200);
            let from = middle + 1;
            format!("grant by recency {{ 0..{middle}: 50, {from}..{end}: 120 }}{}", expires(dice))
        }
        2 => {
            let most = if dice.percent(50) { " up to 200 points" } else { "" };
            format!("cashback {}% for {}d{most}", dice.range(1, 30), dice.range(1, 20))
        }
        3 => {
            let promo = format!("promo {}{}", dice.one(&["toys", "shoes"]), expires(dice));
            if dice.percent(40) { format!("{promo}\n    -> promo toys") } else { promo }
        }
        4 => format!("tag {}", dice.one(&["vip", "seen", "late"])),
        5 => {
            format!("grant {} expires 30d\n    -> {}", 10 * dice.range(1, 9), ladder(dice, "gift"))
        }
        6..9 => {
            let message = dice.one(&["offer", "reminder"]);
            ladder(dice, message)
        }
        9..12 => wait(dice),
        12 | 13 => branches(dice, depth, size),
        14 => lots(dice, depth, size),
        _ => rounds(dice, depth, size),
    }
}

fn expires(dice: &mut Dice) -> String {
    if dice.percent(40) { format!(" expires {}d", dice.range(10, 60)) } else { String::new() }
}

/// A send and what is tried when it reaches nobody.
fn ladder(dice: &mut Dice, message: &str) -> String {
    let mut channels = vec!["sms", "push", "email"];
    let mut draw = |dice: &mut Dice| {
        let index = dice.roll(u64::try_from(channels.len()).expect("a few"));
        channels.remove(usize::try_from(index).expect("below the length"))
    };
    let within = |dice: &mut Dice| {
        if dice.percent(20) { format!(" within {}h", dice.range(1, 30)) } else { String::new() }
    };
    let first = if dice.percent(10) { "webhook" } else { draw(dice) };
    let mut text = format!("{first} {message}{}", within(dice));
    for _ in 0..dice.roll(3) {
        let own = if dice.percent(30) { format!(" {message}") } else { String::new() };
        text += &format!("\n    -> fallback {}{own}{}", draw(dice), within(dice));
    }
    text
}

fn wait(dice: &mut Dice) -> String {
    let day = dice.one(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let clock = format!("{:02}:{:02}", dice.roll(24), 30 * dice.roll(2));
    let delay = match dice.roll(7) {
        0 => format!("until {clock}"),
        1 => format!("until {day} {clock}"),
        2 => format!("until 2026-0{}-{:02} {clock}", dice.range(2, 6), dice.range(1, 28)),
        3 => format!("{}h", dice.range(1, 60)),
        4 => format!("{}m", dice.range(1, 90)),
        5 => format!("{}w", dice.range(1, 3)),
        _ => format!("{}d", dice.range(1, 9)),
    };
    let mut events = Vec::new();
    for event in ["purchase", "clicked offer", "opened reminder", "event \"visited\""] {
        if dice.percent(18) {
            events.push(event);
        }
    }
    let unless =
        if events.is_empty() { String::new() } else { format!(" unless {}", events.join(" or ")) };
    format!("wait {delay}{unless}")
}

fn condition(dice: &mut Dice) -> &'static str {
    dice.one(&[
        "vip",
        "tag late",
        "recency 30..60",
        "frequency >= 2",
        "spent >= 100 USD",
        "balance >= 50",
        "consent sms",
        "reachable push",
        "received offer in 30d",
        "opened reminder",
        "event \"visited\" in 7d",
        "city \"Riga\" and not tag seen",
    ])
}

fn branches(dice: &mut Dice, depth: u32, size: &mut i64) -> String {
    let mut text = format!("if {} {{ {} }}", condition(dice), flow(dice, depth + 1, size, true));
    if dice.percent(40) {
        text +=
            &format!(" else if {} {{ {} }}", condition(dice), flow(dice, depth + 1, size, true));
    }
    if dice.percent(60) {
        text += &format!(" else {{ {} }}", flow(dice, depth + 1, size, true));
    }
    text
}

fn lots(dice: &mut Dice, depth: u32, size: &mut i64) -> String {
    let one = dice.range(1, 60);
    let two = dice.range(1, 39);
    format!(
        "split {{ one {one}% {{ {} }} two {two}% {{ {} }} three {}% {{ {} }} }}",
        flow(dice, depth + 1, size, true),
        flow(dice, depth + 1, size, true),
        100 - one - two,
        if dice.percent(30) { "exit".to_owned() } else { flow(dice, depth + 1, size, true) },
    )
}

fn rounds(dice: &mut Dice, depth: u32, size: &mut i64) -> String {
    let clock = format!("{:02}:00", dice.roll(24));
    let rhythm = match dice.roll(6) {
        0 => format!("daily at {clock}"),
        1 => format!("weekly on tue at {clock}"),
        2 => "weekly on sat".to_owned(),
        3 => format!("every {}d at {clock}", dice.range(1, 5)),
        4 => format!("every {}h", dice.range(1, 40)),
        _ => format!("every {}d", dice.range(1, 9)),
    };
    let until = match dice.roll(4) {
        0 => " until purchase".to_owned(),
        1 => format!(" until purchase or 2026-0{}-{:02}", dice.range(2, 5), dice.range(1, 28)),
        2 => format!(" until 2026-0{}-{:02}", dice.range(2, 5), dice.range(1, 28)),
        _ => String::new(),
    };
    let max = dice.range(1, 3);
    format!("repeat {rhythm}{until} max {max} {{ {} }}", flow(dice, depth + 1, size, true))
}
