//! What people and machines get wrong: files, stores, disks, settings. Each ends in one
//! clear sentence and its exit code, and leaves behind what was there before.

#[path = "support/project.rs"]
mod support;

#[path = "bad_input/config.rs"]
mod config;
#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/store.rs"]
mod store;

use support::Project;

/// The smallest project that has something to run.
const SEED: &str = "segment recency 60..89 -> grant 300 -> sms offer\n";

/// A project with the seed line and a store with one customer and one purchase in it.
fn shop() -> Project {
    let project = Project::with(&[
        ("seed.chain", SEED),
        ("customers.csv", "customer_id,phone,consent_sms\n1,+12025550101,yes\n"),
        ("purchases.csv", "customer_id,purchased_at,amount\n1,2026-01-10,5\n"),
    ]);
    project.import("customers", "customers.csv").succeeded();
    project.import("purchases", "purchases.csv").succeeded();
    project
}
