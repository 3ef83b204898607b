//! Single conditions: what is measured gets its type, what is named is looked up.

use super::Scope;
use super::audience::Segments;
use crate::diagnostic::{Diagnostic, FormKind, Kind, Place, Safety, Wants};
use crate::ir::{AttributeKind, AttributeTest, Condition, Touch, Window};
use crate::resolved::Resolved;
use crate::units::Period;
use chainc_grammar::fault::{Named, Slot};
use chainc_grammar::syntax::{self, Label, Name, Node, Over, Quantity, Span};
use chainc_grammar::words;

type Lately = (Over, Node<Quantity>);

/// Reads something measured.
pub(super) fn measure(
    word: &Name,
    test: Option<&syntax::Test>,
    window: Option<&Lately>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let name = word.value.as_str();
    let wants = match name {
        "recency" => Wants::Days,
        "frequency" => Wants::Count,
        "spent" => Wants::Spent,
        "average_check" => Wants::AverageCheck,
        "registered" => Wants::Registered,
        "balance" => Wants::Balance,
        "churn" => Wants::Churn,
        "overdue" => Wants::Overdue,
        "birthday" | "expiring" => {
            let (_, node) = window?;
            let within = scope.days_ahead(node)?;
            return Some(match name {
                "birthday" => Condition::Birthday(within),
                _ => Condition::Expiring(within),
            });
        }
        _ => return attribute(word, test, window, resolved, segments, scope),
    };
    let found = test.and_then(|test| scope.test(test, name, wants));
    if name == "frequency" {
        let window = match window {
            None => Window::Ever,
            Some((over, node)) => {
                let period = scope.period(node, Wants::Window)?;
                match over {
                    Over::In => Window::Within(period),
                    Over::Per => Window::Per(period),
                }
            }
        };
        return Some(Condition::Frequency { test: found?, window });
    }
    let within = period(window, scope)?;
    let test = found?;
    Some(match name {
        "recency" => Condition::Recency(test),
        "spent" => Condition::Spent { test, within },
        "average_check" => Condition::AverageCheck { test, within },
        "registered" => Condition::Registered(test),
        "balance" => Condition::Balance(test),
        "churn" => Condition::Churn(test),
        _ => Condition::Overdue(test),
    })
}

/// Reads the period behind `in`; the outer `None` for one that was not understood.
fn period(window: Option<&Lately>, scope: &mut Scope<'_>) -> Option<Option<Period>> {
    match window {
        None => Some(None),
        Some((_, node)) => scope.period(node, Wants::Window).map(Some),
    }
}

/// Reads something that has a name.
pub(super) fn label(
    word: &Name,
    label: &Node<Label>,
    window: Option<&Lately>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let within = period(window, scope);
    let value = label.value.value();
    let touch = |how| Some(Condition::Touched { how, message: value.clone(), within: within? });
    match word.value.as_str() {
        "tag" => Some(Condition::Tag(value)),
        "city" => Some(Condition::City(value)),
        "event" => touch(Touch::Own),
        "bought" => Some(Condition::Bought { category: value, within: within? }),
        "brand" => {
            segments.use_brand(&value);
            brand(&value, label.span, resolved, scope)?;
            Some(Condition::Brand { brand: value, within: within? })
        }
        "received" | "opened" | "clicked" => {
            segments.use_message(&value);
            message(&value, label.span, resolved, scope)?;
            touch(match word.value.as_str() {
                "received" => Touch::Received,
                "opened" => Touch::Opened,
                _ => Touch::Clicked,
            })
        }
        name => match segments.attribute(name) {
            Some((AttributeKind::Text, _)) => {
                let name = name.to_owned();
                Some(Condition::Attribute { name, is: AttributeTest::Text(value) })
            }
            Some((is, place)) => wrong_attribute(name, *is, place, word.span, scope),
            None => {
                unknown_attribute(word, resolved, segments, scope);
                None
            }
        },
    }
}

/// Checks that a brand is declared, where the project declares brands.
pub(super) fn brand(
    name: &str,
    at: Span,
    resolved: &Resolved<'_>,
    scope: &mut Scope<'_>,
) -> Option<()> {
    if resolved.brands.is_empty()
        || resolved.brands.contains_key(name)
        || resolved.is_doubtful(name)
    {
        return Some(());
    }
    let known = resolved.brands.keys().copied();
    let suggestion = resolved.nearest(name, known).map(str::to_owned);
    let kind = FormKind::UnknownBrand { name: name.to_owned(), suggestion: suggestion.clone() };
    let mut found = Diagnostic::new(Kind::Form(kind), scope.place(at));
    if let Some(meant) = suggestion {
        found = found.fixed(Safety::Unsafe, at, meant);
    }
    scope.push(found);
    None
}

/// Checks that a message is declared, where the project declares messages.
pub(super) fn message(
    name: &str,
    at: Span,
    resolved: &Resolved<'_>,
    scope: &mut Scope<'_>,
) -> Option<()> {
    if !resolved.has_messages || resolved.messages.contains_key(name) || resolved.is_doubtful(name)
    {
        return Some(());
    }
    unknown_message(name, at, resolved, scope);
    None
}

/// Reports the name of no message, and returns the one that was most likely meant.
pub(super) fn unknown_message(
    name: &str,
    at: Span,
    resolved: &Resolved<'_>,
    scope: &mut Scope<'_>,
) -> Option<String> {
    let suggestion = resolved.nearest(name, resolved.messages.keys().copied()).map(str::to_owned);
    let other = resolved
        .segments
        .get(name)
        .map(|declared| (Named::Segment, declared.place()))
        .or_else(|| resolved.chain_named(name).map(|chain| (Named::Chain, chain.place())));
    if let Some((is, place)) = other {
        let kind = Kind::Form(FormKind::NotAMessage { name: name.to_owned(), is });
        let found = Diagnostic::new(kind, scope.place(at));
        scope.push(found.related(place));
        return suggestion;
    }
    let kind = Kind::UnknownMessage { name: name.to_owned(), suggestion: suggestion.clone() };
    let mut found = Diagnostic::new(kind, scope.place(at));
    if let Some(meant) = &suggestion {
        found = found.fixed(Safety::Unsafe, at, meant.as_str());
    }
    scope.push(found);
    suggestion
}

fn attribute(
    word: &Name,
    test: Option<&syntax::Test>,
    window: Option<&Lately>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Condition> {
    let name = word.value.as_str();
    let Some((is, place)) = segments.attribute(name) else {
        let meant = unknown_attribute(word, resolved, segments, scope)?;
        // What stands behind the misspelt word is read as what was meant.
        measure(&Node::new(word.span, meant), test, window, resolved, segments, scope);
        return None;
    };
    let is = match (is, test, window) {
        (AttributeKind::Number, Some(test), None) => {
            AttributeTest::Number(scope.test(test, name, Wants::Number)?)
        }
        (AttributeKind::Date, None, Some((Over::In, node))) => {
            AttributeTest::Within(scope.days_ahead(node)?)
        }
        _ => return wrong_attribute(name, *is, place, word.span, scope),
    };
    Some(Condition::Attribute { name: name.to_owned(), is })
}

/// Reports an attribute in the form of another kind.
pub(super) fn wrong_attribute<T>(
    name: &str,
    is: AttributeKind,
    declared: &Place,
    at: Span,
    scope: &mut Scope<'_>,
) -> Option<T> {
    let kind = Kind::Form(FormKind::WrongAttribute { name: name.to_owned(), is });
    let found = Diagnostic::new(kind, scope.place(at));
    scope.push(found.related(declared.clone()));
    None
}

/// Reports something compared that nobody declared, and returns the word of the language
/// that was most likely meant.
fn unknown_attribute(
    word: &Name,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<String> {
    let name = word.value.as_str();
    if resolved.unread || segments.is_doubtful(name) {
        return None;
    }
    let conditions = words::at(words::Place::Condition).iter().copied();
    let known = conditions.chain(segments.attributes());
    let suggestion = resolved.nearest(name, known).map(str::to_owned);
    let is_word = suggestion.as_deref().is_some_and(words::is_word);
    let kind = if is_word {
        let suggestion = suggestion.clone();
        Kind::UnknownWord { slot: Slot::Condition, word: name.to_owned(), suggestion }
    } else {
        let suggestion = suggestion.clone();
        Kind::Form(FormKind::UnknownAttribute { name: name.to_owned(), suggestion })
    };
    let mut found = Diagnostic::new(kind, scope.place(word.span));
    if let Some(meant) = &suggestion {
        found = found.fixed(Safety::Unsafe, word.span, meant.as_str());
    }
    scope.push(found);
    suggestion.filter(|_| is_word)
}
