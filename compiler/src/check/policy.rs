//! The policy: time zone, currency, quiet hours, prices.

use super::Scope;
use super::settings::{Line, Seen, unknown};
use crate::diagnostic::{About, Diagnostic, Findings, Kind, Safety, Wants};
use crate::ir::{Policy, QuietHours};
use crate::resolved::{Declared, Resolved};
use crate::units::Currency;
use crate::zones;
use chainc_grammar::fault::Slot;
use chainc_grammar::syntax::{self, Atom, Item, Node, Setting};
use chainc_grammar::words;
use std::collections::BTreeMap;

/// Codes to suggest from.
const CURRENCIES: [&str; 12] =
    ["RUB", "USD", "EUR", "KZT", "BYN", "UAH", "GBP", "CNY", "TRY", "AMD", "GEL", "UZS"];

/// Checks the one policy, or returns what holds without one.
pub(crate) fn check(
    resolved: &Resolved<'_>,
    timezone: String,
    currency: Currency,
    findings: &mut Findings,
) -> Policy {
    let mut policy = Policy { timezone, currency, quiet: None, prices: BTreeMap::new() };
    let Some(declared) = &resolved.policy else { return policy };
    block(declared, &mut policy, findings);
    for declared in &resolved.more_policies {
        block(declared, &mut policy.clone(), findings);
    }
    policy
}

fn block(declared: &Declared<'_, &syntax::Policy>, policy: &mut Policy, findings: &mut Findings) {
    let settings: Vec<&Setting> = declared
        .node
        .items
        .iter()
        .filter_map(|item| match &item.value {
            Item::Setting(setting) => Some(setting),
            Item::Flow(_) | Item::Bad => None,
        })
        .collect();
    let mut seen = Seen::default();
    // Prices are money of a currency that may be named below them.
    let default = policy.currency.clone();
    for setting in settings.iter().filter(|setting| setting.word.value == "currency") {
        let mut scope = Scope::new(declared.file, &default, findings);
        if seen.first("currency", setting.word.span, &mut scope) {
            // Which one was meant nobody knows: any will do in the rest of the project.
            let unknown = || Currency { code: String::new(), digits: 2 };
            policy.currency = currency_of(setting, &mut scope).unwrap_or_else(unknown);
        } else {
            currency_of(setting, &mut scope);
        }
    }
    let currency = policy.currency.clone();
    for setting in settings {
        let mut scope = Scope::new(declared.file, &currency, findings);
        let first = match setting.word.value.as_str() {
            "currency" | "price" => true,
            word @ ("timezone" | "quiet") => seen.first(word, setting.word.span, &mut scope),
            _ => true,
        };
        if first {
            read(setting, policy, &mut seen, &mut scope);
        } else {
            read(setting, &mut policy.clone(), &mut seen, &mut scope);
        }
    }
}

fn read(setting: &Setting, policy: &mut Policy, seen: &mut Seen, scope: &mut Scope<'_>) {
    match setting.word.value.as_str() {
        "timezone" => {
            if let Some(zone) = timezone(setting, scope) {
                policy.timezone = zone;
            }
        }
        "currency" => {}
        "quiet" => {
            let mut line = Line::new(scope, setting, "`quiet 21:00..10:00`");
            let Some(node) = line.quantity() else { return };
            line.done();
            let Some((from, to)) = line.scope.hours(&node) else { return };
            if from == to {
                line.scope.report(Kind::EmptyQuiet, node.span);
                return;
            }
            policy.quiet = Some(QuietHours { from, to });
        }
        "price" => {
            let mut line = Line::new(scope, setting, "`price sms 4.20 RUB`");
            let Some(channel) = line.channel() else { return };
            let Some(node) = line.quantity() else { return };
            line.done();
            let price = line.scope.money(&node, Wants::Price);
            let what = About::Price(channel);
            if seen.first(what, setting.word.span, scope)
                && let Some(price) = price
            {
                policy.prices.insert(channel, price);
            }
        }
        _ => unknown(Slot::PolicyItem, setting, scope),
    }
}

fn timezone(setting: &Setting, scope: &mut Scope<'_>) -> Option<String> {
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
        let suggestion = words::nearest(&code.value, CURRENCIES).map(str::to_owned);
        let kind = Kind::UnknownCurrency { code: code.value, suggestion: suggestion.clone() };
        let mut found = Diagnostic::new(kind, scope.place(code.span));
        if let Some(meant) = suggestion {
            found = found.fixed(Safety::Unsafe, code.span, meant);
        }
        scope.push(found);
    }
    known
}
