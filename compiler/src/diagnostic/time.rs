//! Findings about the time line: what comes too late, what quiet hours and caps hold back.

use super::code::Code;
use super::lang::{Lang, plural};
use super::words::{Words, say};
use crate::ir::{Cap, Capped};
use crate::proof::{DAY, GiftKind, minutes};
use crate::units::{ClockTime, Date, Period};

/// Something wrong with when things happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeKind {
    /// A message about a gift that is over on every path; the gift's period and the text are
    /// related.
    MentionsExpired(Mention),
    /// The same on some path, or for some customers.
    MayMentionExpired {
        /// What and when.
        mention: Mention,
        /// The first round of a repeat in which it is so.
        round: Option<u32>,
    },
    /// A message after the goal's window; the goal is related.
    BeyondGoal {
        /// Minutes from the entry to the message.
        after: i64,
        /// The window.
        window: Period,
    },
    /// `reenter after` shorter than the chain.
    BeyondReentry {
        /// The gap.
        gap: Period,
        /// Minutes the chain takes.
        takes: i64,
    },
    /// A date behind the last day on which customers enter; the dates are related.
    BeyondActive {
        /// Days behind it.
        days: i64,
        /// True for a repeat, false for a wait.
        repeat: bool,
    },
    /// A chain longer than its dates.
    LongerThanActive {
        /// Minutes the chain takes.
        takes: i64,
        /// Days from the first to the last date.
        days: i64,
    },
    /// A time of the day at which nothing is sent; the message and the quiet hours are related.
    InQuietHours {
        /// The time.
        due: ClockTime,
        /// When it leaves.
        leaves: ClockTime,
    },
    /// Messages of two rounds that leave together; the quiet hours are related.
    Together {
        /// When, if it is always the same.
        leaves: Option<ClockTime>,
    },
    /// A repeat with more messages than a cap lets through; the messages and the cap are
    /// related.
    RepeatOverCap {
        /// How many messages its rounds have.
        planned: u32,
        /// How many leave.
        sent: u32,
        /// True when nothing counts its rounds: these are the first ones.
        open: bool,
        /// The cap.
        cap: Cap,
    },
    /// A message that a cap always holds back; the cap is related.
    OverCap {
        /// The cap.
        cap: Cap,
    },
    /// A message that may not be as late as quiet hours make it.
    NeverFresh {
        /// How late it may be.
        within: Period,
        /// Minutes for which it is held back.
        held: i64,
    },
    /// A time of the day that some day does not have.
    SkippedTime {
        /// The time.
        time: ClockTime,
        /// The day.
        date: Date,
        /// The zone.
        zone: String,
        /// What the clock shows instead.
        instead: ClockTime,
    },
    /// A date before anybody can get there; the dates of the chain are related.
    DateOver {
        /// The date.
        date: Date,
        /// True for a repeat, false for a wait.
        repeat: bool,
    },
}

/// A message and the gift it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The message.
    pub message: String,
    /// The placeholder.
    pub placeholder: &'static str,
    /// What it speaks of.
    pub gift: GiftKind,
    /// How long that lasts.
    pub lasts: Period,
    /// Minutes from the gift to the message.
    pub after: i64,
}

impl Mention {
    /// Returns a period that would be long enough, as the language writes it.
    fn enough(&self) -> String {
        let word = if self.gift == GiftKind::Cashback { "for" } else { "expires" };
        format!("{word} {}d", self.after / DAY + 1)
    }
}

/// Returns a cap as it is written.
fn written(cap: &Cap) -> String {
    match cap.most {
        Capped::Messages(most) => format!("cap {most} messages per {}", cap.per),
        Capped::Points(points) => format!("cap {} points per {}", points.0, cap.per),
    }
}

/// Returns a length of time in words: whole days from two days on, else hours or minutes.
pub(super) fn lasting(time: i64, lang: Lang) -> String {
    let (n, english, [one, few, many]) = if time % DAY == 0 || time >= 2 * DAY {
        (time / DAY, "day", ["день", "дня", "дней"])
    } else if time >= 60 {
        (time / 60, "hour", ["час", "часа", "часов"])
    } else {
        (time, "minute", ["минуту", "минуты", "минут"])
    };
    match lang {
        Lang::En if n == 1 => format!("1 {english}"),
        Lang::En => format!("{n} {english}s"),
        Lang::Ru => format!("{n} {}", plural(n.unsigned_abs(), one, few, many)),
    }
}

impl TimeKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::MentionsExpired(_) => Code::MentionsExpired,
            Self::MayMentionExpired { .. } => Code::MayMentionExpired,
            Self::BeyondGoal { .. } => Code::BeyondGoal,
            Self::BeyondReentry { .. } => Code::BeyondReentry,
            Self::BeyondActive { .. } | Self::LongerThanActive { .. } => Code::BeyondActive,
            Self::InQuietHours { .. } => Code::InQuietHours,
            Self::Together { .. } => Code::Together,
            Self::RepeatOverCap { .. } | Self::OverCap { .. } => Code::EatenByCap,
            Self::NeverFresh { .. } => Code::NeverFresh,
            Self::SkippedTime { .. } => Code::SkippedTime,
            Self::DateOver { .. } => Code::DateOver,
        }
    }

    pub(super) fn english(&self) -> Words {
        let lasting = |time| lasting(time, Lang::En);
        let of = |gift: GiftKind| match gift {
            GiftKind::Grant => ("points that are over", "the grant"),
            GiftKind::Cashback => ("a cashback that is over", "the cashback"),
            GiftKind::Promo => ("a code that is over", "the code was given"),
        };
        match self {
            Self::MentionsExpired(mention) => {
                let Mention { message, placeholder, gift, lasts, after } = mention;
                let (what, since) = of(*gift);
                say(
                    format!("message `{message}` speaks of {what} by then"),
                    format!("leaves {} after {since}", lasting(*after)),
                )
                .related(format!("over after {}", lasting(minutes(*lasts))))
                .related(format!("shows `{{{placeholder}}}`"))
                .help(format!("send it earlier, or let it last: `{}`", mention.enough()))
                .note("whoever comes for it is sent away with nothing")
            }
            Self::MayMentionExpired { mention, round } => {
                let Mention { message, placeholder, gift, lasts, after } = mention;
                let (what, since) = of(*gift);
                let words = say(
                    format!("message `{message}` may speak of {what} by then"),
                    format!("up to {} after {since}", lasting(*after)),
                )
                .related(format!("over after {}", lasting(minutes(*lasts))))
                .related(format!("shows `{{{placeholder}}}`"))
                .help(format!("send it earlier, or let it last: `{}`", mention.enough()));
                match round {
                    Some(round) => words.note(format!("it is so from round {round} on")),
                    None => words.note("it is so for some of the customers only"),
                }
            }
            Self::BeyondGoal { after, window } => say(
                "the goal no longer counts what this message brings",
                format!("leaves {} after the entry", lasting(*after)),
            )
            .related(format!("counts purchases for {}", lasting(minutes(*window))))
            .help(format!("send it earlier, or count longer: `within {}d`", after / DAY + 7)),
            Self::BeyondReentry { gap, takes } => say(
                format!(
                    "`reenter after {gap}` is too soon: a customer is in this chain for {}",
                    lasting(*takes)
                ),
                "shorter than the chain",
            )
            .help(format!("write `reenter after {}d` or more", (takes + DAY - 1) / DAY))
            .note("nobody is in a chain twice at once: she comes back later than this says"),
            Self::BeyondActive { days, repeat } => say(
                format!(
                    "{} {} after the last day of entry",
                    if *repeat { "this repeat may go on for" } else { "this wait may end" },
                    lasting(days * DAY)
                ),
                "after the chain's dates",
            )
            .related("its dates")
            .help("bring this date forward, or let the dates end later"),
            Self::LongerThanActive { takes, days } => say(
                format!("a customer is in this chain for {}", lasting(*takes)),
                format!("open for {} only", lasting(days * DAY)),
            )
            .help("shorten the chain, or let its dates end later")
            .note("nobody comes to its end before the dates are over"),
            Self::InQuietHours { due, leaves } => say(
                format!("`{due}` is within quiet hours, so the message leaves at {leaves}"),
                format!("quiet until {leaves}"),
            )
            .related("due then")
            .related("quiet hours")
            .help(format!("write `{leaves}`, or change the quiet hours")),
            Self::Together { leaves } => say(
                match leaves {
                    Some(leaves) => format!(
                        "two rounds send together at {leaves}: quiet hours hold the first back"
                    ),
                    None => "two rounds send together when quiet hours end".to_owned(),
                },
                "rounds begin at night, too",
            )
            .related("quiet hours")
            .help("begin the rounds by day: `daily at 12:00`"),
            Self::RepeatOverCap { planned, sent, open, cap } => {
                let first = if *open { "first " } else { "" };
                let leave = match sent {
                    0 => "lets none leave".to_owned(),
                    sent => format!("lets {sent} leave"),
                };
                say(
                    format!(
                        "of the {first}{planned} messages of this repeat, `{}` {leave}",
                        written(cap)
                    ),
                    format!("{} of them never leave", planned - sent),
                )
                .related("held back here")
                .help("repeat less often, send less in a round, or raise the cap")
            }
            Self::OverCap { cap } => {
                let Capped::Messages(most) = cap.most else { return say("", "") };
                let before = if most == 1 { "message leaves" } else { "messages leave" };
                say(
                    format!("this message never leaves: `{}`", written(cap)),
                    format!("{most} {before} in the {} before", lasting(minutes(cap.per))),
                )
                .related("the cap")
                .help("take a message out, wait longer before it, or raise the cap")
            }
            Self::NeverFresh { within, held } => say(
                format!(
                    "this message is never sent: quiet hours hold it back for {}",
                    lasting(*held)
                ),
                format!("not sent after {}", lasting(minutes(*within))),
            )
            .related("due then")
            .help(format!("send it by day, or allow more: `within {}h`", held / 60 + 1)),
            Self::SkippedTime { time, date, zone, instead } => say(
                format!("on {date} the clocks of {zone} skip `{time}`"),
                "no such time that day",
            )
            .help("choose a time that every day has")
            .note(format!("on that day it is done at {instead}")),
            Self::DateOver { date, repeat } => say(
                if *repeat {
                    format!("no round ever begins: `{date}` is over before anybody gets here")
                } else {
                    format!("nobody waits here: `{date}` is over before anybody comes")
                },
                "already over",
            )
            .related("customers enter from this on")
            .help("put the date after the day on which customers enter"),
        }
    }

    pub(super) fn russian(&self) -> Words {
        let lasting = |time| lasting(time, Lang::Ru);
        let of = |gift: GiftKind| match gift {
            GiftKind::Grant => ("баллах, которых уже нет", "начисления"),
            GiftKind::Cashback => ("кэшбэке, который уже кончился", "начала кэшбэка"),
            GiftKind::Promo => ("промокоде, который уже не действует", "выдачи промокода"),
        };
        match self {
            Self::MentionsExpired(mention) => {
                let Mention { message, placeholder, gift, lasts, after } = mention;
                let (what, since) = of(*gift);
                say(
                    format!("сообщение `{message}` говорит о {what}"),
                    format!("уходит через {} после {since}", lasting(*after)),
                )
                .related(format!("срок {}", lasting(minutes(*lasts))))
                .related(format!("показывает `{{{placeholder}}}`"))
                .help(format!("отправьте раньше или продлите срок: `{}`", mention.enough()))
                .note("кто придёт по такому сообщению, уйдёт ни с чем")
            }
            Self::MayMentionExpired { mention, round } => {
                let Mention { message, placeholder, gift, lasts, after } = mention;
                let (what, since) = of(*gift);
                let words = say(
                    format!("сообщение `{message}` может сказать о {what}"),
                    format!("до {} после {since}", lasting_genitive(*after)),
                )
                .related(format!("срок {}", lasting(minutes(*lasts))))
                .related(format!("показывает `{{{placeholder}}}`"))
                .help(format!("отправьте раньше или продлите срок: `{}`", mention.enough()));
                match round {
                    Some(round) => words.note(format!("так будет начиная с повтора {round}")),
                    None => words.note("так будет только у части клиентов"),
                }
            }
            Self::BeyondGoal { after, window } => say(
                "то, что принесёт это сообщение, цель уже не засчитает",
                format!("уходит через {} после входа", lasting(*after)),
            )
            .related(format!("считает покупки {}", lasting(minutes(*window))))
            .help(format!("отправьте раньше или считайте дольше: `within {}d`", after / DAY + 7)),
            Self::BeyondReentry { gap, takes } => say(
                format!(
                    "`reenter after {gap}` слишком рано: клиент проводит в цепочке {}",
                    lasting(*takes)
                ),
                "короче самой цепочки",
            )
            .help(format!("напишите `reenter after {}d` или больше", (takes + DAY - 1) / DAY))
            .note("дважды сразу в цепочке не бывают: клиент вернётся позже"),
            Self::BeyondActive { days, repeat } => say(
                format!(
                    "{} {} после последнего дня, когда в цепочку входят",
                    if *repeat { "повтор может идти ещё" } else { "ожидание может кончиться через" },
                    lasting(days * DAY)
                ),
                "позже дат цепочки",
            )
            .related("её даты")
            .help("перенесите эту дату раньше или продлите даты цепочки"),
            Self::LongerThanActive { takes, days } => say(
                format!("клиент проводит в этой цепочке {}", lasting(*takes)),
                format!("открыта только {}", lasting(days * DAY)),
            )
            .help("сократите цепочку или продлите её даты")
            .note("до её конца никто не дойдёт, пока даты не пройдут"),
            Self::InQuietHours { due, leaves } => say(
                format!("`{due}` попадает в тихие часы: сообщение уйдёт в {leaves}"),
                format!("тихо до {leaves}"),
            )
            .related("должно уйти тогда")
            .related("тихие часы")
            .help(format!("напишите `{leaves}` или измените тихие часы")),
            Self::Together { leaves } => say(
                match leaves {
                    Some(leaves) => format!(
                        "сообщения двух повторов уйдут вместе в {leaves}: первое задержат тихие часы"
                    ),
                    None => "сообщения двух повторов уйдут вместе, когда кончатся тихие часы"
                        .to_owned(),
                },
                "повторы идут и ночью",
            )
            .related("тихие часы")
            .help("начинайте повторы днём: `daily at 12:00`"),
            Self::RepeatOverCap { planned, sent, open, cap } => {
                let first = if *open { "первых " } else { "" };
                let messages = plural(u64::from(*planned), "сообщения", "сообщений", "сообщений");
                let leave = match sent {
                    0 => "не пропустит ни одного".to_owned(),
                    sent => format!("пропустит {sent}"),
                };
                let lost = planned - sent;
                say(
                    format!(
                        "из {first}{planned} {messages} этого повтора `{}` {leave}",
                        written(cap)
                    ),
                    format!(
                        "{lost} не {}",
                        plural(u64::from(lost), "уйдёт", "уйдут", "уйдут")
                    ),
                )
                .related("задержит здесь")
                .help("повторяйте реже, шлите меньше за раз или поднимите лимит")
            }
            Self::OverCap { cap } => {
                let Capped::Messages(most) = cap.most else { return say("", "") };
                say(
                    format!("это сообщение никогда не уйдёт: `{}`", written(cap)),
                    format!(
                        "за {} до него уходит {most}",
                        lasting(minutes(cap.per))
                    ),
                )
                .related("лимит")
                .help("уберите одно сообщение, подождите перед этим дольше или поднимите лимит")
            }
            Self::NeverFresh { within, held } => say(
                format!(
                    "это сообщение никогда не уйдёт: тихие часы задержат его на {}",
                    lasting(*held)
                ),
                format!("через {} уже поздно", lasting(minutes(*within))),
            )
            .related("должно уйти тогда")
            .help(format!("отправьте днём или дайте больше: `within {}h`", held / 60 + 1)),
            Self::SkippedTime { time, date, zone, instead } => say(
                format!("{date} в поясе {zone} не будет `{time}`: часы переведут"),
                "в тот день такого времени нет",
            )
            .help("выберите время, которое есть в любой день")
            .note(format!("в тот день это случится в {instead}")),
            Self::DateOver { date, repeat } => say(
                if *repeat {
                    format!("ни один повтор не начнётся: `{date}` пройдёт раньше, чем сюда дойдут")
                } else {
                    format!("ждать здесь некому: `{date}` пройдёт раньше, чем сюда дойдут")
                },
                "уже прошло",
            )
            .related("входят начиная с этого дня")
            .help("поставьте дату позже дня, с которого входят клиенты"),
        }
    }
}

/// Returns a length of time in words, as it stands behind «до» and «после».
fn lasting_genitive(time: i64) -> String {
    let (n, one, many) = if time % DAY == 0 || time >= 2 * DAY {
        (time / DAY, "дня", "дней")
    } else if time >= 60 {
        (time / 60, "часа", "часов")
    } else {
        (time, "минуты", "минут")
    };
    format!("{n} {}", plural(n.unsigned_abs(), one, many, many))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_told_in_the_unit_people_would_choose() {
        for (time, english, russian, genitive) in [
            (1, "1 minute", "1 минуту", "1 минуты"),
            (60, "1 hour", "1 час", "1 часа"),
            (36 * 60, "36 hours", "36 часов", "36 часов"),
            (DAY, "1 day", "1 день", "1 дня"),
            (2 * DAY + 60, "2 days", "2 дня", "2 дней"),
            (21 * DAY, "21 days", "21 день", "21 дня"),
        ] {
            assert_eq!(lasting(time, Lang::En), english);
            assert_eq!(lasting(time, Lang::Ru), russian);
            assert_eq!(lasting_genitive(time), genitive);
        }
    }
}
