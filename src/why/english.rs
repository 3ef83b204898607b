//! A customer's life in English.

use super::cause::{self, Cause, Full, Of, Purse, Shown};
use super::voice::{Clock, Label, Voice};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::explain;
use chainc_compiler::ir::{Action, Channel};
use chainc_compiler::units::{Currency, Minor, Period, Points};
use chainc_runtime::store::history::Sent;
use chainc_runtime::store::operations::{Operation, Standing};
use chainc_runtime::time::Moment;
use chainc_runtime::why::door::{Door, Fails, Known};
use chainc_runtime::why::{Address, Entry, Life, Line, Reach, Said, Stands, Way};

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

fn lately(within: Option<Period>) -> String {
    match within {
        Some(period) => format!("in the last {}", explain::period(period, Lang::En)),
        None => "in all".to_owned(),
    }
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

    fn of(&self, of: Of<'_>) -> String {
        match of {
            Of::AllChains => "of all chains together".to_owned(),
            Of::ThisChain => "of this chain".to_owned(),
            Of::Chain(name) => format!("of `{name}`"),
            Of::Brand(name) => format!("of brand `{name}`"),
            Of::Experiment(name) => format!("of experiment `{name}`"),
        }
    }

    /// Why something was left out; `what` is the thing.
    fn left_out(&self, what: &str, cause: &Cause<'_>, sent: Option<&Sent>, way: &Way) -> String {
        match cause {
            Cause::NoConsent => match sent.and_then(|sent| sent.consent.as_ref()) {
                Some(said) => format!("no {what}: {}", self.said(said)),
                None => format!("no {what}: she has never agreed to it"),
            },
            Cause::TooLate => {
                format!("no {what}: it would have left later than its `within` allows")
            }
            Cause::Cap(Some(Full { most, is_points, per, of })) => {
                let per = explain::period(*per, Lang::En);
                let of = self.of(*of);
                if *is_points {
                    let most = explain::points(Points(*most), Lang::En);
                    format!("no {what}: the cap {of}, {most} in {per}, has not enough left for her")
                } else {
                    let most = count(*most, "message", "messages");
                    format!("no {what}: the cap {of} is full, {most} in {per}")
                }
            }
            Cause::Cap(None) => format!("no {what}: a cap is full"),
            Cause::Budget(Some(Purse { on, is_points, of })) => {
                let of = self.of(*of);
                let kind = match (is_points, on) {
                    (true, _) => "points budget".to_owned(),
                    (false, Some(channel)) => format!("budget for {channel}"),
                    (false, None) => "budget for messages".to_owned(),
                };
                format!("no {what}: the {kind} {of} has not enough left")
            }
            Cause::Budget(None) => format!("no {what}: a budget has not enough left"),
            Cause::NoBand => match way.recency {
                Some(days) => {
                    let days = count(days.into(), "day", "days");
                    format!("no points: no row of the table is for {days} without a purchase")
                }
                None => "no points: the table is for customers who have bought".to_owned(),
            },
            Cause::NotNeeded => "not needed: the message before had reached her".to_owned(),
            Cause::NothingToShow(shown) => {
                let thing = match shown {
                    Shown::Points => "points, and none were granted",
                    Shown::Cashback => "a cashback, and none was given",
                    Shown::Code => "a code, and none was given",
                };
                format!("no {what}: its text shows {thing}")
            }
            Cause::NoText => format!("no {what}: it has no text for this channel"),
            Cause::NoWayOut => format!("no {what}: it shows no way to unsubscribe"),
            Cause::NoArm => "none of the conditions held: on behind the block".to_owned(),
            Cause::NoCode => "no code: the pool is empty".to_owned(),
            Cause::NoAddress => match sent {
                Some(sent) => format!("no {what}: she has no {}", address(sent.channel)),
                None => format!("no {what}: she has no address"),
            },
            Cause::DeadAddress => match sent {
                Some(sent) => format!("no {what}: her {} is dead", address(sent.channel)),
                None => format!("no {what}: her address is dead"),
            },
            Cause::Words(words) => format!("the {what} did not reach her: {words}"),
        }
    }

    /// For whom an arm of an `if` is.
    fn arm(&self, step: Option<&Action>, arm: &str) -> Option<String> {
        let Some(Action::If { arms, .. }) = step else { return None };
        let at = arm.parse::<usize>().ok()?.checked_sub(1)?;
        Some(explain::audience(&arms.get(at)?.condition, &self.currency, Lang::En))
    }

    fn sent(&self, line: &Line, sent: &Sent) -> String {
        let arrived = sent.state == "delivered" && sent.settled_at == Some(line.at);
        let verb = if arrived { "delivered" } else { "sent" };
        let to = sent.address.as_ref().filter(|_| sent.channel != Channel::Push);
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        let consent = match &sent.consent {
            Some(said) if said.granted && said.at == Moment(0) => {
                format!("; she had agreed ({})", said.source)
            }
            Some(said) if said.granted => {
                format!("; she agreed on {} ({})", self.day(said.at), said.source)
            }
            _ => "; she had said nothing, and no yes was needed".to_owned(),
        };
        let unknown = line
            .detail
            .as_ref()
            .map(|why| format!("; the provider's answer was lost, so it counts as sent ({why})"));
        format!(
            "{} `{}` {verb}{to}{consent}{}",
            piece(sent.channel),
            sent.message,
            unknown.unwrap_or_default()
        )
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

    fn known(&self, fails: &Fails, life: &Life) -> String {
        match &fails.instead {
            Known::LastPurchase(None) => "she has never bought".to_owned(),
            Known::LastPurchase(Some(days)) => {
                let day = life.customer.last_purchase_at.map(|at| {
                    format!(" ({})", explain::date(self.clock.business.day(at).to_date(), Lang::En))
                });
                let ago = match days {
                    0 => "today".to_owned(),
                    days => format!("{} ago", count(*days, "day", "days")),
                };
                format!("hers was {ago}{}", day.unwrap_or_default())
            }
            Known::Purchases(n, within) => {
                let n = count(*n, "purchase", "purchases");
                format!("she has {n} {}", lately(*within))
            }
            Known::Spent(sum, within) => {
                format!("she has spent {} {}", self.money(*sum), lately(*within))
            }
            Known::Channel(channel) => {
                let reach = life.channels.iter().find(|reach| reach.channel == *channel);
                reach.map_or_else(|| "she is not one of them".to_owned(), |reach| self.reach(reach))
            }
            Known::Churn(None) => "nobody has forecast that of her".to_owned(),
            Known::Churn(Some(chance)) => {
                format!("with her it is {}", explain::share(*chance, Lang::En))
            }
            Known::Registered(None) => "nobody knows when she registered".to_owned(),
            Known::Registered(Some(days)) => {
                format!("she registered {} ago", count(*days, "day", "days"))
            }
            Known::Balance(points) => format!("she has {}", explain::points(*points, Lang::En)),
            Known::City(None) => "her city is not known".to_owned(),
            Known::City(Some(city)) => format!("she lives in \"{city}\""),
            Known::Attribute(None) => "nothing is known of that".to_owned(),
            Known::Attribute(Some(value)) => format!("with her it is `{value}`"),
            Known::Nothing => "she is not one of them".to_owned(),
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
        let detail = line.detail.as_deref();
        let step = line.step.as_deref().and_then(|id| way.step(id)).map(|step| &step.action);
        let sent = line.message.as_ref();
        let together = |what: &str| before.is_some_and(|b| b.what == what && b.at == line.at);
        let bought = line.amount.map(|sum| format!(" for {}", self.money(sum))).unwrap_or_default();
        Some(match line.what.as_str() {
            "reached" => return None,
            "entered" => match way.recency {
                Some(0) => "entered; she had bought that day".to_owned(),
                Some(days) => {
                    let days = count(days.into(), "day", "days");
                    format!("entered; her last purchase was {days} before")
                }
                None => "entered; she had never bought".to_owned(),
            },
            "control" => {
                let of = way.chain.experiment.as_ref().unwrap_or(&way.chain.name);
                format!("held out as control of `{of}`: nothing is done to her")
            }
            "done" => match step? {
                Action::Wait { .. } => "the wait is over".to_owned(),
                Action::Tag(tag) => format!("tagged `{tag}`"),
                Action::Repeat { .. } => "no more rounds: the repeat is over".to_owned(),
                _ => return None,
            },
            "granted" => format!("{} granted{}", self.points(detail), self.until(line.expires_at)),
            "raised" => {
                format!(
                    "cashback raised to {}{}",
                    detail.unwrap_or("?"),
                    self.until(line.expires_at)
                )
            }
            "earned" => format!("{} earned by the raised cashback", self.points(detail)),
            "taken back" => format!("{} of the cashback taken back", self.points(detail)),
            "lowered" => {
                format!("the raised cashback is over; it earned {}", self.points(detail))
            }
            "code" => {
                format!("code {} given{}", detail.unwrap_or("?"), self.until(line.expires_at))
            }
            "queued" => {
                let sent = sent?;
                let left = sent.taken_at.or(sent.settled_at).or(sent.due_at);
                let until = left.filter(|left| left.0 - line.at.0 >= 60_000)?;
                let name = format!("{} `{}`", piece(sent.channel), sent.message);
                format!("{name} written, held back until {}", self.moment(until))
            }
            "sent" => match sent {
                Some(sent) => self.sent(line, sent),
                None => "message sent".to_owned(),
            },
            "delivered" if together("sent") => return None,
            "delivered" => match sent {
                Some(sent) => format!("{} `{}` arrived", piece(sent.channel), sent.message),
                None => "the message arrived".to_owned(),
            },
            "opened" => format!("she opened `{}`", sent?.message),
            "clicked" => format!("she followed the link in `{}`", sent?.message),
            "unsubscribed" => format!("she said no by the link in `{}`", sent?.message),
            "skipped" | "undeliverable" => {
                let what = match (sent, step) {
                    (_, Some(Action::Grant { .. })) => "points".to_owned(),
                    (_, Some(Action::Cashback { .. })) => "cashback".to_owned(),
                    (Some(sent), _) => format!("{} `{}`", piece(sent.channel), sent.message),
                    (
                        None,
                        Some(
                            Action::Send { channel, message, .. }
                            | Action::Fallback { channel, message, .. },
                        ),
                    ) => format!("{} `{message}`", piece(*channel)),
                    (None, _) => "effect".to_owned(),
                };
                self.left_out(&what, &cause::read(detail.unwrap_or("nothing said")), sent, way)
            }
            "arm" => match (step, detail.unwrap_or_default()) {
                (Some(Action::Split { .. }), arm) => format!("drew `{arm}`"),
                (_, "else") => "no condition held: the way for all others".to_owned(),
                (step, arm) => match self.arm(step, arm) {
                    Some(who) => format!("the way for {who}"),
                    None => format!("the way of condition {arm}"),
                },
            },
            "undecided" => format!(
                "the wait is over, and nobody knows yet whether she has bought: no word from {}",
                detail.unwrap_or("a source")
            ),
            "assumed" => format!(
                "no word from {} in time: that counts as no purchase",
                detail.unwrap_or("a source")
            ),
            "held" => match (detail, sent) {
                (Some("over budget"), Some(sent)) => {
                    format!("{} `{}` waits for room in a budget", piece(sent.channel), sent.message)
                }
                (Some("over budget"), None) => "she waits for room in a budget".to_owned(),
                (sources, _) => format!(
                    "no word from {} in time: she is held until it comes",
                    sources.unwrap_or("a source")
                ),
            },
            "too late" => {
                "she had bought before this message left; it was heard of afterwards".to_owned()
            }
            "chain paused" => format!("the chain was paused by {}", detail.unwrap_or("?")),
            "chain resumed" => format!("the chain went on, by {}", detail.unwrap_or("?")),
            "chain stopped" => format!("the chain was stopped by {}", detail.unwrap_or("?")),
            "round" => format!("round {} began", detail.unwrap_or("?")),
            "bought" => format!("bought{bought}: that counts for the goal"),
            "control bought" => format!("bought{bought}: that counts for the goal, in control"),
            "returned" | "control returned" => {
                "the purchase that counted for the goal was returned".to_owned()
            }
            "purchased" if together("bought") => "the purchase ended the chain".to_owned(),
            "purchased" => format!("bought{bought}: that ended the chain"),
            "answered" if together("clicked") || together("opened") => {
                "that ended the chain".to_owned()
            }
            "answered" => match detail.and_then(|text| text.split_once(' ')) {
                Some(("clicked", message)) => {
                    format!("she followed the link in `{message}`: that ended the chain")
                }
                Some(("opened", message)) => {
                    format!("she opened `{message}`: that ended the chain")
                }
                Some((_, event)) => format!("\"{event}\" happened: that ended the chain"),
                None => "her answer ended the chain".to_owned(),
            },
            "ended" => match detail.unwrap_or_default() {
                "purchased" | "answered" => return None,
                "completed" => "all steps are behind her: the chain is over".to_owned(),
                "exited" => "`exit`: the chain is over for her".to_owned(),
                "budget" => "the points budget was used up: the chain is over for her".to_owned(),
                "pool" => "no code was left: the chain is over for her".to_owned(),
                "stopped" => "the chain was stopped, and so it ended for her".to_owned(),
                "merged" => "her key was merged into another, and so it ended".to_owned(),
                other => format!("the chain is over for her: {other}"),
            },
            other => match detail {
                Some(detail) => format!("{other}: {detail}"),
                None => other.to_owned(),
            },
        })
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
        match door {
            Door::Paused(told) | Door::Stopped(told) => {
                let what = if told.standing == Standing::Stopped { "stopped" } else { "paused" };
                let since = self.clock.of_business(told.at, Lang::En);
                let who = by(&told.who, told.reason.as_deref());
                format!("nobody enters: the chain was {what} on {since} {who}")
            }
            Door::NotYet(day) => {
                format!("nobody enters before {}", explain::date(*day, Lang::En))
            }
            Door::Over(day) => {
                format!(
                    "nobody enters any more: it was active until {}",
                    explain::date(*day, Lang::En)
                )
            }
            Door::Once(at) => {
                format!("she entered it on {}, and everybody enters once", self.moment(*at))
            }
            Door::Often(times) => format!(
                "she has been in it {}, as often as anybody may be",
                count(i64::from(*times), "time", "times")
            ),
            Door::Again(from) => format!("she may come back from {} on", self.moment(*from)),
            Door::Rival { chain, since } => format!(
                "she is in `{chain}` since {}; nobody is in both at a time",
                self.moment(*since)
            ),
            Door::NotMeant { fails, from } => {
                let each: Vec<String> = fails
                    .iter()
                    .map(|one| {
                        let who = explain::audience(&one.part, &self.currency, Lang::En);
                        format!("it is for {who}; {}", self.known(one, life))
                    })
                    .collect();
                let from = from.map(|day| {
                    let day = explain::date(day, Lang::En);
                    format!(". If she does not buy before, she is one of them from {day} on")
                });
                format!("{}{}", each.join(". And "), from.unwrap_or_default())
            }
            Door::Open(at) => {
                let at = self.clock.of_business(*at, Lang::En);
                format!("nothing keeps her out: the chain looks for new customers next on {at}")
            }
        }
    }
}
