//! The words of the language: what each is for, where it is spoken, and what each grammar
//! rule looks like to the people who write it.
//!
//! [`VOCABULARY`] is the one table: messages, did-you-mean, the look-alike check,
//! completion and the reference's word lists read it. A test walks the grammar's rules, so
//! that none is without its words.

use crate::fault::Slot;
use crate::grammar::Rule;
use crate::recover::after;
use std::sync::LazyLock;

/// Where a word is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Opens a declaration.
    Declaration,
    /// Opens a line of a chain.
    Chain,
    /// Opens a line of an experiment.
    Experiment,
    /// Opens a line of the policy.
    Policy,
    /// Opens a line of a brand.
    Brand,
    /// Opens a line of a test.
    Test,
    /// Opens a step.
    Step,
    /// Opens a condition.
    Condition,
    /// Names a channel.
    Channel,
    /// Names something that ends a wait.
    Event,
    /// Names a day of the week.
    Weekday,
    /// Stands between the others.
    Inside,
}

impl Place {
    /// Every place, in the order the reference lists them.
    pub const ALL: [Self; 12] = [
        Self::Declaration,
        Self::Chain,
        Self::Experiment,
        Self::Policy,
        Self::Brand,
        Self::Test,
        Self::Step,
        Self::Condition,
        Self::Channel,
        Self::Event,
        Self::Weekday,
        Self::Inside,
    ];
}

/// One word of the language.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The word.
    pub text: &'static str,
    /// Where it is spoken.
    pub places: &'static [Place],
    /// How it is used, for completion and the reference.
    pub form: &'static str,
    /// What people type who take it for another language's.
    pub aliases: &'static [&'static str],
}

impl Word {
    /// Returns how it is used at a place, where it has another form there.
    #[must_use]
    pub fn form_at(&self, place: Place) -> &'static str {
        match (self.text, place) {
            ("segment", Chain) => "segment CONDITION -> ...",
            ("brand", Chain | Condition) => "brand NAME",
            ("chain", Test) => "chain NAME",
            ("consent", Policy) => "consent sms opt_in unsubscribe",
            ("consent", Chain) => "consent sms off \"reason\"",
            ("quiet", Chain) => "quiet off \"reason\"",
            ("cap", Chain) => "cap 1_000 points per 90d",
            ("sms", Channel) => "fallback sms",
            ("email", Channel) => "fallback email",
            ("push", Channel) => "fallback push",
            ("webhook", Channel) => "fallback webhook",
            ("opened", Condition) => "opened MESSAGE in 30d",
            ("clicked", Condition) => "clicked MESSAGE in 30d",
            ("opened", Event) => "unless opened MESSAGE",
            ("clicked", Event) => "unless clicked MESSAGE",
            ("event", Event) => "unless event \"visited\"",
            ("tag", Condition) => "tag vip",
            _ => self.form,
        }
    }
}

const fn word(
    text: &'static str,
    places: &'static [Place],
    form: &'static str,
    aliases: &'static [&'static str],
) -> Word {
    Word { text, places, form, aliases }
}

use Place::{
    Brand, Chain, Channel, Condition, Declaration, Event, Experiment, Inside, Policy, Step, Test,
    Weekday,
};

/// Every word of the language.
#[rustfmt::skip]
pub const VOCABULARY: &[Word] = &[
    word("chain", &[Declaration, Experiment, Test], "chain NAME \"Title\" { ... }", &["цепочка", "цепь", "campaign", "journey", "flow"]),
    word("segment", &[Declaration, Chain], "segment NAME = CONDITION", &["сегмент", "audience"]),
    word("message", &[Declaration], "message NAME { sms \"...\" }", &["сообщение", "template"]),
    word("policy", &[Declaration], "policy { ... }", &["политика", "правила"]),
    word("brand", &[Declaration, Chain, Condition], "brand NAME { sender \"...\" }", &["бренд", "марка"]),
    word("experiment", &[Declaration], "experiment NAME { ... }", &["эксперимент", "опыт"]),
    word("test", &[Declaration], "test \"...\" { ... }", &["тест", "проверка"]),

    word("control", &[Chain, Experiment], "control 10%", &["контроль", "holdout"]),
    word("goal", &[Chain, Experiment], "goal purchase within 30d", &["цель"]),
    word("budget", &[Chain, Experiment], "budget 60_000 RUB on sms", &["бюджет"]),
    word("enter", &[Chain], "enter once", &["вход"]),
    word("reenter", &[Chain], "reenter after 90d at most 3 times", &["повторно"]),
    word("exclusive", &[Chain], "exclusive GROUP priority 20", &[]),
    word("active", &[Chain, Experiment], "active 2026-03-01..2026-05-31", &["активно"]),
    word("schedule", &[Chain], "schedule daily at 09:30", &["расписание"]),
    word("quiet", &[Policy, Brand, Chain], "quiet 21:00..10:00", &["тишина"]),
    word("cap", &[Policy, Brand, Experiment, Chain], "cap 3 messages per 7d", &["лимит", "limit"]),
    word("owner", &[Policy, Experiment, Chain], "owner \"...\"", &["владелец"]),
    word("timezone", &[Policy, Brand], "timezone \"Asia/Yekaterinburg\"", &["tz"]),
    word("currency", &[Policy], "currency RUB", &["валюта"]),
    word("price", &[Policy], "price sms 4.20 RUB", &["цена", "cost"]),
    word("attribute", &[Policy], "attribute age number", &["атрибут"]),
    word("longest", &[Policy], "longest \"customer.first_name\" 20", &[]),
    word("sender", &[Brand], "sender \"...\"", &["отправитель"]),
    word("consent", &[Policy, Chain, Condition], "consent sms", &["согласие"]),

    word("grant", &[Step], "grant 300 expires 14d", &["начислить", "начисли", "бонус", "give", "bonus"]),
    word("cashback", &[Step], "cashback 20% for 7d up to 500 points", &["кэшбэк", "кешбэк"]),
    word("promo", &[Step], "promo POOL expires 14d", &["промокод", "промо", "coupon"]),
    word("sms", &[Step, Channel], "sms MESSAGE", &["смс", "text"]),
    word("email", &[Step, Channel], "email MESSAGE", &["e-mail", "mail", "почта", "письмо", "имейл", "емейл"]),
    word("push", &[Step, Channel], "push MESSAGE", &["пуш"]),
    word("webhook", &[Step, Channel], "webhook MESSAGE", &["вебхук"]),
    word("fallback", &[Step], "fallback email", &["запасной", "иначе"]),
    word("wait", &[Step], "wait 3d unless purchase", &["ждать", "подождать", "жди", "пауза", "delay", "sleep"]),
    word("if", &[Step], "if CONDITION { ... } else { ... }", &["если", "when"]),
    word("split", &[Step], "split { a 50% { ... } b 50% { ... } }", &["разделить"]),
    word("repeat", &[Step], "repeat weekly on tue at 12:00 max 13 { ... }", &["повторять", "повтор", "every", "loop"]),
    word("exit", &[Step], "exit", &["выход", "конец", "stop"]),
    word("tag", &[Step, Condition], "tag \"vip\"", &["тег", "метка", "label"]),

    word("recency", &[Condition], "recency 60..89", &["давность"]),
    word("frequency", &[Condition], "frequency >= 2 in 180d", &["частота"]),
    word("spent", &[Condition], "spent >= 15_000 RUB in 90d", &["потрачено", "потратил", "monetary"]),
    word("average_check", &[Condition], "average_check >= 1_000 RUB", &["средний_чек"]),
    word("registered", &[Condition], "registered 0..7", &["зарегистрирован"]),
    word("birthday", &[Condition], "birthday in 7d", &["день_рождения"]),
    word("balance", &[Condition], "balance >= 100", &["баланс"]),
    word("expiring", &[Condition], "expiring in 7d", &["сгорают"]),
    word("bought", &[Condition], "bought \"kids\" in 180d", &["купил", "покупал"]),
    word("received", &[Condition], "received MESSAGE in 30d", &["получил"]),
    word("opened", &[Condition, Event], "opened MESSAGE", &["открыл"]),
    word("clicked", &[Condition, Event], "clicked MESSAGE", &["кликнул", "нажал"]),
    word("event", &[Condition, Event], "event \"visited\" in 7d", &["событие"]),
    word("reachable", &[Condition], "reachable push", &["доступен"]),
    word("city", &[Condition], "city \"Omsk\"", &["город"]),
    word("churn", &[Condition], "churn >= 60%", &["отток"]),
    word("overdue", &[Condition], "overdue > 1.5 cycles", &["просрочено"]),
    word("not", &[Condition], "not CONDITION", &["не", "кроме", "except"]),

    word("given", &[Test], "given recency 64, consent sms", &["дано"]),
    word("day", &[Test], "day 2 purchase 1_900 RUB", &["день"]),
    word("expect", &[Inside], "day 3 expect nothing", &["ожидаем"]),
    word("nothing", &[Inside], "expect nothing", &["ничего"]),

    word("purchase", &[Event], "unless purchase", &["покупка", "покупки", "purchased", "buy", "order"]),

    word("mon", &[Weekday], "on mon", &["monday", "пн", "понедельник"]),
    word("tue", &[Weekday], "on tue", &["tuesday", "tues", "вт", "вторник"]),
    word("wed", &[Weekday], "on wed", &["wednesday", "ср", "среда", "среду"]),
    word("thu", &[Weekday], "on thu", &["thursday", "thurs", "чт", "четверг"]),
    word("fri", &[Weekday], "on fri", &["friday", "пт", "пятница", "пятницу"]),
    word("sat", &[Weekday], "on sat", &["saturday", "сб", "суббота", "субботу"]),
    word("sun", &[Weekday], "on sun", &["sunday", "вс", "воскресенье"]),

    word("and", &[Inside], "CONDITION and CONDITION", &["и"]),
    word("or", &[Inside], "CONDITION or CONDITION", &["или"]),
    word("in", &[Inside], "in 180d", &["за", "last"]),
    word("per", &[Inside], "per 36d", &[]),
    word("by", &[Inside], "grant by recency { ... }", &[]),
    word("expires", &[Inside], "expires 14d", &["сгорает", "expire", "expiry"]),
    word("for", &[Inside], "for 7d", &[]),
    word("up", &[Inside], "up to 500 points", &[]),
    word("to", &[Inside], "up to 500 points", &[]),
    word("at", &[Inside], "at 12:00", &["в"]),
    word("within", &[Inside], "within 6h", &["в_течение"]),
    word("unless", &[Inside], "unless purchase", &["если_не"]),
    word("until", &[Inside], "until purchase", &["до"]),
    word("else", &[Inside], "else { ... }", &["otherwise"]),
    word("frozen", &[Inside], "frozen 2025-08-01", &["заморожен"]),
    word("once", &[Inside], "enter once", &["однажды"]),
    word("after", &[Inside], "reenter after 90d", &["после"]),
    word("most", &[Inside], "at most 3 times", &[]),
    word("times", &[Inside], "at most 3 times", &["раз", "раза"]),
    word("time", &[Inside], "at most 1 time", &[]),
    word("on", &[Inside], "on sms", &["на"]),
    word("then", &[Inside], "then hold", &["затем"]),
    word("hold", &[Inside], "then hold", &["держать"]),
    word("skip", &[Inside], "then skip", &["пропустить"]),
    word("end", &[Inside], "then end", &[]),
    word("daily", &[Inside], "daily at 12:00", &["ежедневно"]),
    word("weekly", &[Inside], "weekly on tue", &["еженедельно"]),
    word("every", &[Inside], "every 3d", &["каждые"]),
    word("max", &[Inside], "max 13", &["максимум"]),
    word("priority", &[Inside], "priority 20", &["приоритет"]),
    word("off", &[Inside], "quiet off \"reason\"", &["выкл"]),
    word("messages", &[Inside], "cap 3 messages per 7d", &["сообщений", "сообщения"]),
    word("points", &[Inside], "500 points", &[]),
    word("opt_in", &[Inside], "consent sms opt_in", &[]),
    word("opt_out", &[Inside], "consent push opt_out", &[]),
    word("unsubscribe", &[Inside], "consent email opt_in unsubscribe", &["отписка"]),
    word("number", &[Inside], "attribute age number", &["число"]),
    word("text", &[Inside], "attribute level text", &["текст"]),
    word("flag", &[Inside], "attribute cardholder flag", &["флаг"]),
    word("date", &[Inside], "attribute anniversary date", &["дата"]),
    word("subject", &[Inside], "email subject \"...\"", &["тема"]),
    word("title", &[Inside], "push title \"...\"", &["заголовок"]),
    word("body", &[Inside], "body \"...\"", &["тело"]),
    word("file", &[Inside], "body file \"offer.html\"", &["файл"]),
];

/// Returns the words spoken at a place, in the order of the table.
#[must_use]
pub fn at(place: Place) -> &'static [&'static str] {
    static LISTS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
        let of = |place| {
            let spoken = VOCABULARY.iter().filter(move |word| word.places.contains(&place));
            spoken.map(|word| word.text).collect()
        };
        Place::ALL.into_iter().map(of).collect()
    });
    Place::ALL
        .iter()
        .position(|other| *other == place)
        .and_then(|at| LISTS.get(at))
        .map_or(&[], Vec::as_slice)
}

/// Returns the word of a text, if the language has it.
#[must_use]
pub fn find(text: &str) -> Option<&'static Word> {
    VOCABULARY.iter().find(|word| word.text == text)
}

/// Returns true for every word the language uses somewhere.
#[must_use]
pub fn is_word(text: &str) -> bool {
    find(text).is_some() || matches!(text, "RUB" | "USD" | "EUR")
}

/// Returns the known word that `word` was most likely meant to be, if one is near: at
/// most a third of its letters wrong, or its name in another language.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase();
    let known: Vec<&str> = known.into_iter().filter(|candidate| *candidate != word).collect();
    if let Some(meant) = by_alias(&lower, &known) {
        return Some(meant);
    }
    let length = lower.chars().count();
    let most = if length < 3 { 0 } else { (length / 3).max(1) };
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn by_alias<'w>(lower: &str, known: &[&'w str]) -> Option<&'w str> {
    let called = |word: &&Word| word.aliases.contains(&lower);
    let mut meant = VOCABULARY.iter().filter(called);
    meant.find_map(|word| known.iter().find(|known| **known == word.text)).copied()
}

/// Returns the known word that `word` was meant to be, if one is near and no other is as
/// near.
pub fn only_near<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let known: Vec<&str> = known.into_iter().collect();
    let lower = word.to_lowercase();
    if let Some(meant) = by_alias(&lower, &known) {
        return Some(meant);
    }
    let meant = nearest(word, known.iter().copied())?;
    let far = |other: &str| strsim::osa_distance(&lower, &other.to_lowercase());
    let rivals = known.iter().filter(|other| **other != meant && far(other) == far(meant));
    (rivals.count() == 0).then_some(meant)
}

/// Returns the words a line of a block can begin with.
#[must_use]
pub fn settings_of(slot: Slot) -> &'static [&'static str] {
    at(match slot {
        Slot::PolicyItem => Policy,
        Slot::BrandItem => Brand,
        Slot::ExperimentItem => Experiment,
        _ => Chain,
    })
}

/// Returns the words that stand inside of a setting, or behind `repeat` and `until`.
#[must_use]
pub fn inside_setting(word: &str) -> &'static [&'static str] {
    match word {
        "goal" => &["purchase", "within"],
        "enter" => &["once"],
        "reenter" => &["after", "at", "most", "times", "time"],
        "budget" => {
            &["points", "on", "sms", "email", "push", "webhook", "then", "end", "skip", "hold"]
        }
        "price" => &["sms", "email", "push", "webhook", "point"],
        "exclusive" => &[],
        "schedule" => {
            &["daily", "weekly", "on", "at", "mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        }
        "quiet" => &["off"],
        "cap" => &["messages", "message", "points", "per", "off"],
        "consent" => {
            &["sms", "email", "push", "webhook", "opt_in", "opt_out", "unsubscribe", "off"]
        }
        "repeat" => &[
            "daily", "weekly", "every", "on", "at", "until", "purchase", "or", "max", "mon", "tue",
            "wed", "thu", "fri", "sat", "sun",
        ],
        "until" => at(Weekday),
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
        Rule::kw_in | Rule::lately => &["`in`"],
        Rule::window => &["`in`", "`per`"],
        Rule::kw_per => &["`per`"],
        Rule::kw_grant => &["`grant`"],
        Rule::kw_by | Rule::table => &["`by`"],
        Rule::kw_expires | Rule::expires => &["`expires`"],
        Rule::kw_sms => &["`sms`"],
        Rule::kw_email => &["`email`"],
        Rule::kw_push => &["`push`"],
        Rule::kw_webhook => &["`webhook`"],
        Rule::kw_brand | Rule::brand | Rule::brand_of => &["`brand`"],
        Rule::kw_experiment | Rule::experiment => &["`experiment`"],
        Rule::kw_test | Rule::test => &["`test`"],
        Rule::kw_given | Rule::given => &["`given`"],
        Rule::kw_day | Rule::day_line => &["`day`"],
        Rule::kw_expect | Rule::expect => &["`expect`"],
        Rule::kw_at | Rule::at_brand => &["`at`"],
        Rule::kw_for | Rule::for_period => &["`for`"],
        Rule::kw_up | Rule::up_to => &["`up`"],
        Rule::kw_to => &["`to`"],
        Rule::kw_within | Rule::fresh => &["`within`"],
        Rule::kw_until | Rule::until | Rule::until_word => &["`until`"],
        Rule::kw_clicked => &["`clicked`"],
        Rule::kw_opened => &["`opened`"],
        Rule::kw_event | Rule::happened => &["`event`"],
        Rule::kw_received | Rule::touched => &["`received`"],
        Rule::kw_cashback | Rule::cashback => &["`cashback`"],
        Rule::kw_promo | Rule::promo => &["`promo`"],
        Rule::kw_if | Rule::branch => &["`if`"],
        Rule::kw_split | Rule::split => &["`split`"],
        Rule::kw_repeat | Rule::repeat | Rule::repeat_rule | Rule::repeat_word => &["`repeat`"],
        Rule::kw_exit | Rule::exit => &["`exit`"],
        Rule::kw_frozen | Rule::frozen => &["`frozen`"],
        Rule::kw_average_check | Rule::average => &["`average_check`"],
        Rule::kw_registered | Rule::days_since => &["`registered`"],
        Rule::kw_birthday | Rule::birthday => &["`birthday`"],
        Rule::kw_balance | Rule::balance => &["`balance`"],
        Rule::kw_expiring | Rule::expiring => &["`expiring`"],
        Rule::kw_bought | Rule::bought => &["`bought`"],
        Rule::kw_city | Rule::city => &["`city`"],
        Rule::kw_churn | Rule::churn => &["`churn`"],
        Rule::kw_overdue | Rule::overdue => &["`overdue`"],
        Rule::share => &["a share such as `40%`"],
        Rule::day_value => &["a number of days such as `2`"],
        Rule::moment => &["a clock time such as `12:00`"],
        Rule::phrase => &["something such as `consent sms`"],
        Rule::of_chain => &["`chain`"],
        Rule::body
        | Rule::split_block
        | Rule::test_block
        | Rule::brand_block
        | Rule::experiment_block
        | Rule::otherwise => &["`{`"],
        Rule::split_arm => &["an arm such as `soft 40% { ... }`"],
        Rule::arm => &["a condition such as `recency 60..89`"],
        Rule::stray_arrow => &[],
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
        Rule::days_value | Rule::test_of => &["a value such as `60..89` or `>= 3`"],
        Rule::row_key | Rule::row | Rule::day | Rule::day_number => &["days such as `30..59`"],
        Rule::colon => &["`:`"],
        Rule::quantity | Rule::amount | Rule::number | Rule::plain => &["a number"],
        Rule::clock => &["a clock time such as `10:00`"],
        Rule::date => &["a date such as `2026-03-01`"],
        Rule::compare => &["`>=`", "`<=`", "`>`", "`<`", "`=`"],
        Rule::percent => &["`%`"],
        Rule::suffix | Rule::unit => &["a unit"],
        Rule::use_name => &["the name of a message"],
        Rule::named | Rule::declared | Rule::own_word => &["the name of a segment"],
        Rule::name | Rule::ident | Rule::chain_head => &["a name"],
        Rule::label => &["a name or a text in quotes"],
        Rule::kw_tag | Rule::tag | Rule::tagging => &["`tag`"],
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
        | Rule::channel_word
        | Rule::step_word
        | Rule::predicate_word
        | Rule::measured
        | Rule::opens
        | Rule::latin_unit
        | Rule::cyrillic_unit
        | Rule::reserved
        | Rule::phrases
        | Rule::phrase_atom
        | Rule::line_end
        | Rule::bad_line
        | Rule::test_line
        | Rule::experiment_item
        | Rule::until_atom
        | Rule::repeat_atom
        | Rule::inward
        | Rule::arm_slot
        | Rule::arm_end
        | Rule::bad_arm
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
        | Rule::compat_else_if
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
        | Rule::only_text
        | Rule::only_arm
        | Rule::only_line
        | Rule::only_test => &[],
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
            if let Some(word) = name.strip_prefix("kw_").filter(|word| is_word(word)) {
                assert_eq!(expected(*rule), [format!("`{word}`")], "{name}");
            }
            for words in expected(*rule) {
                let own = words.trim_matches('`');
                assert!(!words.contains('_') || is_word(own), "{name} shows a rule name: {words}");
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
