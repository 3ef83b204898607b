//! Deliberate faults. A test build can switch one on, to see that the simulator finds it;
//! in every other build [`is`] is `false` when the program is compiled, and nothing is left.

/// A deliberate fault, by the promise that it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutant {
    /// The store commits without waiting for the disk.
    SynchronousNormal,
}

impl Mutant {
    /// Every fault.
    pub const ALL: [Self; 1] = [Self::SynchronousNormal];

    /// Returns the name that commands use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SynchronousNormal => "synchronous-normal",
        }
    }
}

#[cfg(feature = "mutants")]
thread_local! {
    static ON: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// Switches a fault on for this thread, or all of them off.
#[cfg(feature = "mutants")]
pub fn switch(mutant: Option<Mutant>) {
    ON.set(mutant);
}

/// Tells whether a fault is switched on.
#[cfg(feature = "mutants")]
pub(crate) fn is(mutant: Mutant) -> bool {
    ON.get() == Some(mutant)
}

/// Tells whether a fault is switched on: never, in a build without them.
#[cfg(not(feature = "mutants"))]
#[inline(always)]
pub(crate) const fn is(_: Mutant) -> bool {
    false
}
