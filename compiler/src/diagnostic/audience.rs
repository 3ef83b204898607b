//! Findings about who is in a condition: bands that do not meet, chains that share
//! customers, conditions that decide nothing, experiments that cannot be read.

use super::Code;
use super::lang::plural;
use super::words::{Words, listed, say};
use crate::units::Period;

/// What is wrong with who is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudienceKind {
    /// Two neighbouring bands share one value; the other band is related.
    BandsOverlap {
        /// The lower band.
        lower: String,
        /// The upper band.
        upper: String,
        /// The value both have: `recency = 60`.
        shared: String,
        /// The upper band as it was probably meant.
        meant: Option<String>,
    },
    /// Between two neighbouring bands one value is left out; the other band is related.
    BandsLeaveOut {
        /// The lower band.
        lower: String,
        /// The upper band.
        upper: String,
        /// What neither has: `recency = 60`.
        missing: String,
        /// The upper band as it was probably meant.
        meant: Option<String>,
    },
    /// Chains that can give to one customer at once; their audiences are related.
    ChainsOverlap(Overlap),
    /// Chains of one experiment that share customers; their audiences are related.
    ArmsOverlap {
        /// The experiment.
        experiment: String,
        /// What they share.
        overlap: Overlap,
    },
    /// Nobody can meet all parts of a condition; the part it excludes is related, if it is
    /// one.
    Contradiction,
    /// A condition that decides nothing, because it is met anyway. For the audience of the
    /// chain and for what time does to it, that is related.
    AlwaysTrue(Because),
    /// A condition that decides nothing, because nobody meets it. As above.
    AlwaysFalse(Because),
    /// An arm behind those that take everybody.
    UnreachableArm,
    /// Arms to compare and nothing to compare them by.
    SplitWithoutGoal,
    /// A goal that counts for longer than customers enter; those dates are related.
    GoalBeyondActive {
        /// How long it counts.
        goal: Period,
        /// For how many days customers enter.
        days: i64,
    },
    /// Everybody of a chain is in its control segment; the control is related.
    ControlIsAudience {
        /// The chain.
        chain: String,
    },
    /// `control 100%`.
    ControlOfAll,
    /// An experiment without a control.
    ExperimentWithoutControl {
        /// The experiment.
        experiment: String,
    },
}

/// Why a condition decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Of itself.
    Itself,
    /// Of what the other parts of the condition say.
    Rest,
    /// Of who is in the chain.
    Audience,
    /// Of the time that has passed without a purchase.
    Time {
        /// At least so many days.
        days: i64,
        /// What is left by now: `recency 90..119`.
        now: String,
    },
    /// Of what was asked before, around this place.
    Above,
    /// Of the arms before it.
    Arms,
}

/// A chain and others that share customers with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The chain the finding is about.
    pub chain: String,
    /// The chain that tells most.
    pub lead: String,
    /// How its audience lies to that of the chain.
    pub how: Shares,
    /// What both share, where that is one condition: `spent >= 30_000 RUB in 90d`.
    pub edge: Option<String>,
    /// Some of the other chains.
    pub others: Vec<String>,
    /// How many there are besides.
    pub more: usize,
    /// A customer who is in the chain and the lead: `churn 60%, spent 30_000 RUB in 90d`.
    pub example: Option<String>,
    /// True when only the data can tell whether there is such a customer.
    pub open: bool,
}

/// How two audiences lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shares {
    /// They are the same.
    All,
    /// The other has everybody of this one.
    Inside,
    /// This one has everybody of the other.
    Around,
    /// Some are in both.
    Some,
}

impl AudienceKind {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::BandsOverlap { .. } => Code::BandsOverlap,
            Self::BandsLeaveOut { .. } => Code::BandsLeaveOut,
            Self::ChainsOverlap(_) => Code::ChainsOverlap,
            Self::ArmsOverlap { .. } => Code::ArmsOverlap,
            Self::Contradiction => Code::EmptyCondition,
            Self::AlwaysTrue(_) => Code::AlwaysTrue,
            Self::AlwaysFalse(_) => Code::AlwaysFalse,
            Self::UnreachableArm => Code::UnreachableArm,
            Self::SplitWithoutGoal => Code::SplitWithoutGoal,
            Self::GoalBeyondActive { .. } => Code::GoalBeyondActive,
            Self::ControlIsAudience { .. } => Code::ControlIsAudience,
            Self::ControlOfAll => Code::ControlIsAudience,
            Self::ExperimentWithoutControl { .. } => Code::ExperimentWithoutControl,
        }
    }

    pub(super) fn english(&self) -> Words {
        match self {
            Self::BandsOverlap { lower, upper, shared, meant } => {
                let words = say(
                    format!("customers with `{shared}` are in both `{lower}` and `{upper}`"),
                    "begins where the other ends",
                )
                .related("ends here, and the end belongs to it");
                match meant {
                    Some(meant) => words.help(format!("let it begin behind: `{meant}`")),
                    None => words.help("both ends of a range belong to it"),
                }
            }
            Self::BandsLeaveOut { lower, upper, missing, meant } => {
                let words = say(
                    format!("customers with `{missing}` are neither in `{lower}` nor in `{upper}`"),
                    "begins too late",
                )
                .related("ends here");
                match meant {
                    Some(meant) => {
                        words.help(format!("let it begin where the other ends: `{meant}`"))
                    }
                    None => words,
                }
            }
            Self::ChainsOverlap(overlap) => {
                let Overlap { chain, others, more, .. } = overlap;
                let (also, at_once) =
                    if others.len() > 1 { ("also in ", "") } else { ("", " at once") };
                let others = names(others, *more, "or", "more");
                let message = format!(
                    "a customer can be in `{chain}` and {also}{others}{at_once}, and get both gifts"
                );
                related(say(message, overlap.english_label()), overlap, "audience of")
                    .help(
                        "put `exclusive gifts` with a `priority` into each, so that a customer is \
                         in one at a time, or keep the audiences apart",
                    )
                    .noted(overlap.english_note())
            }
            Self::ArmsOverlap { experiment, overlap } => {
                let Overlap { chain, lead, others, more, how, .. } = overlap;
                let message = match how {
                    Shares::All => format!("`{chain}` and `{lead}` have the same customers"),
                    Shares::Inside => format!("everybody of `{chain}` is also in `{lead}`"),
                    Shares::Around => format!("everybody of `{lead}` is also in `{chain}`"),
                    Shares::Some => format!("`{chain}` and `{lead}` overlap"),
                };
                let counts = if *how == Shares::Some { "can count" } else { "counts" };
                let message = format!("{message}, so `{experiment}` {counts} a customer twice");
                let words = related(say(message, overlap.english_label()), overlap, "audience of");
                let besides: Vec<String> =
                    others.iter().filter(|other| *other != lead).cloned().collect();
                let also = (!besides.is_empty())
                    .then(|| format!("it overlaps {} too", names(&besides, *more, "and", "more")));
                words
                    .help(format!(
                        "put `exclusive {experiment}` with a `priority` into each, or keep the \
                         audiences apart"
                    ))
                    .noted(joined(also, overlap.english_note()))
            }
            Self::Contradiction => {
                say("nobody can meet this condition", "leaves nobody").related("together with this")
            }
            Self::AlwaysTrue(because) => match because {
                Because::Rest => say("this part is always true", "the rest already says so")
                    .help("take it out, or change what it should narrow"),
                Because::Itself => say("this condition is true of everybody", "always true")
                    .help("take it out, or change what it should narrow"),
                Because::Audience => {
                    say("this condition is always true here", "true of the whole audience")
                        .related("who enters")
                        .help("write the steps without `if`, or test what the audience leaves open")
                }
                Because::Above | Because::Arms => {
                    say("this condition is always true here", "settled before")
                        .help("write the steps without `if`, or test something else")
                }
                Because::Time { days, now } => {
                    say("this condition is always true here", format!("`{now}` by now"))
                        .related("who enters")
                        .help("write the steps without `if`, or test something else")
                        .note(passed(*days))
                }
            },
            Self::AlwaysFalse(because) => match because {
                Because::Rest => {
                    say("this part adds nobody", "all of them are in the rest already")
                        .help("take it out, or change whom it should add")
                }
                Because::Itself => say("this condition is true of nobody", "never true")
                    .help("take it out, or change what it should find"),
                Because::Audience => {
                    say("this condition is never true here", "true of nobody in the audience")
                        .related("who enters")
                        .help("take the arm out, or let those customers enter")
                }
                Because::Time { days, now } => {
                    say("this condition is never true here", format!("`{now}` by now"))
                        .related("who enters")
                        .help("compare with what it is by now, or take the arm out")
                        .note(passed(*days))
                }
                Because::Above => say("this condition is never true here", "settled before")
                    .help("take the arm out, or test something else"),
                Because::Arms => {
                    say("this condition is never true here", "taken by the arms before")
                        .help("put the narrower condition first")
                }
            },
            Self::UnreachableArm => {
                say("nobody gets to this arm", "the arms before it take everybody")
                    .help("take it out, or narrow one of the arms before it")
            }
            Self::SplitWithoutGoal => {
                say("nothing says which arm of this `split` does better", "no goal")
                    .help("say what counts: `goal purchase within 30d`")
            }
            Self::GoalBeyondActive { goal, days } => say(
                format!("the goal counts for {goal}, but customers enter for {days} days only"),
                "counts beyond the end",
            )
            .related("customers enter on these days")
            .help("count for a shorter time, or let customers enter for longer")
            .note("on the last day the results are still open for everybody"),
            Self::ControlIsAudience { chain } => say(
                format!("everybody of `{chain}` is in its control, so nobody gets anything"),
                "all of them are held out",
            )
            .related("held out here")
            .help("address others than the control, or hold out a share: `control 10%`"),
            Self::ControlOfAll => {
                say("all customers are held out, so nobody gets anything", "everybody stays out")
                    .help("hold out a part of them: `control 10%`")
            }
            Self::ExperimentWithoutControl { experiment } => say(
                format!(
                    "experiment `{experiment}` has no control, so nothing shows what it caused"
                ),
                "nobody is held out",
            )
            .help("hold some customers out: `control 10%`"),
        }
    }

    pub(super) fn russian(&self) -> Words {
        match self {
            Self::BandsOverlap { lower, upper, shared, meant } => {
                let words = say(
                    format!("клиенты с `{shared}` попадают и в `{lower}`, и в `{upper}`"),
                    "начинается там же, где кончается другой",
                )
                .related("кончается здесь, и край входит");
                match meant {
                    Some(meant) => words.help(format!("начните на шаг дальше: `{meant}`")),
                    None => words.help("в диапазон входят оба края"),
                }
            }
            Self::BandsLeaveOut { lower, upper, missing, meant } => {
                let words = say(
                    format!("клиенты с `{missing}` не попадают ни в `{lower}`, ни в `{upper}`"),
                    "начинается слишком поздно",
                )
                .related("кончается здесь");
                match meant {
                    Some(meant) => words.help(format!("начните сразу за краем другого: `{meant}`")),
                    None => words,
                }
            }
            Self::ChainsOverlap(overlap) => {
                let Overlap { chain, others, more, .. } = overlap;
                let others = names(others, *more, "или", "ещё");
                let message = format!(
                    "клиент может быть сразу в `{chain}` и в {others} и получить оба подарка"
                );
                related(say(message, overlap.russian_label()), overlap, "аудитория")
                    .help(
                        "добавьте в каждую `exclusive gifts` с `priority`, чтобы клиент был только \
                         в одной, или разведите аудитории",
                    )
                    .noted(overlap.russian_note())
            }
            Self::ArmsOverlap { experiment, overlap } => {
                let Overlap { chain, lead, others, more, how, .. } = overlap;
                let message = match how {
                    Shares::All => format!("в `{chain}` и `{lead}` одни и те же клиенты"),
                    Shares::Inside => format!("все клиенты `{chain}` есть и в `{lead}`"),
                    Shares::Around => format!("все клиенты `{lead}` есть и в `{chain}`"),
                    Shares::Some => format!("`{chain}` и `{lead}` пересекаются"),
                };
                let message = match how {
                    Shares::Some => {
                        format!("{message}, и `{experiment}` может посчитать клиента дважды")
                    }
                    _ => format!("{message}, и `{experiment}` посчитает их дважды"),
                };
                let words = related(say(message, overlap.russian_label()), overlap, "аудитория");
                let besides: Vec<String> =
                    others.iter().filter(|other| *other != lead).cloned().collect();
                let also = (!besides.is_empty()).then(|| {
                    format!("пересекается она и с {}", names(&besides, *more, "и", "ещё"))
                });
                words
                    .help(format!(
                        "добавьте в каждую `exclusive {experiment}` с `priority` или разведите \
                         аудитории"
                    ))
                    .noted(joined(also, overlap.russian_note()))
            }
            Self::Contradiction => say("под это условие никто не подходит", "никого не остаётся")
                .related("вместе с этим"),
            Self::AlwaysTrue(because) => match because {
                Because::Rest => {
                    say("эта часть условия верна всегда", "это уже следует из остального")
                        .help("уберите её или измените то, что она должна сузить")
                }
                Because::Itself => say("это условие верно для всех", "верно всегда")
                    .help("уберите его или измените то, что оно должно сузить"),
                Because::Audience => {
                    say("это условие здесь верно всегда", "верно для всей аудитории")
                        .related("кто входит")
                        .help("напишите шаги без `if` или проверьте то, что у аудитории разное")
                }
                Because::Above | Because::Arms => {
                    say("это условие здесь верно всегда", "уже решено выше")
                        .help("напишите шаги без `if` или проверьте другое")
                }
                Because::Time { days, now } => {
                    say("это условие здесь верно всегда", format!("уже `{now}`"))
                        .related("кто входит")
                        .help("напишите шаги без `if` или проверьте другое")
                        .note(russian_passed(*days))
                }
            },
            Self::AlwaysFalse(because) => match because {
                Because::Rest => {
                    say("эта часть никого не добавляет", "все они уже есть в остальном")
                        .help("уберите её или измените то, кого она должна добавить")
                }
                Because::Itself => say("под это условие никто не подходит", "не верно никогда")
                    .help("уберите его или измените то, кого оно должно найти"),
                Because::Audience => {
                    say("это условие здесь не выполнится никогда", "в аудитории таких нет")
                        .related("кто входит")
                        .help("уберите ветку или впустите таких клиентов")
                }
                Because::Time { days, now } => {
                    say("это условие здесь не выполнится никогда", format!("уже `{now}`"))
                        .related("кто входит")
                        .help("сравните с тем, что есть к этому времени, или уберите ветку")
                        .note(russian_passed(*days))
                }
                Because::Above => say("это условие здесь не выполнится никогда", "уже решено выше")
                    .help("уберите ветку или проверьте другое"),
                Because::Arms => {
                    say("это условие здесь не выполнится никогда", "всех забрали ветки выше")
                        .help("поставьте более узкое условие первым")
                }
            },
            Self::UnreachableArm => say("в эту ветку никто не попадёт", "всех забрали ветки выше")
                .help("уберите её или сузьте одну из веток выше"),
            Self::SplitWithoutGoal => {
                say("не сказано, по чему сравнивать ветки этого `split`", "нет цели")
                    .help("скажите, что считать успехом: `goal purchase within 30d`")
            }
            Self::GoalBeyondActive { goal, days } => {
                let days = format!("{days} {}", days_word(*days));
                say(
                    format!("цель считает покупки `{goal}`, а клиенты входят только {days}"),
                    "считается и после конца",
                )
                .related("клиенты входят в эти дни")
                .help("сократите срок цели или продлите даты")
                .note("в последний день итог ещё не известен ни по одному клиенту")
            }
            Self::ControlIsAudience { chain } => say(
                format!("вся аудитория `{chain}` — контрольная группа, и никто ничего не получит"),
                "здесь только контрольная группа",
            )
            .related("контрольная группа")
            .help("возьмите другой сегмент или отложите долю: `control 10%`"),
            Self::ControlOfAll => say(
                "в контрольной группе все клиенты, и никто ничего не получит",
                "все вне цепочки",
            )
            .help("оставьте в ней только часть: `control 10%`"),
            Self::ExperimentWithoutControl { experiment } => say(
                format!("в эксперименте `{experiment}` нет контрольной группы, эффект не измерить"),
                "сравнить не с кем",
            )
            .help("отложите часть клиентов: `control 10%`"),
        }
    }
}

fn related(words: Words, overlap: &Overlap, what: &str) -> Words {
    overlap.others.iter().fold(words, |words, other| words.related(format!("{what} `{other}`")))
}

/// Returns `a`, `b` and 3 more.
fn names(names: &[String], more: usize, and: &str, besides: &str) -> String {
    let mut quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if more > 0 {
        quoted.push(if besides == "more" {
            format!("{more} more")
        } else {
            format!("{besides} {more}")
        });
    }
    listed(&quoted, and)
}

fn joined(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}; {second}")),
        (first, second) => first.or(second),
    }
}

impl Words {
    fn noted(self, note: Option<String>) -> Self {
        match note {
            Some(note) => self.note(note),
            None => self,
        }
    }
}

impl Overlap {
    fn english_label(&self) -> String {
        match (&self.edge, self.how) {
            (Some(edge), _) => format!("shared: `{edge}`"),
            (None, Shares::All) => "the same customers".to_owned(),
            (None, Shares::Inside | Shares::Around | Shares::Some) => "shared in part".to_owned(),
        }
    }

    fn english_note(&self) -> Option<String> {
        let example = self.example.as_ref()?;
        Some(if self.open {
            format!(
                "nothing here rules out a customer with `{example}`; whether there is one, only \
                 the data can tell"
            )
        } else {
            format!("for example, a customer with `{example}`")
        })
    }

    fn russian_label(&self) -> String {
        match (&self.edge, self.how) {
            (Some(edge), _) => format!("общее: `{edge}`"),
            (None, Shares::All) => "те же клиенты".to_owned(),
            (None, Shares::Inside | Shares::Around | Shares::Some) => "часть общая".to_owned(),
        }
    }

    fn russian_note(&self) -> Option<String> {
        let example = self.example.as_ref()?;
        Some(if self.open {
            format!(
                "ничто здесь не исключает клиента с `{example}`; есть ли такой, видно только по \
                 данным"
            )
        } else {
            format!("например, клиент с `{example}`")
        })
    }
}

fn passed(days: i64) -> String {
    let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    format!("by then {days} at least have passed without a purchase")
}

fn russian_passed(days: i64) -> String {
    // The genitive behind «не меньше».
    let form = plural(days.unsigned_abs(), "дня", "дней", "дней");
    format!("к этому времени без покупки прошло не меньше {days} {form}")
}

fn days_word(days: i64) -> &'static str {
    plural(days.unsigned_abs(), "день", "дня", "дней")
}
