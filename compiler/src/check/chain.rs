//! A chain as a whole: its settings, its one flow.

use super::Scope;
use super::audience::{self, Segments};
use super::flow;
use super::messages::Texts;
use super::settings::{Line, Seen, unknown};
use super::usage::Used;
use crate::checked::{ChainSettings, CheckedChain};
use crate::diagnostic::{About, Diagnostic, Kind, Wants};
use crate::ir::{Budget, Entry, Goal};
use crate::resolved::Resolved;
use chainc_grammar::fault::{FaultKind, Slot};
use chainc_grammar::syntax::{self, Comparison, Flow, Item, Quantity, Scalar, Setting, Span, Unit};

/// What a chain is checked against.
pub(crate) struct Context<'c, 'p> {
    pub(crate) resolved: &'c Resolved<'p>,
    pub(crate) segments: &'c Segments,
    pub(crate) texts: &'c Texts,
}

/// Checks `chain NAME { ... }`.
pub(crate) fn block(
    name: &str,
    chain: &syntax::Chain,
    name_span: Span,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) -> CheckedChain {
    let mut settings = ChainSettings::default();
    let mut seen = Seen::default();
    let mut flow: Option<&Flow> = None;
    let mut control = None;
    let mut readable = true;
    for item in chain.items.iter().flatten() {
        match &item.value {
            Item::Bad => readable = false,
            Item::Setting(setting) => {
                if setting.word.value == "control" {
                    control = Some(setting.word.span);
                }
                read(setting, &mut settings, &mut seen, scope);
                readable &= is_known(setting);
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
    if let Some(control) = control
        && settings.control.is_some()
        && readable
        && !seen.has("goal")
    {
        scope.report(Kind::ControlWithoutGoal, control);
    }
    if flow.is_none() && readable && chain.items.is_some() {
        scope.report(Kind::ChainWithoutFlow, name_span);
    }
    let mut checked = empty(name, settings);
    checked.title = chain.title.as_ref().map(|title| title.value.value());
    checked.description = chain.description.clone();
    if let Some(flow) = flow {
        fill(&mut checked, flow, context, scope, used);
    }
    checked
}

/// Checks a flow that stands alone in a file.
pub(crate) fn bare_flow(
    name: &str,
    flow: &Flow,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) -> CheckedChain {
    let mut checked = empty(name, ChainSettings::default());
    checked.description = flow.description.clone();
    fill(&mut checked, flow, context, scope, used);
    checked
}

fn empty(name: &str, settings: ChainSettings) -> CheckedChain {
    CheckedChain {
        name: name.to_owned(),
        title: None,
        description: None,
        settings,
        audience: None,
        steps: Vec::new(),
        messages: Default::default(),
    }
}

fn fill(
    checked: &mut CheckedChain,
    flow: &Flow,
    context: &Context<'_, '_>,
    scope: &mut Scope<'_>,
    used: &mut Used,
) {
    checked.audience = audience::of_flow(&flow.audience, context.resolved, context.segments, scope);
    let walked = flow::check(flow, checked.audience.as_ref(), context, scope, used);
    checked.steps = walked.steps;
    checked.messages = walked.messages;
}

fn is_known(setting: &Setting) -> bool {
    chainc_grammar::words::CHAIN_SETTINGS.contains(&setting.word.value.as_str())
}

fn read(setting: &Setting, settings: &mut ChainSettings, seen: &mut Seen, scope: &mut Scope<'_>) {
    let span = setting.word.span;
    match setting.word.value.as_str() {
        "control" => {
            let control = control(setting, scope);
            if seen.first("control", span, scope) {
                settings.control = control;
            }
        }
        "goal" => {
            let goal = goal(setting, scope);
            if seen.first("goal", span, scope) {
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
                let what = match budget {
                    Budget::Points(_) => About::PointsBudget,
                    Budget::Money { on: None, .. } => About::MoneyBudget,
                    Budget::Money { on: Some(channel), .. } => About::ChannelBudget(channel),
                };
                if seen.first(what, span, scope) {
                    settings.budgets.push(budget);
                }
            }
        }
        _ => unknown(Slot::ChainItem, setting, scope),
    }
}

fn control(setting: &Setting, scope: &mut Scope<'_>) -> Option<crate::units::BasisPoints> {
    let mut line = Line::new(scope, setting, "`control 10%`");
    if let Some(word) = line.any_word() {
        let kind = FaultKind::Later { word: format!("control {}", word.value) };
        line.scope.report(Kind::Syntax(kind), setting.word.span.to(word.span));
        return None;
    }
    let node = line.quantity()?;
    line.done();
    line.scope.share(&node)
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
        at_most = line.scope.times(&node).map(Some);
        if !line.has("times") && !line.has("time") {
            line.word("times")?;
        }
    }
    line.done();
    Some(Entry::Again { after: after?, at_most: at_most? })
}

fn budget(setting: &Setting, scope: &mut Scope<'_>) -> Option<Budget> {
    let form = "`budget 600_000 points`, `budget 60_000 RUB` or `budget 60_000 RUB on sms`";
    let mut line = Line::new(scope, setting, form);
    let node = line.quantity()?;
    let on = if line.has("on") { Some(line.channel()?) } else { None };
    line.done();
    let is_points = matches!(node.value, Quantity::One(Scalar::Number(_, Unit::Points)));
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
        return Some(Budget::Points(points));
    }
    let limit = line.scope.money(&node, Wants::Budget)?;
    if limit.0 == 0 {
        return line.scope.zero(&node, Wants::Budget);
    }
    Some(Budget::Money { limit, on })
}
