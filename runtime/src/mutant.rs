//! Deliberate faults. A test build can switch one on, to see that the simulator finds it;
//! in every other build [`is`] is `false` when the program is compiled, and nothing is left.

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// A deliberate fault, by the promise that it breaks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Mutant {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Mutant {
            /// Every fault.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            /// Returns the name that commands use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

mutants! {
    /// The store commits without waiting for the disk: acknowledged events survive.
    SynchronousNormal = "synchronous-normal",
    /// What a failed sync left in the log is taken for safe: acknowledged events survive.
    LogNotWrittenAnew = "log-not-written-anew",
    /// A commit that failed is taken for done: acknowledged events are there.
    CommitErrorIgnored = "commit-error-ignored",
    /// A commit for which there was no room is taken for done: acknowledged events are there.
    FullIgnored = "full-ignored",
    /// A commit that could not be written is taken for done: acknowledged events are there.
    WriteErrorIgnored = "write-error-ignored",
    /// A store that cannot be read is made anew, as caches are: acknowledged events are there.
    MadeAnew = "made-anew",
    /// The store is held while a provider has messages: what customers say waits, and is lost.
    HeldWhileSending = "held-while-sending",
    /// Two runs work on one store: one send.
    RunLockIgnored = "run-lock-ignored",
    /// A purchase is a repeat if she bought within the minute: acknowledged events are there.
    DedupByWindow = "dedup-by-window",
    /// A purchase that comes twice is two: an event counts once.
    RepeatsCount = "repeats-count",
    /// A purchase that came back whole still counts: an event counts once.
    ReturnStillCounts = "return-still-counts",
    /// Returns are kept and never heard of: nothing is overdue.
    ReturnsIgnored = "returns-ignored",
    /// A purchase that is heard of late hangs in front of later ones: purchases hang together.
    LateHangsInFront = "late-hangs-in-front",

    /// The timer is cleared, then the step is done: no lost timer.
    TimerInAnotherTransaction = "timer-in-another-transaction",
    /// Points are given, then the state is saved: one grant.
    GrantInAnotherTransaction = "grant-in-another-transaction",
    /// The message is written, then the state is saved: one send.
    MessageInAnotherTransaction = "message-in-another-transaction",
    /// The message is settled, then the chain goes on: no lost timer.
    SettledInAnotherTransaction = "settled-in-another-transaction",
    /// The journal is written, then the tally: the tally is the journal.
    TallyInAnotherTransaction = "tally-in-another-transaction",
    /// What was sent is counted, and not told: the tally is the journal.
    LineForgotten = "line-forgotten",

    /// What leaves is not asked for consent: never after no.
    GuardConsent = "guard-consent",
    /// Silence is a yes on every channel: never after no.
    GuardConsentRule = "guard-consent-rule",
    /// What has just come in is not heard before a message leaves: never after a purchase.
    GuardPurchase = "guard-purchase",
    /// Quiet hours are looked at when a message is written, and not when it leaves.
    GuardQuiet = "guard-quiet",
    /// Quiet hours are those of the business, not of the customer.
    QuietOfTheBusiness = "quiet-of-the-business",
    /// Caps are not asked when a message leaves.
    GuardCap = "guard-cap",
    /// Caps count what was told to have arrived, and not what is on its way.
    CapCountsDelivered = "cap-counts-delivered",
    /// Caps count the chain's own messages alone.
    CapCountsOwnChain = "cap-counts-own-chain",
    /// Caps on points are not asked.
    CapOnPointsIgnored = "cap-on-points-ignored",
    /// Budgets are not asked when a message leaves.
    GuardBudget = "guard-budget",
    /// A message leaves that is staler than its `within`.
    GuardStale = "guard-stale",
    /// A message of a paused chain leaves.
    GuardPaused = "guard-paused",
    /// A message goes to an address that is dead.
    GuardDeadAddress = "guard-dead-address",
    /// An address that a provider called dead is forgotten.
    AddressNotBuried = "address-not-buried",

    /// The provider is called, then the message is marked: taken, committed, sent.
    NotMarkedInFlight = "not-marked-in-flight",
    /// A message is settled, then sent: what was sent is told.
    SettledBeforeSent = "settled-before-sent",
    /// What nobody can tell of is sent again: one send.
    BlindResend = "blind-resend",
    /// What was not answered is tried again: one send.
    UnknownIsTriedAgain = "unknown-is-tried-again",
    /// What was not answered counts as not sent: what was sent is told.
    UnknownIsNotSent = "unknown-is-not-sent",
    /// What was in flight is not looked up on the next start: every outcome is settled.
    RecoverSkipped = "recover-skipped",
    /// What never left leaves before the news is heard: never after a purchase.
    RecoverUnheard = "recover-unheard",
    /// What never left is paid for twice: budgets.
    RequeueKeepsReserve = "requeue-keeps-reserve",
    /// What was rejected for now is paid for twice: budgets.
    RejectedKeepsReserve = "rejected-keeps-reserve",
    /// What did not arrive is paid for: budgets.
    UndeliverableIsPaid = "undeliverable-is-paid",
    /// A fallback goes to whom the send has reached: a ladder is one message.
    FallbackThoughReached = "fallback-though-reached",
    /// A receipt brings back what was undeliverable: a state only moves forward.
    ReceiptMovesBack = "receipt-moves-back",

    /// News is heard when all else is done: never after a purchase.
    LearnLast = "learn-last",
    /// A late purchase counts by when it is heard of.
    LateByHearing = "late-by-hearing",
    /// A purchase behind the goal's window counts for it.
    GoalWithoutEnd = "goal-without-end",
    /// A wait is decided whatever sources have said: unknown is not no.
    WatermarkIgnored = "watermark-ignored",
    /// One source decides for all: unknown is not no.
    OneSourceDecides = "one-source-decides",
    /// Grace is counted from the watermark on, not from the end of the wait.
    GraceFromTheWatermark = "grace-from-the-watermark",
    /// A source that is to be waited for is assumed to have nothing to say.
    HoldIsAssumed = "hold-is-assumed",
    /// Who may have bought is taken for somebody who has.
    UnknownIsYes = "unknown-is-yes",
    /// An undecided wait is forgotten: no lost timer.
    UndecidedForgotten = "undecided-forgotten",
    /// An unsubscription from all is one from SMS: never after no.
    UnsubscribedFromOne = "unsubscribed-from-one",

    /// In one zone waits end an hour early: nothing fires early.
    AnHourEarly = "an-hour-early",
    /// A day is 24 hours, also when clocks change.
    DaysAreHours = "days-are-hours",
    /// What is due at this very moment is not: nothing is overdue.
    DueIsLater = "due-is-later",
    /// What was due long ago is not done any more: nothing is overdue.
    LateTimersDropped = "late-timers-dropped",
    /// The run's clock follows one that was set back.
    ClockGoesBack = "clock-goes-back",
    /// Whole days are counted in UTC.
    RecencyInUtc = "recency-in-utc",
    /// A repeat has one round too many.
    OneRoundMore = "one-round-more",
    /// A repeat goes on after the purchase that ends it.
    RoundsAfterPurchase = "rounds-after-purchase",

    /// The key of a grant is that of the step, in every round: one grant a round.
    KeyWithoutRound = "key-without-round",
    /// The key of a grant is the same at every entry: one grant an entry.
    KeyWithoutCycle = "key-without-cycle",
    /// The key of a message is the same in every round.
    EffectKeyWithoutRound = "effect-key-without-round",
    /// A grant is not taken from the budgets.
    GrantNotCharged = "grant-not-charged",
    /// A cashback is not taken from the budgets.
    CashbackNotReserved = "cashback-not-reserved",
    /// What a cashback did not earn is not given back to the budgets.
    CashbackKeepsReserve = "cashback-keeps-reserve",
    /// Points expire twice: books balance.
    ExpiredTwice = "expired-twice",
    /// What a till took beyond the points there were is forgotten: books balance.
    DebtLost = "debt-lost",
    /// What a return had brought stays hers: books balance.
    EarnedIsKept = "earned-is-kept",
    /// A code is given to several customers.
    CodeGivenTwice = "code-given-twice",

    /// Who was control is treated when she comes back: same customer, same arm.
    ControlForgotten = "control-forgotten",
    /// Control is walked through the chain: control gets nothing.
    ControlIsTreated = "control-is-treated",
    /// `reenter after` is not asked: back only as `reenter` says.
    ReentryTooEarly = "reentry-too-early",
    /// `enter once` and `at most` are forgotten.
    EntriesUncounted = "entries-uncounted",
    /// She enters a chain that she is in: one enrolment.
    TwoAtATime = "two-at-a-time",
    /// She enters a chain of a group while in another one.
    RivalsIgnored = "rivals-ignored",
    /// A version is looked up by the name of its chain: the version entered is walked.
    VersionByName = "version-by-name",
    /// A paused chain drops who becomes due: no lost timer.
    PauseDrops = "pause-drops",
    /// What a paused chain had to send is not taken up again: every enrolment ends.
    ResumeForgetsMessages = "resume-forgets-messages",
    /// A stopped chain does not end for who is in it.
    StopEndsNobody = "stop-ends-nobody",
    /// What budgets had no room for is held for ever: every enrolment ends.
    HeldForEver = "held-for-ever",
    /// Who was born on 29 February has no birthday in other years: days come round.
    LeapDaySkipped = "leap-day-skipped",
    /// A day that comes round in the next year is not seen from this one: days come round.
    YearEndsTheView = "year-ends-the-view",
    /// The messages of who is erased stay: who is erased is gone.
    EraseLeavesMessages = "erase-leaves-messages",
}

#[cfg(feature = "mutants")]
thread_local! {
    static ON: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// Switches a fault on for this thread, or all of them off.
#[cfg(feature = "mutants")]
pub fn switch(mutant: Option<Mutant>) {
    ON.set(mutant);
}

/// Tells whether a fault is switched on.
#[cfg(feature = "mutants")]
pub(crate) fn is(mutant: Mutant) -> bool {
    ON.get() == Some(mutant)
}

/// Tells whether a fault is switched on: never, in a build without them.
#[cfg(not(feature = "mutants"))]
#[inline(always)]
pub(crate) const fn is(_: Mutant) -> bool {
    false
}

/// Ends a transaction in its middle, and begins another one: what a fault does that writes in
/// two transactions what belongs into one.
pub(crate) fn split(tx: &rusqlite::Transaction<'_>, mutant: Mutant) -> rusqlite::Result<()> {
    also(tx, mutant, "COMMIT; BEGIN IMMEDIATE")
}

/// Does what a fault does besides.
pub(crate) fn also(db: &rusqlite::Connection, mutant: Mutant, sql: &str) -> rusqlite::Result<()> {
    if is(mutant) { db.execute_batch(sql) } else { Ok(()) }
}
