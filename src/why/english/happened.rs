//! What happened, line by line.

use super::{English, address, count, piece};
use crate::why::cause::{self, Cause, Full, Of, Purse, Shown};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::explain;
use chainc_compiler::ir::{Action, Channel};
use chainc_compiler::units::Points;
use chainc_runtime::store::history::Sent;
use chainc_runtime::time::Moment;
use chainc_runtime::why::{Line, Way};

impl English {
    /// What happened; `None` if other lines say it already.
    pub(super) fn what_happened(
        &self,
        line: &Line,
        before: Option<&Line>,
        way: &Way,
    ) -> Option<String> {
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
}
