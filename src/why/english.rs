//! A customer's life in English.

use super::voice::{Clock, Label, Voice};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::explain;
use chainc_compiler::ir::{Action, Channel};
use chainc_compiler::units::{Currency, Minor, Points};
use chainc_runtime::store::history::Sent;
use chainc_runtime::store::operations::{Operation, Standing};
use chainc_runtime::time::Moment;
use chainc_runtime::why::door::Door;
use chainc_runtime::why::{Address, Entry, Life, Line, Reach, Said, Stands, Way};

mod door;
mod happened;

/// English.
pub(crate) struct English {
    pub(crate) clock: Clock,
    pub(crate) currency: Currency,
}

const fn piece(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "e-mail",
        Channel::Push => "push",
        Channel::Webhook => "webhook call",
    }
}

const fn address(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "phone number",
        Channel::Email => "mail address",
        Channel::Push => "app or card for pushes",
        Channel::Webhook => "address",
    }
}

fn count(n: i64, one: &str, many: &str) -> String {
    format!("{n}\u{a0}{}", if n == 1 { one } else { many })
}

fn by(who: &str, reason: Option<&str>) -> String {
    let reason = reason.map(|reason| format!(" (\"{reason}\")")).unwrap_or_default();
    format!("by {who}{reason}")
}

impl English {
    fn day(&self, at: Moment) -> String {
        self.clock.day(at, Lang::En)
    }

    fn moment(&self, at: Moment) -> String {
        self.clock.moment(at, Lang::En)
    }

    fn money(&self, amount: Minor) -> String {
        explain::money(amount, &self.currency, Lang::En)
    }

    fn points(&self, detail: Option<&str>) -> String {
        let number = detail.and_then(|text| text.parse().ok()).unwrap_or(0);
        explain::points(Points(number), Lang::En)
    }

    fn until(&self, at: Option<Moment>) -> String {
        at.map_or_else(|| ", for good".to_owned(), |at| format!(", until {}", self.moment(at)))
    }

    fn said(&self, said: &Said) -> String {
        let word = if said.granted { "yes" } else { "no" };
        // What a customer file states without a day holds from ever.
        if said.at == Moment(0) {
            return format!("she said {word} ({})", said.source);
        }
        format!("she said {word} on {} ({})", self.day(said.at), said.source)
    }

    /// What a message waits for.
    fn waits(&self, sent: &Sent) -> String {
        let name = format!("{} `{}`", piece(sent.channel), sent.message);
        match (sent.state.as_str(), sent.due_at) {
            ("queued", Some(due)) if sent.rejections > 0 => {
                let why = sent.reason.as_deref().unwrap_or("not now");
                format!("the {name} is tried again on {}: {why}", self.moment(due))
            }
            ("queued", Some(due)) => format!("the {name} leaves on {}", self.moment(due)),
            ("queued", None) => {
                format!("the {name} waits: {}", sent.reason.as_deref().unwrap_or("held"))
            }
            _ => format!("the {name} is on its way; what became of it is not known yet"),
        }
    }
}

impl Voice for English {
    fn lang(&self) -> Lang {
        Lang::En
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn currency(&self) -> &Currency {
        &self.currency
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Customer => "Customer",
            Label::Purchases => "Purchases",
            Label::Channels => "Channels",
            Label::Wallet => "Wallet",
            Label::Now => "Now",
            Label::Next => "Next",
        }
    }

    fn customer(&self, life: &Life) -> String {
        let names = [&life.customer.first_name, &life.customer.last_name];
        let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
        let name = if names.is_empty() { String::new() } else { format!(", {}", names.join(" ")) };
        format!(
            "`{}`{name}; it is {} where she lives ({})",
            life.customer.id,
            self.moment(life.now),
            life.timezone
        )
    }

    fn purchases(&self, life: &Life) -> String {
        match life.last_purchase {
            None => "none".to_owned(),
            Some(last) => format!(
                "{}, {} in all; the last on {}, {}",
                count(life.customer.purchases, "purchase", "purchases"),
                self.money(life.customer.spent),
                self.moment(last.at),
                self.money(last.amount)
            ),
        }
    }

    fn reach(&self, reach: &Reach) -> String {
        let said = match &reach.said {
            Some(said) => self.said(said),
            None if reach.silence_is_yes => "she never said no, which is enough here".to_owned(),
            None => "she never said yes".to_owned(),
        };
        let agrees = reach.said.as_ref().map_or(reach.silence_is_yes, |said| said.granted);
        let joint = if agrees { "but" } else { "and" };
        let place = match reach.address {
            Address::Good => String::new(),
            Address::Dead => format!(", {joint} her {} is dead", address(reach.channel)),
            Address::None => format!(", {joint} she has no {}", address(reach.channel)),
        };
        format!("{}: {said}{place}", piece(reach.channel))
    }

    fn wallet(&self, life: &Life) -> String {
        let balance = explain::points(life.customer.balance(), Lang::En);
        let next = life.customer.points.iter().filter(|lot| lot.left.0 > 0);
        let next = next.filter_map(|lot| Some((lot.expires_at?, lot.left))).min();
        match next {
            Some((at, points)) if points == life.customer.balance() => {
                format!("{balance}, until {}", self.moment(at))
            }
            Some((at, points)) => {
                format!("{balance}, {} of them until {}", points.0, self.moment(at))
            }
            None => balance,
        }
    }

    fn never(&self) -> &'static str {
        "she has never been in a chain"
    }

    fn way(&self, way: &Way) -> String {
        let title = way.chain.title.as_deref().map(|title| format!(": {title}"));
        let time = if way.cycle > 1 { format!(", time {}", way.cycle) } else { String::new() };
        let old = if way.is_current { "" } else { ", in the version she entered" };
        format!("{}{}{time}{old}", way.chain.name, title.unwrap_or_default())
    }

    fn entries(&self) -> &'static str {
        "Her points"
    }

    fn entry(&self, entry: &Entry) -> String {
        let why = match entry.kind.as_str() {
            "granted" => "granted",
            "cashback" => "earned by a raised cashback",
            "earned" => "earned at the till",
            "spent" => "spent",
            "expired" => "expired",
            "taken_back" => "taken back for a returned purchase",
            "given_back" => "given back for a returned purchase",
            "settled" => "settled with what she owed",
            other => other,
        };
        let by = entry.chain.as_deref().map(|chain| format!(" by `{chain}`")).unwrap_or_default();
        let sign = if entry.points.0 > 0 { "+" } else { "−" };
        let points = explain::points(Points(entry.points.0.abs()), Lang::En);
        format!("{sign}{points} {why}{by}")
    }

    fn elsewhere(&self) -> &'static str {
        "Chains she is not in now"
    }

    fn happened(&self, line: &Line, before: Option<&Line>, way: &Way) -> Option<String> {
        self.what_happened(line, before, way)
    }

    fn stands(&self, stands: &Stands, way: &Way) -> String {
        let ends =
            if stands.a_purchase_ends_it { "; a purchase before that ends the chain" } else { "" };
        let step = stands.place.step(&way.chain).map(|step| &step.action);
        match (stands.phase.as_str(), stands.until, &stands.message) {
            ("waiting", Some(until), _) => {
                let what = match step {
                    Some(Action::Repeat { .. }) => "the next round begins on",
                    _ => "she waits until",
                };
                format!("{what} {}{ends}", self.moment(until))
            }
            ("sending", _, Some(sent)) => self.waits(sent),
            ("ready", Some(_), _) => "the next step is due".to_owned(),
            ("held", ..) => "she waits until a budget has room for her points".to_owned(),
            ("undecided", Some(until), _) => format!(
                "nobody knows yet whether she has bought; that is settled by {} at the latest",
                self.moment(until)
            ),
            ("undecided", None, _) => {
                "nobody knows yet whether she has bought; she is held until that is known"
                    .to_owned()
            }
            (phase, Some(until), _) => format!("{phase} until {}", self.moment(until)),
            (phase, None, _) => format!("{phase} at step {}", stands.place),
        }
    }

    fn told(&self, told: &Operation) -> String {
        let what = match told.standing {
            Standing::Stopped => "stopped",
            Standing::Paused | Standing::Running => "paused",
        };
        let since = self.clock.of_business(told.at, Lang::En);
        let who = by(&told.who, told.reason.as_deref());
        format!("the chain was {what} on {since} {who}: nothing is done until it resumes")
    }

    fn goal(&self, until: Moment) -> String {
        format!("a purchase until {} counts for the goal", self.moment(until))
    }

    fn fork(&self, arms: &[String], has_else: bool) -> String {
        let rest = if has_else { "; another way for all others" } else { "" };
        format!("it depends: one way for {}{rest}", arms.join("; another for "))
    }

    fn then_over(&self) -> &'static str {
        "then the chain is over"
    }

    fn door(&self, door: &Door, life: &Life) -> String {
        self.what_keeps_out(door, life)
    }
}
