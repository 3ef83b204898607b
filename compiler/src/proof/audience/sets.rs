//! Who can be in several conditions at once.
//!
//! Exact for ranges of numbers and every combination of them by `and`, `or` and `not`, for
//! cities and declared texts, and for what counts, sums and days since the last purchase
//! have to do with one another. Tags, consents and the like are free: any of them may go
//! with any other. What it says has to be right, so where it cannot know, or would have to
//! look too long, it says that.

use super::measure::{ABSENT, Measure, MeasureId, Measures, Reach};
use super::profile::{Form, Profile};
use super::purchases::{Found, Values, history, is_of_purchases, shown};
use super::ranges::Ranges;
use crate::ir::Condition;
use crate::units::Date;
use std::collections::BTreeMap;

/// How many comparisons a question is worth, those of choices that led nowhere included.
const MOST_STEPS: u32 = 1_024;
/// How many profiles are looked at for the values of one measure.
const MOST_PROFILES: usize = 64;
/// How many choices may be open at once.
const MOST_CHOICES: usize = 64;

/// Whether somebody can meet all conditions of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nobody, whatever the data.
    No,
    /// For example this customer.
    Yes(Witness),
    /// Not known: too many choices, or times that cannot be compared.
    Unknown,
}

/// An example customer: what the conditions ask about, with a value that meets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Witness(pub(crate) Vec<Fact>);

/// One thing of an example customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// On which day it is so, `None` for the present.
    pub(crate) on: Option<Date>,
    /// What is measured.
    pub(crate) measure: Measure,
    /// The value.
    pub(crate) value: Value,
}

/// A value of an example customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A number, in the smallest unit of the measure.
    Number(i64),
    /// Something between this number and the next one.
    Above(i64),
    /// A text that a condition names.
    Text(String),
    /// Any text that no condition names.
    OtherText,
    /// Met or not.
    Is(bool),
    /// None at all: never bought, no city known.
    Absent,
}

/// Returns whether somebody can meet all of the conditions at once.
pub(crate) fn can_hold(conditions: &[&Condition]) -> Answer {
    let mut measures = Measures::default();
    let forms: Option<Vec<Form>> =
        conditions.iter().map(|condition| Form::read(condition, &mut measures)).collect();
    match forms {
        Some(forms) => measures.solve(&Form::all(forms)),
        None => Answer::Unknown,
    }
}

/// Returns true when nobody can meet all of the conditions at once, for certain.
pub(crate) fn nobody(conditions: &[&Condition]) -> bool {
    can_hold(conditions) == Answer::No
}

/// Returns true when everybody who meets all of the conditions meets another one, for
/// certain.
pub(crate) fn implies(conditions: &[&Condition], then: &Condition) -> bool {
    let mut measures = Measures::default();
    let forms: Option<Vec<Form>> =
        conditions.iter().map(|condition| Form::read(condition, &mut measures)).collect();
    let not = Form::read_not(then, &mut measures);
    let (Some(mut forms), Some(not)) = (forms, not) else { return false };
    forms.push(not);
    measures.solve(&Form::all(forms)) == Answer::No
}

/// Returns every value of a measure that somebody who meets all conditions may have now.
pub(crate) fn values(conditions: &[&Condition], measure: &Measure) -> Ranges {
    let mut measures = Measures::default();
    let id = measures.id(None, measure.clone());
    let forms: Option<Vec<Form>> =
        conditions.iter().map(|condition| Form::read(condition, &mut measures)).collect();
    let profiles = forms.and_then(|forms| measures.profiles(&Form::all(forms), MOST_PROFILES));
    let Some(profiles) = profiles else { return measure.domain() };
    let possible = profiles.iter().filter(|profile| measures.settle(profile) != Found::No);
    possible.fold(Ranges::new(1, 0), |all, profile| {
        profile.get(id).map_or_else(|| measure.domain(), |left| all.or(left))
    })
}

/// Returns the measure of a condition that speaks of one only.
pub(crate) fn sole_measure(condition: &Condition) -> Option<Measure> {
    let mut measures = Measures::default();
    match Form::read(condition, &mut measures)? {
        Form::Is(id, _) => Some(measures.measure(id).clone()),
        Form::All(_) | Form::Any(_) => None,
    }
}

/// Returns the measure and the range of a condition that is one comparison.
pub(crate) fn only_measure(condition: &Condition) -> Option<(Measure, i64, i64)> {
    let mut measures = Measures::default();
    let Some(Form::Is(id, left)) = Form::read(condition, &mut measures) else { return None };
    match (left.pieces(), measures.moment(id), measures.measure(id)) {
        (_, Some(_), _) | (_, _, Measure::City | Measure::Text(_)) => None,
        (&[(low, high)], None, measure) if !measure.is_yes_or_no() && low != ABSENT => {
            Some((measure.clone(), low, high))
        }
        _ => None,
    }
}

impl Measures {
    /// Returns whether somebody can be as a form asks.
    pub(crate) fn solve(&self, form: &Form) -> Answer {
        let mut search = Search { measures: self, steps: MOST_STEPS };
        match search.walk(vec![form], Vec::new(), Profile::default()) {
            Found::Yes(values) => Answer::Yes(self.witness(values)),
            Found::No => Answer::No,
            Found::Open => Answer::Unknown,
        }
    }

    /// Returns the profiles a form comes to, one of which everybody in it has; `None` when
    /// they are more than so many.
    pub(crate) fn profiles(&self, form: &Form, most: usize) -> Option<Vec<Profile>> {
        let mut done = Vec::new();
        let mut open = vec![(vec![form], Profile::default())];
        while let Some((mut forms, mut profile)) = open.pop() {
            let mut choice: Option<&Vec<Form>> = None;
            let mut rest: Vec<&Form> = Vec::new();
            let mut alive = true;
            while let Some(form) = forms.pop() {
                match form {
                    Form::Is(id, left) => alive &= profile.narrow(*id, left),
                    Form::All(parts) => forms.extend(parts),
                    Form::Any(parts) if choice.is_none() => choice = Some(parts),
                    Form::Any(_) => rest.push(form),
                }
            }
            match choice {
                _ if !alive => {}
                None => done.push(profile),
                Some(parts) => open.extend(parts.iter().rev().map(|part| {
                    let mut forms = rest.clone();
                    forms.push(part);
                    (forms, profile.clone())
                })),
            }
            if done.len() + open.len() > most {
                return None;
            }
        }
        Some(done)
    }

    /// Returns whether one customer can fit a profile.
    pub(crate) fn fits(&self, profile: &Profile) -> Answer {
        match self.settle(profile) {
            Found::Yes(values) => Answer::Yes(self.witness(values)),
            Found::No => Answer::No,
            Found::Open => Answer::Unknown,
        }
    }

    /// Looks for one customer who fits a profile.
    fn settle(&self, profile: &Profile) -> Found<Values> {
        // What hangs together, by the moment it is looked at.
        let mut purchases: BTreeMap<Option<Date>, Vec<MeasureId>> = BTreeMap::new();
        let mut lasting: BTreeMap<Option<Date>, Vec<MeasureId>> = BTreeMap::new();
        let mut values = Values::new();
        for (id, left) in profile.iter() {
            let (on, measure) = (self.moment(id), self.measure(id));
            if is_of_purchases(measure) {
                purchases.entry(on).or_default().push(id);
            } else if lasts(measure).is_some() || *measure == Measure::Balance {
                lasting.entry(on).or_default().push(id);
            } else {
                let Some(value) = shown(left) else { return Found::No };
                values.push((id, value));
            }
        }
        for asked in lasting.values() {
            match self.windows(asked, profile) {
                Some(found) => values.extend(found),
                None => return Found::No,
            }
        }
        let mut open = false;
        for asked in purchases.values() {
            match asked.as_slice() {
                // One alone can be anything it can be.
                [id] => {
                    let left = profile.get(*id).and_then(shown);
                    let Some(value) = left else { return Found::No };
                    values.push((*id, value));
                }
                asked => match history(asked, profile, self) {
                    Found::Yes(found) => values.extend(found),
                    Found::No => return Found::No,
                    Found::Open => open = true,
                },
            }
        }
        values.sort_unstable();
        if open { Found::Open } else { Found::Yes(values) }
    }

    /// Finds values for what is true of a longer time when it is true of a shorter one:
    /// who has a birthday in 7 days has one in 30. Points that expire are in the balance.
    fn windows(&self, asked: &[MeasureId], profile: &Profile) -> Option<Values> {
        let left = |id: MeasureId| profile.get(id).cloned();
        let must = |id: &MeasureId| left(*id).is_some_and(|left| !left.contains(0));
        let forced: Vec<MeasureId> = asked
            .iter()
            .copied()
            .filter(|id| lasts(self.measure(*id)).is_some() && must(id))
            .collect();
        let mut values = Values::new();
        for &id in asked {
            let left = left(id)?;
            let Some((what, reach)) = lasts(self.measure(id)) else {
                let expires = |id: &MeasureId| matches!(self.measure(*id), Measure::Expiring(_));
                let least = i64::from(forced.iter().any(expires));
                values.push((id, left.least_from(least)?));
                continue;
            };
            let value = i64::from(forced.iter().any(|other| {
                lasts(self.measure(*other))
                    .is_some_and(|(same, shorter)| same == what && shorter.is_within(reach))
            }));
            if !left.contains(value) {
                return None;
            }
            values.push((id, value));
        }
        Some(values)
    }

    fn witness(&self, values: Values) -> Witness {
        let fact = |(id, value): (MeasureId, i64)| {
            let measure = self.measure(id).clone();
            let value = match &measure {
                _ if value == ABSENT => Value::Absent,
                Measure::City | Measure::Text(_) => match self.spelt(value) {
                    Some(text) => Value::Text(text.to_owned()),
                    None => Value::OtherText,
                },
                yes if yes.is_yes_or_no() => Value::Is(value == 1),
                dense if dense.is_dense() && value % 2 != 0 => Value::Above(value / 2),
                dense if dense.is_dense() => Value::Number(value / 2),
                _ => Value::Number(value),
            };
            Fact { on: self.moment(id), measure, value }
        };
        Witness(values.into_iter().map(fact).collect())
    }
}

/// Returns what a measure with a window is about, and its window.
fn lasts(measure: &Measure) -> Option<(Measure, Reach)> {
    let any = crate::units::Period::Days(0);
    let (about, reach) = match measure {
        Measure::Birthday(period) => (Measure::Birthday(any), Reach::Last(*period)),
        Measure::Expiring(period) => (Measure::Expiring(any), Reach::Last(*period)),
        Measure::Coming(name, period) => (Measure::Coming(name.clone(), any), Reach::Last(*period)),
        Measure::Touched(how, message, reach) => {
            (Measure::Touched(*how, message.clone(), Reach::Ever), *reach)
        }
        Measure::Recency
        | Measure::Frequency(_)
        | Measure::Rate(_)
        | Measure::Spent(_)
        | Measure::AverageCheck(_)
        | Measure::Bought(..)
        | Measure::Brand(..)
        | Measure::Overdue
        | Measure::Registered
        | Measure::Balance
        | Measure::Churn
        | Measure::Consent(_)
        | Measure::Reachable(_)
        | Measure::Tag(_)
        | Measure::City
        | Measure::Number(_)
        | Measure::Text(_)
        | Measure::Flag(_) => return None,
    };
    Some((about, reach))
}

/// A walk over the choices of a form, the first customer found ends it.
struct Search<'m> {
    measures: &'m Measures,
    steps: u32,
}

impl Search<'_> {
    fn walk<'f>(
        &mut self,
        mut forms: Vec<&'f Form>,
        mut choices: Vec<&'f [Form]>,
        mut profile: Profile,
    ) -> Found<Values> {
        while let Some(form) = forms.pop() {
            let Some(left) = self.steps.checked_sub(1) else { return Found::Open };
            self.steps = left;
            match form {
                Form::Is(id, left) if !profile.narrow(*id, left) => return Found::No,
                Form::Is(..) => {}
                Form::All(parts) => forms.extend(parts),
                Form::Any(parts) => choices.push(parts),
            }
        }
        // A choice of which one part is left is none; the one with the fewest goes first.
        choices.sort_by_key(|parts| std::cmp::Reverse(parts.len()));
        let Some(parts) = choices.pop() else { return self.measures.settle(&profile) };
        if choices.len() >= MOST_CHOICES {
            return Found::Open;
        }
        let mut open = false;
        for part in parts {
            match self.walk(vec![part], choices.clone(), profile.clone()) {
                Found::Yes(values) => return Found::Yes(values),
                Found::No => {}
                Found::Open => open = true,
            }
            if self.steps == 0 {
                return Found::Open;
            }
        }
        if open { Found::Open } else { Found::No }
    }
}

#[cfg(test)]
mod tests;
