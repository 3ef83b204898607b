//! Classes of what can go wrong: each can be left out, to see which faults only it shows.

/// A class of mishaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The power is lost.
    PowerLoss,
    /// The process dies, and the system keeps its writes.
    Kill,
    /// The disk is full, cannot be read or written, or a sync fails.
    Disk,
    /// The clock is another one after a restart.
    Clock,
    /// Purchases and words are heard of late, or before they happen.
    Late,
    /// Files bring again what they brought before.
    Twice,
    /// Another process writes right between two transactions of the engine.
    Worst,
    /// Another process writes while a provider has a message.
    Meanwhile,
    /// Chains are changed while customers are in them.
    Editions,
    /// Providers fail in their ways.
    Providers,
}

impl Class {
    /// Every class.
    pub(crate) const ALL: [Self; 10] = [
        Self::PowerLoss,
        Self::Kill,
        Self::Disk,
        Self::Clock,
        Self::Late,
        Self::Twice,
        Self::Worst,
        Self::Meanwhile,
        Self::Editions,
        Self::Providers,
    ];

    /// Returns the name that commands use.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PowerLoss => "power-loss",
            Self::Kill => "kill",
            Self::Disk => "disk",
            Self::Clock => "clock",
            Self::Late => "late",
            Self::Twice => "twice",
            Self::Worst => "worst-moment",
            Self::Meanwhile => "meanwhile",
            Self::Editions => "editions",
            Self::Providers => "providers",
        }
    }
}
