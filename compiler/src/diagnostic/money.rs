//! Findings about what a chain costs.

use super::code::Code;
use super::lang::plural;
use super::words::{Words, say};
use crate::proof::text::Parts;

/// Something wrong with what a chain costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyKind {
    /// A budget that does not last for one customer.
    BelowOneCustomer {
        /// What she can cost.
        needs: Cost,
        /// The budget.
        limit: Cost,
        /// The chain.
        chain: String,
    },
    /// Points that no budget limits.
    GrantWithoutBudget {
        /// The most one customer can get.
        points: Option<i64>,
    },
    /// Points that never expire.
    GrantWithoutExpiry,
    /// A row of a table that gives less than the one before; that one is related.
    LongerSilenceSmallerGift {
        /// Its days.
        days: String,
        /// What it gives.
        points: i64,
        /// What the row before gives.
        before: i64,
    },
    /// A grant in a repeat without a cap on points; the repeat is related.
    GrantInRepeat {
        /// How many rounds, and the points of all of them, where something counts them.
        points: Option<(u32, i64)>,
    },
    /// An SMS that long values tear into more parts.
    SmsInParts {
        /// The message.
        message: String,
        /// How many.
        parts: Parts,
        /// What the most of them cost.
        most: String,
        /// What the fewest cost.
        fewest: String,
    },
}

/// Points or money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cost {
    /// So many points.
    Points(i64),
    /// An amount, as it is written.
    Money(String),
}

impl Cost {
    fn english(&self) -> String {
        match self {
            Self::Points(1) => "1 point".to_owned(),
            Self::Points(n) => format!("{n} points"),
            Self::Money(amount) => amount.clone(),
        }
    }

    fn russian(&self) -> String {
        match self {
            Self::Points(n) => points(*n),
            Self::Money(amount) => amount.clone(),
        }
    }
}

fn points(n: i64) -> String {
    format!("{n} {}", plural(n.unsigned_abs(), "балл", "балла", "баллов"))
}

fn parts(n: u32) -> String {
    format!("{n} {}", if n == 1 { "part" } else { "parts" })
}

impl MoneyKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::BelowOneCustomer { .. } => Code::BudgetBelowOneCustomer,
            Self::GrantWithoutBudget { .. } => Code::GrantWithoutBudget,
            Self::GrantWithoutExpiry => Code::GrantWithoutExpiry,
            Self::LongerSilenceSmallerGift { .. } => Code::LongerSilenceSmallerGift,
            Self::GrantInRepeat { .. } => Code::GrantInRepeat,
            Self::SmsInParts { .. } => Code::SmsInParts,
        }
    }

    pub(super) fn english(&self) -> Words {
        match self {
            Self::BelowOneCustomer { needs, limit, chain } => say(
                format!(
                    "one customer of `{chain}` can cost {}, the budget is {}",
                    needs.english(),
                    limit.english()
                ),
                "not enough for one customer",
            )
            .help("raise the budget, or let the chain give less"),
            Self::GrantWithoutBudget { points } => say(
                "no budget says how many points this chain may grant in all",
                match points {
                    Some(points) => format!("up to {points} points a customer"),
                    None => "points without a limit".to_owned(),
                },
            )
            .help("add one to the chain: `budget 600_000 points`"),
            Self::GrantWithoutExpiry => {
                say("these points never expire, so they stay owed for ever", "no last day")
                    .help("write until when: `grant 300 expires 30d`")
            }
            Self::LongerSilenceSmallerGift { days, points, before } => say(
                format!("customers of {days} days get less than those who left later"),
                format!("{points} points"),
            )
            .related(format!("{before} points"))
            .help("give at least as much as the row before: the longer away, the harder to win back"),
            Self::GrantInRepeat { points } => say(
                match points {
                    Some((rounds, points)) => format!(
                        "one customer can get {points} points in {rounds} rounds, and no cap stops it"
                    ),
                    None => "one customer gets points round after round, and no cap stops it"
                        .to_owned(),
                },
                "again in every round",
            )
            .related("repeated here")
            .help("add a cap to the chain or the policy: `cap 1_000 points per 90d`"),
            Self::SmsInParts { message, parts: count, most, fewest } => say(
                format!(
                    "with long values this SMS is {}: {most} instead of {fewest}",
                    parts(count.most)
                ),
                format!(
                    "up to {} {} too long",
                    count.over,
                    if count.over == 1 { "sign" } else { "signs" }
                ),
            )
            .help(format!("shorten `{message}`, or say how long its values really are: `longest`"))
            .note(format!(
                "{} of this alphabet {} {} signs",
                parts(count.fewest),
                if count.fewest == 1 { "holds" } else { "hold" },
                count.room
            )),
        }
    }

    pub(super) fn russian(&self) -> Words {
        match self {
            Self::BelowOneCustomer { needs, limit, chain } => say(
                format!(
                    "один клиент `{chain}` может стоить {}, а весь бюджет — {}",
                    needs.russian(),
                    limit.russian()
                ),
                "не хватит и на одного",
            )
            .help("увеличьте бюджет или давайте меньше"),
            Self::GrantWithoutBudget { points: most } => say(
                "не сказано, сколько всего баллов может начислить эта цепочка",
                match most {
                    Some(most) => format!("до {} на клиента", genitive(*most)),
                    None => "баллы без предела".to_owned(),
                },
            )
            .help("добавьте в цепочку бюджет: `budget 600_000 points`"),
            Self::GrantWithoutExpiry => {
                say("эти баллы не сгорают: долг по ним останется навсегда", "нет срока")
                    .help("напишите срок: `grant 300 expires 30d`")
            }
            Self::LongerSilenceSmallerGift { days, points: less, before } => say(
                format!("клиенты с давностью {days} получат меньше тех, кто ушёл позже"),
                points(*less),
            )
            .related(points(*before))
            .help("дайте не меньше строки выше: чем дольше молчание, тем труднее вернуть"),
            Self::GrantInRepeat { points: most } => say(
                match most {
                    Some((rounds, most)) => format!(
                        "один клиент может получить {} за {rounds} {}, а лимита нет",
                        points(*most),
                        plural(u64::from(*rounds), "повтор", "повтора", "повторов")
                    ),
                    None => {
                        "один клиент получает баллы повтор за повтором, а лимита нет".to_owned()
                    }
                },
                "в каждом повторе снова",
            )
            .related("повторяется здесь")
            .help("задайте лимит баллов в цепочке или в `policy`: `cap 1_000 points per 90d`"),
            Self::SmsInParts { message, parts: count, most, fewest } => {
                let parts =
                    |n: u32| format!("{n} {}", plural(u64::from(n), "часть", "части", "частей"));
                say(
                    format!(
                        "с длинными значениями эта SMS займёт {}: {most} вместо {fewest}",
                        parts(count.most)
                    ),
                    format!(
                        "длиннее на {} {}",
                        count.over,
                        plural(u64::from(count.over), "знак", "знака", "знаков")
                    ),
                )
                .help(format!(
                    "сократите `{message}` или скажите, какой длины бывают значения: `longest`"
                ))
                .note(format!(
                    "с такими буквами {} {} {} {}",
                    parts(count.fewest),
                    if count.fewest == 1 { "вмещает" } else { "вмещают" },
                    count.room,
                    plural(u64::from(count.room), "знак", "знака", "знаков")
                ))
            }
        }
    }
}

fn genitive(n: i64) -> String {
    format!("{n} {}", plural(n.unsigned_abs(), "балла", "баллов", "баллов"))
}
