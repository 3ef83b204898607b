//! The life of a customer on 80 columns.

use super::Telling;
use super::voice::{Label, Voice};
use chainc_compiler::explain::{self, Page, sentence};
use chainc_compiler::ir::{Action, IfArm, Step};
use chainc_runtime::why::Way;

/// Where the sentences of a chain begin: behind a time and the number of a step.
const TIME: usize = 9;

/// Writes the page.
pub(super) fn of(telling: &Telling<'_>) -> String {
    let Telling { life, voice } = telling;
    let mut page = Page::default();
    let mut paragraphs =
        vec![(Label::Customer, voice.customer(life)), (Label::Purchases, voice.purchases(life))];
    let reach = life.channels.iter().map(|reach| (Label::Channels, voice.reach(reach)));
    paragraphs.extend(reach);
    paragraphs.push((Label::Wallet, voice.wallet(life)));
    let margin = paragraphs.iter().map(|(label, _)| voice.label(*label).chars().count()).max();
    let margin = margin.unwrap_or(0) + 2;
    let mut before = None;
    for (label, words) in &paragraphs {
        let head = if before == Some(*label) { "" } else { voice.label(*label) };
        page.hanging(head, margin, &sentence(words));
        before = Some(*label);
    }
    if life.ways.is_empty() {
        page.gap();
        page.hanging("", 0, &sentence(voice.never()));
    }
    for way in &life.ways {
        page.gap();
        page.hanging("", 0, &voice.way(way));
        history(&mut page, way, *voice);
        future(&mut page, way, *voice);
    }
    if !life.entries.is_empty() {
        page.gap();
        page.hanging("", 0, voice.entries());
        page.gap();
        let days = life.entries.iter().map(|entry| voice.clock().day(entry.at, voice.lang()));
        let column = days.clone().map(|day| day.chars().count()).max().unwrap_or(0) + 4;
        for (entry, day) in life.entries.iter().zip(days) {
            page.hanging(&format!("  {day}"), column, &sentence(&voice.entry(entry)));
        }
    }
    if !life.doors.is_empty() {
        page.gap();
        page.hanging("", 0, voice.elsewhere());
        for (chain, door) in &life.doors {
            page.gap();
            page.hanging("", 2, chain);
            page.hanging("", 4, &sentence(&voice.door(door, life)));
        }
    }
    page.finish()
}

/// Writes what happened, each day under its date.
fn history(page: &mut Page, way: &Way, voice: &dyn Voice) {
    let ids = way.lines.iter().filter_map(|line| line.step.as_ref());
    let widest = ids.map(|id| id.chars().count()).max().unwrap_or(0);
    let column = (TIME + widest + 2).min(28);
    let mut day = String::new();
    let mut before = None;
    for line in &way.lines {
        let told = voice.happened(line, before, way);
        before = Some(line);
        let Some(words) = told else { continue };
        let today = voice.clock().day(line.at, voice.lang());
        if today != day {
            page.gap();
            page.hanging("", 2, &today);
            day = today;
        }
        let (time, id) = (voice.clock().time(line.at), line.step.as_deref().unwrap_or_default());
        page.hanging(&format!("  {time}  {id}"), column, &sentence(&words));
    }
}

/// Writes where she stands and what comes next.
fn future(page: &mut Page, way: &Way, voice: &dyn Voice) {
    let Some(stands) = &way.stands else { return };
    let labels = [Label::Now, Label::Next].map(|label| voice.label(label).chars().count());
    let margin = 2 + labels.into_iter().max().unwrap_or(0) + 2;
    page.gap();
    let mut now: Vec<String> = way.told.iter().map(|told| sentence(&voice.told(told))).collect();
    now.push(sentence(&voice.stands(stands, way)));
    let open = way.goal_until.filter(|_| way.bought_at.is_none());
    now.extend(open.map(|until| sentence(&voice.goal(until))));
    page.hanging(&format!("  {}", voice.label(Label::Now)), margin, &now.join(" "));
    let (ahead, is_over_then) = way.ahead();
    let ids = ahead.iter().map(|step| step.id.chars().count()).max().unwrap_or(0);
    let mut label = format!("  {}", voice.label(Label::Next));
    for (step, words) in told(way, voice) {
        let pad = margin.saturating_sub(label.chars().count());
        let head = format!("{label}{}{}", " ".repeat(pad), step.id);
        page.hanging(&head, margin + ids + 2, &sentence(&words));
        label = String::new();
    }
    if is_over_then {
        page.hanging(&label, margin, &sentence(voice.then_over()));
    }
}

/// Returns the steps ahead with what they do.
pub(super) fn told<'w>(way: &'w Way, voice: &dyn Voice) -> Vec<(&'w Step, String)> {
    let message = |action: &'w Action| match action {
        Action::Send { message, .. } | Action::Fallback { message, .. } => Some(message.as_str()),
        _ => None,
    };
    let here = way.stands.as_ref().and_then(|stands| stands.place.step(&way.chain));
    let mut before = here.and_then(|step| message(&step.action));
    let currency = voice.currency();
    let mut all = Vec::new();
    for step in way.ahead().0 {
        let words = match &step.action {
            Action::If { arms, otherwise } => {
                let who = |arm: &IfArm| explain::audience(&arm.condition, currency, voice.lang());
                let arms: Vec<String> = arms.iter().map(who).collect();
                voice.fork(&arms, otherwise.is_some())
            }
            _ => explain::step(step, before, voice.lang()),
        };
        all.push((step, words));
        before = message(&step.action).or(before);
    }
    all
}
