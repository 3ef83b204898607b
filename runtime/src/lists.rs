//! The frozen lists a chain asks for.

use chainc_compiler::ir::{Action, Chain, Condition, Control, Step};
use chainc_compiler::units::Date;

/// Returns every frozen condition of a chain with its day; one inside another comes first.
pub(crate) fn of(chain: &Chain) -> Vec<(Date, &Condition)> {
    let mut lists = Vec::new();
    in_condition(&chain.audience, &mut lists);
    if let Some(Control::Segment(held_out)) = &chain.control {
        in_condition(held_out, &mut lists);
    }
    in_steps(&chain.steps, &mut lists);
    lists
}

fn in_steps<'c>(steps: &'c [Step], lists: &mut Vec<(Date, &'c Condition)>) {
    for step in steps {
        if let Action::If { arms, .. } = &step.action {
            arms.iter().for_each(|arm| in_condition(&arm.condition, lists));
        }
        step.inner().for_each(|inner| in_steps(inner, lists));
    }
}

fn in_condition<'c>(condition: &'c Condition, lists: &mut Vec<(Date, &'c Condition)>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| in_condition(part, lists));
        }
        Condition::Not(inner) => in_condition(inner, lists),
        Condition::Frozen { on, condition } => {
            in_condition(condition, lists);
            lists.push((*on, condition));
        }
        _ => {}
    }
}
