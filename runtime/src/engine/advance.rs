//! Customers advance: the step function is asked, and what it says is written.

use super::world::World;
use super::{Engine, RunError};
use crate::enrolment::Enrolment;
use crate::step::{self, Effect, Facts, Input, Told};
use crate::store::journal::{self, Line, Tally};
use crate::store::{Problem, enrolments, outbox, wallet};
use crate::time::Moment;
use chainc_compiler::ir::{Action, Budget, Chain, Piece, Placeholder, Text};
use chainc_compiler::units::Points;
use rusqlite::Transaction;

/// How many customers advance in one transaction.
const BATCH: i64 = 1_000;

impl Engine {
    /// Advances customers whose moment has come; true if there were any.
    pub(super) fn advance_batch(&mut self, now: Moment) -> Result<bool, RunError> {
        if self.store.read(enrolments::next_due)?.is_none_or(|due| due > now) {
            return Ok(false);
        }
        let world = &self.world;
        let (advanced, steps) = self.store.write(|tx| {
            let due = enrolments::due(tx, now, BATCH)?;
            let advanced = !due.is_empty();
            let mut scene = Scene::new(tx, world);
            for enrolment in due {
                scene.advance(enrolment, Input::Due, now)?;
            }
            Ok((advanced, scene.close()?))
        })?;
        self.steps += steps;
        Ok(advanced)
    }
}

/// One transaction in which customers advance. [`Scene::close`] must be its last word.
pub(super) struct Scene<'a> {
    pub(super) tx: &'a Transaction<'a>,
    pub(super) world: &'a World,
    tally: Tally,
    steps: i64,
}

impl<'a> Scene<'a> {
    pub(super) fn new(tx: &'a Transaction<'a>, world: &'a World) -> Self {
        Self { tx, world, tally: Tally::default(), steps: 0 }
    }

    /// Writes the tally; returns how many steps were come to.
    pub(super) fn close(self) -> Result<i64, Problem> {
        self.tally.write(self.tx)?;
        Ok(self.steps)
    }

    /// Asks the step function what an input means, and writes its answer.
    pub(super) fn advance(
        &mut self,
        mut enrolment: Enrolment,
        input: Input,
        now: Moment,
    ) -> Result<(), Problem> {
        let chain = self.world.chain(&enrolment)?;
        let zone = self.world.zone(enrolment.timezone.as_deref());
        let key = enrolment.key.clone();
        let balance = if shows_balance(&chain) {
            wallet::balance(self.tx, key.shard, &key.customer_id, now)?
        } else {
            Points(0)
        };
        let facts = Facts {
            now,
            customer: &enrolment.customer,
            zone: &zone,
            balance,
            points_left: self.points_left(&chain)?,
        };
        let transition = step::step(&chain, enrolment.state.clone(), input, facts);
        enrolment.state = transition.state;
        let mut ended_at = now;
        for effect in transition.effects {
            match effect {
                Effect::Grant { step, granted } => {
                    let id = step_id(&chain, step)?;
                    wallet::grant(self.tx, &key, id, granted, now)?;
                    wallet::reserve(self.tx, &key.chain, POINTS, granted.points.0)?;
                    self.add(&enrolment, id, "points", granted.points.0);
                    let points = granted.points.0.to_string();
                    self.tell(&mut enrolment, now, Some(id), "granted", Some(&points))?;
                }
                Effect::Send { step, content } => {
                    let id = step_id(&chain, step)?;
                    let message = message_name(&chain, step)?;
                    let due = zone.after_quiet(self.world.program.policy.quiet, now);
                    let version = enrolment.version.clone();
                    outbox::queue(self.tx, &key, id, step, &version, message, &content, now, due)?;
                    self.tell(&mut enrolment, now, Some(id), "queued", Some(message))?;
                }
                Effect::Cancel { step } => {
                    outbox::cancel(self.tx, &key, step_id(&chain, step)?, now, "purchased")?;
                }
                Effect::Tell { at, step, what } => {
                    let id = step.map(|step| step_id(&chain, step)).transpose()?;
                    let (word, detail) = match &what {
                        Told::Reached => {
                            self.steps += 1;
                            ("reached", None)
                        }
                        Told::Done => ("done", None),
                        Told::Skipped(why) => ("skipped", Some(*why)),
                        Told::Purchased => ("purchased", None),
                        Told::Ended(end) => {
                            ended_at = at;
                            self.count(&enrolment, &format!("ended {}", end.as_str()));
                            ("ended", Some(end.as_str()))
                        }
                    };
                    self.tell(&mut enrolment, at, id, word, detail)?;
                }
            }
        }
        self.save(&enrolment, ended_at)
    }

    /// Writes an enrolment.
    pub(super) fn save(&self, enrolment: &Enrolment, ended_at: Moment) -> Result<(), Problem> {
        enrolments::save(self.tx, enrolment, ended_at)
    }

    /// Appends a line to the journal and counts it.
    pub(super) fn tell(
        &mut self,
        enrolment: &mut Enrolment,
        at: Moment,
        step: Option<&str>,
        what: &str,
        detail: Option<&str>,
    ) -> Result<(), Problem> {
        let number = enrolment.journalled;
        journal::append(self.tx, &Line { key: &enrolment.key, number, at, step, what, detail })?;
        enrolment.journalled += 1;
        self.add(enrolment, step.unwrap_or_default(), what, 1);
        Ok(())
    }

    /// Counts something of the chain as a whole that has no line of its own.
    pub(super) fn count(&mut self, enrolment: &Enrolment, what: &str) {
        self.add(enrolment, "", what, 1);
    }

    /// Adds to a number of the tally.
    pub(super) fn add(&mut self, enrolment: &Enrolment, step: &str, what: &str, n: i64) {
        self.tally.add(&enrolment.key.chain, &enrolment.version, step, what, n);
    }

    fn points_left(&self, chain: &Chain) -> Result<Option<Points>, Problem> {
        let limits = chain.budgets.iter().filter_map(|budget| match budget {
            Budget::Points(points) => Some(points.0),
            Budget::Money { .. } => None,
        });
        let Some(limit) = limits.min() else { return Ok(None) };
        Ok(Some(Points(limit - wallet::used(self.tx, &chain.name, POINTS)?)))
    }
}

/// The name of the points budget in the store.
const POINTS: &str = "points";

pub(super) fn step_id(chain: &Chain, step: usize) -> Result<&str, Problem> {
    let found = chain.steps.get(step).map(|step| step.id.as_str());
    found.ok_or_else(|| Problem::Damaged(format!("chain `{}` has no step {step}", chain.name)))
}

fn message_name(chain: &Chain, step: usize) -> Result<&str, Problem> {
    match chain.steps.get(step).map(|step| &step.action) {
        Some(Action::Send { message, .. } | Action::Fallback { message, .. }) => Ok(message),
        _ => Err(Problem::Damaged(format!("step {step} of `{}` sends nothing", chain.name))),
    }
}

/// Tells whether some text of a chain shows the wallet's balance, so that it has to be known.
fn shows_balance(chain: &Chain) -> bool {
    let shows = |template: &[Piece]| template.contains(&Piece::Value(Placeholder::WalletBalance));
    chain.messages.values().flat_map(|message| message.texts.values()).any(|text| match text {
        Text::Sms { text } => shows(text),
        Text::Email { subject, body, .. } => shows(subject) || shows(body),
        Text::Push { title, body } => shows(title) || shows(body),
        Text::Webhook { body } => shows(body),
    })
}
