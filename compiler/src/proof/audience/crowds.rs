//! Audiences held against each other, two by two: a thousand chains are half a million
//! pairs, so each audience is read once, and most pairs are told apart by one range.

use super::measure::{Measure, Measures};
use super::profile::{Form, Profile};
use super::sets::{Answer, Value, Witness};
use crate::ir::Condition;
use crate::units::Currency;

/// How many profiles of an audience are kept; with more, the whole form is looked at.
const MOST_PROFILES: usize = 16;

/// Audiences, by the order in which they were added.
#[derive(Debug)]
pub(crate) struct Crowds {
    measures: Measures,
    crowds: Vec<Option<Crowd>>,
}

/// One audience.
#[derive(Debug)]
struct Crowd {
    /// Who is in it and gets something.
    form: Form,
    profiles: Option<Vec<Profile>>,
    /// What all of the profiles ask: it tells most audiences apart at once.
    hull: Profile,
    /// Who is in it, held out or not.
    all: Form,
    /// Who is not.
    not: Form,
}

/// What two audiences share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// A customer in both.
    pub(crate) witness: Witness,
    /// True when everybody of the first is in the second.
    pub(crate) inside: bool,
    /// True when everybody of the second is in the first.
    pub(crate) around: bool,
    /// What both share, where they differ in one measure.
    pub(crate) edge: Option<String>,
}

impl Default for Crowds {
    fn default() -> Self {
        let mut measures = Measures::default();
        // What tells most audiences apart is compared first.
        measures.id(None, Measure::Recency);
        Self { measures, crowds: Vec::new() }
    }
}

impl Crowds {
    /// Adds who is in a condition without those who are held out.
    pub(crate) fn add(&mut self, audience: &Condition, held_out: Option<&Condition>) {
        let crowd = self.read(audience, held_out);
        self.crowds.push(crowd);
    }

    fn read(&mut self, audience: &Condition, held_out: Option<&Condition>) -> Option<Crowd> {
        let all = Form::read(audience, &mut self.measures)?;
        let not = Form::read_not(audience, &mut self.measures)?;
        let form = match held_out {
            None => all.clone(),
            Some(held_out) => {
                let others = Form::read_not(held_out, &mut self.measures)?;
                Form::all([all.clone(), others])
            }
        };
        let profiles = self.measures.profiles(&form, MOST_PROFILES);
        let hull = profiles.as_deref().map(Profile::hull).unwrap_or_default();
        Some(Crowd { form, profiles, hull, all, not })
    }

    /// Returns a customer who is in both, if there can be one for certain.
    pub(crate) fn meet(&self, first: usize, second: usize) -> Option<Witness> {
        let (one, other) = (self.crowd(first)?, self.crowd(second)?);
        if !one.hull.meets(&other.hull) {
            return None;
        }
        let (Some(mine), Some(theirs)) = (&one.profiles, &other.profiles) else {
            let both = Form::all([one.form.clone(), other.form.clone()]);
            return yes(self.measures.solve(&both));
        };
        mine.iter().find_map(|profile| {
            let near = theirs.iter().filter(|other| profile.meets(other));
            near.into_iter().find_map(|other| yes(self.measures.fits(&profile.and(other))))
        })
    }

    /// Returns how two audiences lie to each other that have a customer in common.
    pub(crate) fn meeting(
        &self,
        first: usize,
        second: usize,
        witness: Witness,
        currency: &Currency,
    ) -> Option<Meeting> {
        let (one, other) = (self.crowd(first)?, self.crowd(second)?);
        let within = |one: &Crowd, other: &Crowd| {
            let outside = Form::all([one.all.clone(), other.not.clone()]);
            self.measures.solve(&outside) == Answer::No
        };
        let edge = self.edge(&one.all, &other.all, currency);
        Some(Meeting { witness, inside: within(one, other), around: within(other, one), edge })
    }

    /// Returns the one condition by which two plain audiences differ, as far as both go.
    fn edge(&self, one: &Form, other: &Form, currency: &Currency) -> Option<String> {
        let only = |form: &Form| self.measures.profiles(form, 1)?.into_iter().next();
        let (mine, theirs) = (only(one)?, only(other)?);
        let mut edges = mine.iter().filter_map(|(id, left)| {
            let right = theirs.get(id)?;
            (left != right).then(|| (id, left.and(right)))
        });
        let (id, both) = edges.next()?;
        if edges.next().is_some() {
            return None;
        }
        self.measures.written(id, &both, currency)
    }

    fn crowd(&self, at: usize) -> Option<&Crowd> {
        self.crowds.get(at)?.as_ref()
    }
}

fn yes(answer: Answer) -> Option<Witness> {
    match answer {
        Answer::Yes(witness) => Some(witness),
        Answer::No | Answer::Unknown => None,
    }
}

impl Witness {
    /// Returns true when only the data can tell whether there is such a customer: it hangs
    /// on tags, on purchases of a category and the like, or on lists of several days.
    pub(crate) fn is_open(&self) -> bool {
        let Self(facts) = self;
        let days = facts.windows(2).any(|pair| matches!(pair, [a, b] if a.on != b.on));
        days || facts.iter().any(|fact| fact.measure.is_open() && fact.value == Value::Is(true))
    }
}
