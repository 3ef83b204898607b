//! Classes of what can go wrong: each can be left out, to see which faults only it shows.

use crate::disk::Fault;

/// A class of mishaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The power is lost.
    PowerLoss,
    /// The process dies, and the system keeps its writes.
    Kill,
    /// All that a disk does, of which each is a class, too.
    Disk,
    /// The disk is full.
    Full,
    /// A read fails.
    ReadError,
    /// A read brings a part, and fails.
    ShortRead,
    /// A write fails.
    WriteError,
    /// A sync fails.
    FailedSync,
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
    /// The class of a fault of the disk.
    pub(crate) const fn of(fault: Fault) -> Self {
        match fault {
            Fault::Full => Self::Full,
            Fault::ReadError => Self::ReadError,
            Fault::ShortRead => Self::ShortRead,
            Fault::WriteError => Self::WriteError,
            Fault::FailedSync => Self::FailedSync,
        }
    }

    /// Every class.
    pub(crate) const ALL: [Self; 15] = [
        Self::PowerLoss,
        Self::Kill,
        Self::Disk,
        Self::Full,
        Self::ReadError,
        Self::ShortRead,
        Self::WriteError,
        Self::FailedSync,
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
            Self::Full => "disk-full",
            Self::ReadError => "disk-read-error",
            Self::ShortRead => "disk-short-read",
            Self::WriteError => "disk-write-error",
            Self::FailedSync => "disk-failed-sync",
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
