//! `chainc merge`: two keys turn out to be one customer.

use crate::erase;
use crate::failure::Failure;
use crate::order::Place;
use crate::say;
use chainc_runtime::store::merging::{self, Merge, Moved};
use chainc_runtime::time::Moment;
use clap::Args;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The key that goes
    old: String,
    /// The key that stays
    new: String,
    #[command(flatten)]
    place: Place,
}

/// Merges one customer into another.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (_, mut store) = arguments.place.open()?;
    let (old, new) = (arguments.old.as_str(), arguments.new.as_str());
    let merge = merging::merge(&mut store, old, new, &arguments.place.who(), Moment::now())?;
    match merge {
        Merge::Done(moved) => say::talk(&told(old, new, moved)),
        Merge::Already => say::talk(&format!("`{old}` was merged into `{new}` already")),
        Merge::Same => {
            return Err(Failure::usage(format!("`{old}` is `{new}`: give two keys")));
        }
        Merge::Unknown(id) => return Err(Failure::usage(erase::unknown(&store, &id)?)),
    }
    Ok(())
}

fn told(old: &str, new: &str, moved: Moved) -> String {
    let mut text = format!("`{old}` is `{new}` now");
    let mut add = |n: i64, one: &str, many: &str| {
        if n != 0 {
            text.push_str(&format!("; {n} {}", if n == 1 { one } else { many }));
        }
    };
    add(moved.purchases, "purchase went over", "purchases went over");
    add(moved.points, "point went over", "points went over");
    add(moved.chains, "chain ended for the old key", "chains ended for the old key");
    add(moved.queued, "queued message will not leave", "queued messages will not leave");
    text.push_str(".\nFiles may go on naming the old key; a merge cannot be taken back");
    text
}
