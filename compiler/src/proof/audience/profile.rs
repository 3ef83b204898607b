//! Conditions in a normal form: ranges of measures, joined by `and` and `or`.
//!
//! `not` is gone: of a range it is the rest of what the measure can be. What speaks of one
//! measure is one range, so that `recency 30..59 or recency 60..89` is no choice any more.

use super::measure::{Measure, MeasureId, Measures, Reach};
use super::ranges::Ranges;
use crate::ir::{AttributeTest, Condition};
use crate::units::{Date, Test};

/// How many comparisons a condition may have to be looked at.
const MOST_COMPARISONS: usize = 128;

/// What is asked of a customer: the values left of each measure, in the order of their
/// numbers. A measure that is not here can be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile(Vec<(MeasureId, Ranges)>);

impl Profile {
    /// Narrows a measure. Returns false when nothing is left of it.
    pub(super) fn narrow(&mut self, id: MeasureId, to: &Ranges) -> bool {
        match self.0.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => self.0.get_mut(at).is_some_and(|(_, left)| {
                *left = left.and(to);
                !left.is_empty()
            }),
            Err(at) => {
                self.0.insert(at, (id, to.clone()));
                !to.is_empty()
            }
        }
    }

    /// Returns what is left of a measure, `None` when it can be anything.
    pub(super) fn get(&self, id: MeasureId) -> Option<&Ranges> {
        let at = self.0.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.0.get(at).map(|(_, left)| left)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (MeasureId, &Ranges)> {
        self.0.iter().map(|(id, left)| (*id, left))
    }

    /// Returns true when no measure keeps the two apart by itself.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let mut theirs = other.0.iter().peekable();
        for (id, mine) in &self.0 {
            while theirs.next_if(|(other, _)| other < id).is_some() {}
            if let Some((_, left)) = theirs.next_if(|(other, _)| other == id)
                && !mine.meets(left)
            {
                return false;
            }
        }
        true
    }

    /// Returns what every one of the profiles asks for at least.
    pub(super) fn hull(profiles: &[Self]) -> Self {
        let Some((first, others)) = profiles.split_first() else { return Self::default() };
        let of_all = first.0.iter().filter_map(|(id, left)| {
            let widened = others
                .iter()
                .try_fold(left.clone(), |all, profile| profile.get(*id).map(|left| all.or(left)))?;
            Some((*id, widened))
        });
        Self(of_all.collect())
    }

    /// Returns what both ask.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (id, left) in &other.0 {
            both.narrow(*id, left);
        }
        both
    }
}

/// A condition in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// A measure within ranges, which are neither empty nor everything.
    Is(MeasureId, Ranges),
    /// All of them; everybody when there are none.
    All(Vec<Form>),
    /// At least one of them; nobody when there are none.
    Any(Vec<Form>),
}

impl Form {
    /// Reads a condition, `None` for one that is too large to be looked at.
    pub(super) fn read(condition: &Condition, measures: &mut Measures) -> Option<Self> {
        let mut reader = Reader { measures, left: MOST_COMPARISONS };
        reader.form(condition, true, None)
    }

    /// Reads the opposite of a condition.
    pub(super) fn read_not(condition: &Condition, measures: &mut Measures) -> Option<Self> {
        let mut reader = Reader { measures, left: MOST_COMPARISONS };
        reader.form(condition, false, None)
    }

    fn is(id: MeasureId, left: Ranges, measures: &Measures) -> Self {
        if left.is_empty() {
            Self::Any(Vec::new())
        } else if left == measures.measure(id).domain() {
            Self::All(Vec::new())
        } else {
            Self::Is(id, left)
        }
    }

    /// Joins forms by `and`.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut profile = Profile::default();
        let mut others = Vec::new();
        let mut open: Vec<Self> = parts.into_iter().collect();
        open.reverse();
        while let Some(part) = open.pop() {
            match part {
                Self::Is(id, left) => {
                    if !profile.narrow(id, &left) {
                        return Self::Any(Vec::new());
                    }
                }
                Self::All(inner) => open.extend(inner.into_iter().rev()),
                Self::Any(inner) if inner.is_empty() => return Self::Any(inner),
                Self::Any(inner) => others.push(Self::Any(inner)),
            }
        }
        let mut parts: Vec<Self> =
            profile.0.into_iter().map(|(id, left)| Self::Is(id, left)).collect();
        parts.append(&mut others);
        only(parts).unwrap_or_else(Self::All)
    }

    /// Joins forms by `or`.
    fn any(parts: impl IntoIterator<Item = Self>, measures: &Measures) -> Self {
        let mut ranges: Vec<(MeasureId, Ranges)> = Vec::new();
        let mut others = Vec::new();
        let mut open: Vec<Self> = parts.into_iter().collect();
        open.reverse();
        while let Some(part) = open.pop() {
            match part {
                Self::Is(id, left) => match ranges.iter_mut().find(|(known, _)| *known == id) {
                    Some((_, known)) => *known = known.or(&left),
                    None => ranges.push((id, left)),
                },
                Self::Any(inner) => open.extend(inner.into_iter().rev()),
                Self::All(inner) if inner.is_empty() => return Self::All(inner),
                Self::All(inner) => others.push(Self::All(inner)),
            }
        }
        let mut parts = Vec::new();
        for (id, left) in ranges {
            match Self::is(id, left, measures) {
                Self::All(everybody) => return Self::All(everybody),
                part => parts.push(part),
            }
        }
        parts.append(&mut others);
        only(parts).unwrap_or_else(Self::Any)
    }
}

/// Returns the one part there is, or the parts.
fn only(mut parts: Vec<Form>) -> Result<Form, Vec<Form>> {
    match parts.pop() {
        Some(part) if parts.is_empty() => Ok(part),
        Some(part) => {
            parts.push(part);
            Err(parts)
        }
        None => Err(parts),
    }
}

struct Reader<'m> {
    measures: &'m mut Measures,
    /// How many comparisons it may still read.
    left: usize,
}

impl Reader<'_> {
    fn form(&mut self, condition: &Condition, is: bool, on: Option<Date>) -> Option<Form> {
        match condition {
            Condition::All(parts) => self.joined(parts, is, is, on),
            Condition::Any(parts) => self.joined(parts, !is, is, on),
            Condition::Not(inner) => self.form(inner, !is, on),
            // A list of a day that is frozen once more stays the list of its own day.
            Condition::Frozen { on, condition } => self.form(condition, is, Some(*on)),
            Condition::Recency(test) => self.number(Measure::Recency, *test, is, on),
            Condition::Frequency { test, window } => {
                self.number(Measure::frequency(*window), *test, is, on)
            }
            Condition::Spent { test, within } => {
                self.number(Measure::Spent(Reach::of(*within)), *test, is, on)
            }
            Condition::AverageCheck { test, within } => {
                self.number(Measure::AverageCheck(Reach::of(*within)), *test, is, on)
            }
            Condition::Registered(test) => self.number(Measure::Registered, *test, is, on),
            Condition::Balance(test) => self.number(Measure::Balance, *test, is, on),
            Condition::Churn(test) => self.number(Measure::Churn, *test, is, on),
            Condition::Overdue(test) => self.number(Measure::Overdue, *test, is, on),
            Condition::Consent(channel) => self.yes(Measure::Consent(*channel), is, on),
            Condition::Reachable(channel) => self.yes(Measure::Reachable(*channel), is, on),
            Condition::Tag(tag) => self.yes(Measure::Tag(tag.clone()), is, on),
            Condition::Birthday(period) => self.yes(Measure::Birthday(*period), is, on),
            Condition::Expiring(period) => self.yes(Measure::Expiring(*period), is, on),
            Condition::Brand { brand, within } => {
                self.yes(Measure::Brand(brand.clone(), Reach::of(*within)), is, on)
            }
            Condition::Bought { category, within } => {
                self.yes(Measure::Bought(category.clone(), Reach::of(*within)), is, on)
            }
            Condition::Touched { how, message, within } => {
                let measure = Measure::Touched(*how, message.clone(), Reach::of(*within));
                self.yes(measure, is, on)
            }
            Condition::City(city) => self.text(Measure::City, city, is, on),
            Condition::Attribute { name, is: what } => match what {
                AttributeTest::Number(test) => {
                    self.number(Measure::Number(name.clone()), *test, is, on)
                }
                AttributeTest::Text(text) => self.text(Measure::Text(name.clone()), text, is, on),
                AttributeTest::Flag => self.yes(Measure::Flag(name.clone()), is, on),
                AttributeTest::Within(period) => {
                    self.yes(Measure::Coming(name.clone(), *period), is, on)
                }
            },
        }
    }

    fn joined(
        &mut self,
        parts: &[Condition],
        by_and: bool,
        is: bool,
        on: Option<Date>,
    ) -> Option<Form> {
        let mut forms = Vec::with_capacity(parts.len().min(MOST_COMPARISONS));
        for part in parts {
            forms.push(self.form(part, is, on)?);
        }
        Some(if by_and { Form::all(forms) } else { Form::any(forms, self.measures) })
    }

    fn number(&mut self, measure: Measure, test: Test, is: bool, on: Option<Date>) -> Option<Form> {
        let passing = measure.passing(test);
        self.within(measure, passing, is, on)
    }

    fn yes(&mut self, measure: Measure, is: bool, on: Option<Date>) -> Option<Form> {
        self.within(measure, Ranges::one(1), is, on)
    }

    fn text(&mut self, measure: Measure, text: &str, is: bool, on: Option<Date>) -> Option<Form> {
        let value = self.measures.text(text);
        self.within(measure, Ranges::one(value), is, on)
    }

    fn within(
        &mut self,
        measure: Measure,
        passing: Ranges,
        is: bool,
        on: Option<Date>,
    ) -> Option<Form> {
        self.left = self.left.checked_sub(1)?;
        let left = if is { passing } else { measure.domain().without(&passing) };
        let id = self.measures.id(on, measure);
        Some(Form::is(id, left, self.measures))
    }
}
