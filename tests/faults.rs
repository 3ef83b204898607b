//! The real binary under faults: killed, paused, out of room, while others import beside it
//! and its mail goes to a provider that misbehaves.
//!
//! The provider is a process of its own (this file, started again): it survives every kill and
//! writes down what it took before it answers. What may be concluded is concluded from its
//! notes and from the store's tables by SQL of the tests' own; see `docs/testing.md`.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

#[path = "support/project.rs"]
mod support;

#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/judge.rs"]
mod judge;
#[path = "faults/life.rs"]
mod life;
#[path = "faults/live.rs"]
mod live;
#[path = "faults/outsider.rs"]
mod outsider;
#[path = "faults/provider.rs"]
mod provider;
#[path = "faults/replay.rs"]
mod replay;
#[path = "faults/shop.rs"]
mod shop;
#[path = "faults/trial.rs"]
mod trial;
#[path = "faults/truth.rs"]
mod truth;

/// At least so many faults in a run of these tests, small disks that can be mounted left out.
const FAULTS: u64 = replay::KILLS + replay::PAUSES + live::KILLS + live::PAUSES + disk::LIMITS + 2;
const _: () = assert!(FAULTS >= 100, "the run promises a hundred faults");

/// Not a test: the provider's process, which the tests start.
#[test]
#[ignore = "the provider of the other tests, which start it"]
fn the_provider() {
    provider::serve_if_asked();
}
