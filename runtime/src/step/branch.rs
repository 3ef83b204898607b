//! Branches: by a condition, or by lot.

use super::{Then, Told, Walk};
use crate::condition;
use chainc_compiler::ir::{Action, IfArm, SplitArm, Step};

impl Walk<'_> {
    /// `if`: the first arm whose condition holds, else the last, else on behind the block.
    pub(super) fn choose(&mut self, arms: &[IfArm], has_else: bool) -> Then {
        let facts = self.facts;
        let holds = |arm: &IfArm| {
            condition::holds(&arm.condition, facts.customer, facts.now, facts.business)
        };
        match arms.iter().position(holds) {
            Some(arm) => self.take(arm, (arm + 1).to_string()),
            None if has_else => self.take(arms.len(), "else".to_owned()),
            None => {
                self.tell(Told::Skipped("no arm"));
                Then::Next
            }
        }
    }

    /// `split`: by lot, the same at every entry.
    pub(super) fn draw(&mut self, arms: &[SplitArm]) -> Then {
        let place = self.state.place.to_string();
        let lot = crate::key::lot(
            self.chain.experiment.as_ref().unwrap_or(&self.chain.name),
            &self.chain.name,
            &lot_names(arms),
            nth_of_its_names(&self.chain.steps, &place, arms),
            &self.facts.customer.id,
        );
        let mut end = 0;
        for (number, arm) in arms.iter().enumerate() {
            end += arm.share.0;
            if lot < end {
                return self.take(number, arm.name.clone());
            }
        }
        // The compiler refuses shares that do not come to 100%.
        self.tell(Told::Skipped("no arm"));
        Then::Next
    }

    fn take(&mut self, arm: usize, name: String) -> Then {
        self.tell(Told::Arm(name));
        self.tell(Told::Done);
        self.state.place.enter(arm);
        Then::There
    }
}

fn lot_names(arms: &[SplitArm]) -> String {
    let names: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
    names.join(" ")
}

/// Two splits of one chain must not draw the same lot, and another step before a split must
/// not draw a new one: the lot is that of the arms' names, and of how many splits of the same
/// names stand before it.
fn nth_of_its_names(steps: &[Step], place: &str, arms: &[SplitArm]) -> u64 {
    fn count(steps: &[Step], place: &str, names: &str, before: &mut u64) -> bool {
        for step in steps {
            if step.id == place {
                return true;
            }
            if let Action::Split { arms } = &step.action
                && lot_names(arms) == names
            {
                *before += 1;
            }
            if step.inner().any(|inner| count(inner, place, names, before)) {
                return true;
            }
        }
        false
    }
    let mut before = 0;
    count(steps, place, &lot_names(arms), &mut before);
    before
}
