//! The English words, one exhaustive `match`.
//!
//! Lower case, one sentence, no final stop, what people wrote in backticks.

use super::english_syntax::{self, unknown_word};
use super::kind::{About, Before, Found, Kind, Wants};
use super::words::{Words, is_everybody, percent, say};
use super::{Lang, form};
use crate::ir::Placeholder;
use chainc_grammar::fault::Named;
use chainc_grammar::words::is_word;

fn named(of: Named) -> &'static str {
    match of {
        Named::Chain => "chain",
        Named::Segment => "segment",
        Named::Message => "message",
        Named::Brand => "brand",
        Named::Experiment => "experiment",
        Named::Arm => "arm",
        Named::Test => "test",
    }
}

fn found_words(found: Found) -> &'static str {
    match found {
        Found::Number => "a bare number",
        Found::Percent => "a percentage",
        Found::Points => "points",
        Found::Money => "money",
        Found::Period => "a length of time",
        Found::Clock => "a clock time",
        Found::Date => "a date",
        Found::Range => "a range",
        Found::Cycles => "cycles",
    }
}

fn about(setting: &About) -> String {
    match setting {
        About::Setting(word) => format!("`{word}`"),
        About::Entry => "how often customers enter".to_owned(),
        About::PointsBudget => "the budget of points".to_owned(),
        About::MoneyBudget => "the budget of money".to_owned(),
        About::ChannelBudget(channel) => format!("the budget on {channel}"),
        About::Price(channel) => format!("the price of {channel}"),
        About::Point => "what a point is worth".to_owned(),
        About::MessageCap(per) => format!("the cap on messages per {per}"),
        About::PointsCap(per) => format!("the cap on points per {per}"),
        About::Consent(channel) => format!("the consent for {channel}"),
        About::Attribute(name) => format!("attribute `{name}`"),
        About::Longest(name) => format!("the longest `{{{name}}}`"),
    }
}

fn before(step: Before) -> &'static str {
    match step {
        Before::Segment => "the segment",
        Before::Grant => "a grant",
        Before::Wait => "a wait",
        Before::Step => "a step that sends nothing",
    }
}

/// Returns who takes what, and an example.
fn wants_words(wants: Wants) -> (&'static str, &'static str) {
    match wants {
        Wants::Points => ("a grant gives points", "`grant 300`"),
        Wants::Days => ("`recency` counts whole days", "`recency 60..89` or `recency >= 60`"),
        Wants::RowDays => ("a row is for whole days", "`30..59: 100`"),
        Wants::Count => ("`frequency` counts purchases", "`frequency >= 2 in 180d`"),
        Wants::Spent => ("`spent` compares money", "`spent >= 15_000 RUB in 90d`"),
        Wants::GoalMoney => {
            ("a purchase is measured in money", "`goal purchase >= 2_000 RUB within 30d`")
        }
        Wants::Budget => {
            ("a budget is money or points", "`budget 60_000 RUB on sms` or `budget 600_000 points`")
        }
        Wants::Price => ("a price is money", "`price sms 4.20 RUB`"),
        Wants::Share => ("`control` takes a percentage", "`control 10%`"),
        Wants::Wait => ("`wait` takes a length of time", "`wait 3d` or `wait 36h`"),
        Wants::Expiry => ("`expires` takes a length of time", "`expires 14d`"),
        Wants::Window => ("this takes a length of time", "`90d`"),
        Wants::GoalWindow => ("`within` takes a length of time", "`within 30d`"),
        Wants::Gap => ("`reenter after` takes a length of time", "`reenter after 90d`"),
        Wants::Times => ("`at most` takes a number of times", "`at most 3 times`"),
        Wants::Quiet => ("`quiet` takes two clock times", "`quiet 21:00..10:00`"),
        Wants::Registered => ("`registered` counts whole days", "`registered 0..7`"),
        Wants::AverageCheck => {
            ("`average_check` compares money", "`average_check >= 1_000 RUB in 90d`")
        }
        Wants::Balance => ("`balance` counts points", "`balance >= 100`"),
        Wants::Churn => ("`churn` is a percentage", "`churn >= 60%`"),
        Wants::Overdue => ("`overdue` counts a customer's own cycles", "`overdue > 1.5 cycles`"),
        Wants::Number => ("this attribute is a whole number", "`age 18..35`"),
        Wants::Cashback => ("`cashback` takes a percentage", "`cashback 20% for 7d`"),
        Wants::Arm => ("an arm takes a percentage", "`soft 40% { ... }`"),
        Wants::CashbackPeriod => ("`for` takes a length of time", "`cashback 20% for 7d`"),
        Wants::UpTo => ("`up to` takes points", "`up to 500 points`"),
        Wants::Freshness => ("`within` takes a length of time", "`push offer within 6h`"),
        Wants::Clock => ("`at` takes a clock time", "`at 12:00`"),
        Wants::Active => ("`active` takes two dates", "`active 2026-03-01..2026-05-31`"),
        Wants::Frozen => ("`frozen` takes a date", "`frozen 2025-08-01`"),
        Wants::Until => ("`until` takes a date", "`until 2025-10-31`"),
        Wants::Rounds => ("`max` takes a number of rounds", "`max 13`"),
        Wants::Every => ("`every` takes a length of time", "`repeat every 3d at 12:00`"),
        Wants::Messages => ("a cap counts messages or points", "`cap 3 messages per 7d`"),
        Wants::CapPer => ("`per` takes a length of time", "`cap 3 messages per 7d`"),
        Wants::Priority => ("`priority` takes a number", "`exclusive winback priority 20`"),
        Wants::Given => ("a test says one exact value", "`given recency 64`"),
        Wants::TestDay => ("`day` takes a number of days", "`day 2 purchase 1_900 RUB`"),
        Wants::Longest => {
            ("`longest` takes a number of characters", "`longest \"customer.first_name\" 20`")
        }
    }
}

/// Returns the whole numbers below and above a fraction.
pub(super) fn around(text: &str) -> (String, String) {
    let whole = text.split('.').next().unwrap_or_default().replace('_', "");
    let less: u64 = whole.parse().unwrap_or_default();
    (less.to_string(), less.saturating_add(1).to_string())
}

fn did_you_mean(words: Words, suggestion: Option<&str>) -> Words {
    match suggestion {
        Some(meant) => words.help(format!("did you mean `{meant}`?")),
        None => words,
    }
}

fn one_of(file: Option<&str>) -> &'static str {
    if file.is_some() { "in this file" } else { "" }
}

/// Returns the words for a kind.
pub(super) fn words(kind: &Kind) -> Words {
    match kind {
        Kind::Syntax(fault) => english_syntax::words(fault),
        Kind::Form(kind) => form::words(kind, Lang::En),
        Kind::Time(kind) => kind.english(),
        Kind::Money(kind) => kind.english(),
        Kind::Consent(kind) => kind.english(),
        Kind::Audience(kind) => kind.english(),
        Kind::UnknownWord { slot, word, suggestion } => {
            unknown_word(*slot, word, suggestion.as_deref())
        }
        Kind::InvalidUtf8 => say("this file is not UTF-8", "the first byte that is not")
            .help("save the file as UTF-8; Windows-1251 is not read"),
        Kind::Allow(allow) => allow.english(),
        Kind::MixedAndOr => {
            say("`and` and `or` stand in a row without parentheses", "which first?")
                .related("the other word")
                .help("put parentheses around what belongs together: `a and (b or c)`")
        }
        Kind::UnknownSegment { name, suggestion } => {
            let words = say(format!("segment `{name}` is not declared"), "no such segment");
            match suggestion {
                Some(meant) => words.help(format!("did you mean `{meant}`?")),
                None if is_everybody(name) => words.help(
                    "all customers are `frequency >= 0`; all who ever bought, `recency >= 0`",
                ),
                None if name == "purchase" => {
                    words.help("who bought within the last week is `recency 0..7`")
                }
                // Nobody can declare it.
                None if is_word(name) => words.help(format!(
                    "`{name}` is a word of the language; a segment has a name of its own"
                )),
                None => words.help(format!("declare it: `segment {name} = recency 60..89`")),
            }
        }
        Kind::DuplicateName { of, name } => {
            say(format!("{} `{name}` is declared twice", named(*of)), "declared again here")
                .related("first declared here")
                .note("names hold for the whole project, all `.chain` files together")
        }
        Kind::UnknownMessage { name, suggestion } => {
            let words = say(format!("message `{name}` is not declared"), "no such message");
            match suggestion {
                Some(meant) => words.help(format!("did you mean `{meant}`?")),
                None => words.help(format!("declare it: `message {name} {{ sms \"...\" }}`")),
            }
        }
        Kind::SegmentCycle { round } => {
            let round: Vec<String> = round.iter().map(|name| format!("`{name}`")).collect();
            say("this segment is built from itself, so it has no customers", "leads back to itself")
                .help("say one of them without the others: `segment name = recency 60..89`")
                .note(format!("the circle is {}", round.join(" -> ")))
        }
        Kind::NotASegment { name, is } => {
            let article = match is {
                Named::Message => "a message",
                Named::Brand => "a brand",
                _ => "a chain",
            };
            let words =
                say(format!("`{name}` is {article}, not a segment"), "a condition belongs here")
                    .related("declared here");
            match is {
                Named::Message => words.help(format!(
                    "whom it reached is `received {name} in 30d`; who clicked, `clicked {name}`"
                )),
                Named::Brand => words.help(format!("who bought there is `brand {name} in 90d`")),
                _ => words
                    .help("give its audience a name, `segment name = ...`, and write that in both"),
            }
        }
        Kind::ConditionTooLarge => say(
            "this comes to more than 10000 conditions, or more than 40 levels of them",
            "too much to follow",
        )
        .help(
            "let a chain of its own tag some of these customers, `-> tag group`, and ask for \
             `tag group` here",
        ),
        Kind::WrongQuantity { wants, found, text } => {
            let (who, example) = wants_words(*wants);
            if let (Wants::Days | Wants::RowDays | Wants::Registered, Found::Period) =
                (wants, found)
            {
                return say(format!("{who}, without a unit"), "the number alone")
                    .help(format!("write it like {example}"));
            }
            if let (Wants::Points, Found::Percent) = (wants, found) {
                return say(format!("{who}, but `{text}` is a percentage"), "this is a percentage")
                    .help(format!("a share of every purchase is `cashback {text} for 7d`"));
            }
            say(
                format!("{who}, but `{text}` is {}", found_words(*found)),
                format!("this is {}", found_words(*found)),
            )
            .help(format!("write it like {example}"))
        }
        Kind::MissingUnit { wants, text, currency } => {
            let (who, example) = wants_words(*wants);
            let missing = |what: &str, help: String| {
                say(format!("{who}, but `{text}` has no {what}"), format!("no {what}")).help(help)
            };
            match wants {
                Wants::Spent | Wants::AverageCheck | Wants::GoalMoney | Wants::Price => {
                    missing("currency", format!("write `{text} {currency}`"))
                }
                Wants::Budget => {
                    missing("unit", format!("write `{text} points` or `{text} {currency}`"))
                }
                Wants::Share | Wants::Churn | Wants::Cashback | Wants::Arm => {
                    missing("`%`", format!("write `{}`", percent(text)))
                }
                Wants::Overdue => missing("unit", format!("write `{text} cycles`")),
                Wants::Wait
                | Wants::Expiry
                | Wants::Window
                | Wants::GoalWindow
                | Wants::Gap
                | Wants::CashbackPeriod
                | Wants::Freshness
                | Wants::Every
                | Wants::CapPer => {
                    missing("unit", format!("write `{text}d` for days or `{text}h` for hours"))
                }
                _ => missing("unit", format!("write it like {example}")),
            }
        }
        Kind::ReversedRange { meant } => {
            say("this range ends before it begins, so nobody is in it", "reversed")
                .help(format!("did you mean `{meant}`?"))
        }
        Kind::ShareTooLarge { wants: Wants::Cashback, text } => {
            say(format!("`{text}` gives back more than was paid"), "above 100%")
                .help("a cashback is at most `100%`; more than that is a `grant`")
        }
        Kind::ShareTooLarge { text, .. } => {
            say(format!("`{text}` is more than everybody"), "above 100%")
                .help("a share is at most `100%`")
        }
        Kind::InvalidClock { text } => {
            say(format!("the clock never shows `{text}`"), "no such time")
                .help("clock times run from `00:00` to `23:59`")
        }
        Kind::Fraction { wants, text } => {
            let (who, example) = wants_words(*wants);
            match wants {
                Wants::Spent
                | Wants::AverageCheck
                | Wants::GoalMoney
                | Wants::Budget
                | Wants::Price => say(
                    format!("`{text}` is finer than the smallest coin"),
                    "too many digits after the point",
                )
                .help("round it up: prices, sums and budgets are counted in whole coins"),
                Wants::Points | Wants::UpTo | Wants::Balance => {
                    let (less, more) = around(text);
                    say(format!("points are whole, and `{text}` is not"), "a part of a point")
                        .help(format!("write `{less}` or `{more}`"))
                }
                Wants::Share => say(
                    format!("`{text}` is finer than a hundredth of a percent"),
                    "too many digits after the point",
                ),
                Wants::Days | Wants::RowDays | Wants::Registered => {
                    say(format!("{who}, and `{text}` is not a whole number"), "not whole")
                        .help(format!("did you mean `{}`?", text.replace('.', "..")))
                }
                _ => say(format!("{who}, and `{text}` is not a whole number"), "not whole")
                    .help(format!("write it like {example}")),
            }
        }
        Kind::OtherCurrency { found, project } => say(
            format!("`{found}` is not the currency of this project"),
            format!("expected {project}"),
        )
        .help(format!("write {project}, or change `currency` in the policy"))
        .note("a project has one currency"),
        Kind::MissingComparison { word, text } => say(
            format!("`{word} {text}` does not say whether more or less is meant"),
            "expected a comparison or a range",
        )
        .help(format!("write `{word} >= {text}`, `{word} = {text}` or a range")),
        Kind::ComparedRange { sign } => {
            say(format!("a range cannot follow `{sign}`"), "a range already names both ends")
                .help(format!("take `{sign}` away, or keep one number after it"))
        }
        Kind::Zero { wants, text } => {
            let message = match wants {
                Wants::Points => "a grant of nothing".to_owned(),
                Wants::Times => "`at most 0 times` means never".to_owned(),
                Wants::Rounds => "`max 0` means never".to_owned(),
                Wants::Messages => "a cap of nothing stops every message".to_owned(),
                Wants::Cashback => "a cashback of nothing".to_owned(),
                Wants::Price => "a point that is worth nothing".to_owned(),
                Wants::UpTo => "a cashback up to nothing".to_owned(),
                Wants::Arm => "an arm that nobody is in".to_owned(),
                Wants::Budget => "a budget of nothing stops the chain before it begins".to_owned(),
                Wants::Wait => format!("nobody waits `{text}`, so this step does nothing"),
                Wants::Expiry => format!("what expires after `{text}` is gone at once"),
                _ => format!("`{text}` is no time at all"),
            };
            let help = match wants {
                Wants::Arm => {
                    "take the arm out, or write what it gets: `bare 20% { exit }`".to_owned()
                }
                Wants::Messages => "write how much is allowed, `cap 3 messages per 7d`".to_owned(),
                Wants::Times | Wants::Rounds => {
                    format!("write how often: {}", wants_words(*wants).1)
                }
                Wants::Budget => format!("write what it may spend: {}", wants_words(*wants).1),
                Wants::Wait => "take the step out, or say how long: `wait 1d`".to_owned(),
                _ => format!("leave it out, or write it like {}", wants_words(*wants).1),
            };
            say(message, "must be above zero").help(help)
        }
        Kind::EmptyCondition { word, both: Some((one, other)) } => say(
            format!("no customer is in `{one}` and `{other}` at once"),
            format!("`{word}` cannot be both"),
        )
        .related("and this as well")
        .help("join them by `or` to reach both, or keep one of them"),
        Kind::EmptyCondition { word, both: None } => {
            say("nobody can meet this condition", format!("`{word}` is never so"))
                .help("compare with a number that some customers have")
        }
        Kind::SettingUnexpected { setting, found, form, suggestion } => {
            let shown: String = found.chars().take(40).collect();
            let message = format!("unexpected `{shown}` after `{setting}`");
            match suggestion {
                Some(meant) => say(message, "a slip?").help(format!("did you mean `{meant}`?")),
                None => say(message, "does not belong here").help(format!("write it like {form}")),
            }
        }
        Kind::SettingIncomplete { setting, form } => {
            say(format!("`{setting}` is incomplete"), "something is missing after this")
                .help(format!("write it like {form}"))
        }
        Kind::DuplicateSetting { setting } => {
            say(format!("{} is set twice", about(setting)), "set again here")
                .related("first set here")
                .help("keep one of the two: only one can hold")
        }
        Kind::ChainWithoutFlow => {
            say("nobody enters this chain", "no line in it begins with `segment`")
                .help("add one: `segment recency 60..89 -> sms offer`")
        }
        Kind::SeveralFlows { in_chain } => {
            let words = say(
                if *in_chain {
                    "this chain has a second flow"
                } else {
                    "a file can hold one flow without a name"
                },
                "second flow",
            )
            .related("first flow");
            if *in_chain {
                words.help("write a chain for each, or join the segments with `or`")
            } else {
                words.help("give each a name: `chain name { segment ... -> ... }`")
            }
        }
        Kind::ControlWithoutGoal => say(
            "a control group is held out, but no goal says what to compare",
            "held out for what?",
        )
        .help("add a goal: `goal purchase within 30d`"),
        Kind::ChainWithoutSteps => say("nothing happens to this segment", "no step follows")
            .help("add a step, `-> sms offer`, or name the segment: `segment name = ...`"),
        Kind::FallbackWithoutSend { after } => say(
            "there is no message to fall back from",
            format!("comes right after {}", before(*after)),
        )
        .help("`fallback` comes right after `sms`, `email`, `push` or another `fallback`"),
        Kind::FallbackSameChannel { channel } => say(
            format!("`{channel}` was tried already, so this fallback cannot reach anybody new"),
            "the same channel",
        )
        .related("tried here")
        .help("fall back to another channel"),
        Kind::TableOverlap { from, to } => {
            let message = if from == to {
                format!("day {from} stands in two rows of this table")
            } else {
                format!("days {from}..{to} stand in two rows of this table")
            };
            say(message, "again here").related("already here").help(format!(
                "a day belongs to one row: let this one begin at `{}`, or the one before it end at `{}`",
                to.saturating_add(1),
                from.saturating_sub(1)
            ))
        }
        Kind::EmptyTable => say("this table has no rows, so nobody gets points", "empty")
            .help("a row is written `30..59: 100`"),
        Kind::TableShort { from, to, before } => say(
            customers_at(*from, *to),
            if *before { "the first row begins later" } else { "the last row ends earlier" },
        )
        .help("add a row for them, or keep them out of the segment"),
        Kind::TableGap { from, to } => say(customers_at(*from, *to), "this row begins later")
            .related("this one ends earlier")
            .help(format!("let this row begin at `{from}`, or the one before it end at `{to}`")),
        Kind::MissingText { message, channel } => say(
            format!("message `{message}` has no `{channel}` text"),
            format!("sent by `{channel}` here"),
        )
        .related("declared here")
        .help(match channel {
            crate::ir::Channel::Sms => "add `sms \"...\"` to the message",
            crate::ir::Channel::Email => "add `email subject \"...\" body \"...\"` to the message",
            crate::ir::Channel::Push => "add `push \"...\"` to the message",
            crate::ir::Channel::Webhook => "add `webhook \"...\"` to the message",
        }),
        Kind::UnknownPlaceholder { name, suggestion, file } => {
            let words = say(
                format!("`{{{name}}}` is not a placeholder {}", one_of(file.as_deref())).trim_end(),
                if file.is_some() { "stands in this file" } else { "unknown" },
            );
            match suggestion {
                Some(_) => did_you_mean(
                    words,
                    suggestion.as_ref().map(|meant| format!("{{{meant}}}")).as_deref(),
                ),
                None => {
                    let all: Vec<String> =
                        Placeholder::ALL.iter().map(|p| format!("`{{{}}}`", p.as_str())).collect();
                    words.help(format!(
                        "there are {}; a brace itself is written `{{{{`",
                        all.join(", ")
                    ))
                }
            }
        }
        Kind::PlaceholderWithoutGrant { name, message } => say(
            format!("message `{message}` shows `{{{name}}}`, but nothing was granted before it"),
            "points nobody was given",
        )
        .related("sent here")
        .help("add a `grant` before this step, or take the placeholder out"),
        Kind::PlaceholderWithoutExpiry { message } => say(
            format!("message `{message}` shows `{{grant.expires}}`, but the points never expire"),
            "a day that never comes",
        )
        .related("sent here")
        .help("write the grant with its end: `grant 300 expires 14d`"),
        Kind::UnclosedPlaceholder { brace, file } => {
            let words = say(
                match brace {
                    '{' => format!("a placeholder is never closed {}", one_of(file.as_deref())),
                    _ => format!("this `}}` closes no placeholder {}", one_of(file.as_deref())),
                }
                .trim_end(),
                match (file, brace) {
                    (Some(_), _) => "stands in this file",
                    (None, '{') => "no `}` behind its name",
                    (None, _) => "no `{` before it",
                },
            );
            words.help(format!(
                "a placeholder is written `{{customer.first_name}}`; a brace itself is written `{brace}{brace}`"
            ))
        }
        Kind::MissingBodyFile { path } => {
            say(format!("there is no file `{path}`"), "cannot be read")
                .help("the path counts from the folder of the project")
        }
        Kind::DuplicateText { channel, part } => match part {
            Some(part) => say(format!("this `{channel}` text has `{part}` twice"), "again here")
                .related("already here")
                .help("keep one of the two"),
            None => say(format!("this message has two `{channel}` texts"), "again here")
                .related("already here")
                .help("keep one, or give the other to a message of its own"),
        },
        Kind::UnexpectedPart { channel, part } => {
            say(format!("{} has no `{part}`", article(*channel)), "cannot stand here")
                .help(form_of(*channel))
        }
        Kind::MissingPart { channel, part } => say(
            format!("this `{channel}` text has no `{part}`"),
            format!("expected `{part} \"...\"`"),
        )
        .help(form_of(*channel)),
        Kind::EmptyMessage { message } => {
            say(format!("message `{message}` has no texts"), "nothing to send").help(
                "add one: `sms \"...\"`, `email subject \"...\" body \"...\"` or `push \"...\"`",
            )
        }
        Kind::EmptyText { channel, part } => say(
            if *part == "body" {
                format!("this `{channel}` text is empty")
            } else {
                format!("the `{part}` of this `{channel}` text is empty")
            },
            "nothing to read",
        )
        .help(form_of(*channel)),
        Kind::MessageWithoutText { message } => {
            say(format!("message `{message}` has no text yet"), "a draft is used")
                .help(format!("write it: `message {message} {{ sms \"...\" }}`"))
                .note("a draft goes to a file only, never to customers")
        }
        Kind::UnusedMessage { message } => {
            say(format!("no step sends message `{message}`"), "never sent")
                .help("send it in a step, or delete it")
        }
        Kind::UnusedSegment { segment } => {
            say(format!("nothing uses segment `{segment}`"), "never used")
                .help("name it after `segment` in a chain, or delete it")
        }
        Kind::DuplicatePolicy => say("this project has a second policy", "again here")
            .related("first policy")
            .help("move its settings into the first one"),
        Kind::UnknownTimezone { name, suggestion } => did_you_mean(
            say(format!("there is no time zone `{name}`"), "unknown time zone"),
            suggestion.as_deref(),
        ),
        Kind::UnknownCurrency { code, suggestion } => {
            let words = say(format!("`{code}` is not a currency chainc knows"), "unknown currency");
            match suggestion {
                Some(meant) => words.help(format!("did you mean `{meant}`?")),
                None => words.help("currencies are three capital letters: `RUB`, `KZT`, `EUR`"),
            }
        }
        Kind::EmptyQuiet => say("these quiet hours end the moment they begin", "no time between")
            .help("leave `quiet` out to send at any hour"),
    }
}

fn customers_at(from: u32, to: u32) -> String {
    let span = if from == to { from.to_string() } else { format!("{from}..{to}") };
    format!("customers with `recency` {span} get nothing from this table")
}

fn article(channel: crate::ir::Channel) -> &'static str {
    match channel {
        crate::ir::Channel::Sms => "an SMS",
        crate::ir::Channel::Email => "an e-mail",
        crate::ir::Channel::Push => "a push message",
        crate::ir::Channel::Webhook => "a webhook",
    }
}

fn form_of(channel: crate::ir::Channel) -> &'static str {
    match channel {
        crate::ir::Channel::Sms => "write it like `sms \"...\"`",
        crate::ir::Channel::Email => {
            "write it like `email subject \"...\" body \"...\"` or `... body file \"offer.html\"`"
        }
        crate::ir::Channel::Push => {
            "write it like `push title \"...\" body \"...\"` or `push \"...\"`"
        }
        crate::ir::Channel::Webhook => {
            "write it like `webhook \"...\"` or `webhook body file \"call.json\"`"
        }
    }
}
