//! What budgets had no room for goes on when there is: a limit was raised, or money came back.
//!
//! Nothing held is due by itself, so that a budget that is used up costs nothing to wait for.

use super::advance::Scene;
use super::world::Version;
use super::{Engine, RunError};
use crate::mutant::{self, Mutant};
use crate::store::Problem;
use crate::store::held::{self, Most, Of};
use crate::time::Moment;
use chainc_compiler::ir::{AtLimit, Channel};

/// How many of a kind are released at once.
const BATCH: i64 = 1_000;

impl Engine {
    /// Makes due what there is room for now; true if that is anything. Comes when nothing else
    /// is due, so that the room is not on its way to somebody else.
    pub(super) fn release_held(&mut self, now: Moment) -> Result<bool, RunError> {
        if mutant::is(Mutant::HeldForEver) || !self.store.read(held::any)? {
            return Ok(false);
        }
        let world = &self.world;
        let released = self.store.write(|tx| {
            let scene = Scene::new(tx, world)?;
            let mut released = 0;
            for version in world.versions() {
                if !scene.stands_still(&version.chain.name) {
                    released += scene.release(version, now)?;
                }
            }
            scene.close(&mut [])?;
            Ok(released)
        })?;
        Ok(released > 0)
    }
}

impl Scene<'_> {
    fn release(&self, version: &Version, now: Moment) -> Result<usize, Problem> {
        let chain = &version.chain;
        let of = Of { chain: &chain.name, version: &chain.version };
        let mut released = 0;
        for channel in Channel::ALL {
            let room = self.room(version.rules.money_purses(channel))?;
            // Where the file no longer says that it holds, what it says now is done.
            let room = room.filter(|room| room.then == AtLimit::Hold).map(|room| room.left);
            let (price, most) = (self.world.price(channel), Most { room, rows: BATCH });
            released += held::release_messages(self.tx, of, channel, price, most, now)?;
        }
        let room = self.room(&version.rules.points_purses)?;
        let room = room.filter(|room| room.then == AtLimit::Hold).map(|room| room.left);
        released += held::release_enrolments(self.tx, of, Most { room, rows: BATCH }, now)?;
        Ok(released)
    }
}
