//! English.

use super::clause::Clause;
use super::english_who;
use super::voice::{Days, Heading, Label, Owner, Voice};
use crate::ir::{
    Active, AtLimit, Band, Budget, Cap, Capped, Channel, Control, Day, Delay, Entry, Event, Every,
    Exclusive, Goal, QuietHours, Schedule,
};
use crate::months;
use crate::proof::Dearest;
use crate::units::{BasisPoints, Currency, Date, Minor, Period, Points, Weekday};

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
        english_who::customers(clause, currency)
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

    fn grant(&self, points: Points, expires: Option<Period>, at: Option<&str>) -> String {
        format!("grant {}{}", self.points(points), lasting(expires, at))
    }

    fn grant_table(&self, expires: Option<Period>, at: Option<&str>) -> String {
        let lasting = lasting(expires, at);
        format!("grant points{lasting}, by the days without a purchase on the day of entering")
    }

    fn grant_row(&self, band: &Band) -> String {
        let days = if band.from == band.to {
            count(band.to.into(), "day", "days")
        } else {
            format!("{} to {}", band.from, count(band.to.into(), "day", "days"))
        };
        format!("{days}: {}", self.points(band.points))
    }

    fn never_expires(&self) -> &'static str {
        "they never expire"
    }

    fn code_never_expires(&self) -> &'static str {
        "it never expires"
    }

    fn cashback(&self, rate: BasisPoints, length: Period, up_to: Option<Points>) -> String {
        let back = format!(
            "give {} of every purchase back as points for {}",
            share(rate.0.into()),
            period(length)
        );
        match up_to {
            Some(points) => format!("{back}, at most {} in all", self.points(points)),
            None => back,
        }
    }

    fn cashback_open(&self) -> &'static str {
        "there is no limit to the sum"
    }

    fn promo(&self, pool: &str, expires: Option<Period>) -> String {
        let pool = format!("give a promo code from `{pool}`");
        match expires {
            Some(expires) => format!("{pool}, good for {}", period(expires)),
            None => pool,
        }
    }

    fn send(&self, channel: Channel, message: &str) -> String {
        match channel {
            Channel::Webhook => format!("call the webhook with `{message}`"),
            channel => format!("send the {} `{message}`", piece(channel)),
        }
    }

    fn fallback(&self, channel: Channel, message: &str, same: bool) -> String {
        match (channel, same) {
            (Channel::Webhook, _) => {
                format!("if it did not reach the customer: call the webhook with `{message}`")
            }
            (channel, true) => {
                format!("if it did not reach the customer: the same by {}", piece(channel))
            }
            (channel, false) => {
                format!("if it did not reach the customer: the {} `{message}`", piece(channel))
            }
        }
    }

    fn within(&self, length: Period) -> String {
        format!("it is dropped when more than {} late", period(length))
    }

    fn wait(&self, delay: Delay) -> String {
        match delay {
            Delay::For(length) => format!("wait {}", period(length)),
            until @ Delay::Until { .. } => format!("wait {}", self.short_delay(until)),
        }
    }

    fn unless(&self, events: &[Event]) -> String {
        let others: Vec<String> =
            events.iter().filter(|one| **one != Event::Purchase).map(event).collect();
        let others = joined(&others, "or");
        match (events.contains(&Event::Purchase), others.is_empty()) {
            (true, true) => "a purchase since entering ends the chain, as a success".to_owned(),
            (true, false) => format!(
                "a purchase since entering ends the chain, as a success; {others} ends it, too"
            ),
            (false, _) => format!("{others} ends the chain"),
        }
    }

    fn arm(&self, customers: &str, first: bool) -> String {
        if first { format!("for {customers}") } else { format!("of the others, for {customers}") }
    }

    fn otherwise(&self) -> &'static str {
        "for all others"
    }

    fn others_go_on(&self) -> &'static str {
        "all others go on"
    }

    fn split(&self) -> &'static str {
        "by lot, the same for a customer every time"
    }

    fn split_arm(&self, name: &str, part: BasisPoints) -> String {
        format!("{} get `{name}`", share(part.0.into()))
    }

    fn repeat(
        &self,
        every: Every,
        until_purchase: bool,
        until: Option<Date>,
        max: Option<u32>,
    ) -> String {
        let rhythm = match every {
            Every::Period { period: Period::Days(1), .. } => "every day".to_owned(),
            Every::Period { period: length, .. } => format!("every {}", period(length)),
            Every::Weekly { on, .. } => format!("every {}", weekday(on)),
        };
        let (Every::Period { at, .. } | Every::Weekly { at, .. }) = every;
        let mut parts = vec![at.map_or_else(|| rhythm.clone(), |at| format!("{rhythm} at {at}"))];
        parts.extend(max.map(|max| format!("at most {}", times(max.into()))));
        let mut ends = Vec::new();
        ends.extend(until.map(date));
        if until_purchase {
            ends.push("a purchase".to_owned());
        }
        if !ends.is_empty() {
            parts.push(format!("until {}", joined(&ends, "or")));
        }
        parts.join(", ")
    }

    fn exit(&self) -> &'static str {
        "the chain is over for them"
    }

    fn end(&self) -> &'static str {
        "then the chain is over"
    }

    fn tag(&self, tag: &str) -> String {
        format!("tag the customer `{tag}`")
    }

    fn subject(&self) -> &'static str {
        "Subject"
    }

    fn draft(&self) -> &'static str {
        "it has no text yet: it goes to a file, and never to customers"
    }

    fn parts(&self, parts: u32, price: Option<&str>) -> String {
        let parts = count(parts.into(), "part", "parts");
        let price = price.map(|price| format!(", {price}")).unwrap_or_default();
        format!("{parts}{price} with the longest values")
    }

    fn price(&self, price: &str) -> String {
        format!("it costs {price}")
    }

    fn example(&self, first_day: Date) -> String {
        format!("texts are shown as read by somebody who enters on {}", self.day_of_year(first_day))
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

    fn short_table(&self, least: Points, most: Points) -> String {
        if least == most {
            return self.points(most);
        }
        format!("{} to {}", grouped(least.0.unsigned_abs()), self.points(most))
    }

    fn by_recency(&self) -> &'static str {
        "by days without a purchase"
    }

    fn short_expiry(&self, length: Period) -> String {
        format!("for {}", period(length))
    }

    fn short_cashback(&self, rate: BasisPoints) -> String {
        format!("{} cashback", share(rate.0.into()))
    }

    fn short_up_to(&self, points: Points) -> String {
        format!("up to {}", self.points(points))
    }

    fn short_promo(&self, pool: &str) -> String {
        format!("Code from {pool}")
    }

    fn channel(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Sms => "SMS",
            Channel::Email => "E-mail",
            Channel::Push => "Push",
            Channel::Webhook => "Webhook",
        }
    }

    fn short_delay(&self, delay: Delay) -> String {
        match delay {
            Delay::For(length) => period(length),
            Delay::Until { day: Day::Any, at } => format!("until {at}"),
            Delay::Until { day: Day::Weekday(day), at } => format!("until {} {at}", weekday(day)),
            Delay::Until { day: Day::Date(day), at } => format!("until {}, {at}", date(day)),
        }
    }

    fn short_event(&self, event: &Event) -> String {
        match event {
            Event::Purchase => "bought".to_owned(),
            Event::Clicked(message) => format!("clicked {message}"),
            Event::Opened(message) => format!("opened {message}"),
            Event::Own(event) => event.clone(),
        }
    }

    fn not_reached(&self) -> &'static str {
        "not reached"
    }

    fn short_others(&self) -> &'static str {
        "all others"
    }

    fn short_end(&self) -> &'static str {
        "end"
    }

    fn short_success(&self) -> &'static str {
        "success"
    }

    fn short_tag(&self, tag: &str) -> String {
        format!("Tag {tag}")
    }

    fn short_split(&self) -> &'static str {
        "by lot"
    }

    fn short_if(&self) -> &'static str {
        "which customers?"
    }

    fn short_goal(&self, goal: &str) -> String {
        format!("goal: {goal}")
    }

    fn short_control(&self, control: &Control) -> String {
        match control {
            Control::Share(part) => format!("control {}", share(part.0.into())),
            Control::Segment(_) => "a control segment".to_owned(),
        }
    }

    fn picture(&self, name: &str, steps: usize) -> String {
        format!("The chain {name} from top to bottom, {}", self.steps(steps))
    }
}
