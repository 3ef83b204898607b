//! What happened, line by line.

use super::{Russian, days, dead, no_address, noun, o, piece};
use crate::why::cause::{self, Cause, Full, Of, Purse, Shown};
use chainc_compiler::diagnostic::{Lang, plural};
use chainc_compiler::explain;
use chainc_compiler::ir::{Action, Channel};
use chainc_compiler::units::Points;
use chainc_runtime::store::history::Sent;
use chainc_runtime::why::{Line, Way};

impl Russian {
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
        let bought = line.amount.map(|sum| format!(" на {}", self.money(sum))).unwrap_or_default();
        Some(match line.what.as_str() {
            "reached" => return None,
            "entered" => match way.recency {
                Some(0) => "вход в цепочку в день покупки".to_owned(),
                Some(n) => {
                    let n = i64::from(n);
                    let passed = plural(n.unsigned_abs(), "прошёл", "прошло", "прошло");
                    format!("вход в цепочку; с последней покупки {passed} {}", days(n))
                }
                None => "вход в цепочку; покупок ещё не было".to_owned(),
            },
            "control" => {
                let of = way.chain.experiment.as_ref().unwrap_or(&way.chain.name);
                format!("контрольная группа `{of}`: ничего не отправляется и не начисляется")
            }
            "done" => match step? {
                Action::Wait { .. } => "ожидание закончилось".to_owned(),
                Action::Tag(tag) => format!("поставлен тег `{tag}`"),
                Action::Repeat { .. } => "повторы закончились".to_owned(),
                _ => return None,
            },
            "granted" => {
                let verb = match detail.and_then(|text| text.parse::<u64>().ok()) {
                    Some(n) => plural(n, "начислен", "начислено", "начислено"),
                    None => "начислено",
                };
                format!("{verb} {}{}", self.points(detail), self.until(line.expires_at))
            }
            "raised" => {
                let rate = detail.unwrap_or("?").replace('.', ",");
                format!("кэшбэк повышен до {rate}{}", self.until(line.expires_at))
            }
            "earned" => format!("повышенный кэшбэк принёс {}", self.points(detail)),
            "taken back" => {
                format!("из кэшбэка списано {}: покупка возвращена", self.points(detail))
            }
            "lowered" => {
                format!("повышенный кэшбэк закончился; он принёс {}", self.points(detail))
            }
            "code" => {
                format!("выдан промокод {}{}", detail.unwrap_or("?"), self.until(line.expires_at))
            }
            "queued" => {
                let sent = sent?;
                let left = sent.taken_at.or(sent.settled_at).or(sent.due_at);
                let until = left.filter(|left| left.0 - line.at.0 >= 60_000)?;
                let name = format!("{} `{}`", piece(sent.channel), sent.message);
                let o = o(sent.channel);
                format!("{name} подготовлен{o} и отложен{o} до {}", self.moment(until))
            }
            "sent" => match sent {
                Some(sent) => self.sent(line, sent),
                None => "сообщение отправлено".to_owned(),
            },
            "delivered" if together("sent") => return None,
            "delivered" => match sent {
                Some(sent) => {
                    let verb = if o(sent.channel).is_empty() { "дошёл" } else { "дошло" };
                    format!("{} `{}` {verb}", piece(sent.channel), sent.message)
                }
                None => "сообщение дошло".to_owned(),
            },
            "opened" => format!("сообщение `{}` открыто", sent?.message),
            "clicked" => format!("переход по ссылке в `{}`", sent?.message),
            "unsubscribed" => format!("отказ по ссылке в `{}`", sent?.message),
            "skipped" | "undeliverable" => {
                let verb = if line.what == "skipped" {
                    "не отправлен"
                } else {
                    "не доставлен"
                };
                let what = match (sent, step) {
                    (_, Some(Action::Grant { .. })) => "баллы не начислены".to_owned(),
                    (_, Some(Action::Cashback { .. })) => "кэшбэк не повышен".to_owned(),
                    (Some(sent), _) => {
                        let name = format!("{} `{}`", piece(sent.channel), sent.message);
                        format!("{name} {verb}{}", o(sent.channel))
                    }
                    (
                        None,
                        Some(
                            Action::Send { channel, message, .. }
                            | Action::Fallback { channel, message, .. },
                        ),
                    ) => format!("{} `{message}` {verb}{}", piece(*channel), o(*channel)),
                    (None, _) => "шаг пропущен".to_owned(),
                };
                self.left_out(
                    &what,
                    &cause::read(detail.unwrap_or("причина неизвестна")),
                    sent,
                    way,
                )
            }
            "arm" => match (step, detail.unwrap_or_default()) {
                (Some(Action::Split { .. }), arm) => format!("по жребию — `{arm}`"),
                (_, "else") => {
                    "ни одно условие не выполнено: выбран путь для всех остальных".to_owned()
                }
                (step, arm) => match self.arm(step, arm) {
                    Some(who) => format!("выбран путь: {who}"),
                    None => format!("выполнено условие {arm}"),
                },
            },
            "undecided" => format!(
                "ожидание закончилось, но была ли покупка, пока неизвестно: нет данных от {}",
                detail.unwrap_or("источника")
            ),
            "assumed" => format!(
                "данных от {} вовремя не было: считается, что покупки не было",
                detail.unwrap_or("источника")
            ),
            "held" => match (detail, sent) {
                (Some("over budget"), Some(sent)) => {
                    format!("{} `{}` ждёт места в бюджете", piece(sent.channel), sent.message)
                }
                (Some("over budget"), None) => "шаг ждёт места в бюджете".to_owned(),
                (sources, _) => format!(
                    "данных от {} вовремя не было: клиент ждёт их здесь",
                    sources.unwrap_or("источника")
                ),
            },
            "too late" => {
                "покупка была до отправки этого сообщения, но стала известна позже".to_owned()
            }
            "chain paused" => format!("цепочку поставили на паузу ({})", detail.unwrap_or("?")),
            "chain resumed" => format!("цепочку возобновили ({})", detail.unwrap_or("?")),
            "chain stopped" => format!("цепочку остановили ({})", detail.unwrap_or("?")),
            "round" => format!("начался повтор {}", detail.unwrap_or("?")),
            "bought" => format!("покупка{bought}: она засчитана в цель"),
            "control bought" => {
                format!("покупка{bought}: она засчитана в цель контрольной группы")
            }
            "returned" | "control returned" => "засчитанная в цель покупка возвращена".to_owned(),
            "purchased" if together("bought") => "эта покупка завершила цепочку".to_owned(),
            "purchased" => format!("покупка{bought}: она завершила цепочку"),
            "answered" if together("clicked") || together("opened") => {
                "это завершило цепочку".to_owned()
            }
            "answered" => match detail.and_then(|text| text.split_once(' ')) {
                Some(("clicked", message)) => {
                    format!("переход по ссылке в `{message}` завершил цепочку")
                }
                Some(("opened", message)) => format!("открытие `{message}` завершило цепочку"),
                Some((_, event)) => format!("событие «{event}» завершило цепочку"),
                None => "ответ клиента завершил цепочку".to_owned(),
            },
            "ended" => match detail.unwrap_or_default() {
                "purchased" | "answered" => return None,
                "completed" => "все шаги пройдены, цепочка закончилась".to_owned(),
                "exited" => "`exit`: цепочка для клиента закончилась".to_owned(),
                "budget" => "бюджет баллов исчерпан, цепочка для клиента закончилась".to_owned(),
                "pool" => "промокоды закончились, цепочка для клиента закончилась".to_owned(),
                "stopped" => "цепочку остановили, для клиента она закончилась".to_owned(),
                "merged" => {
                    "ключ клиента объединён с другим, поэтому цепочка закончилась".to_owned()
                }
                other => format!("цепочка для клиента закончилась: {other}"),
            },
            other => match detail {
                Some(detail) => format!("{other}: {detail}"),
                None => other.to_owned(),
            },
        })
    }

    fn of(&self, of: Of<'_>) -> String {
        match of {
            Of::AllChains => "на все цепочки вместе".to_owned(),
            Of::ThisChain => "этой цепочки".to_owned(),
            Of::Chain(name) => format!("цепочки `{name}`"),
            Of::Brand(name) => format!("бренда `{name}`"),
            Of::Experiment(name) => format!("эксперимента `{name}`"),
        }
    }

    /// Why something was left out; `what` says what did not happen.
    fn left_out(&self, what: &str, cause: &Cause<'_>, sent: Option<&Sent>, way: &Way) -> String {
        match cause {
            Cause::NoConsent => match sent.and_then(|sent| sent.consent.as_ref()) {
                Some(said) => format!("{what}: {}", self.said(said)),
                None => format!("{what}: согласия на этот канал не было"),
            },
            Cause::TooLate => {
                format!("{what}: ушло бы позже, чем разрешает `within`")
            }
            Cause::Cap(Some(Full { most, is_points, per, of })) => {
                let per = explain::period(*per, Lang::Ru);
                let of = self.of(*of);
                let most = if *is_points {
                    explain::points(Points(*most), Lang::Ru)
                } else {
                    noun(*most, "сообщение", "сообщения", "сообщений")
                };
                if *is_points {
                    format!("{what}: не хватает лимита {of} ({most} за {per})")
                } else {
                    format!("{what}: лимит {of} ({most} за {per}) уже выбран")
                }
            }
            Cause::Cap(None) => format!("{what}: лимит выбран"),
            Cause::Budget(Some(Purse { on, is_points, of })) => {
                let of = match of {
                    Of::AllChains => String::new(),
                    other => format!(" {}", self.of(*other)),
                };
                let kind = match (is_points, on) {
                    (true, _) => "бюджете баллов".to_owned(),
                    (false, Some(channel)) => format!("бюджете на {channel}"),
                    (false, None) => "бюджете на сообщения".to_owned(),
                };
                format!("{what}: в {kind}{of} не хватает остатка")
            }
            Cause::Budget(None) => format!("{what}: бюджета не хватает"),
            Cause::NoBand => match way.recency {
                Some(n) => {
                    format!("баллы не начислены: в таблице нет строки на {}", days(n.into()))
                }
                None => "баллы не начислены: таблица только для тех, кто покупал".to_owned(),
            },
            Cause::NotNeeded => "не понадобилось: предыдущее сообщение дошло".to_owned(),
            Cause::NothingToShow(shown) => {
                let thing = match shown {
                    Shown::Points => "баллы, а их не начислили",
                    Shown::Cashback => "кэшбэк, а его не дали",
                    Shown::Code => "промокод, а его не выдали",
                };
                format!("{what}: в тексте {thing}")
            }
            Cause::NoText => format!("{what}: для этого канала нет текста"),
            Cause::NoWayOut => format!("{what}: в нём нет способа отписаться"),
            Cause::NoArm => "ни одно условие не выполнено: дальше, за ветвлением".to_owned(),
            Cause::NoCode => "промокод не выдан: они закончились".to_owned(),
            Cause::NoAddress => match sent {
                Some(sent) => format!("{what}: нет {}", no_address(sent.channel)),
                None => format!("{what}: нет адреса"),
            },
            Cause::DeadAddress => match sent {
                Some(sent) => format!("{what}: {}", dead(sent.channel)),
                None => format!("{what}: адрес не работает"),
            },
            Cause::Words(words) => format!("{what}: {words}"),
        }
    }

    /// For whom an arm of an `if` is.
    fn arm(&self, step: Option<&Action>, arm: &str) -> Option<String> {
        let Some(Action::If { arms, .. }) = step else { return None };
        let at = arm.parse::<usize>().ok()?.checked_sub(1)?;
        Some(explain::audience(&arms.get(at)?.condition, &self.currency, Lang::Ru))
    }

    fn sent(&self, line: &Line, sent: &Sent) -> String {
        let arrived = sent.state == "delivered" && sent.settled_at == Some(line.at);
        let verb = if arrived { "доставлен" } else { "отправлен" };
        let verb = format!("{verb}{}", o(sent.channel));
        let to = sent.address.as_ref().filter(|_| sent.channel != Channel::Push);
        let to = to.map(|to| format!(" на {to}")).unwrap_or_default();
        let consent = match &sent.consent {
            Some(said) if said.granted => format!("; {}", self.said(said)),
            _ => "; отказа не было, а согласие не требовалось".to_owned(),
        };
        let unknown = line.detail.as_ref().map(|why| {
            format!("; ответ провайдера потерян, поэтому сообщение считается отправленным ({why})")
        });
        format!(
            "{} `{}` {verb}{to}{consent}{}",
            piece(sent.channel),
            sent.message,
            unknown.unwrap_or_default()
        )
    }
}
