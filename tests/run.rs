//! `chainc run`: whole programs against a store, on a virtual clock wherever one will do.

#[path = "support/project.rs"]
mod support;

#[path = "run/budget.rs"]
mod budget;
#[path = "run/changes.rs"]
mod changes;
#[path = "run/control.rs"]
mod control;
#[path = "run/erase.rs"]
mod erase;
#[path = "run/events.rs"]
mod events;
#[path = "run/limits.rs"]
mod limits;
#[path = "run/links.rs"]
mod links;
#[path = "run/live.rs"]
mod live;
#[path = "run/merge.rs"]
mod merge;
#[path = "run/peers.rs"]
mod peers;
#[path = "run/policy.rs"]
mod policy;
#[path = "run/rules.rs"]
mod rules;
#[path = "run/seed.rs"]
mod seed;
#[path = "run/sources.rs"]
mod sources;
#[path = "run/standing.rs"]
mod standing;
#[path = "run/wallet.rs"]
mod wallet;
#[path = "run/why.rs"]
mod why;
#[path = "run/windows.rs"]
mod windows;

use support::{Done, Project};

/// What every chain of these tests sends.
const MESSAGES: &str = "\
message offer { sms \"An offer\" email subject \"An offer\" body \"Come in\" push title \"An offer\" body \"Come in\" }
message reminder { sms \"Still here\" email subject \"Still here\" body \"Come in\" push title \"Still here\" body \"Come in\" }
";

/// Returns a project with these chains, the messages above, and customers given as rows
/// of `customer_id,timezone,consent`: whoever consents does so to everything.
fn shop(chains: &str, customers: &str) -> Project {
    let project = Project::with(&[("chains.chain", chains), ("messages.chain", MESSAGES)]);
    let mut text = String::from(
        "customer_id,timezone,phone,email,push_token,consent_sms,consent_email,consent_push\n",
    );
    for row in customers.lines() {
        let fields: Vec<&str> = row.split(',').collect();
        let [id, zone, yes] = fields[..] else { unreachable!("three fields: {row}") };
        text +=
            &format!("{id},{zone},+12025550100,c{id}@example.com,card-{id},{yes},{yes},{yes}\n");
    }
    project.imported("customers", &text);
    project
}

/// Returns `n` customers with consent who bought at noon of a day.
fn crowd(chains: &str, n: u32, day: &str) -> Project {
    let project = shop(chains, &(1..=n).map(|id| format!("{id},,yes\n")).collect::<String>());
    let rows: String = (1..=n).map(|id| format!("{id},{day}T12:00:00,10\n")).collect();
    buy(&project, &rows);
    project
}

fn buy(project: &Project, rows: &str) {
    project.imported("purchases", &format!("customer_id,purchased_at,amount\n{rows}"));
}

fn say(project: &Project, rows: &str) {
    project.imported("consents", &format!("customer_id,channel,granted,at\n{rows}"));
}

#[track_caller]
fn replay(project: &Project, range: &str) -> Done {
    project.chainc(&["run", ".", "--replay", range, "--format", "json"]).succeeded()
}
