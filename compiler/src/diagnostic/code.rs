//! The table of codes. A code never changes its meaning and is never used again.
//!
//! Each has a page in both languages, compiled in: a code without pages does not build.

use super::{Lang, Severity};

/// Makes the enum and its table from one list.
macro_rules! codes {
    ($($variant:ident $code:literal $slug:literal $english:literal $russian:literal)*) => {
        /// A code of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $english] $variant,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the code: `E0203`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Returns the slug: `unknown-message`.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),* }
            }

            /// Returns one line about it, for the index.
            #[must_use]
            pub const fn summary(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$variant, Lang::En) => $english,
                    (Self::$variant, Lang::Ru) => $russian,)*
                }
            }

            /// Returns its page, in Markdown: what it means and costs, a program that raises
            /// it, what to do, and the nearly same program that does not.
            #[must_use]
            pub const fn page(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$variant, Lang::En) => {
                        include_str!(concat!("../../../docs/errors/", $slug, ".md"))
                    }
                    (Self::$variant, Lang::Ru) => {
                        include_str!(concat!("../../../docs/errors/ru/", $slug, ".md"))
                    })*
                }
            }
        }
    };
}

codes! {
    Unexpected "E0101" "unexpected-input"
        "something stands where it cannot"
        "на этом месте так писать нельзя"
    UnknownWord "E0102" "unknown-word"
        "a word nobody knows where a known one must stand"
        "незнакомое слово там, где язык ждёт своё"
    Misplaced "E0103" "misplaced-word"
        "a known word in a place where it cannot stand"
        "слово языка не на своём месте"
    UnclosedBlock "E0104" "unclosed-block"
        "a `{` without its `}`"
        "`{` без парной `}`"
    MissingBlock "E0105" "missing-block"
        "a declaration without its `{ ... }`"
        "объявление без своих `{ ... }`"
    StrayClose "E0106" "unmatched-brace"
        "a `}` that closes nothing"
        "`}`, которая ничего не закрывает"
    UnclosedParen "E0107" "unclosed-parenthesis"
        "a `(` without its `)`"
        "`(` без парной `)`"
    UnclosedText "E0108" "unclosed-text"
        "a text without its closing quote"
        "текст без закрывающей кавычки"
    Quotes "E0109" "foreign-quotes"
        "other quotes than `\"`"
        "другие кавычки вместо `\"`"
    Escape "E0110" "unknown-escape"
        "a backslash before a character that needs none"
        "обратная черта перед знаком, которому она не нужна"
    MissingArrow "E0111" "missing-arrow"
        "a step without `->` before it"
        "шаг без `->` перед ним"
    MissingStep "E0112" "missing-step"
        "an arrow without a step after it"
        "стрелка, за которой нет шага"
    MissingCondition "E0113" "missing-condition"
        "nothing where a condition belongs"
        "пусто там, где нужно условие"
    MissingName "E0114" "missing-name"
        "a declaration without a name"
        "объявление без имени"
    SegmentInChain "E0115" "segment-in-chain"
        "a named segment inside a chain"
        "объявление сегмента внутри цепочки"
    MissingEquals "E0116" "missing-equals"
        "a named segment without `=`"
        "именованный сегмент без `=`"
    Arrow "E0117" "foreign-arrow"
        "another arrow than `->`"
        "другая стрелка вместо `->`"
    RangeMark "E0118" "foreign-range"
        "another range mark than `..`"
        "другой знак диапазона вместо `..`"
    SpacedNumber "E0119" "spaced-number"
        "digits grouped by blanks or commas"
        "разряды числа разделены пробелами или запятыми"
    ComparisonSign "E0120" "foreign-comparison"
        "another sign of comparison than ours"
        "знак сравнения, которого в языке нет"
    UnitName "E0121" "spelled-out-unit"
        "a unit spelled out"
        "единица, написанная словом"
    UnknownUnit "E0122" "unknown-unit"
        "a unit nobody knows"
        "единица, которой язык не знает"
    NumberTooLarge "E0123" "number-too-large"
        "a number beyond all use"
        "число больше любого разумного"
    LookAlike "E0124" "look-alike-letters"
        "letters of another alphabet in a word of the language"
        "буквы другого алфавита в слове языка"
    MergeConflict "E0125" "merge-conflict"
        "lines left by a merge"
        "пометки, оставшиеся после слияния версий"
    TooDeep "E0126" "nested-too-deep"
        "brackets in brackets beyond all use"
        "слишком много скобок одна в другой"
    TooTangled "E0127" "unreadable-file"
        "a text that could not be read to its end"
        "текст, который не удалось дочитать до конца"
    InvalidUtf8 "E0128" "invalid-utf8"
        "a file that is not UTF-8"
        "файл не в кодировке UTF-8"
    MixedAndOr "E0129" "mixed-and-or"
        "`and` and `or` in a row without parentheses"
        "`and` и `or` подряд без скобок"
    UnusedAllow "W0130" "unused-allow"
        "a comment that allows a finding where there is none"
        "комментарий разрешает то, чего здесь нет"
    AllowWithoutReason "W0131" "allow-without-reason"
        "a finding that is allowed without a reason"
        "разрешение без причины"
    UnknownAllow "W0132" "unknown-allow"
        "a comment that allows what cannot be allowed"
        "комментарий разрешает то, что разрешить нельзя"
    ForeignForm "E0133" "foreign-form"
        "a form of another language or of prose"
        "форма из другого языка или из обычной речи"

    UnknownSegment "E0201" "unknown-segment"
        "the name of no segment"
        "сегмента с таким именем нет"
    DuplicateName "E0202" "duplicate-name"
        "a name declared twice"
        "одно имя объявлено дважды"
    UnknownMessage "E0203" "unknown-message"
        "the name of no message"
        "сообщения с таким именем нет"
    SegmentCycle "E0204" "segment-cycle"
        "a segment that is made of itself"
        "сегмент, собранный из самого себя"
    ReservedName "E0205" "reserved-name"
        "a name that is a word of the language"
        "имя, занятое словом языка"
    NotASegment "E0206" "not-a-segment"
        "the name of something else where a segment belongs"
        "имя чего-то другого там, где нужен сегмент"
    ConditionTooLarge "E0207" "condition-too-large"
        "segments made of segments beyond all use"
        "слишком много сегментов, собранных из сегментов"

    WrongQuantity "E0301" "wrong-quantity"
        "a quantity of another kind than belongs there"
        "величина не того рода"
    MissingUnit "E0302" "missing-unit"
        "a bare number where a unit belongs"
        "число без единицы там, где она нужна"
    ReversedRange "E0303" "reversed-range"
        "a range that ends before it begins"
        "диапазон, который кончается раньше, чем начинается"
    ShareTooLarge "E0304" "share-above-100"
        "a share above 100%"
        "доля больше 100%"
    InvalidClock "E0305" "invalid-clock-time"
        "a clock time that does not exist"
        "время, которого на часах не бывает"
    Fraction "E0306" "fraction"
        "a fraction of something that has none"
        "дробь там, где дробей нет"
    OtherCurrency "E0307" "other-currency"
        "money of another currency than the project's"
        "деньги не в валюте проекта"
    MissingComparison "E0308" "missing-comparison"
        "a bare number where a comparison or a range belongs"
        "голое число там, где нужно сравнение или диапазон"
    ComparedRange "E0309" "compared-range"
        "a range after a sign of comparison"
        "диапазон после знака сравнения"
    Zero "E0310" "zero-quantity"
        "nothing where something belongs"
        "ноль там, где должно что-то быть"
    EmptyCondition "E0311" "empty-condition"
        "a condition that nobody can meet"
        "условие, которому никто не соответствует"
    NoSuchDate "E0312" "no-such-date"
        "a day that no calendar has"
        "день, которого нет в календаре"
    MissingPeriod "E0313" "missing-period"
        "a limit that does not say over what time"
        "лимит, у которого не сказано, за какое время"

    SettingUnexpected "E0401" "unexpected-in-setting"
        "a setting that takes something else"
        "не то значение у настройки"
    SettingIncomplete "E0402" "incomplete-setting"
        "a setting without its value"
        "настройка без значения"
    DuplicateSetting "E0403" "duplicate-setting"
        "a setting given twice"
        "настройка задана дважды"
    ChainWithoutFlow "E0404" "chain-without-flow"
        "a chain without a line that begins with `segment`"
        "цепочка без строки, которая начинается с `segment`"
    SeveralFlows "E0405" "several-flows"
        "a chain with two flows"
        "две строки `segment` в одной цепочке"
    ControlWithoutGoal "W0406" "control-without-goal"
        "a control group with nothing to compare"
        "контрольная группа, которую не с чем сравнить"
    SetByExperiment "E0407" "set-by-experiment"
        "a setting both in a chain and in its experiment"
        "настройка и в цепочке, и в её эксперименте"
    OffWithoutReason "E0408" "off-without-reason"
        "a protection switched off without a reason"
        "защита снята без объяснения"
    FlowInExperiment "E0409" "flow-in-experiment"
        "a flow of an experiment outside of a chain"
        "шаги эксперимента вне цепочки"
    EmptyExperiment "E0410" "empty-experiment"
        "an experiment without chains"
        "эксперимент без цепочек"

    ChainWithoutSteps "E0501" "chain-without-steps"
        "a segment with nothing after it"
        "сегмент, за которым ничего не следует"
    FallbackWithoutSend "E0502" "fallback-without-send"
        "a `fallback` with no message right before it"
        "`fallback`, перед которым нет сообщения"
    FallbackSameChannel "E0503" "fallback-same-channel"
        "a `fallback` to a channel that was just tried"
        "`fallback` в канал, который только что пробовали"
    TableOverlap "E0504" "table-overlap"
        "a day that stands in two rows of a table"
        "день, попавший в две строки таблицы"
    EmptyTable "E0505" "empty-table"
        "a table without rows"
        "таблица без строк"
    TableGap "W0506" "table-gap"
        "days of the audience that get nothing from a table"
        "дни аудитории, за которые таблица ничего не даёт"
    Unreachable "W0507" "unreachable-step"
        "a step that nobody reaches"
        "шаг, до которого никто не дойдёт"
    EmptyBranch "E0508" "empty-branch"
        "braces with nothing between them"
        "скобки, в которых ничего нет"
    ArmsNotWhole "E0509" "arms-not-100"
        "shares of a `split` that do not come to 100%"
        "доли `split`, которые не дают 100%"
    EndlessRepeat "E0513" "endless-repeat"
        "a `repeat` that only a purchase would end"
        "`repeat`, который кончит только покупка"
    AlwaysTrue "W0510" "condition-always-true"
        "a condition that everybody meets who gets to it"
        "условие, которое выполнят все, кто до него дойдёт"
    AlwaysFalse "W0511" "condition-always-false"
        "a condition that nobody meets who gets to it"
        "условие, которое не выполнит никто из дошедших"
    UnreachableArm "W0512" "unreachable-arm"
        "an arm behind those that take everybody"
        "ветка после тех, что забрали всех"
    SaidTwice "E0514" "said-twice"
        "a step that says something twice"
        "шаг, в котором что-то сказано дважды"

    MissingText "E0601" "missing-text"
        "a message without a text for the channel it is sent by"
        "у сообщения нет текста для канала, которым его отправляют"
    UnknownPlaceholder "E0602" "unknown-placeholder"
        "a placeholder nobody knows"
        "неизвестная подстановка"
    PlaceholderWithoutGrant "E0603" "placeholder-without-grant"
        "points promised where none were granted"
        "обещаны баллы, которых никто не начислил"
    PlaceholderWithoutExpiry "E0604" "placeholder-without-expiry"
        "a last day promised for points that never expire"
        "обещан последний день баллов, которые не сгорают"
    UnclosedPlaceholder "E0605" "unclosed-placeholder"
        "a `{` in a text without its `}`"
        "`{` в тексте без парной `}`"
    MissingBodyFile "E0606" "missing-body-file"
        "the file of an e-mail body that is not there"
        "нет файла с телом письма"
    DuplicateText "E0607" "duplicate-text"
        "two texts of a message for one channel"
        "два текста одного сообщения для одного канала"
    UnexpectedPart "E0608" "unexpected-part"
        "a piece of text that the channel does not have"
        "часть текста, которой у этого канала не бывает"
    MissingPart "E0609" "missing-part"
        "a text without a piece that the channel needs"
        "в тексте нет части, без которой канал не обходится"
    EmptyMessage "E0610" "empty-message"
        "a message without any text"
        "сообщение без единого текста"
    MessageWithoutText "W0611" "message-without-text"
        "a message used before it was written"
        "сообщение использовано раньше, чем написано"
    UnusedMessage "W0612" "unused-message"
        "a message that no step sends"
        "сообщение, которое никто не отправляет"
    PlaceholderWithoutGift "E0613" "placeholder-without-gift"
        "a cashback or a code promised where none was given"
        "обещан кэшбэк или промокод, которого не дали"
    PlaceholderOnSomePaths "E0614" "placeholder-on-some-paths"
        "a value that only some customers have by then"
        "значение, которое к этому шагу есть не у всех"
    PromoWithoutExpiry "E0615" "promo-without-expiry"
        "a last day promised for a code that never expires"
        "обещан последний день бессрочного промокода"
    ForeignPlaceholder "W0616" "foreign-placeholder"
        "a placeholder of another tool, which customers would read"
        "подстановка другой программы, которую прочтут клиенты"
    UnusedSegment "W0208" "unused-segment"
        "a segment that nothing uses"
        "сегмент, который нигде не нужен"
    UnknownBrand "E0209" "unknown-brand"
        "the name of no brand"
        "бренд с таким именем не объявлен"
    UnknownChain "E0210" "unknown-chain"
        "a test of no chain"
        "тест цепочки, которой нет"
    NotAMessage "E0211" "not-a-message"
        "the name of something else where a message belongs"
        "имя чего-то другого там, где нужно сообщение"
    UnusedBrand "W0212" "unused-brand"
        "a brand that nothing uses"
        "бренд, который нигде не используется"
    UnknownAttribute "E0213" "unknown-attribute"
        "something compared that nobody declared"
        "условие о том, чего никто не объявлял"
    WrongAttribute "E0214" "wrong-attribute"
        "a declared attribute in the form of another kind"
        "атрибут использован не так, как объявлен"

    DuplicatePolicy "E0701" "duplicate-policy"
        "a second policy in one project"
        "вторая `policy` в одном проекте"
    UnknownTimezone "E0702" "unknown-timezone"
        "the name of no time zone"
        "часового пояса с таким именем нет"
    UnknownCurrency "E0703" "unknown-currency"
        "the code of no currency"
        "валюты с таким кодом нет"
    EmptyQuiet "E0704" "empty-quiet-hours"
        "quiet hours that end when they begin"
        "тихие часы, которые кончаются в ту же минуту, что и начались"

    MentionsExpired "E0801" "mentions-expired"
        "a message about a gift that is over by then"
        "сообщение о подарке, которого к тому времени уже нет"
    MayMentionExpired "W0802" "may-mention-expired"
        "a message about a gift that may be over by then"
        "сообщение о подарке, которого к тому времени может не быть"
    BeyondGoal "W0803" "path-beyond-goal"
        "a message that leaves when the goal no longer counts"
        "сообщение, которое уходит, когда цель уже не считает"
    BeyondReentry "W0804" "path-beyond-reentry"
        "a gap between entries that is shorter than the chain"
        "перерыв между входами короче самой цепочки"
    BeyondActive "W0805" "path-beyond-active"
        "a chain that goes on behind its dates"
        "цепочка, которая идёт дольше своих дат"
    InQuietHours "W0806" "send-in-quiet-hours"
        "a message at a time at which nothing is sent"
        "сообщение в час, когда ничего не отправляют"
    Together "W0807" "messages-land-together"
        "messages that leave together when quiet hours end"
        "сообщения, которые уйдут вместе после тихих часов"
    EatenByCap "W0808" "eaten-by-cap"
        "messages that a cap certainly holds back"
        "сообщения, которые лимит точно не пропустит"
    NeverFresh "W0809" "never-fresh"
        "a message that quiet hours always make too late"
        "сообщение, которое тихие часы всегда задержат дольше срока"
    SkippedTime "W0810" "skipped-local-time"
        "a time of the day that the clocks skip once a year"
        "время, через которое часы раз в год перескакивают"
    DateOver "W0811" "date-already-over"
        "a date before anybody can get there"
        "дата раньше, чем кто-нибудь туда дойдёт"

    BudgetBelowOneCustomer "W1001" "budget-below-one-customer"
        "a budget that does not last for one customer"
        "бюджет, которого не хватит и на одного клиента"
    GrantWithoutBudget "W1002" "grant-without-budget"
        "points granted without a budget of points"
        "начисление баллов без бюджета в баллах"
    GrantWithoutExpiry "W1003" "grant-without-expiry"
        "points that never expire"
        "баллы, которые никогда не сгорают"
    LongerSilenceSmallerGift "W1004" "longer-silence-smaller-gift"
        "a table that gives less the longer the silence"
        "таблица, которая даёт меньше за более долгое молчание"
    GrantInRepeat "W1005" "grant-in-repeat-without-cap"
        "points granted again and again without a cap"
        "баллы в каждом повторе без лимита на клиента"
    SmsInParts "A1006" "sms-in-parts"
        "an SMS that long values tear into more parts"
        "SMS, которую длинные значения рвут на части"

    BandsOverlap "W1101" "bands-overlap"
        "neighbouring bands that share a value"
        "соседние диапазоны с общим значением"
    BandsLeaveOut "W1102" "bands-leave-out"
        "neighbouring bands with a day between them"
        "соседние диапазоны с пропущенным днём"
    ChainsOverlap "W1103" "chains-overlap"
        "chains that can give to one customer at once"
        "цепочки, которые могут одарить одного клиента сразу"
    ArmsOverlap "W1104" "arms-overlap"
        "chains of one experiment that share customers"
        "цепочки одного эксперимента с общими клиентами"

    SplitWithoutGoal "W1201" "split-without-goal"
        "arms to compare and nothing to compare them by"
        "ветки `split`, которые не по чему сравнить"
    GoalBeyondActive "W1202" "goal-beyond-experiment"
        "a goal that counts for longer than customers enter"
        "цель, которая считается дольше, чем входят клиенты"
    ControlIsAudience "E1203" "control-is-audience"
        "a chain whose whole audience is held out"
        "цепочка, вся аудитория которой — контрольная группа"
    ExperimentWithoutControl "W1204" "experiment-without-control"
        "an experiment that holds nobody out"
        "эксперимент без контрольной группы"

    NoConsentRule "W1301" "no-consent-rule"
        "a channel without a rule of consent, where others have one"
        "канал без правила согласия там, где у других оно есть"
    MissingUnsubscribe "E1302" "missing-unsubscribe"
        "a text without a way to say no, where the rule wants one"
        "текст без способа отписаться там, где этого требует правило"

    UnexpectedInTest "E1401" "unexpected-in-test"
        "a test that says what tests cannot"
        "в тесте сказано то, чего тест не знает"
    DaysGoBack "E1402" "days-go-back"
        "a day of a test before the day above it"
        "день теста раньше того, что выше"
    TestWithoutExpect "W1403" "test-without-expect"
        "a test that can never fail"
        "тест, который пройдёт всегда"
}

/// The families of codes: the two digits behind the letter, and what they are about.
pub const FAMILIES: &[(&str, &str, &str)] = &[
    ("01", "Writing", "Написание"),
    ("02", "Names", "Имена"),
    ("03", "Quantities", "Величины"),
    ("04", "Settings", "Настройки"),
    ("05", "Flow", "Ход цепочки"),
    ("06", "Messages", "Сообщения"),
    ("07", "Policy", "Правила проекта"),
    ("08", "Time", "Время"),
    ("10", "Money", "Деньги"),
    ("11", "Audience", "Аудитория"),
    ("12", "Experiment", "Эксперимент"),
    ("13", "Consent", "Согласие"),
    ("14", "Tests", "Тесты"),
];

impl Code {
    /// Returns the code that is called so, by code or by slug, in any letters.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let is = |code: &Self| {
            code.as_str().eq_ignore_ascii_case(name) || code.slug().eq_ignore_ascii_case(name)
        };
        Self::ALL.iter().copied().find(is)
    }

    /// Returns the code or the slug that a word resembles: the number with another letter, or
    /// a slug with a slip in it.
    #[must_use]
    pub fn resembling(word: &str) -> Option<&'static str> {
        let digits = word.get(1..).filter(|digits| !digits.is_empty());
        let other_letter = Self::ALL.iter().find(|code| code.as_str().get(1..) == digits);
        match other_letter {
            Some(code) => Some(code.as_str()),
            None => chainc_grammar::words::nearest(word, Self::ALL.iter().map(|code| code.slug())),
        }
    }

    /// Returns the two digits of its family.
    #[must_use]
    pub fn family(self) -> &'static str {
        self.as_str().get(1..3).unwrap_or_default()
    }

    /// Returns how bad it is, as the code's letter says.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.as_str().as_bytes() {
            [b'W', ..] => Severity::Warning,
            [b'A', ..] => Severity::Advice,
            _ => Severity::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, FAMILIES, Lang};
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_slugs_are_used_once() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str().get(1..)).collect();
        let slugs: BTreeSet<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert_eq!(slugs.len(), Code::ALL.len());
    }

    #[test]
    fn every_code_is_of_a_family() {
        for code in Code::ALL {
            let known = FAMILIES.iter().any(|(digits, ..)| *digits == code.family());
            assert!(known, "the family of {} has no name", code.as_str());
        }
    }

    #[test]
    fn a_page_opens_with_its_code() {
        for code in Code::ALL {
            for lang in Lang::ALL {
                let title = format!("# {} {}\n", code.as_str(), code.slug());
                assert!(code.page(*lang).starts_with(&title), "{title} {lang:?}");
            }
        }
    }

    #[test]
    fn a_code_is_found_by_either_name() {
        assert_eq!(Code::find("e0203"), Some(Code::UnknownMessage));
        assert_eq!(Code::find("unknown-message"), Some(Code::UnknownMessage));
        assert_eq!(Code::find("unknown"), None);
    }
}
