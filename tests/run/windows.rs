//! What customers bought in a window, look by look.

use crate::{buy, replay, shop};

const REGULARS: &str = "chain regulars { reenter after 1d
    segment frequency >= 2 in 5d -> tag seen }";

fn days_entered(project: &crate::support::Project, chain: &str) -> Vec<String> {
    project.store().rows(&format!(
        "SELECT customer_id || ' ' || date(entered_at / 1000, 'unixepoch') FROM enrolment
         WHERE chain = '{chain}' ORDER BY 1"
    ))
}

#[test]
fn a_purchase_counts_in_a_window_until_it_falls_out_of_it() {
    let project = shop(REGULARS, "1,,yes\n2,,yes\n");
    buy(&project, "1,2026-01-10T12:00:00,5\n1,2026-01-12T12:00:00,5\n2,2026-01-10T12:00:00,5\n");
    replay(&project, "2026-01-11..2026-01-25");
    // The day of the 10th is the first of five on the 15th, and of none after it.
    assert_eq!(
        days_entered(&project, "regulars"),
        ["1 2026-01-13", "1 2026-01-14", "1 2026-01-15"]
    );
}

#[test]
fn a_late_purchase_and_a_returned_one_change_the_next_look() {
    let project = shop(REGULARS, "1,,yes\n2,,yes\n");
    let columns = "external_id,customer_id,purchased_at,amount\n";
    let first = "a,1,2026-01-10T12:00:00,5\nb,2,2026-01-10T12:00:00,5\nc,2,2026-01-10T13:00:00,5\n";
    project.imported("purchases", &format!("{columns}{first}"));
    replay(&project, "2026-01-11..2026-01-11");
    assert_eq!(days_entered(&project, "regulars"), ["2 2026-01-11"]);
    // Heard of two days late, and brought back.
    project.imported("purchases", &format!("{columns}d,1,2026-01-09T12:00:00,5\n"));
    project.imported("returns", "external_id,returned_at\nc,2026-01-11T20:00:00\n");
    replay(&project, "2026-01-11..2026-01-20");
    let days = days_entered(&project, "regulars");
    assert_eq!(days, ["1 2026-01-12", "1 2026-01-13", "1 2026-01-14", "2 2026-01-11"]);
}

#[test]
fn a_chain_that_is_new_counts_what_was_bought_before_it() {
    let project = shop("chain other { segment recency 400..401 -> tag x }", "1,,yes\n");
    buy(&project, "1,2026-01-10T12:00:00,5\n1,2026-01-12T12:00:00,5\n");
    replay(&project, "2026-01-11..2026-01-13");
    let windows = "SELECT count(*) FROM counted_window";
    assert_eq!(project.store().number(windows), 0);
    project.write("chains.chain", REGULARS);
    replay(&project, "2026-01-13..2026-01-14");
    assert_eq!(days_entered(&project, "regulars"), ["1 2026-01-14"]);
    assert_eq!(project.store().rows("SELECT window FROM counted_window"), ["5d UTC"]);
    // And what no chain asks for any more is not kept up.
    project.write("chains.chain", "chain other { segment recency 400..401 -> tag x }");
    replay(&project, "2026-01-14..2026-01-15");
    assert_eq!(project.store().number(windows), 0);
}

#[test]
fn brands_and_categories_are_found_by_when_they_were_last_bought() {
    let chains = "brand toys { sender \"Toys\" }
        chain b { reenter after 1d
          segment brand toys in 3d -> tag b }
        chain k { segment bought \"kids\" -> tag k }";
    let project = shop(chains, "1,,yes\n2,,yes\n");
    project.imported(
        "purchases",
        "customer_id,purchased_at,amount,brand,categories\n\
         1,2026-01-10T12:00:00,5,toys,food\n2,2026-01-10T12:00:00,5,books,food; kids\n",
    );
    replay(&project, "2026-01-11..2026-01-20");
    assert_eq!(days_entered(&project, "b"), ["1 2026-01-11", "1 2026-01-12", "1 2026-01-13"]);
    assert_eq!(days_entered(&project, "k"), ["2 2026-01-11"]);
}
