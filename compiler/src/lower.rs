//! Last stage: a checked project becomes IR.

use crate::checked::Checked;
use crate::ir;

impl Checked {
    /// Returns the program, or `None` if something in it was not understood.
    pub(crate) fn lower(self) -> Option<ir::Program> {
        if self.chains.iter().any(|chain| !chain.whole || !chain.audience_known) {
            return None;
        }
        let mut chains: Vec<ir::Chain> =
            self.chains.into_iter().map(|checked| checked.chain.seal()).collect();
        chains.sort_by(|a, b| a.name.cmp(&b.name));
        let experiments = self.experiments.into_iter();
        Some(ir::Program {
            policy: self.policy,
            brands: self.brands,
            experiments: experiments.map(|checked| (checked.name, checked.experiment)).collect(),
            chains,
            tests: self.tests,
        })
    }
}
