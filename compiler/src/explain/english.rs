//! English.

use super::clause::Clause;
use super::voice::{Days, Heading, Label, Owner, Voice};
use crate::ir::{
    Active, AtLimit, Budget, Cap, Capped, Channel, Control, Entry, Event, Exclusive, Goal,
    QuietHours, Schedule,
};
use crate::months;
use crate::proof::Dearest;
use crate::units::{BasisPoints, Currency, Date, Minor, Period, Points, Weekday};

mod picture;
mod steps;
mod who;

/// English.
#[derive(Debug)]
pub(super) struct English;

/// Returns `1 day` or `3 days`.
fn count(n: u64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", grouped(n), if n == 1 { one } else { many })
}

/// Groups digits by thousands.
fn grouped(n: u64) -> String {
    super::quantity::grouped(n, ',')
}

/// Returns `60,000 RUB`; whole amounts have no point.
pub(super) fn money(amount: Minor, currency: &Currency) -> String {
    let digits = super::quantity::decimal(amount.0, currency.digits, ',', '.', false);
    format!("{digits}\u{a0}{}", currency.code)
}

/// Returns `20%`, `2.5%`.
pub(super) fn share(hundredths: i64) -> String {
    format!("{}%", super::quantity::decimal(hundredths, 2, ',', '.', true))
}

/// Returns `3 days`, `36 hours`.
pub(super) fn period(period: Period) -> String {
    match period {
        Period::Days(n) => count(n.into(), "day", "days"),
        Period::Seconds(s) if s % 3600 == 0 => count((s / 3600).into(), "hour", "hours"),
        Period::Seconds(s) if s % 60 == 0 => count((s / 60).into(), "minute", "minutes"),
        Period::Seconds(s) => count(s.into(), "second", "seconds"),
    }
}

/// Returns `once`, `twice`, `3 times`.
pub(super) fn times(n: i64) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{}\u{a0}times", super::quantity::signed(n, ',')),
    }
}

/// Returns `1 August 2025`.
pub(super) fn date(date: Date) -> String {
    let civil = date.civil();
    format!("{}\u{a0}{}\u{a0}{}", civil.day(), month(date), civil.year())
}

fn month(date: Date) -> &'static str {
    let number = usize::try_from(date.civil().month()).unwrap_or(1);
    months::ENGLISH.get(number.saturating_sub(1)).copied().unwrap_or_default()
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// Returns `a, b and c`.
pub(super) fn joined(things: &[String], and: &str) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// Returns what goes out by a channel: `the SMS`.
const fn piece(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "e-mail",
        Channel::Push => "push",
        Channel::Webhook => "webhook",
    }
}

fn pieces(channel: Channel, n: u64) -> String {
    match channel {
        Channel::Sms => count(n, "SMS", "SMS"),
        Channel::Email => count(n, "e-mail", "e-mails"),
        Channel::Push => count(n, "push", "pushes"),
        Channel::Webhook => count(n, "webhook call", "webhook calls"),
    }
}

fn channels(channels: &[Channel]) -> String {
    let names: Vec<String> = channels.iter().map(|c| piece(*c).to_owned()).collect();
    joined(&names, "and")
}

/// Returns `for 14 days`, and at which brand.
fn lasting(expires: Option<Period>, at: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(at) = at {
        out.push_str(&format!(" from `{at}`"));
    }
    if let Some(expires) = expires {
        out.push_str(&format!(" for {}", period(expires)));
    }
    out
}

fn budget(budget: &Budget, currency: &Currency) -> String {
    match budget {
        Budget::Points { limit, .. } => English.points(*limit),
        Budget::Money { limit, on: None, .. } => format!("{} on messages", money(*limit, currency)),
        Budget::Money { limit, on: Some(channel), .. } => {
            format!("{} on {}", money(*limit, currency), piece(*channel))
        }
    }
}

/// Returns what becomes of what a budget has no room for, where that is not the usual.
fn at_limit(budget: &Budget) -> Option<String> {
    let what = match budget {
        Budget::Points { .. } => "a gift",
        Budget::Money { .. } => "a message",
    };
    match budget.then() {
        usual if usual == budget.unsaid() => None,
        // Said of points alone, where it is the usual.
        AtLimit::End => None,
        AtLimit::Skip => Some(format!("{what} it has no room for is left out")),
        AtLimit::Hold => Some(format!("{what} it has no room for waits until there is")),
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::Purchase => "a purchase since entering".to_owned(),
        Event::Clicked(message) => format!("a click in `{message}`"),
        Event::Opened(message) => format!("opening `{message}`"),
        Event::Own(event) => format!("the event “{event}”"),
    }
}

impl Voice for English {
    fn points(&self, points: Points) -> String {
        let n = points.0.unsigned_abs();
        count(n, "point", "points")
    }

    fn money(&self, amount: Minor, currency: &Currency) -> String {
        money(amount, currency)
    }

    fn share(&self, part: BasisPoints) -> String {
        share(part.0.into())
    }

    fn day_of_year(&self, date: Date) -> String {
        format!("{}\u{a0}{}", date.civil().day(), month(date))
    }

    fn days(&self, days: Days) -> String {
        match days.to {
            Some(to) if to == days.from => format!("Day {to}"),
            Some(to) => format!("Day {} to {to}", days.from),
            None => format!("Day {} on", days.from),
        }
    }

    fn by_default(&self, sentence: &str) -> String {
        format!("{sentence} (default)")
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Who => "Who",
            Label::When => "When",
            Label::Again => "How often",
            Label::Control => "Control",
            Label::Goal => "Goal",
            Label::Exclusive => "Overlap",
            Label::Experiment => "Experiment",
            Label::Brand => "Brand",
            Label::Budget => "Budget",
            Label::Caps => "Caps",
            Label::Quiet => "Quiet",
            Label::Consent => "Consent",
            Label::Late => "If late",
            Label::Owner => "Owner",
            Label::Examples => "Examples",
        }
    }

    fn heading(&self, heading: Heading) -> &'static str {
        match heading {
            Heading::Steps => "What happens",
            Heading::Cost => "What it costs at most",
        }
    }

    fn customers(&self, clause: &Clause, currency: &Currency) -> String {
        who::customers(clause, currency)
    }

    fn schedule(&self, schedule: Schedule, zone: &str) -> String {
        match schedule.on {
            None => format!("every day at {}, {zone} time", schedule.at),
            Some(day) => format!("every {} at {}, {zone} time", weekday(day), schedule.at),
        }
    }

    fn active(&self, active: Option<Active>) -> String {
        match active {
            Some(Active { from, to }) if from == to => format!("only on {}", date(from)),
            Some(Active { from, to }) => {
                format!("customers enter from {} to {}", date(from), date(to))
            }
            None => "it has no first and no last day".to_owned(),
        }
    }

    fn entry(&self, entry: Entry) -> String {
        match entry {
            Entry::Once => "a customer enters once in her life".to_owned(),
            Entry::Again { after, at_most } => {
                let most = match at_most {
                    Some(n) => format!("at most {} in all", times(n.into())),
                    None => "any number of times".to_owned(),
                };
                format!("a customer may enter again after {}, {most}", period(after))
            }
        }
    }

    fn control(&self, control: Option<&Control>, currency: &Currency) -> String {
        match control {
            None => "nobody is held out for comparison".to_owned(),
            Some(Control::Share(part)) => format!(
                "{} of them, drawn by lot, get nothing: the others are compared with them",
                share(part.0.into())
            ),
            Some(Control::Segment(condition)) => format!(
                "these get nothing, and the others are compared with them: {}",
                self.customers(&Clause::of(condition), currency)
            ),
        }
    }

    fn goal(&self, goal: Option<&Goal>, currency: &Currency) -> String {
        match goal {
            None => "none is set".to_owned(),
            Some(Goal { at_least: None, within }) => {
                format!("a purchase within {} of entering", period(*within))
            }
            Some(Goal { at_least: Some(sum), within }) => format!(
                "a purchase of at least {} within {} of entering",
                money(*sum, currency),
                period(*within)
            ),
        }
    }

    fn exclusive(&self, exclusive: Option<&Exclusive>) -> String {
        let Some(Exclusive { group, priority }) = exclusive else {
            return "a customer may be in other chains at the same time".to_owned();
        };
        let one = format!("a customer is in one chain of the group `{group}` at a time");
        match priority {
            None => one,
            Some(n) => format!("{one}; the highest priority goes first, and this one has {n}"),
        }
    }

    fn experiment(&self, name: &str, title: Option<&str>, chains: usize) -> String {
        let title = title.map(|title| format!(" “{title}”")).unwrap_or_default();
        match chains {
            0 | 1 => format!("`{name}`{title}; it has no other chain"),
            n => format!(
                "`{name}`{title}; its {} share one goal, one control group and one budget",
                count(n as u64, "chain", "chains")
            ),
        }
    }

    fn brand(&self, name: &str, title: Option<&str>, sender: Option<&str>) -> String {
        let title = title.map(|title| format!(" “{title}”")).unwrap_or_default();
        match sender {
            Some(sender) => format!("`{name}`{title}; its messages come from “{sender}”"),
            None => format!("`{name}`{title}"),
        }
    }

    fn budgets(&self, budgets: &[Budget], whose: Owner<'_>, currency: &Currency) -> String {
        let sums: Vec<String> = budgets.iter().map(|one| budget(one, currency)).collect();
        let sums = joined(&sums, "and");
        let most = match whose {
            Owner::Experiment(_) => format!("at most {sums} for the whole experiment"),
            Owner::Chain | Owner::Brand(_) | Owner::Project => format!("at most {sums}"),
        };
        let limits = budgets.iter().filter_map(at_limit);
        limits.fold(most, |most, limit| format!("{most}; {limit}"))
    }

    fn no_budget(&self) -> &'static str {
        "no limit on points and money"
    }

    fn caps(&self, caps: &[Cap], whose: Owner<'_>) -> String {
        let each = |cap: &Cap| {
            let most = match cap.most {
                Capped::Messages(n) => count(n.into(), "message", "messages"),
                Capped::Points(points) => self.points(points),
            };
            match cap.per {
                Period::Days(1) => format!("{most} a day"),
                per => format!("{most} in {}", period(per)),
            }
        };
        let listed = joined(&caps.iter().map(each).collect::<Vec<_>>(), "and");
        let from = match whose {
            Owner::Chain => "from this chain".to_owned(),
            Owner::Experiment(_) => "from the whole experiment".to_owned(),
            Owner::Brand(name) => format!("from `{name}`"),
            Owner::Project => "from all chains together".to_owned(),
        };
        format!("at most {listed} for one customer, {from}")
    }

    fn no_cap(&self, why: Option<&str>) -> String {
        match why {
            None => "no limit for one customer".to_owned(),
            Some(why) => format!("its messages are not limited: “{why}”"),
        }
    }

    fn quiet(&self, hours: QuietHours) -> String {
        let QuietHours { from, to } = hours;
        format!("nothing is sent from {from} to {to} where the customer lives")
    }

    fn no_quiet(&self, why: Option<&str>) -> String {
        match why {
            None => "messages leave at any hour".to_owned(),
            Some(why) => format!("messages leave at any hour: “{why}”"),
        }
    }

    fn opt_in(&self, on: &[Channel]) -> String {
        format!("{}: only to those who said yes", channels(on))
    }

    fn opt_out(&self, on: &[Channel]) -> String {
        format!("{}: to everybody who has not said no", channels(on))
    }

    fn no_consent(&self, channel: Channel, why: &str) -> String {
        format!("{}: to everybody: “{why}”", piece(channel))
    }

    fn never_late(&self) -> &'static str {
        "a message leaves however late it is"
    }

    fn dearest(&self, dearest: &Dearest, currency: &Currency) -> String {
        let mut parts = Vec::new();
        match dearest.points {
            Some(0) => {}
            Some(points) => parts.push(self.points(Points(points))),
            None => parts.push("points without a limit".to_owned()),
        }
        match dearest.cashback {
            Some(0) => {}
            Some(points) => parts.push(format!("{} of cashback", self.points(Points(points)))),
            None => parts.push("cashback without a limit".to_owned()),
        }
        match dearest.codes {
            Some(0) => {}
            Some(n) => parts.push(count(n.unsigned_abs(), "promo code", "promo codes")),
            None => parts.push("promo codes without a limit".to_owned()),
        }
        for (channel, messages) in &dearest.messages {
            parts.push(match messages.count {
                Some(n) => pieces(*channel, n.unsigned_abs()),
                None => format!("{} without a limit", piece(*channel)),
            });
        }
        if parts.is_empty() {
            return "nothing".to_owned();
        }
        let messages = match dearest.money {
            Some(0) => String::new(),
            Some(sum) => format!("; {} for messages", money(Minor(sum), currency)),
            None => "; money for messages without a limit".to_owned(),
        };
        format!("one customer, each time: {}{messages}", joined(&parts, "and"))
    }

    fn times_a_year(&self, n: u32) -> String {
        format!("a customer can come through {} a year", times(n.into()))
    }

    fn enough(&self, limit: &Budget, customers: i64, currency: &Currency) -> String {
        let customers = count(customers.unsigned_abs(), "such customer", "such customers");
        format!("the budget of {} is enough for {customers}", budget(limit, currency))
    }

    fn steps(&self, n: usize) -> String {
        count(n as u64, "step", "steps")
    }

    fn no_chains(&self) -> &'static str {
        "There are no chains here."
    }
}
