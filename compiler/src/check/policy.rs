//! The policy: time zone, currency, quiet hours, prices.

use super::Scope;
use super::audience::Attributes;
use super::settings::{Line, Seen, unknown};
use crate::diagnostic::{About, Diagnostic, Findings, FormKind, Kind, Place, Safety, Wants};
use crate::ir::{
    AttributeKind, Basis, Cap, Capped, Channel, ConsentRule, Placeholder, Policy, QuietHours,
};
use crate::resolved::{Declared, Resolved};
use crate::units::{Currency, Minor};
use crate::zones;
use chainc_grammar::fault::Slot;
use chainc_grammar::syntax::{self, Atom, Item, Node, Setting};
use chainc_grammar::words;
use std::collections::{BTreeMap, BTreeSet};

/// Codes to suggest from.
const CURRENCIES: [&str; 12] =
    ["RUB", "USD", "EUR", "KZT", "BYN", "UAH", "GBP", "CNY", "TRY", "AMD", "GEL", "UZS"];

/// Checks the one policy, or returns what holds without one.
pub(crate) fn check(
    resolved: &Resolved<'_>,
    timezone: String,
    currency: Currency,
    findings: &mut Findings,
) -> CheckedPolicy {
    let policy = Policy {
        timezone,
        currency,
        quiet: None,
        prices: BTreeMap::new(),
        point: None,
        caps: Vec::new(),
        consent: BTreeMap::new(),
        attributes: BTreeMap::new(),
        longest: BTreeMap::new(),
        owner: None,
    };
    let mut checked = CheckedPolicy {
        policy,
        attributes: Attributes::new(),
        doubtful: BTreeSet::new(),
        rules: BTreeMap::new(),
    };
    let Some(declared) = &resolved.policy else { return checked };
    block(declared, &mut checked, findings);
    for declared in &resolved.more_policies {
        let policy = checked.policy.clone();
        let attributes = Attributes::new();
        block(
            declared,
            &mut CheckedPolicy {
                policy,
                attributes,
                doubtful: BTreeSet::new(),
                rules: BTreeMap::new(),
            },
            findings,
        );
    }
    checked
}

/// The policy, and where it says what.
#[derive(Debug)]
pub(crate) struct CheckedPolicy {
    pub(crate) policy: Policy,
    pub(crate) attributes: Attributes,
    /// Attributes whose kind could not be read.
    pub(crate) doubtful: BTreeSet<String>,
    /// Where each of its rules stands: `quiet`, `cap messages`, `price sms`, `consent sms`.
    pub(crate) rules: BTreeMap<String, Place>,
}

fn block(
    declared: &Declared<'_, &syntax::Policy>,
    checked: &mut CheckedPolicy,
    findings: &mut Findings,
) {
    let settings: Vec<&Setting> = settings_in(&declared.node.items).collect();
    let mut seen = Seen::default();
    // Prices are money of a currency that may be named below them.
    let default = checked.policy.currency.clone();
    for setting in settings.iter().filter(|setting| setting.word.value == "currency") {
        let mut scope = Scope::new(declared.file, &default, findings);
        if seen.first("currency", setting.word.span, &mut scope) {
            // Which one was meant nobody knows: any will do in the rest of the project.
            let unknown = || Currency { code: String::new(), digits: 2 };
            checked.policy.currency = currency_of(setting, &mut scope).unwrap_or_else(unknown);
        } else {
            currency_of(setting, &mut scope);
        }
    }
    let currency = checked.policy.currency.clone();
    for setting in settings {
        let mut scope = Scope::new(declared.file, &currency, findings);
        let first = match setting.word.value.as_str() {
            word @ ("timezone" | "quiet" | "owner") => {
                seen.first(word, setting.word.span, &mut scope)
            }
            _ => true,
        };
        let place = scope.place(setting.word.span);
        checked.rules.entry(setting.word.value.clone()).or_insert(place);
        if first {
            read(setting, checked, &mut seen, &mut scope);
        } else {
            let policy = checked.policy.clone();
            let attributes = Attributes::new();
            let mut other = CheckedPolicy {
                policy,
                attributes,
                doubtful: BTreeSet::new(),
                rules: BTreeMap::new(),
            };
            read(setting, &mut other, &mut seen, &mut scope);
        }
    }
}

/// Returns the settings among the lines of a block.
pub(super) fn settings_in(items: &[Node<Item>]) -> impl Iterator<Item = &Setting> {
    items.iter().filter_map(|item| match &item.value {
        Item::Setting(setting) => Some(setting),
        Item::Flow(_) | Item::Chain(_) | Item::Bad => None,
    })
}

fn read(setting: &Setting, checked: &mut CheckedPolicy, seen: &mut Seen, scope: &mut Scope<'_>) {
    let policy = &mut checked.policy;
    let span = setting.word.span;
    match setting.word.value.as_str() {
        "timezone" => {
            if let Some(zone) = timezone(setting, scope) {
                policy.timezone = zone;
            }
        }
        "currency" => {}
        "quiet" => {
            if let Some(hours) = quiet(setting, scope) {
                policy.quiet = Some(hours);
            }
        }
        "owner" => policy.owner = owner(setting, scope),
        "cap" => {
            if let Some(cap) = cap(setting, seen, scope) {
                let what = match cap.most {
                    Capped::Messages(_) => "cap messages",
                    Capped::Points(_) => "cap points",
                };
                checked.rules.entry(what.to_owned()).or_insert_with(|| scope.place(span));
                policy.caps.push(cap);
            }
        }
        "price" => {
            let form = "`price sms 4.20 RUB` or `price point 1 RUB`";
            let mut line = Line::new(scope, setting, form);
            if line.has("point") {
                if let Some(price) = point(line)
                    && seen.first(About::Point, span, scope)
                {
                    policy.point = Some(price);
                }
                return;
            }
            let Some(channel) = line.channel() else { return };
            let Some(node) = line.quantity() else { return };
            line.done();
            let price = line.scope.money(&node, Wants::Price);
            if seen.first(About::Price(channel), span, scope)
                && let Some(price) = price
            {
                policy.prices.insert(channel, price);
                checked.rules.insert(format!("price {channel}"), scope.place(span));
            }
        }
        "consent" => {
            if let Some((channel, rule)) = consent(setting, scope)
                && seen.first(About::Consent(channel), span, scope)
            {
                policy.consent.insert(channel, rule);
                checked.rules.insert(format!("consent {channel}"), scope.place(span));
            }
        }
        "attribute" => {
            if let Some((name, kind)) = attribute(setting, &mut checked.doubtful, scope)
                && seen.first(About::Attribute(name.value.clone()), span, scope)
            {
                let place = scope.place(name.span);
                policy.attributes.insert(name.value.clone(), kind);
                checked.attributes.insert(name.value, (kind, place));
            }
        }
        "longest" => {
            if let Some((placeholder, length)) = longest(setting, scope)
                && seen.first(About::Longest(placeholder.as_str()), span, scope)
            {
                policy.longest.insert(placeholder, length);
            }
        }
        _ => unknown(Slot::PolicyItem, setting, scope),
    }
}

/// Reads the end of `price point 1 RUB`: what a point is worth.
fn point(mut line: Line<'_, '_>) -> Option<Minor> {
    let node = line.quantity()?;
    line.done();
    match line.scope.money(&node, Wants::Price)? {
        Minor(0) => line.scope.zero(&node, Wants::Price),
        price => Some(price),
    }
}

/// Reads `quiet 21:00..10:00`.
pub(super) fn quiet(setting: &Setting, scope: &mut Scope<'_>) -> Option<QuietHours> {
    let mut line = Line::new(scope, setting, "`quiet 21:00..10:00`");
    let node = line.quantity()?;
    line.done();
    hours(&node, line.scope)
}

/// Reads two clock times that are not the same.
pub(super) fn hours(node: &Node<syntax::Quantity>, scope: &mut Scope<'_>) -> Option<QuietHours> {
    let (from, to) = scope.hours(node)?;
    if from == to {
        scope.report(Kind::EmptyQuiet, node.span);
        return None;
    }
    Some(QuietHours { from, to })
}

/// Reads `owner "..."`.
pub(super) fn owner(setting: &Setting, scope: &mut Scope<'_>) -> Option<String> {
    let mut line = Line::new(scope, setting, "`owner \"Loyalty team, crm@example.com\"`");
    let text = line.text()?;
    line.done();
    Some(text.value.value())
}

/// Reads `cap 3 messages per 7d` or `cap 1_000 points per 90d`.
pub(super) fn cap(setting: &Setting, seen: &mut Seen, scope: &mut Scope<'_>) -> Option<Cap> {
    let form = "`cap 3 messages per 7d` or `cap 1_000 points per 90d`";
    let mut line = Line::new(scope, setting, form);
    let node = line.quantity()?;
    let is_points = matches!(
        node.value,
        syntax::Quantity::One(syntax::Scalar::Number(_, syntax::Unit::Points))
    );
    let most = if is_points {
        let points = line.scope.points(&node, Wants::Messages)?;
        if points.0 == 0 {
            return line.scope.zero(&node, Wants::Messages);
        }
        Capped::Points(points)
    } else {
        let count = line.scope.count(&node, Wants::Messages);
        if !line.has("message") {
            line.word("messages")?;
        }
        Capped::Messages(count?)
    };
    if line.is_done() {
        let text = line.scope.text(line.span());
        line.scope.report(Kind::Form(FormKind::MissingPeriod { text }), line.span());
        return None;
    }
    line.word("per")?;
    let node = line.quantity()?;
    line.done();
    let per = line.scope.period(&node, Wants::CapPer)?;
    let what = match most {
        Capped::Messages(_) => About::MessageCap(per),
        Capped::Points(_) => About::PointsCap(per),
    };
    seen.first(what, setting.word.span, scope).then_some(Cap { most, per })
}

fn consent(setting: &Setting, scope: &mut Scope<'_>) -> Option<(Channel, ConsentRule)> {
    let form = "`consent sms opt_in` or `consent email opt_in unsubscribe`";
    let mut line = Line::new(scope, setting, form);
    let channel = line.channel()?;
    let basis = if line.has("opt_out") {
        Basis::OptOut
    } else if line.has("opt_in") {
        Basis::OptIn
    } else {
        return line.fail(&["opt_in", "opt_out"]);
    };
    let unsubscribe = line.has("unsubscribe");
    line.done();
    Some((channel, ConsentRule { basis, unsubscribe }))
}

fn attribute(
    setting: &Setting,
    doubtful: &mut BTreeSet<String>,
    scope: &mut Scope<'_>,
) -> Option<(Node<String>, AttributeKind)> {
    let form = "`attribute age number`, `attribute level text`, `attribute cardholder flag` or \
                `attribute anniversary date`";
    let mut line = Line::new(scope, setting, form);
    let Some(name) = line.any_word() else { return line.fail(&[]) };
    let kind = if line.has("number") {
        AttributeKind::Number
    } else if line.has("text") {
        AttributeKind::Text
    } else if line.has("flag") {
        AttributeKind::Flag
    } else if line.has("date") {
        AttributeKind::Date
    } else {
        doubtful.insert(name.value);
        return line.fail(&["number", "text", "flag", "date"]);
    };
    line.done();
    if words::is_word(&name.value) {
        let known = words::at(words::Place::Condition).contains(&name.value.as_str());
        let kind = FormKind::ReservedAttribute { word: name.value, known };
        scope.report(Kind::Form(kind), name.span);
        return None;
    }
    Some((name, kind))
}

fn longest(setting: &Setting, scope: &mut Scope<'_>) -> Option<(Placeholder, u32)> {
    let mut line = Line::new(scope, setting, "`longest \"customer.first_name\" 20`");
    let text = line.text()?;
    let node = line.quantity()?;
    line.done();
    let length = line.scope.count(&node, Wants::Longest);
    let name = text.value.value();
    let name = name.trim_start_matches('{').trim_end_matches('}');
    let Some(placeholder) = Placeholder::ALL.into_iter().find(|known| known.as_str() == name)
    else {
        let suggestion = super::foreign::nearest(name).map(|meant| meant.as_str().to_owned());
        let kind = Kind::UnknownPlaceholder { name: name.to_owned(), suggestion, file: None };
        scope.report(kind, text.span);
        return None;
    };
    Some((placeholder, length?))
}

/// Reads `timezone "..."`.
pub(super) fn timezone(setting: &Setting, scope: &mut Scope<'_>) -> Option<String> {
    let mut line = Line::new(scope, setting, "`timezone \"Asia/Yekaterinburg\"`");
    let node = line.text()?;
    line.done();
    let name = node.value.value();
    match zones::canonical(&name) {
        Ok(zone) => Some(zone),
        Err(suggestion) => {
            let kind = Kind::UnknownTimezone { name, suggestion: suggestion.clone() };
            let mut found = Diagnostic::new(kind, line.scope.place(node.span));
            if let Some(meant) = suggestion {
                found = found.fixed(Safety::Unsafe, node.span, format!("\"{meant}\""));
            }
            line.scope.push(found);
            None
        }
    }
}

fn currency_of(setting: &Setting, scope: &mut Scope<'_>) -> Option<Currency> {
    let mut line = Line::new(scope, setting, "`currency RUB`");
    let word = match setting.atoms.first() {
        // A text is a slip worth a precise word, not an unexpected one.
        Some(Node { span, value: Atom::Text(text) }) => Some(Node::new(*span, text.value())),
        _ => line.any_word(),
    };
    let Some(code) = word else { return line.fail(&[]) };
    if !matches!(setting.atoms.first(), Some(Node { value: Atom::Text(_), .. })) {
        line.done();
    }
    let known = Currency::from_code(&code.value);
    if known.is_none() {
        let spoken = match code.value.to_lowercase().as_str() {
            "руб" | "рубль" | "рубли" | "рублей" | "rouble" | "roubles" | "ruble" | "rubles" => {
                Some("RUB")
            }
            "тенге" | "tenge" => Some("KZT"),
            "евро" | "euro" | "euros" => Some("EUR"),
            _ => None,
        };
        let near = spoken.or_else(|| words::nearest(&code.value, CURRENCIES));
        let suggestion = near.map(str::to_owned);
        let kind = Kind::UnknownCurrency { code: code.value, suggestion: suggestion.clone() };
        let mut found = Diagnostic::new(kind, scope.place(code.span));
        if let Some(meant) = suggestion {
            found = found.fixed(Safety::Unsafe, code.span, meant);
        }
        scope.push(found);
    }
    known
}
