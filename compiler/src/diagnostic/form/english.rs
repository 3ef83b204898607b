//! The words of these findings in English.

use super::super::Lang;
use super::super::words::{Words, listed, say};
use super::{FormKind, did_you_mean, example};
use crate::ir::AttributeKind;
use chainc_grammar::fault::Named;

pub(super) fn words(kind: &FormKind) -> Words {
    match kind {
        FormKind::UnknownBrand { name, suggestion } => {
            let words = say(format!("brand `{name}` is not declared"), "no such brand");
            match suggestion {
                Some(_) => did_you_mean(words, suggestion.as_deref(), Lang::En),
                None => words.help(format!("declare it: `brand {name} {{ sender \"...\" }}`")),
            }
        }
        FormKind::UnknownChain { name, suggestion, known } => {
            let words = say(format!("there is no chain `{name}` to test"), "no such chain");
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            match (suggestion, known.as_slice()) {
                (Some(_), _) => did_you_mean(words, suggestion.as_deref(), Lang::En),
                (None, []) => words.help("the project has no chain yet: `chain name { ... }`"),
                (None, [one]) => words.help(format!("the project has {one}")),
                (None, known) => words.help(format!("the project has {}", listed(known, "and"))),
            }
        }
        FormKind::ControlCondition { text } => {
            say("`control` takes a share or the name of a segment", "a condition without a name")
                .help(format!(
                    "name it in a line of its own, `segment held_out = {text}`, and write \
                     `control held_out`"
                ))
        }
        FormKind::ReservedAttribute { word, known } => {
            let words = say(
                format!("`{word}` is a word of the language and cannot name an attribute"),
                if *known { "known without being declared" } else { "choose another name" },
            );
            if *known {
                words.help(format!(
                    "take the line out to use `{word}` as it is, or name yours `own_{word}`"
                ))
            } else {
                words.help(format!("`own_{word}` would do"))
            }
        }
        FormKind::NotWholeDays { text, meant } => {
            say(format!("this looks ahead by whole days, and `{text}` is none"), "not whole days")
                .help(format!("write `{meant}`"))
        }
        FormKind::CapBesideOff => {
            say("this cap stands in a chain that has `cap off`", "would never hold")
                .related("all caps are off here")
                .help("keep one of the two")
        }
        FormKind::HoursAtClock { every } => say(
            format!("rounds every `{every}` come at other times of each day, not at this one"),
            "cannot hold for every round",
        )
        .help(format!("write `repeat every {every}` or `repeat daily at 12:00`")),
        FormKind::NotAMessage { name, is } => {
            let what = if *is == Named::Chain { "a chain" } else { "a segment" };
            say(format!("`{name}` is {what}, not a message"), "not a message")
                .related("declared here")
                .help(format!("declare the text: `message {name} {{ sms \"...\" }}`"))
        }
        FormKind::UnusedBrand { brand } => {
            say(format!("nothing uses brand `{brand}`"), "never used")
                .help(format!("write `brand {brand}` in a chain, or delete it"))
        }
        FormKind::UnknownAttribute { name, suggestion } => {
            let words =
                say(format!("nothing in this project says what `{name}` is"), "not declared");
            match suggestion {
                Some(_) => did_you_mean(words, suggestion.as_deref(), Lang::En),
                None => words
                    .help(format!("declare it in the policy, such as `attribute {name} number`")),
            }
        }
        FormKind::WrongAttribute { name, is } => {
            let kind = match is {
                AttributeKind::Number => "a number",
                AttributeKind::Text => "a text",
                AttributeKind::Flag => "a yes or no",
                AttributeKind::Date => "a date",
            };
            say(format!("attribute `{name}` is {kind}"), "used as something else")
                .related("declared here")
                .help(format!("write it like {}", example(name, *is)))
        }
        FormKind::NoSuchDate { text } => {
            say(format!("no calendar has the day `{text}`"), "no such day")
                .help("dates read year, month, day: `2026-03-01`")
        }
        FormKind::SaidTwice { word } => {
            say(format!("`{word}` stands twice in one step"), "again here")
                .help("keep the one that is meant")
        }
        FormKind::MissingPeriod { text } => {
            say(format!("`{text}` does not say over what time"), "per what time?")
                .help(format!("write `{text} per 7d`"))
        }
        FormKind::SetByExperiment { setting } => say(
            format!("the experiment sets `{setting}` for all of its chains"),
            "cannot be set again here",
        )
        .related("set for all here")
        .help("keep one of the two"),
        FormKind::OffWithoutReason { setting } => say(
            format!("`{setting} off` takes a protection from customers, so it says why"),
            "expected a reason in quotes",
        )
        .help(format!("write it like `{setting} off \"delivery notices, asked for\"`")),
        FormKind::FlowInExperiment => {
            say("a flow in an experiment stands in a chain with a name", "in which chain?")
                .help("wrap it: `chain name { segment ... -> ... }`")
        }
        FormKind::EmptyExperiment => {
            say("this experiment has no chains, so there is nothing to compare", "no chains")
                .help("add one: `chain name { segment ... -> ... }`")
        }
        FormKind::Unreachable => say("nobody reaches this step", "everybody has left before")
            .related("left here")
            .help("take it out, or let somebody go on to it"),
        FormKind::EmptyBranch { of } => {
            say(format!("nothing happens in the braces of `{of}`"), "empty")
                .help("add a step, or take the braces out")
        }
        FormKind::ArmsNotWhole { sum, off, above: true } => say(
            format!("the arms come to {sum}, and nobody can be in two of them"),
            format!("{off} too much"),
        )
        .help(format!("take {off} away from one of the arms")),
        FormKind::ArmsNotWhole { sum, off, above: false } => say(
            format!("the arms come to {sum}, so {off} of customers would be in none"),
            format!("{off} missing"),
        )
        .help(format!(
            "give them to an arm, or say that they get nothing: `bare {off} {{ exit }}`"
        )),
        FormKind::EndlessRepeat => {
            say("this repeat goes on for as long as the customer does not buy", "no last round")
                .help("say where it ends: `max 13` or `until 2025-10-31`")
        }
        FormKind::PlaceholderWithoutGift { name, message, step } => say(
            format!("message `{message}` shows `{{{name}}}`, but no `{step}` stands before it"),
            "promised to nobody",
        )
        .related("sent here")
        .help(format!("add a `{step}` before this step, or take the placeholder out")),
        FormKind::PlaceholderOnSomePaths { name, message, step } => say(
            format!("message `{message}` shows `{{{name}}}`, but not everybody has one by then"),
            "empty for some customers",
        )
        .related("sent here")
        .related(format!("here without a `{step}`"))
        .help(format!("give a `{step}` on every way to this step, or send those another message")),
        FormKind::PromoWithoutExpiry { message } => say(
            format!("message `{message}` shows `{{promo.expires}}`, but the code never expires"),
            "a day that never comes",
        )
        .related("sent here")
        .help("write the promo with its end: `promo toys expires 14d`"),
        FormKind::ForeignPlaceholder { text, meant, file } => {
            let label = match file {
                None => "plain text here, the same for everybody".to_owned(),
                Some(_) => "stands in this file".to_owned(),
            };
            let own = meant.is_some_and(|meant| *text == format!("${{{meant}}}"));
            let message = if own {
                format!("customers would read a `$` before the value of `{text}`")
            } else {
                format!("customers would read `{text}` as it stands")
            };
            let words = say(message, label);
            match meant {
                Some(meant) => words.help(format!("write `{{{meant}}}`")),
                None => {
                    words.help("a placeholder has one brace on each side: `{customer.first_name}`")
                }
            }
        }
        FormKind::UnexpectedInTest { found, forms } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("a test cannot say `{shown}` here"), "does not belong here")
                .help(format!("write it like {forms}"))
        }
        FormKind::UnsaidInTest { found } => {
            let shown: String = found.chars().take(40).collect();
            say(format!("`{shown}` needs no word in a test"), "so without being said")
                .help("take it out: what `given` does not say of the customer is not so")
                .note("only `consent` and `reachable` take a `not`")
        }
        FormKind::DaysGoBack => say("this day lies before the one above it", "goes back")
            .related("already later here")
            .help("put the lines in the order of their days"),
        FormKind::TestWithoutExpect => {
            say("this test expects nothing, so it can never fail", "no line with `expect`")
                .help("add what must have happened: `day 0 expect sms offer`")
        }
    }
}
