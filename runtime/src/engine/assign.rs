//! Who of those that enter is held out: settled once for each experiment, and kept.

use super::advance::Scene;
use super::enrol::recency;
use crate::control::{self, Strata, Stratum};
use crate::key;
use crate::mutant::{self, Mutant};
use crate::store::Problem;
use crate::store::assignment::{self, Assignment};
use crate::store::enrolments::Candidate;
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{Chain, Control};
use std::collections::BTreeMap;

impl Scene<'_> {
    /// Returns of each candidate whether she is held out. Who was assigned before stays where
    /// she is, whatever the share is now; the others are assigned.
    pub(super) fn assign(
        &self,
        chain: &Chain,
        business: &Zone,
        candidates: &[Candidate],
        now: Moment,
    ) -> Result<Vec<bool>, Problem> {
        let Some(control) = &chain.control else { return Ok(vec![false; candidates.len()]) };
        let mut held_out: Vec<bool> =
            candidates.iter().map(|candidate| candidate.assigned == Some(true)).collect();
        if mutant::is(Mutant::ControlForgotten) {
            held_out.fill(false);
        }
        let experiment = control::experiment(chain);
        let strata = Strata::of(chain);
        let mut decided: BTreeMap<String, Stratum> = BTreeMap::new();
        // Those of one look are decided in an order of their own, whatever their keys are.
        let mut new: Vec<(&Candidate, &mut bool)> = candidates
            .iter()
            .zip(&mut held_out)
            .filter(|(candidate, _)| candidate.assigned.is_none())
            .collect();
        new.sort_by_cached_key(|(candidate, _)| {
            (key::order(experiment, &candidate.customer_id), candidate.customer_id.clone())
        });
        for (candidate, is_control) in new {
            let days = recency(candidate, now, business);
            let stratum = strata.name(candidate.alternative, days);
            *is_control = match control {
                Control::Share(share) => {
                    if !decided.contains_key(&stratum) {
                        let so_far = assignment::stratum(self.tx, experiment, &stratum)?;
                        decided.insert(stratum.clone(), so_far);
                    }
                    decided
                        .get_mut(&stratum)
                        .is_some_and(|it| it.decide(experiment, &candidate.customer_id, *share))
                }
                Control::Segment(_) => candidate.held_out,
            };
            let assignment = Assignment {
                shard: candidate.shard,
                customer_id: &candidate.customer_id,
                experiment,
                stratum: &stratum,
                control: *is_control,
            };
            assignment::insert(self.tx, assignment, now)?;
        }
        for (stratum, so_far) in decided {
            assignment::save(self.tx, experiment, &stratum, so_far)?;
        }
        Ok(held_out)
    }
}
