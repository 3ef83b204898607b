//! Reach: there is an address, and nobody has called it dead. A system of the retailer's own
//! needs none.

use super::super::advance::Scene;
use super::{Leaving, Verdict};
use crate::mutant::{self, Mutant};
use chainc_compiler::ir::Channel;

impl Scene<'_> {
    #[expect(clippy::unused_self, reason = "a guard like the others")]
    pub(super) fn out_of_reach(&self, leaving: &Leaving<'_>) -> Option<Verdict> {
        let message = leaving.message;
        if message.address.is_none() && message.channel != Channel::Webhook {
            return Some(Verdict::Unreachable("no address"));
        }
        let dead = message.dead && !mutant::is(Mutant::GuardDeadAddress);
        dead.then_some(Verdict::Unreachable("dead address"))
    }
}
