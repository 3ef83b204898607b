//! Definite assignment: what a customer has surely been given when a step is reached.

use crate::ir::Placeholder;
use chainc_grammar::syntax::Span;

/// Whether something was given on the ways that lead to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Given {
    /// On none.
    #[default]
    Never,
    /// On some; a place on a way without it.
    Sometimes(Span),
    /// On all.
    Always,
    /// Something before was not understood.
    Unknown,
}

impl Given {
    /// Returns what holds where two ways meet; `a_at` and `b_at` are where they begin.
    fn join(self, a_at: Span, other: Self, b_at: Span) -> Self {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Sometimes(at), _) | (_, Self::Sometimes(at)) => Self::Sometimes(at),
            (Self::Never, Self::Never) => Self::Never,
            (Self::Always, Self::Always) => Self::Always,
            (Self::Never, Self::Always) => Self::Sometimes(a_at),
            (Self::Always, Self::Never) => Self::Sometimes(b_at),
        }
    }
}

/// What a customer has been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gifts {
    pub(super) points: Given,
    /// Points with an end.
    pub(super) points_end: Given,
    pub(super) cashback: Given,
    pub(super) promo: Given,
    /// A code with an end.
    pub(super) promo_end: Given,
}

impl Gifts {
    /// What is known when something before was not understood.
    pub(super) const UNKNOWN: Self = Self {
        points: Given::Unknown,
        points_end: Given::Unknown,
        cashback: Given::Unknown,
        promo: Given::Unknown,
        promo_end: Given::Unknown,
    };

    /// Returns what holds where two ways meet; the places are where they begin.
    pub(super) fn join(self, a: Span, other: Self, b: Span) -> Self {
        Self {
            points: self.points.join(a, other.points, b),
            points_end: self.points_end.join(a, other.points_end, b),
            cashback: self.cashback.join(a, other.cashback, b),
            promo: self.promo.join(a, other.promo, b),
            promo_end: self.promo_end.join(a, other.promo_end, b),
        }
    }

    pub(super) fn grant(&mut self, ends: bool) {
        self.points = Given::Always;
        self.points_end = if ends { Given::Always } else { Given::Never };
    }

    pub(super) fn promo(&mut self, ends: bool) {
        self.promo = Given::Always;
        self.promo_end = if ends { Given::Always } else { Given::Never };
    }
}

/// What a placeholder needs: the gift itself, and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// The step that gives it.
    pub(super) step: &'static str,
    pub(super) gift: Given,
    /// Whether the gift has an end, where the placeholder shows it.
    pub(super) end: Option<Given>,
}

/// Returns what a placeholder needs, nothing for one that every customer has.
pub(super) fn need(placeholder: Placeholder, gifts: &Gifts) -> Option<Need> {
    let (step, gift, end) = match placeholder {
        Placeholder::GrantPoints => ("grant", gifts.points, None),
        Placeholder::GrantExpires => ("grant", gifts.points, Some(gifts.points_end)),
        Placeholder::CashbackRate | Placeholder::CashbackExpires => {
            ("cashback", gifts.cashback, None)
        }
        Placeholder::PromoCode => ("promo", gifts.promo, None),
        Placeholder::PromoExpires => ("promo", gifts.promo, Some(gifts.promo_end)),
        Placeholder::CustomerFirstName
        | Placeholder::CustomerLastName
        | Placeholder::CustomerCity
        | Placeholder::WalletBalance
        | Placeholder::Link
        | Placeholder::Unsubscribe => return None,
    };
    Some(Need { step, gift, end })
}
