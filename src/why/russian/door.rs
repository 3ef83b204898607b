//! What keeps her out of a chain.

use super::{Russian, by, days, noun};
use crate::why::voice::Voice;
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::explain;
use chainc_compiler::units::Period;
use chainc_runtime::store::operations::Standing;
use chainc_runtime::why::Life;
use chainc_runtime::why::door::{Door, Fails, Known};

impl Russian {
    /// What keeps her out of a chain.
    pub(super) fn what_keeps_out(&self, door: &Door, life: &Life) -> String {
        match door {
            Door::Paused(told) | Door::Stopped(told) => {
                let since = self.clock.of_business(told.at, Lang::Ru);
                let who = by(&told.who, told.reason.as_deref());
                let what = match told.standing {
                    Standing::Stopped => "цепочка остановлена",
                    Standing::Paused | Standing::Running => "цепочка стоит на паузе с",
                };
                format!("никто не входит: {what} {since} {who}")
            }
            Door::NotYet(day) => {
                format!("вход откроется {}", explain::date(*day, Lang::Ru))
            }
            Door::Over(day) => {
                format!("вход закрыт: он был открыт по {}", explain::date(*day, Lang::Ru))
            }
            Door::Once(at) => {
                format!("клиент уже входил {}, а вход здесь один раз", self.moment(*at))
            }
            Door::Often(times) => format!(
                "клиент уже входил {}, больше нельзя",
                noun(i64::from(*times), "раз", "раза", "раз")
            ),
            Door::Again(from) => format!("войти снова можно будет с {}", self.moment(*from)),
            Door::Rival { chain, since } => format!(
                "клиент с {} идёт по цепочке `{chain}`, а по обеим сразу идти нельзя",
                self.moment(*since)
            ),
            Door::NotMeant { fails, from } => {
                let each: Vec<String> = fails
                    .iter()
                    .map(|one| {
                        let who = explain::audience(&one.part, &self.currency, Lang::Ru);
                        format!("нужны {who}; {}", self.known(one, life))
                    })
                    .collect();
                let from = from.map(|day| {
                    let day = explain::date(day, Lang::Ru);
                    format!(". Если покупки не будет, условие выполнится {day}")
                });
                format!("{}{}", each.join(". Ещё "), from.unwrap_or_default())
            }
            Door::Open(at) => {
                let at = self.clock.of_business(*at, Lang::Ru);
                format!("ничто не мешает: следующий отбор клиентов {at}")
            }
        }
    }

    fn known(&self, fails: &Fails, life: &Life) -> String {
        match &fails.instead {
            Known::LastPurchase(None) => "у клиента покупок ещё не было".to_owned(),
            Known::LastPurchase(Some(n)) => {
                let day = life
                    .customer
                    .last_purchase_at
                    .map(|at| explain::date(self.clock.business.day(at).to_date(), Lang::Ru));
                let day = day.map(|day| format!(" ({day})")).unwrap_or_default();
                match n {
                    0 => "последняя покупка клиента была сегодня".to_owned(),
                    n => format!("последняя покупка клиента была {} назад{day}", days(*n)),
                }
            }
            Known::Purchases(n, within) => {
                let n = noun(*n, "покупка", "покупки", "покупок");
                format!("у клиента {} {n}", lately(*within))
            }
            Known::Spent(sum, within) => {
                format!("у клиента {} покупок на {}", lately(*within), self.money(*sum))
            }
            Known::Channel(channel) => {
                let reach = life.channels.iter().find(|reach| reach.channel == *channel);
                reach.map_or_else(
                    || "этот клиент к ним не относится".to_owned(),
                    |reach| self.reach(reach),
                )
            }
            Known::Churn(None) => "для клиента прогноза нет".to_owned(),
            Known::Churn(Some(chance)) => {
                format!("у клиента он {}", explain::share(*chance, Lang::Ru))
            }
            Known::Registered(None) => "дата регистрации клиента неизвестна".to_owned(),
            Known::Registered(Some(n)) => format!("с регистрации клиента прошло {}", days(*n)),
            Known::Balance(points) => {
                format!("на счёте клиента {}", explain::points(*points, Lang::Ru))
            }
            Known::City(None) => "город клиента неизвестен".to_owned(),
            Known::City(Some(city)) => format!("город клиента — «{city}»"),
            Known::Attribute(None) => "о клиенте это неизвестно".to_owned(),
            Known::Attribute(Some(value)) => format!("у клиента это `{value}`"),
            Known::Nothing => "этот клиент к ним не относится".to_owned(),
        }
    }
}

fn lately(within: Option<Period>) -> String {
    match within {
        Some(period) => format!("за {}", explain::period(period, Lang::Ru)),
        None => "всего".to_owned(),
    }
}
