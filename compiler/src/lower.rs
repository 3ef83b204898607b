//! Last stage: a checked project becomes IR.

use crate::checked::Checked;
use crate::ir;

impl Checked {
    /// Returns the program, or `None` if something in it was not understood.
    pub(crate) fn lower(self) -> Option<ir::Program> {
        let mut chains = self
            .chains
            .into_iter()
            .map(|chain| {
                let lowered = ir::Chain {
                    name: chain.name,
                    version: String::new(),
                    title: chain.title,
                    description: chain.description,
                    control: chain.settings.control,
                    goal: chain.settings.goal,
                    entry: chain.settings.entry.unwrap_or(ir::Entry::Once),
                    budgets: chain.settings.budgets,
                    audience: chain.audience?,
                    steps: chain.steps,
                    messages: chain.messages,
                };
                Some(lowered.seal())
            })
            .collect::<Option<Vec<_>>>()?;
        chains.sort_by(|a, b| a.name.cmp(&b.name));
        Some(ir::Program { policy: self.policy, chains })
    }
}
