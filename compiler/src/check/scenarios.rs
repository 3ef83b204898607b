//! Tests as the project writes them: what they say is typed here, and run elsewhere.

use super::Scope;
use super::audience::Segments;
use super::predicate;
use super::settings::Line;
use crate::diagnostic::{Diagnostic, FormKind, Kind, Safety, Wants};
use crate::ir::{AttributeKind, Channel, Touch};
use crate::resolved::{Declared, Resolved};
use crate::scenario::{Expected, Fact, Happening, Moment, Scenario, What};
use crate::units::Period;
use chainc_grammar::syntax::{self, Atom, Node, Phrase, Quantity, Setting, Span, TestLine};

const FACTS: &str = "`recency 64`, `consent sms`, `not reachable push`, `tag vip`, `balance 100`";
/// Of how many chains a finding tells.
const MOST_CHAINS: usize = 4;
const HAPPENINGS: &str =
    "`purchase 1_900 RUB`, `clicked offer`, `event \"visited\"`, `not consent sms`";
const EXPECTED: &str = "`grant 300 points`, `sms offer`, `tag vip`, `exit` or `nothing`";

/// Checks one test; nothing when some of it was not understood.
pub(crate) fn check(
    declared: &Declared<'_, &syntax::TestBlock>,
    resolved: &Resolved<'_>,
    segments: &Segments,
    scope: &mut Scope<'_>,
) -> Option<Scenario> {
    let errors = scope.errors();
    let title = declared.node.title.as_ref().map(|title| title.value.value()).unwrap_or_default();
    let mut scenario = Scenario { title, chain: None, given: Vec::new(), days: Vec::new() };
    let mut last: Option<(u32, Span)> = None;
    let mut expects = false;
    let mut readable = declared.node.lines.is_some();
    let mut reader = Reader { resolved, segments, scope };
    for line in declared.node.lines.iter().flatten() {
        match &line.value {
            TestLine::Bad => readable = false,
            TestLine::Chain(name) => scenario.chain = reader.chain(name),
            TestLine::Given(phrases) => {
                scenario.given.extend(phrases.iter().filter_map(|phrase| reader.fact(phrase)));
            }
            TestLine::Day { day, at, expect, phrases } => {
                let number = reader.scope.count_or_none(day, Wants::TestDay);
                if let (Some(number), Some((before, place))) = (number, last)
                    && number < before
                {
                    let kind = Kind::Form(FormKind::DaysGoBack);
                    let found = Diagnostic::new(kind, reader.scope.place(day.span));
                    reader.scope.push(found.related(reader.scope.place(place)));
                }
                last = number.map(|number| (number, day.span)).or(last);
                let at = at.as_ref().and_then(|at| reader.scope.time(at, Wants::Clock));
                expects |= expect.is_some();
                let what = if expect.is_some() {
                    let expected = phrases.iter().filter_map(|phrase| reader.expected(phrase));
                    What::Expect(expected.flatten().collect())
                } else {
                    let happens = phrases.iter().filter_map(|phrase| reader.happening(phrase));
                    What::Happens(happens.collect())
                };
                if let Some(day) = number {
                    scenario.days.push(Moment { day, at, what });
                }
            }
        }
    }
    let whole = readable && scope.errors() == errors;
    if whole && !expects {
        scope.report(Kind::Form(FormKind::TestWithoutExpect), declared.span);
    }
    whole.then_some(scenario)
}

struct Reader<'r, 'p, 's> {
    resolved: &'r Resolved<'p>,
    segments: &'r Segments,
    scope: &'r mut Scope<'s>,
}

impl Reader<'_, '_, '_> {
    fn chain(&mut self, name: &Node<String>) -> Option<String> {
        let text = name.value.as_str();
        if self.resolved.chain_named(text).is_some() || self.resolved.is_doubtful(text) {
            return Some(name.value.clone());
        }
        let known = self.resolved.chains.iter().map(|chain| chain.name.as_str());
        let suggestion = self.resolved.nearest(text, known.clone()).map(str::to_owned);
        let known = known.filter(|name| !name.is_empty()).take(MOST_CHAINS).map(str::to_owned);
        let kind = FormKind::UnknownChain {
            name: name.value.clone(),
            suggestion: suggestion.clone(),
            known: known.collect(),
        };
        let mut found = Diagnostic::new(Kind::Form(kind), self.scope.place(name.span));
        if let Some(meant) = suggestion {
            found = found.fixed(Safety::Unsafe, name.span, meant);
        }
        self.scope.push(found);
        None
    }

    fn fact(&mut self, phrase: &Phrase) -> Option<Fact> {
        let (not, setting) = self.opened(phrase, FACTS)?;
        let word = setting.word.value.as_str();
        if let Some((channel, yes)) = self.reach(&setting, not) {
            let channel = channel?;
            return Some(match word {
                "consent" => Fact::Consent(channel, yes),
                _ => Fact::Reachable(channel, yes),
            });
        }
        if not {
            return self.unsaid(phrase);
        }
        match word {
            "birthday" => self.ahead(&setting, "`birthday in 3d`").map(Fact::Birthday),
            "recency" => self.days(&setting).map(Fact::Recency),
            "frequency" => self.days(&setting).map(Fact::Frequency),
            "registered" => self.days(&setting).map(Fact::Registered),
            "spent" | "average_check" => {
                let node = self.one(&setting)?;
                let money = self.scope.money(&node, Wants::Spent)?;
                Some(match word {
                    "spent" => Fact::Spent(money),
                    _ => Fact::AverageCheck(money),
                })
            }
            "balance" => {
                let node = self.one(&setting)?;
                self.scope.points(&node, Wants::Balance).map(Fact::Balance)
            }
            "churn" => {
                let node = self.one(&setting)?;
                self.scope.share(&node, Wants::Churn).map(Fact::Churn)
            }
            "tag" => self.label(&setting).map(|name| Fact::Tag(name.value)),
            "city" => self.label(&setting).map(|name| Fact::City(name.value)),
            "bought" => self.label(&setting).map(|name| Fact::Bought(name.value)),
            "brand" => {
                let name = self.label(&setting)?;
                predicate::brand(&name.value, name.span, self.resolved, self.scope)?;
                self.segments.use_brand(&name.value);
                Some(Fact::Brand(name.value))
            }
            "received" | "opened" | "clicked" | "event" => {
                self.touched(&setting).map(|(how, message)| Fact::Touched(how, message))
            }
            name => match self.segments.attribute(name).map(|(kind, _)| *kind) {
                Some(AttributeKind::Number) => {
                    let count = self.days(&setting)?;
                    Some(Fact::Number(name.to_owned(), i64::from(count)))
                }
                Some(AttributeKind::Text) => {
                    self.label(&setting).map(|text| Fact::Text(name.to_owned(), text.value))
                }
                Some(AttributeKind::Flag) if setting.atoms.is_empty() => {
                    Some(Fact::Flag(name.to_owned()))
                }
                Some(AttributeKind::Date) => {
                    let within = self.ahead(&setting, "`anniversary in 3d`")?;
                    Some(Fact::Date(name.to_owned(), within))
                }
                _ => self.unexpected(phrase, FACTS),
            },
        }
    }

    fn happening(&mut self, phrase: &Phrase) -> Option<Happening> {
        let (not, setting) = self.opened(phrase, HAPPENINGS)?;
        let word = setting.word.value.as_str();
        if let Some((channel, yes)) = self.reach(&setting, not) {
            let channel = channel?;
            return Some(match word {
                "consent" => Happening::Consent(channel, yes),
                _ => Happening::Reachable(channel, yes),
            });
        }
        match word {
            "purchase" if !not && setting.atoms.is_empty() => Some(Happening::Purchase(None)),
            "purchase" if !not => {
                let node = self.one(&setting)?;
                let money = self.scope.money(&node, Wants::GoalMoney)?;
                Some(Happening::Purchase(Some(money)))
            }
            "received" | "opened" | "clicked" | "event" if !not => {
                self.touched(&setting).map(|(how, message)| Happening::Touched(how, message))
            }
            _ => self.unexpected(phrase, HAPPENINGS),
        }
    }

    /// Returns what must have happened; the inner `None` for `nothing`.
    fn expected(&mut self, phrase: &Phrase) -> Option<Option<Expected>> {
        let (not, setting) = self.opened(phrase, EXPECTED)?;
        let word = setting.word.value.as_str();
        if not {
            return self.unexpected(phrase, EXPECTED);
        }
        if let Some(channel) = Channel::from_keyword(word) {
            let name = self.label(&setting)?;
            predicate::message(&name.value, name.span, self.resolved, self.scope)?;
            return Some(Some(Expected::Send(channel, name.value)));
        }
        match word {
            "nothing" if setting.atoms.is_empty() => Some(None),
            "exit" if setting.atoms.is_empty() => Some(Some(Expected::Exit)),
            "grant" => {
                let node = self.one(&setting)?;
                let points = self.scope.points(&node, Wants::Points)?;
                Some(Some(Expected::Grant(points)))
            }
            "cashback" => {
                let node = self.one(&setting)?;
                let rate = self.scope.share(&node, Wants::Cashback)?;
                Some(Some(Expected::Cashback(rate)))
            }
            "promo" => self.label(&setting).map(|pool| Some(Expected::Promo(pool.value))),
            "tag" => self.label(&setting).map(|tag| Some(Expected::Tag(tag.value))),
            _ => self.unexpected(phrase, EXPECTED),
        }
    }

    /// Returns the phrase as a word and the rest, and whether `not` stood before it.
    fn opened(&mut self, phrase: &Phrase, forms: &'static str) -> Option<(bool, Setting)> {
        let mut atoms = phrase.value.iter();
        let mut first = atoms.next();
        let not = matches!(first, Some(Node { value: Atom::Word(word), .. }) if word == "not");
        if not {
            first = atoms.next();
        }
        match first {
            Some(Node { span, value: Atom::Word(word) }) => {
                let word = Node::new(*span, word.clone());
                Some((not, Setting { word, atoms: atoms.cloned().collect() }))
            }
            _ => self.unexpected(phrase, forms),
        }
    }

    fn unexpected<T>(&mut self, phrase: &Phrase, forms: &'static str) -> Option<T> {
        let found = self.scope.text(phrase.span);
        self.scope.report(Kind::Form(FormKind::UnexpectedInTest { found, forms }), phrase.span);
        None
    }

    /// Reads `consent sms` and `reachable push`, nothing for other words.
    fn reach(&mut self, setting: &Setting, not: bool) -> Option<(Option<Channel>, bool)> {
        if !matches!(setting.word.value.as_str(), "consent" | "reachable") {
            return None;
        }
        let mut line = Line::new(self.scope, setting, "`consent sms` or `reachable push`");
        let channel = line.channel();
        let rest = channel.and_then(|channel| line.done().map(|()| channel));
        Some((rest, !not))
    }

    fn one(&mut self, setting: &Setting) -> Option<Node<Quantity>> {
        let mut line = Line::new(self.scope, setting, "`recency 64`");
        let node = line.quantity()?;
        line.done()?;
        Some(node)
    }

    /// Reads `in 3d`.
    fn ahead(&mut self, setting: &Setting, form: &'static str) -> Option<Period> {
        let mut line = Line::new(self.scope, setting, form);
        line.word("in")?;
        let node = line.quantity()?;
        line.done()?;
        self.scope.days_ahead(&node)
    }

    /// Reports `not tag vip`: what a test does not say of its customer is not so.
    fn unsaid<T>(&mut self, phrase: &Phrase) -> Option<T> {
        let found = self.scope.text(phrase.span);
        self.scope.report(Kind::Form(FormKind::UnsaidInTest { found }), phrase.span);
        None
    }

    fn days(&mut self, setting: &Setting) -> Option<u32> {
        let node = self.one(setting)?;
        self.scope.count_or_none(&node, Wants::Given)
    }

    fn label(&mut self, setting: &Setting) -> Option<Node<String>> {
        let mut line = Line::new(self.scope, setting, "`tag vip` or `sms offer`");
        let name = line.label()?;
        line.done()?;
        Some(name)
    }

    fn touched(&mut self, setting: &Setting) -> Option<(Touch, String)> {
        let how = match setting.word.value.as_str() {
            "received" => Touch::Received,
            "opened" => Touch::Opened,
            "clicked" => Touch::Clicked,
            _ => Touch::Own,
        };
        let name = self.label(setting)?;
        if how == Touch::Own {
            return Some((how, name.value));
        }
        predicate::message(&name.value, name.span, self.resolved, self.scope)?;
        self.segments.use_message(&name.value);
        Some((how, name.value))
    }
}
