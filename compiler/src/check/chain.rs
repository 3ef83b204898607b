//! A chain as a whole: its settings, its one flow.

use super::audience::{self, Segments};
use super::experiment::Shared;
use super::messages::Texts;
use super::policy::{cap, hours, owner};
use super::settings::{Line, Seen, unknown};
use super::usage::Used;
use super::{Scope, flow, moments, predicate};
use crate::checked::CheckedChain;
use crate::diagnostic::{About, Diagnostic, FormKind, Kind, Place, Wants};
use crate::ir::{
    self, Active, AtLimit, Budget, Cap, Capped, Channel, Control, Entry, Exclusive, Goal, Quiet,
    Schedule,
};
use crate::resolved::Resolved;
use chainc_grammar::fault::Slot;
use chainc_grammar::syntax::{
    self, Comparison, Flow, Item, Node, Quantity, Scalar, Setting, Span, Unit,
};
use chainc_grammar::words;
use std::collections::BTreeMap;

/// What a chain is checked against.
pub(crate) struct Context<'c, 'p> {
    pub(crate) resolved: &'c Resolved<'p>,
    pub(crate) segments: &'c Segments,
    pub(crate) texts: &'c Texts,
}

/// The settings of a chain, or of an experiment.
#[derive(Debug, Default)]
pub(crate) struct ChainSettings {
    pub(crate) control: Option<Control>,
    pub(crate) goal: Option<Goal>,
    pub(crate) entry: Option<Entry>,
    pub(crate) active: Option<Active>,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) exclusive: Option<Exclusive>,
    pub(crate) quiet: Option<Quiet>,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) caps: Vec<Cap>,
    pub(crate) caps_off: Option<String>,
    pub(crate) consent_off: BTreeMap<Channel, String>,
    pub(crate) brand: Option<String>,
    pub(crate) owner: Option<String>,
    /// Where each stands: see [`CheckedChain::settings`].
    pub(crate) places: BTreeMap<String, Place>,
}

/// Checks `chain NAME { ... }`.
pub(crate) fn block(
    name: &str,
    chain: &syntax::Chain,
    name_span: Span,
    shared: Option<&Shared>,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) -> CheckedChain {
    let errors = scope.errors();
    let mut settings = ChainSettings::default();
    let mut seen = Seen::default();
    let mut flow: Option<&Flow> = None;
    let mut readable = true;
    for item in chain.items.iter().flatten() {
        match &item.value {
            Item::Bad => readable = false,
            Item::Chain(_) => {}
            Item::Setting(setting) => {
                if !set_by(shared, setting, scope) {
                    read(Slot::ChainItem, setting, &mut settings, &mut seen, context, scope, used);
                }
                readable &= words::at(words::Place::Chain).contains(&setting.word.value.as_str());
            }
            Item::Flow(other) => {
                let lost = |flow: &Flow| matches!(flow.audience.value, syntax::Condition::Bad);
                if let Some(first) = flow.filter(|first| lost(first) || lost(other)) {
                    // One of them may be a line that only looks like a flow.
                    flow::check(other, None, context, scope, used);
                    flow = Some(if lost(first) { other } else { first });
                } else if let Some(first) = flow {
                    let kind = Kind::SeveralFlows { in_chain: true };
                    let found = Diagnostic::new(kind, scope.place(other.keyword.span));
                    scope.push(found.related(scope.place(first.keyword.span)));
                    // Its own mistakes are worth knowing all the same.
                    flow::check(other, None, context, scope, used);
                } else {
                    flow = Some(other);
                }
            }
        }
    }
    let has_goal = seen.has("goal") || shared.is_some_and(Shared::may_have_goal);
    if let Some(control) = settings.places.get("control").cloned()
        && settings.control.is_some()
        && readable
        && !has_goal
    {
        scope.push(Diagnostic::new(Kind::ControlWithoutGoal, control));
    }
    if flow.is_none() && readable && chain.items.is_some() {
        scope.report(Kind::ChainWithoutFlow, name_span);
    }
    let whole = readable && scope.errors() == errors;
    let mut checked = empty(name, settings, scope.place(name_span));
    checked.chain.title = chain.title.as_ref().map(|title| title.value.value());
    checked.chain.description = chain.description.clone();
    checked.whole = whole && flow.is_some() && shared.is_none_or(|shared| shared.whole);
    if let Some(shared) = shared {
        shared.apply(&mut checked);
    }
    if let Some(flow) = flow {
        fill(&mut checked, flow, context, scope, used);
    }
    checked
}

/// Reports a setting that the experiment around the chain has made for all.
fn set_by(shared: Option<&Shared>, setting: &Setting, scope: &mut Scope<'_>) -> bool {
    let word = setting.word.value.as_str();
    if !matches!(word, "control" | "goal" | "active") {
        return false;
    }
    let Some(place) = shared.and_then(|shared| shared.places.get(word)) else { return false };
    let kind = Kind::Form(FormKind::SetByExperiment { setting: word.to_owned() });
    let found = Diagnostic::new(kind, scope.place(setting.word.span));
    scope.push(found.related(place.clone()));
    true
}

/// Checks a flow that stands alone in a file.
pub(crate) fn bare_flow(
    name: &str,
    flow: &Flow,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) -> CheckedChain {
    let place = scope.place(flow.keyword.span);
    let mut checked = empty(name, ChainSettings::default(), place);
    checked.bare = true;
    checked.chain.description = flow.description.clone();
    fill(&mut checked, flow, context, scope, used);
    checked
}

fn empty(name: &str, settings: ChainSettings, place: Place) -> CheckedChain {
    let chain = ir::Chain {
        owner: settings.owner,
        brand: settings.brand,
        control: settings.control,
        goal: settings.goal,
        entry: settings.entry.unwrap_or(Entry::Once),
        active: settings.active,
        schedule: settings.schedule.unwrap_or_default(),
        exclusive: settings.exclusive,
        quiet: settings.quiet,
        budgets: settings.budgets,
        caps: settings.caps,
        caps_off: settings.caps_off,
        consent_off: settings.consent_off,
        ..ir::Chain::empty(name)
    };
    CheckedChain {
        chain,
        audience: place.clone(),
        audience_known: false,
        place,
        bare: false,
        whole: true,
        settings: settings.places,
        steps: BTreeMap::new(),
        texts: BTreeMap::new(),
    }
}

fn fill(
    checked: &mut CheckedChain,
    flow: &Flow,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) {
    let audience = audience::of_flow(flow, context.resolved, context.segments, scope);
    let walked = flow::check(flow, audience.as_ref(), context, scope, used);
    checked.audience = scope.place(flow.audience.span);
    checked.audience_known = audience.is_some();
    if let Some(audience) = audience {
        checked.chain.audience = audience;
    }
    checked.whole &= walked.whole;
    checked.chain.steps = walked.steps;
    checked.chain.messages = walked.messages;
    checked.steps = walked.places;
    checked.texts = walked.texts;
}

/// Reads one setting of a chain, or of an experiment.
pub(super) fn read(
    slot: Slot,
    setting: &Setting,
    settings: &mut ChainSettings,
    seen: &mut Seen,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) {
    let span = setting.word.span;
    let word = setting.word.value.as_str();
    if !words::settings_of(slot).contains(&word) || word == "segment" || word == "chain" {
        return unknown(slot, setting, scope);
    }
    let place = scope.place(span);
    settings.places.entry(word.to_owned()).or_insert_with(|| place.clone());
    match word {
        "control" => {
            let control = control(setting, context, scope);
            if seen.first(word, span, scope) {
                settings.control = control;
            }
        }
        "goal" => {
            let goal = goal(setting, scope);
            if seen.first(word, span, scope) {
                settings.goal = goal;
            }
        }
        "enter" => {
            let mut line = Line::new(scope, setting, "`enter once`");
            let once = line.word("once").and_then(|()| line.done());
            if seen.first(About::Entry, span, scope) {
                settings.entry = once.map(|()| Entry::Once);
            }
        }
        "reenter" => {
            let entry = reenter(setting, scope);
            if seen.first(About::Entry, span, scope) {
                settings.entry = entry;
            }
        }
        "budget" => {
            if let Some(budget) = budget(setting, scope) {
                let (what, key) = match budget {
                    Budget::Points { .. } => (About::PointsBudget, "budget points".to_owned()),
                    Budget::Money { on: None, .. } => {
                        (About::MoneyBudget, "budget money".to_owned())
                    }
                    Budget::Money { on: Some(channel), .. } => {
                        (About::ChannelBudget(channel), format!("budget {channel}"))
                    }
                };
                settings.places.entry(key).or_insert(place);
                if seen.first(what, span, scope) {
                    settings.budgets.push(budget);
                }
            }
        }
        "active" => {
            let mut line = Line::new(scope, setting, "`active 2026-03-01..2026-05-31`");
            let Some(node) = line.quantity() else { return };
            line.done();
            let dates = line.scope.dates(&node, Wants::Active);
            if seen.first(word, span, scope) {
                settings.active = dates.map(|(from, to)| Active { from, to });
            }
        }
        "schedule" => {
            let schedule = moments::schedule(setting, scope);
            if seen.first(word, span, scope) {
                settings.schedule = schedule;
            }
        }
        "exclusive" => {
            let exclusive = exclusive(setting, scope);
            if seen.first(word, span, scope) {
                settings.exclusive = exclusive;
            }
        }
        "quiet" => {
            let quiet = quiet(setting, scope);
            if seen.first(word, span, scope) {
                settings.quiet = quiet;
            }
        }
        "cap" => match off(setting, scope) {
            Some(reason) => {
                if seen.first("cap off", span, scope) {
                    settings.caps_off = reason;
                    let cap = settings.caps.first().and_then(|cap| settings.places.get(key(cap)));
                    if let Some(cap) = cap {
                        beside_off(cap, &place, scope);
                    }
                    settings.places.insert("cap off".to_owned(), place);
                }
            }
            None => {
                if let Some(cap) = cap(setting, seen, scope) {
                    if let Some(off) = settings.places.get("cap off") {
                        beside_off(&place, off, scope);
                    }
                    settings.places.entry(key(&cap).to_owned()).or_insert(place);
                    settings.caps.push(cap);
                }
            }
        },
        "consent" => {
            if let Some((channel, reason)) = consent_off(setting, scope)
                && seen.first(About::Consent(channel), span, scope)
            {
                settings.consent_off.insert(channel, reason);
            }
        }
        "brand" => {
            let mut line = Line::new(scope, setting, "`brand toys`");
            let Some(name) = line.label() else { return };
            line.done();
            used.brands.insert(name.value.clone());
            let known = predicate::brand(&name.value, name.span, context.resolved, scope);
            if seen.first(word, span, scope) {
                settings.brand = known.map(|()| name.value);
            }
        }
        "owner" => {
            let owner = owner(setting, scope);
            if seen.first(word, span, scope) {
                settings.owner = owner;
            }
        }
        _ => unknown(slot, setting, scope),
    }
}

const fn key(cap: &Cap) -> &'static str {
    match cap.most {
        Capped::Messages(_) => "cap messages",
        Capped::Points(_) => "cap points",
    }
}

/// Reports a cap in a chain whose caps are off.
fn beside_off(cap: &Place, off: &Place, scope: &mut Scope<'_>) {
    let found = Diagnostic::new(Kind::Form(FormKind::CapBesideOff), cap.clone());
    scope.push(found.related(off.clone()));
}

fn control(setting: &Setting, context: &Context<'_, '_>, scope: &mut Scope<'_>) -> Option<Control> {
    let mut line = Line::new(scope, setting, "`control 10%` or `control held_out`");
    if let Some(word) = line.any_word() {
        if words::at(words::Place::Condition).contains(&word.value.as_str()) {
            let span = Span { start: word.span.start, end: line.span().end };
            let kind = FormKind::ControlCondition { text: line.scope.text(span) };
            line.scope.report(Kind::Form(kind), span);
            return None;
        }
        line.done();
        let name = Node::new(word.span, ());
        let segment =
            audience::named(&word.value, &name, context.resolved, context.segments, line.scope)?;
        return Some(Control::Segment(Box::new(segment)));
    }
    let node = line.quantity()?;
    line.done();
    line.scope.share(&node, Wants::Share).map(Control::Share)
}

fn goal(setting: &Setting, scope: &mut Scope<'_>) -> Option<Goal> {
    let form = "`goal purchase within 30d` or `goal purchase >= 2_000 RUB within 30d`";
    let mut line = Line::new(scope, setting, form);
    line.word("purchase")?;
    let mut at_least = Some(None);
    if let Some(sign) = line.comparison() {
        let node = line.quantity()?;
        at_least = if sign.value == Comparison::AtLeast {
            line.scope.money(&node, Wants::GoalMoney).map(Some)
        } else {
            let kind = Kind::SettingUnexpected {
                setting: "goal purchase".to_owned(),
                found: sign.value.as_str().to_owned(),
                form,
                suggestion: None,
            };
            line.scope.report(kind, sign.span);
            None
        };
    }
    line.word("within")?;
    let node = line.quantity()?;
    line.done();
    let within = line.scope.period(&node, Wants::GoalWindow);
    Some(Goal { at_least: at_least?, within: within? })
}

fn reenter(setting: &Setting, scope: &mut Scope<'_>) -> Option<Entry> {
    let mut line =
        Line::new(scope, setting, "`reenter after 90d` or `reenter after 90d at most 3 times`");
    line.word("after")?;
    let node = line.quantity()?;
    let after = line.scope.period(&node, Wants::Gap);
    let mut at_most = Some(None);
    if line.has("at") {
        line.word("most")?;
        let node = line.quantity()?;
        at_most = line.scope.count(&node, Wants::Times).map(Some);
        if !line.has("times") && !line.has("time") {
            line.word("times")?;
        }
    }
    line.done();
    Some(Entry::Again { after: after?, at_most: at_most? })
}

fn budget(setting: &Setting, scope: &mut Scope<'_>) -> Option<Budget> {
    let form = "`budget 600_000 points`, `budget 60_000 RUB`, `budget 60_000 RUB on sms` or \
                `budget 60_000 RUB on sms then hold`";
    let mut line = Line::new(scope, setting, form);
    let node = line.quantity()?;
    let on = if line.has("on") { Some(line.channel()?) } else { None };
    let is_points = matches!(node.value, Quantity::One(Scalar::Number(_, Unit::Points)));
    let then = if line.has("then") { Some(at_limit(&mut line, is_points)?) } else { None };
    line.done();
    if is_points {
        let points = line.scope.points(&node, Wants::Budget)?;
        if on.is_some() {
            let kind = Kind::SettingUnexpected {
                setting: "budget ... points".to_owned(),
                found: "on".to_owned(),
                form,
                suggestion: None,
            };
            let at = line.span();
            line.scope.report(kind, Span { start: node.span.end, end: at.end });
            return None;
        }
        if points.0 == 0 {
            return line.scope.zero(&node, Wants::Budget);
        }
        return Some(Budget::Points { limit: points, then: then.unwrap_or(AtLimit::End) });
    }
    let limit = line.scope.money(&node, Wants::Budget)?;
    if limit.0 == 0 {
        return line.scope.zero(&node, Wants::Budget);
    }
    Some(Budget::Money { limit, on, then: then.unwrap_or(AtLimit::Skip) })
}

/// Reads what becomes of what a budget has no room for. A message that cannot be paid does
/// not end a chain: there may be a fallback that costs nothing.
fn at_limit(line: &mut Line<'_, '_>, is_points: bool) -> Option<AtLimit> {
    if line.has("hold") {
        Some(AtLimit::Hold)
    } else if line.has("skip") {
        Some(AtLimit::Skip)
    } else if is_points {
        line.word("end").map(|()| AtLimit::End)
    } else {
        line.fail(&["skip", "hold"])
    }
}

fn exclusive(setting: &Setting, scope: &mut Scope<'_>) -> Option<Exclusive> {
    let mut line =
        Line::new(scope, setting, "`exclusive winback` or `exclusive winback priority 20`");
    let group = line.label()?.value;
    let priority = if line.has("priority") {
        let node = line.quantity()?;
        Some(line.scope.count_or_none(&node, Wants::Priority)?)
    } else {
        None
    };
    line.done();
    Some(Exclusive { group, priority })
}

fn quiet(setting: &Setting, scope: &mut Scope<'_>) -> Option<Quiet> {
    if let Some(reason) = off(setting, scope) {
        return reason.map(Quiet::Off);
    }
    let form = "`quiet 22:00..09:00` or `quiet off \"why\"`";
    let mut line = Line::new(scope, setting, form);
    let node = line.quantity()?;
    line.done();
    hours(&node, line.scope).map(Quiet::Hours)
}

/// Reads `quiet off "reason"` and `cap off "reason"`: nothing when the setting does not say
/// `off`, and no reason when it has none.
fn off(setting: &Setting, scope: &mut Scope<'_>) -> Option<Option<String>> {
    let word = &setting.word.value;
    let mut line = Line::new(scope, setting, "`off \"why\"`");
    line.has("off").then(|| reason(word, &mut line))
}

fn reason(word: &str, line: &mut Line<'_, '_>) -> Option<String> {
    if line.is_done() {
        let kind = Kind::Form(FormKind::OffWithoutReason { setting: word.to_owned() });
        let at = line.span();
        line.scope.report(kind, at);
        return None;
    }
    let text = line.text()?;
    line.done();
    let reason = text.value.value();
    if reason.trim().is_empty() {
        let kind = Kind::Form(FormKind::OffWithoutReason { setting: word.to_owned() });
        line.scope.report(kind, text.span);
        return None;
    }
    Some(reason)
}

fn consent_off(setting: &Setting, scope: &mut Scope<'_>) -> Option<(Channel, String)> {
    let mut line = Line::new(scope, setting, "`consent sms off \"why\"`");
    let channel = line.channel()?;
    line.word("off")?;
    Some((channel, reason(&format!("consent {channel}"), &mut line)?))
}
