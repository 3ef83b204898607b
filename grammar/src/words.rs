//! The words of the language: what each grammar rule looks like to the people who
//! write it, and which words are spoken where.
//!
//! Messages, did-you-mean and the look-alike check read these tables. A test walks the
//! grammar's rules, so that none is without its words.

use crate::fault::Slot;
use crate::grammar::Rule;
use crate::recover::after;

/// Words that open a declaration.
pub const DECLARATIONS: &[&str] = &["chain", "segment", "message", "policy"];
/// Words that will open a declaration.
pub const LATER_DECLARATIONS: &[&str] = &["experiment", "brand", "test"];
/// Words that open a setting of a chain.
pub const CHAIN_SETTINGS: &[&str] = &["control", "goal", "enter", "reenter", "budget"];
/// Words that will open a setting of a chain.
pub const LATER_CHAIN_SETTINGS: &[&str] =
    &["exclusive", "active", "schedule", "quiet", "cap", "owner"];
/// Words that open a setting of the policy.
pub const POLICY_SETTINGS: &[&str] = &["timezone", "currency", "quiet", "price"];
/// Words that will open a setting of the policy.
pub const LATER_POLICY_SETTINGS: &[&str] = &["cap", "consent", "owner", "reply", "sender"];
/// Words that open a step.
pub const STEPS: &[&str] = &["grant", "sms", "email", "push", "fallback", "wait"];
/// Words that will open a step.
pub const LATER_STEPS: &[&str] =
    &["cashback", "promo", "webhook", "if", "split", "repeat", "exit", "tag"];
/// Words that open a condition.
pub const CONDITIONS: &[&str] =
    &["recency", "frequency", "spent", "consent", "reachable", "tag", "not"];
/// Words that will open a condition.
pub const LATER_CONDITIONS: &[&str] = &[
    "average_check",
    "registered",
    "birthday",
    "balance",
    "expiring",
    "brand",
    "bought",
    "received",
    "opened",
    "clicked",
    "city",
    "churn",
    "overdue",
];
/// Channels of messages.
pub const CHANNELS: &[&str] = &["sms", "email", "push"];
/// The little words between the others.
pub const LITTLE: &[&str] = &[
    "and", "or", "not", "in", "per", "by", "expires", "unless", "purchase", "within", "once",
    "after", "at", "most", "times", "on", "points", "subject", "title", "body", "file", "until",
    "frozen", "else", "for", "up", "to",
];

/// Returns true for every word the language uses somewhere.
#[must_use]
pub fn is_word(word: &str) -> bool {
    [
        DECLARATIONS,
        LATER_DECLARATIONS,
        CHAIN_SETTINGS,
        LATER_CHAIN_SETTINGS,
        POLICY_SETTINGS,
        LATER_POLICY_SETTINGS,
        STEPS,
        LATER_STEPS,
        CONDITIONS,
        LATER_CONDITIONS,
        LITTLE,
        &["RUB", "USD", "EUR"],
    ]
    .iter()
    .any(|list| list.contains(&word))
}

/// Returns the known word that `word` was most likely meant to be, if one is near: at
/// most a third of its letters wrong.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let most = if length < 3 { 0 } else { (length / 3).max(1) };
    known
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the known word that `word` was meant to be, if one is near and no other is as
/// near.
pub fn only_near<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let known: Vec<&str> = known.into_iter().collect();
    let meant = nearest(word, known.iter().copied())?;
    let far = |other: &str| strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase());
    let rivals = known.iter().filter(|other| **other != meant && far(other) == far(meant));
    (rivals.count() == 0).then_some(meant)
}

/// Returns the words a line of a block can begin with, those to come among them.
pub fn settings_of(slot: Slot) -> impl Iterator<Item = &'static str> {
    let lists: [&[&str]; 3] = match slot {
        Slot::PolicyItem => [POLICY_SETTINGS, LATER_POLICY_SETTINGS, &[]],
        _ => [CHAIN_SETTINGS, LATER_CHAIN_SETTINGS, &["segment"]],
    };
    lists.into_iter().flatten().copied()
}

/// Returns the words that stand inside of a setting.
#[must_use]
pub fn inside_setting(word: &str) -> &'static [&'static str] {
    match word {
        "goal" => &["purchase", "within"],
        "enter" => &["once"],
        "reenter" => &["after", "at", "most", "times", "time"],
        "budget" => &["points", "on", "sms", "email", "push"],
        "price" => CHANNELS,
        _ => &[],
    }
}

/// Returns what a marketer would write where the rule is expected. Empty for trivia and
/// for rules that match whatever is left.
#[must_use]
pub(crate) fn expected(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::kw_chain => &["`chain`"],
        Rule::kw_segment => &["`segment`"],
        Rule::kw_message => &["`message`"],
        Rule::kw_policy => &["`policy`"],
        Rule::kw_and => &["`and`"],
        Rule::kw_or => &["`or`"],
        Rule::kw_not | Rule::negation => &["`not`"],
        Rule::kw_recency => &["`recency`"],
        Rule::kw_frequency => &["`frequency`"],
        Rule::kw_spent => &["`spent`"],
        Rule::kw_consent => &["`consent`"],
        Rule::kw_reachable => &["`reachable`"],
        Rule::kw_tag => &["`tag`"],
        Rule::kw_in | Rule::within => &["`in`"],
        Rule::window => &["`in`", "`per`"],
        Rule::kw_per => &["`per`"],
        Rule::kw_grant => &["`grant`"],
        Rule::kw_by | Rule::table => &["`by`"],
        Rule::kw_expires | Rule::expires => &["`expires`"],
        Rule::kw_sms => &["`sms`"],
        Rule::kw_email => &["`email`"],
        Rule::kw_push => &["`push`"],
        Rule::kw_fallback => &["`fallback`"],
        Rule::kw_wait => &["`wait`"],
        Rule::kw_unless | Rule::unless => &["`unless`"],
        Rule::kw_purchase | Rule::event => &["`purchase`"],
        Rule::kw_subject => &["`subject`"],
        Rule::kw_title => &["`title`"],
        Rule::kw_body => &["`body`"],
        Rule::kw_file | Rule::file_mark => &["`file`"],
        Rule::kw_else => &["`else`"],
        Rule::role => &["`subject`", "`title`", "`body`"],
        Rule::named_part => &["`body`", "`title`", "`subject`"],
        Rule::part => &["a text in quotes", "`subject`", "`title`", "`body`"],
        Rule::string | Rule::inner => &["a text in quotes"],
        Rule::channel | Rule::text => &["`sms`", "`email`", "`push`"],
        Rule::send => &["`sms`", "`email`", "`push`"],
        Rule::grant => &["`grant`"],
        Rule::fallback => &["`fallback`"],
        Rule::wait => &["`wait`"],
        Rule::step => &["a step such as `sms offer`"],
        Rule::points => &["a number of points such as `300`"],
        Rule::period => &["a time such as `3d` or `36h`"],
        Rule::days_value | Rule::test => &["a value such as `60..89` or `>= 3`"],
        Rule::row_key | Rule::row | Rule::day | Rule::day_number => &["days such as `30..59`"],
        Rule::colon => &["`:`"],
        Rule::quantity | Rule::amount | Rule::number | Rule::plain => &["a number"],
        Rule::clock => &["a clock time such as `10:00`"],
        Rule::date => &["a date such as `2026-03-01`"],
        Rule::compare => &["`>=`", "`<=`", "`>`", "`<`", "`=`"],
        Rule::percent => &["`%`"],
        Rule::suffix | Rule::unit => &["a unit"],
        Rule::use_name => &["the name of a message"],
        Rule::named => &["the name of a segment"],
        Rule::name | Rule::ident | Rule::chain_head => &["a name"],
        Rule::tag_name | Rule::tag => &["the name of a tag"],
        Rule::word => &["a word"],
        Rule::setting | Rule::setting_word | Rule::setting_kw => {
            &["a setting such as `control 10%`"]
        }
        Rule::condition | Rule::operand | Rule::predicate => {
            &["a condition such as `recency 60..89`"]
        }
        Rule::recency => &["`recency`"],
        Rule::frequency => &["`frequency`"],
        Rule::spent => &["`spent`"],
        Rule::consent => &["`consent`"],
        Rule::reachable => &["`reachable`"],
        Rule::group | Rule::open_paren => &["`(`"],
        Rule::join => &["`and`", "`or`"],
        Rule::arrow => &["`->`"],
        Rule::open => &["`{`"],
        Rule::close => &["`}`"],
        Rule::chain => &["`chain`"],
        Rule::segment | Rule::flow => &["`segment`"],
        Rule::message => &["`message`"],
        Rule::policy => &["`policy`"],
        Rule::chain_block | Rule::message_block | Rule::policy_block => &["`{`"],
        Rule::EOI => &["the end of the line"],
        // Forms that are not built yet are not offered.
        Rule::later
        | Rule::later_cond
        | Rule::later_decl
        | Rule::later_declaration
        | Rule::later_event
        | Rule::later_happening
        | Rule::later_join
        | Rule::later_message_text
        | Rule::later_predicate
        | Rule::later_rest
        | Rule::later_step
        | Rule::later_tail
        | Rule::later_text
        | Rule::later_until
        | Rule::later_wait
        | Rule::tail
        | Rule::frozen
        | Rule::kw_frozen => &[],
        // Trivia, slips and catch-alls.
        Rule::WHITESPACE
        | Rule::COMMENT
        | Rule::nl
        | Rule::hard
        | Rule::brk
        | Rule::blank
        | Rule::gap
        | Rule::id_start
        | Rule::id_char
        | Rule::digit
        | Rule::comma
        | Rule::dots
        | Rule::scalar
        | Rule::atom
        | Rule::joiner
        | Rule::core_step
        | Rule::step_word
        | Rule::kw_predicate
        | Rule::equals
        | Rule::arrow_mark
        | Rule::quote_end
        | Rule::close_paren
        | Rule::bare_slot
        | Rule::slot
        | Rule::row_slot
        | Rule::text_slot
        | Rule::declaration
        | Rule::chain_item
        | Rule::policy_item
        | Rule::later_atom
        | Rule::file
        | Rule::extra
        | Rule::raw_string
        | Rule::raw_number
        | Rule::raw_block
        | Rule::raw_parens
        | Rule::stray_close
        | Rule::condition_end
        | Rule::condition_stop
        | Rule::declaration_stop
        | Rule::setting_end
        | Rule::row_end
        | Rule::step_end
        | Rule::step_stop
        | Rule::text_end
        | Rule::compat_arrow
        | Rule::compat_compare
        | Rule::compat_dots
        | Rule::compat_spaced
        | Rule::bad_condition
        | Rule::bad_declaration
        | Rule::bad_head
        | Rule::bad_item
        | Rule::bad_row
        | Rule::bad_step
        | Rule::bad_text
        | Rule::missing_arrow
        | Rule::missing_block
        | Rule::missing_close
        | Rule::missing_condition
        | Rule::missing_paren
        | Rule::missing_quote
        | Rule::missing_step
        | Rule::no_operand
        | Rule::indented
        | Rule::onward
        | Rule::lost_flow
        | Rule::bad_audience
        | Rule::led_arrow
        | Rule::compat_led
        | Rule::lost_items
        | Rule::lost_texts
        | Rule::missing_open
        | Rule::open_chain
        | Rule::open_policy
        | Rule::open_message
        | Rule::led_on
        | Rule::lines
        | Rule::line_rest
        | Rule::opening
        | Rule::dangling
        | Rule::below
        | Rule::dangling_step
        | Rule::only_chain_head
        | Rule::only_condition
        | Rule::only_name
        | Rule::only_row
        | Rule::only_setting
        | Rule::only_step
        | Rule::only_text => &[],
    }
}

/// Returns every phrase that [`Fault`](crate::fault::Fault)s say is expected, for those who
/// tell them in other languages.
pub fn phrases() -> impl Iterator<Item = &'static str> {
    let behind = [Slot::Step, Slot::Condition, Slot::Row, Slot::ChainHead, Slot::End];
    let rules = Rule::all_rules().iter().flat_map(|rule| expected(*rule));
    rules.chain(behind.into_iter().flat_map(after)).copied()
}

#[cfg(test)]
mod tests {
    use super::{expected, is_word, nearest};
    use crate::grammar::Rule;

    #[test]
    fn every_keyword_rule_has_its_word() {
        for rule in Rule::all_rules() {
            let name = format!("{rule:?}");
            if let Some(word) = name.strip_prefix("kw_").filter(|word| is_word(word))
                && !matches!(rule, Rule::kw_frozen | Rule::kw_predicate)
            {
                assert_eq!(expected(*rule), [format!("`{word}`")], "{name}");
            }
            for words in expected(*rule) {
                assert!(!words.contains('_'), "{name} shows a rule name: {words}");
            }
        }
    }

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("sns", ["sms", "email"]), Some("sms"));
        assert_eq!(nearest("unles", ["unless", "expires"]), Some("unless"));
        assert_eq!(nearest("SMS", ["sms"]), Some("sms"));
        assert_eq!(nearest("telegram", ["sms", "email", "push"]), None);
        assert_eq!(nearest("if", ["in"]), None);
    }
}
