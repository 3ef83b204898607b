//! The paragraphs above the steps: who enters, when, and within which limits.

use super::clause::Clause;
use super::voice::{Label, Owner, Voice};
use crate::ir::{Action, Basis, Budget, Cap, Capped, Chain, Channel, Entry, Program, Quiet, Step};
use crate::proof::{SaidBy, Terms};
use std::collections::BTreeSet;

/// Returns every paragraph with its sentences, in their order.
pub(super) fn of(program: &Program, chain: &Chain, voice: &dyn Voice) -> Vec<(Label, Vec<String>)> {
    let terms = Terms::of(program, chain);
    let currency = &program.policy.currency;
    let mut out = vec![
        (Label::Who, vec![voice.customers(&Clause::of(&chain.audience), currency)]),
        (Label::When, when(chain, &terms, voice)),
        (Label::Again, vec![marked(chain.entry == Entry::Once, voice.entry(chain.entry), voice)]),
        (
            Label::Control,
            vec![marked(
                chain.control.is_none(),
                voice.control(chain.control.as_ref(), currency),
                voice,
            )],
        ),
        (
            Label::Goal,
            vec![marked(chain.goal.is_none(), voice.goal(chain.goal.as_ref(), currency), voice)],
        ),
        (
            Label::Exclusive,
            vec![marked(
                chain.exclusive.is_none(),
                voice.exclusive(chain.exclusive.as_ref()),
                voice,
            )],
        ),
    ];
    if let (Some(name), Some(experiment)) = (&chain.experiment, terms.experiment) {
        let title = experiment.title.as_deref();
        let text = voice.experiment(name, title, experiment.chains.len());
        out.push((Label::Experiment, vec![text]));
    }
    if let (Some(name), Some(brand)) = (&chain.brand, terms.brand) {
        let text = voice.brand(name, brand.title.as_deref(), brand.sender.as_deref());
        out.push((Label::Brand, vec![text]));
    }
    out.push((Label::Budget, budgets(chain, &terms, voice, program)));
    let sends = Sends::of(&chain.steps);
    out.push((Label::Caps, caps(chain, &terms, voice)));
    if !sends.channels.is_empty() {
        out.push((Label::Quiet, quiet(chain, &terms, voice)));
        out.push((Label::Consent, consent(chain, &terms, &sends.channels, voice)));
    }
    if sends.however_late {
        out.push((Label::Late, vec![voice.by_default(voice.never_late())]));
    }
    if let Some(owner) = &chain.owner {
        out.push((Label::Owner, vec![owner.clone()]));
    }
    out
}

fn marked(default: bool, text: String, voice: &dyn Voice) -> String {
    if default { voice.by_default(&text) } else { text }
}

fn when(chain: &Chain, terms: &Terms<'_>, voice: &dyn Voice) -> Vec<String> {
    let schedule = voice.schedule(chain.schedule, terms.timezone());
    let active = voice.active(chain.active);
    vec![
        marked(chain.schedule == crate::ir::Schedule::default(), schedule, voice),
        marked(chain.active.is_none(), active, voice),
    ]
}

/// Whose a limit is.
fn owner<'c>(by: SaidBy, chain: &'c Chain) -> Owner<'c> {
    match by {
        SaidBy::Chain => Owner::Chain,
        SaidBy::Experiment => Owner::Experiment(chain.experiment.as_deref().unwrap_or_default()),
        SaidBy::Brand => Owner::Brand(chain.brand.as_deref().unwrap_or_default()),
        SaidBy::Policy => Owner::Project,
    }
}

const EVERYBODY: [SaidBy; 4] = [SaidBy::Chain, SaidBy::Experiment, SaidBy::Brand, SaidBy::Policy];

fn budgets(chain: &Chain, terms: &Terms<'_>, voice: &dyn Voice, program: &Program) -> Vec<String> {
    let all: Vec<(SaidBy, Budget)> = terms.budgets(chain).collect();
    let mut out = Vec::new();
    for by in EVERYBODY {
        let own: Vec<Budget> = all.iter().filter(|one| one.0 == by).map(|one| one.1).collect();
        if !own.is_empty() {
            out.push(voice.budgets(&own, owner(by, chain), &program.policy.currency));
        }
    }
    if out.is_empty() {
        out.push(voice.by_default(voice.no_budget()));
    }
    out
}

fn caps(chain: &Chain, terms: &Terms<'_>, voice: &dyn Voice) -> Vec<String> {
    // Where its messages are not limited, limits on points still hold.
    let holds = |cap: &Cap| chain.caps_off.is_none() || matches!(cap.most, Capped::Points(_));
    let all: Vec<(SaidBy, Cap)> = terms.caps(chain).filter(|(_, cap)| holds(cap)).collect();
    let mut out = Vec::new();
    for by in EVERYBODY {
        let own: Vec<Cap> = all.iter().filter(|one| one.0 == by).map(|one| one.1).collect();
        if !own.is_empty() {
            out.push(voice.caps(&own, owner(by, chain)));
        }
    }
    match &chain.caps_off {
        Some(why) => out.push(voice.no_cap(Some(why))),
        None if out.is_empty() => out.push(voice.by_default(&voice.no_cap(None))),
        None => {}
    }
    out
}

fn quiet(chain: &Chain, terms: &Terms<'_>, voice: &dyn Voice) -> Vec<String> {
    vec![match (terms.quiet(chain), &chain.quiet) {
        (Some(hours), _) => voice.quiet(hours),
        (None, Some(Quiet::Off(why))) => voice.no_quiet(Some(why)),
        (None, _) => voice.by_default(&voice.no_quiet(None)),
    }]
}

fn consent(
    chain: &Chain,
    terms: &Terms<'_>,
    channels: &BTreeSet<Channel>,
    voice: &dyn Voice,
) -> Vec<String> {
    let mut out = Vec::new();
    let asked: Vec<Channel> = channels
        .iter()
        .copied()
        .filter(|channel| !chain.consent_off.contains_key(channel))
        .collect();
    let rule = |channel: &Channel| terms.policy.consent.get(channel).map(|rule| rule.basis);
    let with = |wanted: Option<Basis>| -> Vec<Channel> {
        asked.iter().copied().filter(|channel| rule(channel) == wanted).collect()
    };
    let (silent, yes, no) = (with(None), with(Some(Basis::OptIn)), with(Some(Basis::OptOut)));
    if !silent.is_empty() {
        out.push(voice.by_default(&voice.opt_in(&silent)));
    }
    if !yes.is_empty() {
        out.push(voice.opt_in(&yes));
    }
    if !no.is_empty() {
        out.push(voice.opt_out(&no));
    }
    for (channel, why) in &chain.consent_off {
        if channels.contains(channel) {
            out.push(voice.no_consent(*channel, why));
        }
    }
    out
}

/// What a chain sends.
#[derive(Debug, Default)]
struct Sends {
    channels: BTreeSet<Channel>,
    /// True when some message may be as late as it likes.
    however_late: bool,
}

impl Sends {
    fn of(steps: &[Step]) -> Self {
        let mut sends = Self::default();
        sends.look(steps);
        sends
    }

    fn look(&mut self, steps: &[Step]) {
        for step in steps {
            if let Action::Send { channel, within, .. } | Action::Fallback { channel, within, .. } =
                &step.action
            {
                self.channels.insert(*channel);
                self.however_late |= within.is_none();
            }
            step.inner().for_each(|inner| self.look(inner));
        }
    }
}
