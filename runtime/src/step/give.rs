//! Rewards: points, a raised cashback, a code, a tag.

use super::{Cashback, End, Granted, Phase, Promo, Then, Told, Walk, What};
use chainc_compiler::ir::{Amount, AtLimit};
use chainc_compiler::units::{BasisPoints, Period, Points};

impl Walk<'_> {
    pub(super) fn grant(
        &mut self,
        amount: &Amount,
        expires: Option<Period>,
        brand: Option<&String>,
    ) -> Then {
        // What is not given must not be promised: texts show the last grant.
        self.state.memory.granted = None;
        let points = self.amount(amount);
        if points.0 <= 0 {
            self.tell(Told::Skipped("no band"));
            return Then::Next;
        }
        if let Some(then) = self.refused(points) {
            return then;
        }
        self.spend(points);
        let expires_at = expires.map(|period| self.facts.zone.plus(self.facts.now, period));
        let granted = Granted { points, expires_at };
        self.state.memory.granted = Some(granted);
        self.cause(What::Grant { granted, brand: brand.cloned() });
        self.tell(Told::Done);
        Then::Next
    }

    /// What comes of a gift that caps or budgets have no room for: a cap leaves it out, a
    /// budget does what it says, before any text promises it.
    fn refused(&mut self, points: Points) -> Option<Then> {
        if self.facts.points_allowed.is_some_and(|allowed| allowed < points) {
            self.tell(Told::Skipped("over cap"));
            return Some(Then::Next);
        }
        if self.facts.points_left.is_some_and(|left| left < points) {
            return Some(self.over_budget(points));
        }
        None
    }

    /// Takes a gift out of what caps and budgets leave: several may follow each other in one
    /// call.
    fn spend(&mut self, points: Points) {
        let rest = |left: Points| Points(left.0.saturating_sub(points.0));
        self.facts.points_allowed = self.facts.points_allowed.map(rest);
        self.facts.points_left = self.facts.points_left.map(rest);
    }

    fn over_budget(&mut self, points: Points) -> Then {
        match self.facts.at_limit {
            AtLimit::Hold => {
                if !matches!(self.state.phase, Phase::Held(_)) {
                    self.tell(Told::NoRoom);
                }
                self.state.phase = Phase::Held(points);
                Then::Stay
            }
            AtLimit::Skip => {
                self.tell(Told::Skipped("over budget"));
                Then::Next
            }
            AtLimit::End => {
                self.tell(Told::Skipped("over budget"));
                self.end(self.facts.now, End::Budget);
                Then::Stay
            }
        }
    }

    fn amount(&self, amount: &Amount) -> Points {
        match amount {
            Amount::Fixed(points) => *points,
            Amount::ByRecency(bands) => {
                let days = self.state.recency;
                let band = bands.iter().find(|b| days.is_some_and(|d| b.from <= d && d <= b.to));
                band.map_or(Points(0), |band| band.points)
            }
        }
    }

    pub(super) fn cashback(
        &mut self,
        rate: BasisPoints,
        period: Period,
        up_to: Option<Points>,
    ) -> Then {
        self.state.memory.cashback = None;
        // What it is to earn at most is taken from caps and budgets; without a limit there
        // has to be room for something.
        if let Some(then) = self.refused(up_to.unwrap_or(Points(1))) {
            return then;
        }
        self.spend(up_to.unwrap_or(Points(0)));
        let until = self.facts.zone.plus(self.facts.now, period);
        let cashback = Cashback { rate, until, up_to };
        self.state.memory.cashback = Some(cashback);
        self.cause(What::Cashback(cashback));
        self.tell(Told::Done);
        Then::Next
    }

    pub(super) fn promo(&mut self, pool: &str, expires: Option<Period>) -> Then {
        self.state.memory.promo = None;
        let taken = self.taken(pool);
        let Some(code) = self.facts.codes.get(pool).and_then(|codes| codes.get(taken)) else {
            self.tell(Told::Skipped("no code left"));
            self.end(self.facts.now, End::Pool);
            return Then::Stay;
        };
        let expires_at = expires.map(|period| self.facts.zone.plus(self.facts.now, period));
        let promo = Promo { code: code.clone(), expires_at };
        self.state.memory.promo = Some(promo.clone());
        self.cause(What::Promo { pool: pool.to_owned(), promo });
        self.tell(Told::Done);
        Then::Next
    }

    /// How many codes of a pool this call has given away already.
    fn taken(&self, wanted: &str) -> usize {
        let given = self
            .effects
            .iter()
            .filter(|effect| matches!(&effect.what, What::Promo { pool, .. } if pool == wanted));
        given.count()
    }

    pub(super) fn tag(&mut self, tag: &str) -> Then {
        self.cause(What::Tag(tag.to_owned()));
        self.tell(Told::Done);
        Then::Next
    }
}
