//! Neighbouring bands that share a value or leave one out: `30..60` and `60..89`.
//!
//! Two bands that share more, or leave more out, are so on purpose.

use crate::checked::Checked;
use crate::diagnostic::{AudienceKind, Diagnostic, Findings, Kind, Place, Safety};
use crate::ir::Condition;
use crate::proof::audience::{MOST, Measure, above, compared, only_measure};
use crate::units::Currency;
use std::collections::HashMap;

/// How many bands of one measure are compared.
const MOST_BANDS: usize = 200;

/// One range of one measure.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    /// Its name, or the condition itself.
    name: String,
    measure: Measure,
    low: i64,
    high: i64,
    /// Where the condition stands, for the fix.
    place: Place,
}

impl Band {
    /// Returns the band a condition is, if it is one.
    pub(super) fn of(name: &str, condition: &Condition, place: Place) -> Option<Self> {
        let (measure, low, high) = only_measure(condition)?;
        Some(Self { name: name.to_owned(), measure, low, high, place })
    }

    fn holds(&self, value: i64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Reports named segments that are bands and do not meet as they should.
pub(crate) fn check(checked: &Checked, findings: &mut Findings) {
    let currency = &checked.policy.currency;
    let bands = checked.segments.iter().filter(|segment| segment.band).filter_map(|segment| {
        let condition = segment.condition.as_ref()?;
        Band::of(&segment.name, condition, segment.condition_place.clone())
    });
    let mut measures: HashMap<Measure, Vec<Band>> = HashMap::new();
    for band in bands {
        let known = measures.entry(band.measure.clone()).or_default();
        if known.len() < MOST_BANDS {
            known.push(band);
        }
    }
    // Findings are put in order by their places later.
    for bands in measures.into_values() {
        neighbours(&bands, true, currency).into_iter().for_each(|found| findings.push(found));
    }
}

/// Reports parts of an `or` that leave one value out between them. That two of them share
/// one does no harm.
pub(super) fn in_choice(bands: &[Band], currency: &Currency) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, band) in bands.iter().enumerate().take(MOST_BANDS) {
        let first = bands.iter().position(|other| other.measure == band.measure);
        if first == Some(at) {
            let same = bands.iter().take(MOST_BANDS).filter(|other| other.measure == band.measure);
            found.extend(neighbours(&same.cloned().collect::<Vec<_>>(), false, currency));
        }
    }
    found
}

fn neighbours(bands: &[Band], overlaps: bool, currency: &Currency) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lower in bands {
        for upper in bands.iter().filter(|upper| upper.low > lower.low && upper.high > lower.high) {
            let begins = |at: i64| bands.iter().any(|band| band.low == at);
            let ends = |at: i64| bands.iter().any(|band| band.high == at);
            let step = if lower.measure.is_dense() { 2 } else { 1 };
            // Where each has another neighbour that fits, the two are not a pair.
            if overlaps
                && upper.low == lower.high
                && !(begins(lower.high + step) || ends(upper.low - step))
            {
                found.push(overlapping(lower, upper, currency));
            }
            let missing = lower.high + 1;
            let left_out =
                upper.low == missing + 1 && !bands.iter().any(|band| band.holds(missing));
            if left_out && has_steps(&lower.measure) {
                found.push(leaving_out(lower, upper, missing, currency));
            }
        }
    }
    found
}

/// Returns true for a measure of which one value is little: a day of many.
fn has_steps(measure: &Measure) -> bool {
    matches!(
        measure,
        Measure::Recency | Measure::Registered | Measure::Balance | Measure::Number(_)
    )
}

fn overlapping(lower: &Band, upper: &Band, currency: &Currency) -> Diagnostic {
    let counted = has_steps(&lower.measure) || matches!(lower.measure, Measure::Frequency(_));
    let meant = if counted {
        compared(&upper.measure, upper.low + 1, upper.high, currency)
    } else {
        Some(above(&upper.measure, upper.low, upper.high, currency))
    };
    let shared = compared(&upper.measure, upper.low, upper.low, currency).unwrap_or_default();
    let kind = AudienceKind::BandsOverlap {
        lower: lower.name.clone(),
        upper: upper.name.clone(),
        shared,
        meant: meant.clone(),
    };
    told(kind, lower, upper, meant)
}

fn leaving_out(lower: &Band, upper: &Band, missing: i64, currency: &Currency) -> Diagnostic {
    let meant = compared(&upper.measure, missing, upper.high.min(2 * MOST), currency);
    let kind = AudienceKind::BandsLeaveOut {
        lower: lower.name.clone(),
        upper: upper.name.clone(),
        missing: compared(&upper.measure, missing, missing, currency).unwrap_or_default(),
        meant: meant.clone(),
    };
    told(kind, lower, upper, meant)
}

fn told(kind: AudienceKind, lower: &Band, upper: &Band, meant: Option<String>) -> Diagnostic {
    let found = Diagnostic::new(Kind::Audience(kind), upper.place.clone());
    let found = found.related(lower.place.clone());
    match meant {
        Some(meant) => found.fixed(Safety::Unsafe, upper.place.span, meant),
        None => found,
    }
}
