//! What keeps her out of a chain.

use super::{English, by, count};
use crate::why::voice::Voice;
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::explain;
use chainc_compiler::units::Period;
use chainc_runtime::store::operations::Standing;
use chainc_runtime::why::Life;
use chainc_runtime::why::door::{Door, Fails, Known};

impl English {
    /// What keeps her out of a chain.
    pub(super) fn what_keeps_out(&self, door: &Door, life: &Life) -> String {
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

fn lately(within: Option<Period>) -> String {
    match within {
        Some(period) => format!("in the last {}", explain::period(period, Lang::En)),
        None => "in all".to_owned(),
    }
}
