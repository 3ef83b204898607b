//! The causes that the journal tells in a few words, read back as values.

use chainc_compiler::units::Period;

/// Why something was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause<'a> {
    /// She may not be written to by the channel.
    NoConsent,
    /// It would have left later than it may.
    TooLate,
    /// She has had as much as a cap allows.
    Cap(Option<Full<'a>>),
    /// A budget has not enough left.
    Budget(Option<Purse<'a>>),
    /// No row of a table is for her.
    NoBand,
    /// The message before had reached her.
    NotNeeded,
    /// Its text shows what was not given.
    NothingToShow(Shown),
    /// There is no text for the channel.
    NoText,
    /// None of the arms is hers.
    NoArm,
    /// The pool has no code left.
    NoCode,
    /// Its text shows no way to say no.
    NoWayOut,
    /// There is no address.
    NoAddress,
    /// The address is known to be dead.
    DeadAddress,
    /// Somebody else's words.
    Words(&'a str),
}

/// What a text would have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Points,
    Cashback,
    Code,
}

/// A cap that is full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Full<'a> {
    /// So many messages, or points.
    pub(super) most: i64,
    /// True if it counts points.
    pub(super) is_points: bool,
    /// Within any stretch of this length.
    pub(super) per: Period,
    /// Whose it is.
    pub(super) of: Of<'a>,
}

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purse<'a> {
    /// The one channel it is for.
    pub(super) on: Option<&'a str>,
    /// True if it holds points.
    pub(super) is_points: bool,
    /// Whose it is.
    pub(super) of: Of<'a>,
}

/// Whose a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of<'a> {
    AllChains,
    ThisChain,
    Chain(&'a str),
    Brand(&'a str),
    Experiment(&'a str),
}

/// Reads the detail of a line of the journal.
pub(super) fn read(detail: &str) -> Cause<'_> {
    let (head, rest) = match detail.split_once(": ") {
        Some((head, rest)) => (head, Some(rest)),
        None => (detail, None),
    };
    match head {
        "no consent" => Cause::NoConsent,
        "too late" => Cause::TooLate,
        "over cap" => Cause::Cap(rest.and_then(full)),
        "over budget" => Cause::Budget(rest.and_then(purse)),
        "no band" => Cause::NoBand,
        "not needed" => Cause::NotNeeded,
        "no points granted" => Cause::NothingToShow(Shown::Points),
        "no cashback given" => Cause::NothingToShow(Shown::Cashback),
        "no code given" => Cause::NothingToShow(Shown::Code),
        "no text" => Cause::NoText,
        "no arm" => Cause::NoArm,
        "no code left" => Cause::NoCode,
        "no way to unsubscribe" => Cause::NoWayOut,
        "no address" => Cause::NoAddress,
        "dead address" => Cause::DeadAddress,
        _ => Cause::Words(detail),
    }
}

/// Reads `3 messages per 7d, all chains`.
fn full(text: &str) -> Option<Full<'_>> {
    let (what, whose) = text.split_once(", ")?;
    let (most, per) = what.split_once(" per ")?;
    let (number, unit) = most.split_once(' ')?;
    Some(Full {
        most: number.parse().ok()?,
        is_points: unit == "points",
        per: period(per)?,
        of: of(whose),
    })
}

/// Reads `money on sms, winback`.
fn purse(text: &str) -> Option<Purse<'_>> {
    let (what, whose) = text.split_once(", ")?;
    Some(Purse {
        on: what.strip_prefix("money on "),
        is_points: what == "points",
        of: match of(whose) {
            Of::ThisChain | Of::AllChains => Of::Chain(whose),
            other => other,
        },
    })
}

fn of(whose: &str) -> Of<'_> {
    match (whose, whose.split_once(' ')) {
        ("all chains", _) => Of::AllChains,
        ("this chain", _) => Of::ThisChain,
        (_, Some(("brand", name))) => Of::Brand(name),
        (_, Some(("experiment", name))) => Of::Experiment(name),
        (name, _) => Of::Chain(name),
    }
}

/// Reads `7d`, `36h`, `90m`, `30s`.
fn period(text: &str) -> Option<Period> {
    let at = text.len().checked_sub(1)?;
    let (number, unit) = (text.get(..at)?.parse::<u32>().ok()?, text.get(at..)?);
    Some(match unit {
        "d" => Period::Days(number),
        "h" => Period::Seconds(number.checked_mul(3600)?),
        "m" => Period::Seconds(number.checked_mul(60)?),
        "s" => Period::Seconds(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_journal_tells_is_read_back() {
        let cap = read("over cap: 3 messages per 7d, brand toys");
        let full = Full { most: 3, is_points: false, per: Period::Days(7), of: Of::Brand("toys") };
        assert_eq!(cap, Cause::Cap(Some(full)));
        let budget = read("over budget: money on sms, experiment autumn");
        let purse = Purse { on: Some("sms"), is_points: false, of: Of::Experiment("autumn") };
        assert_eq!(budget, Cause::Budget(Some(purse)));
        assert_eq!(read("over cap"), Cause::Cap(None));
        assert_eq!(read("550 5.1.1: no such user"), Cause::Words("550 5.1.1: no such user"));
    }
}
