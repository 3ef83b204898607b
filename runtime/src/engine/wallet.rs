//! What happens to wallets: steps give, purchases spend and earn, returns take back, time
//! ends things. One file for each; the arithmetic is in [`crate::wallet`].

mod back;
mod give;
mod over;
mod pay;

pub(super) use over::is_due;

use super::advance::Scene;
use super::world::{Rules, World};
use crate::enrolment::Enrolment;
use crate::store::cashback::Raised;
use crate::store::{Problem, cashback};
use crate::time::Moment;
use chainc_compiler::units::{Minor, Points};

impl Scene<'_> {
    /// Takes points from the budgets of a chain; gives them back where they are negative.
    fn charge(&self, rules: &Rules, points: Points) -> Result<(), Problem> {
        for purse in &rules.points_purses {
            self.reserved.reserve(self.tx, &purse.owner, &purse.name, points.0)?;
        }
        Ok(())
    }

    /// Adds to what a cashback has earned, or takes from it. Budgets that do not hold it in
    /// reserve pay for it now.
    fn earn(&mut self, mut raised: Raised, points: Points, at: Moment) -> Result<(), Problem> {
        let mut enrolment = self.load(&raised.key)?;
        if !raised.is_reserved() {
            let version = self.world.chain(&enrolment)?;
            self.charge(&version.rules, points)?;
        }
        raised.earned = Points(raised.earned.0.saturating_add(points.0));
        cashback::save(self.tx, &raised)?;
        let (what, number) =
            if points.0 < 0 { ("taken back", -points.0) } else { ("earned", points.0) };
        self.add(&enrolment, &raised.at.step, "points", points.0);
        let step = raised.at.step.as_str();
        self.tell(&mut enrolment, at, Some(step), what, Some(&number.to_string()))?;
        self.keep(&enrolment);
        Ok(())
    }

    /// Writes an enrolment that goes on as it is.
    fn keep(&mut self, enrolment: &Enrolment) {
        // An end that is written already stays as it is.
        self.save(enrolment, enrolment.state.entered_at);
    }
}

impl World {
    /// What a point is worth: one unit of the currency, unless the policy says otherwise.
    fn point(&self) -> Minor {
        let policy = &self.program.policy;
        policy.point.unwrap_or_else(|| Minor(10_i64.pow(u32::from(policy.currency.digits))))
    }
}

/// The key of a purchase or a return, as entries have it.
fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
