//! Quiet hours, in the zone she lives in, and how late a message may be.

use super::super::advance::Scene;
use super::super::world::World;
use super::{Leaving, Verdict};
use crate::mutant::{self, Mutant};
use chainc_compiler::ir::{Chain, Quiet, QuietHours};

impl Scene<'_> {
    pub(super) fn at_a_bad_time(&self, leaving: &Leaving<'_>) -> Option<Verdict> {
        let Leaving { message, version, now } = leaving;
        let own = message.timezone.as_deref();
        let own = own.filter(|_| !mutant::is(Mutant::QuietOfTheBusiness));
        let zone = self.world.zone(own);
        let quiet = self.world.quiet(&version.chain);
        let quiet = quiet.filter(|_| !mutant::is(Mutant::GuardQuiet));
        let allowed = zone.after_quiet(quiet, *now);
        // Held up until it would be too late, or late for whatever reason.
        if !mutant::is(Mutant::GuardStale)
            && message.stale_at.is_some_and(|stale_at| stale_at < allowed)
        {
            return Some(Verdict::Skip("too late".to_owned()));
        }
        (allowed > *now).then_some(Verdict::PutOff(allowed))
    }
}

impl World {
    /// When a chain sends nothing: its own word, its brand's, or the policy's.
    pub(in crate::engine) fn quiet(&self, chain: &Chain) -> Option<QuietHours> {
        match &chain.quiet {
            Some(Quiet::Hours(hours)) => Some(*hours),
            Some(Quiet::Off(_)) => None,
            None => {
                let of_brand = self.brand(chain).and_then(|brand| brand.quiet);
                of_brand.or(self.program.policy.quiet)
            }
        }
    }
}
