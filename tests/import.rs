//! `chainc import`: files of customers, purchases and consents, as people have them.

#[path = "support/project.rs"]
mod support;

use support::Project;

const CUSTOMERS: &str = "\
customer_id,first_name,phone,email,consent_sms,consent_email,tags
1,Ada,+12025550101,ada@example.com,yes,yes,vip;staff
2,Ben,+12025550102,,no,,
";

fn shop() -> Project {
    let project = Project::empty();
    project.imported("customers", CUSTOMERS);
    project
}

/// Imports purchases given as rows; the header is the usual one.
fn buy(project: &Project, rows: &str) -> support::Done {
    project.imported("purchases", &format!("customer_id,purchased_at,amount\n{rows}"))
}

#[test]
fn a_file_of_each_kind_comes_in_with_all_it_says() {
    let project = shop();
    project
        .imported(
            "purchases",
            "customer_id,purchased_at,amount,external_id,items,store_id,brand,categories\n\
             1,2026-01-10T12:00:00,1900.50,R-1,3,S1,Acme,BREAD;MILK\n",
        )
        .says("1 row, 1 new, 0 known already");
    project
        .imported(
            "consents",
            "customer_id,channel,granted,at,source,wording\n\
             2,sms,yes,2026-02-01,web form,I agree\n",
        )
        .says("1 row, 1 new, 0 known already");
    let store = project.store();
    assert_eq!(
        store.rows("SELECT customer_id, first_name, phone, email FROM customer ORDER BY 1"),
        ["1|Ada|+12025550101|ada@example.com", "2|Ben|+12025550102|-"]
    );
    assert_eq!(
        store.rows("SELECT customer_id, tag FROM customer_tag ORDER BY 1, 2"),
        ["1|staff", "1|vip"]
    );
    assert_eq!(
        store.rows(
            "SELECT customer_id, occurred_at, amount, external_id, items, store_id, brand, \
             categories FROM purchase"
        ),
        ["1|1768046400000|190050|R-1|3|S1|Acme|BREAD;MILK"]
    );
    assert_eq!(
        store.rows(
            "SELECT customer_id, channel, granted, source, wording FROM consent \
             ORDER BY customer_id, channel, at"
        ),
        [
            "1|email|1|customer file|-",
            "1|sms|1|customer file|-",
            "2|sms|0|customer file|-",
            "2|sms|1|web form|I agree",
        ]
    );
}

#[test]
fn importing_the_same_files_twice_changes_nothing() {
    let project = shop();
    project.write("p.csv", "customer_id,purchased_at,amount\n1,2026-01-10,5\n9,2026-01-11,7\n");
    project.write("c.csv", "customer_id,channel,granted,at\n2,sms,yes,2026-02-01\n");
    project.write("customers.csv", CUSTOMERS);
    let all = [("customers", "customers.csv"), ("purchases", "p.csv"), ("consents", "c.csv")];
    for (kind, file) in all {
        project.import(kind, file).succeeded();
    }
    let before = project.store().dump();
    for (kind, file) in all {
        project.import(kind, file).succeeded().says(" 0 new");
    }
    assert_eq!(project.store().dump(), before);
}

#[test]
fn a_bad_row_is_set_aside_with_line_and_reason_and_the_good_ones_are_kept() {
    let project = shop();
    project.write(
        "p.csv",
        "customer_id,purchased_at,amount\n\
         1,2026-01-10,5\n\
         1,soon,5\n\
         2,2026-01-11\n\
         2,2026-01-12,7\n\
         ,2026-01-12,7\n",
    );
    project
        .import("purchases", "p.csv")
        .succeeded()
        .says("5 rows, 2 new, 0 known already")
        .says("3 rejected, with line and reason: ")
        .says("p.rejected.csv");
    assert_eq!(project.store().number("SELECT sum(amount) FROM purchase"), 1200);
    let rejected = project.read("p.rejected.csv");
    let lines: Vec<&str> = rejected.lines().collect();
    assert_eq!(lines.len(), 4, "{rejected}");
    assert_eq!(lines[0], "line,reason,customer_id,purchased_at,amount");
    assert!(
        lines[1].starts_with("3,") && lines[1].contains("`purchased_at` is `soon`"),
        "{rejected}"
    );
    assert!(lines[1].ends_with(",1,soon,5"), "{rejected}");
    assert!(lines[2].starts_with("4,\"the row has 2 fields, the header 3\""), "{rejected}");
    assert!(lines[3].starts_with("6,`customer_id` is empty"), "{rejected}");
    assert!(!project.has("p.rejected.csv.tmp"));
}

#[test]
fn once_the_rows_are_mended_the_rejected_file_goes_away() {
    let project = shop();
    project.write("p.csv", "customer_id,purchased_at,amount\n1,2026-01-10,x\n2,2026-01-10,1\n");
    project.import("purchases", "p.csv").succeeded().says("1 rejected");
    assert!(project.has("p.rejected.csv"));
    project.write("p.csv", "customer_id,purchased_at,amount\n1,2026-01-10,4\n2,2026-01-10,1\n");
    project.import("purchases", "p.csv").succeeded().says("1 new, 1 known already");
    assert!(!project.has("p.rejected.csv"));
}

#[test]
fn what_no_purchase_can_be_is_rejected_row_by_row() {
    let project = shop();
    let rows = [
        ("1,1969-12-31,5", "1970"),
        ("1,2201-01-01,5", "2200"),
        ("1,2026-02-30,5", "purchased_at"),
        ("1,2026-01-10,-5", "negative"),
        ("1,2026-01-10,five", "not an amount"),
        ("1,2026-01-10,5.001", "digits"),
        ("1,2026-01-10,99999999999999999999", "too large"),
    ];
    let text: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    project.write("p.csv", format!("customer_id,purchased_at,amount\n{text}2,2026-01-10,5\n"));
    project.import("purchases", "p.csv").succeeded().says("8 rows, 1 new").says("7 rejected");
    let rejected = project.read("p.rejected.csv");
    for ((row, reason), line) in rows.iter().zip(rejected.lines().skip(1)) {
        assert!(line.contains(reason), "{row}: {line}");
    }
    assert_eq!(project.store().number("SELECT count(*) FROM purchase"), 1);
}

#[test]
fn what_no_customer_and_no_consent_can_be_is_rejected_row_by_row() {
    let project = Project::empty();
    project.write(
        "customers.csv",
        "customer_id,timezone,birthday,registered_at,consent_sms\n\
         1,Mars/Olympus,,,\n2,,1890-01-01,,\n3,,,1969-01-01,\n4,,,,perhaps\n5,UTC,1990-12-31,2020-01-01,no\n",
    );
    project.import("customers", "customers.csv").succeeded().says("1 new").says("4 rejected");
    let rejected = project.read("customers.rejected.csv");
    let reasons = ["`timezone`", "`birthday`", "`registered_at`", "`consent_sms`"];
    for (reason, line) in reasons.iter().zip(rejected.lines().skip(1)) {
        assert!(line.contains(reason), "{line}");
    }
    project.write(
        "consents.csv",
        "customer_id,channel,granted,at\n\
         5,fax,yes,2026-01-01\n5,sms,maybe,2026-01-01\n5,sms,yes,2300-01-01\n6,sms,yes,2026-01-01\n5,sms,yes,2026-01-01\n",
    );
    project.import("consents", "consents.csv").succeeded().says("1 new").says("4 rejected");
    let rejected = project.read("consents.rejected.csv");
    for (reason, line) in
        ["`fax`", "`maybe`", "2200", "`6` is not known"].iter().zip(rejected.lines().skip(1))
    {
        assert!(line.contains(reason), "{line}");
    }
}

#[test]
fn other_header_names_are_mapped_by_the_project() {
    let project = shop();
    project.write(
        "chainc.yaml",
        "import:\n  purchases:\n    columns:\n      customer_id: Клиент\n      purchased_at: Date of sale\n      amount: Sum\n",
    );
    project.write("p.csv", "Date of sale,Sum,Клиент\n2026-01-10,12.30,1\n");
    project.import("purchases", "p.csv").succeeded();
    let rows = project.store().rows("SELECT customer_id, amount FROM purchase");
    assert_eq!(rows, ["1|1230"]);

    project.write("other.csv", "customer_id,purchased_at,amount\n1,2026-01-10,1\n");
    let failed = project.import("purchases", "other.csv");
    let error = failed.failed_with(2);
    assert!(
        error.contains("is the column `Sum`") && error.contains("it has `customer_id`"),
        "{error}"
    );
}

#[test]
fn a_missing_column_is_named_with_what_the_file_has_and_how_to_map_it() {
    let project = shop();
    project.write("p.csv", "customer_id,when,amount\n1,2026-01-10,5\n");
    let failed = project.import("purchases", "p.csv");
    let error = failed.failed_with(2);
    for words in ["`purchased_at`", "`when`", "columns: { purchased_at:"] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn semicolons_a_byte_order_mark_and_windows_line_ends_are_fine() {
    let project = Project::empty();
    project.imported(
        "customers",
        "\u{feff}customer_id;first_name;tags\r\n1;Ada;vip,new\r\n2;\"Ben; the second\";\r\n",
    );
    let store = project.store();
    let names = store.rows("SELECT customer_id, first_name FROM customer ORDER BY 1");
    assert_eq!(names, ["1|Ada", "2|Ben; the second"]);
    assert_eq!(store.rows("SELECT tag FROM customer_tag ORDER BY 1"), ["new", "vip"]);
}

#[test]
fn line_breaks_in_quotes_belong_to_the_field_and_lines_are_still_counted_right() {
    let project = Project::empty();
    project.write(
        "c.csv",
        "customer_id,city,birthday\n1,\"Model\ntown\",\n2,Sample,never\n3,\"a \"\"b\"\"\",\n",
    );
    project.import("customers", "c.csv").succeeded().says("2 new").says("1 rejected");
    let cities = project.store().rows("SELECT customer_id, city FROM customer ORDER BY 1");
    assert_eq!(cities, ["1|Model\ntown", "3|a \"b\""]);
    let rejected = project.read("c.rejected.csv");
    assert!(rejected.lines().nth(1).unwrap().starts_with("4,"), "{rejected}");
}

#[test]
fn columns_that_chainc_does_not_know_become_attributes_of_customers() {
    let project = Project::empty();
    project.imported("customers", "customer_id,shoe size,Club\n1,38,gold\n2,,silver\n");
    let all = "SELECT customer_id, name, value FROM customer_attribute ORDER BY 1, 2";
    assert_eq!(project.store().rows(all), ["1|Club|gold", "1|shoe size|38", "2|Club|silver"]);
    // A later file forgets what it leaves empty, and nothing that it does not speak of.
    project.imported("customers", "customer_id,Club\n1,\n");
    assert_eq!(project.store().rows(all), ["1|shoe size|38", "2|Club|silver"]);
}

#[test]
fn columns_of_purchases_without_a_use_are_named() {
    let project = shop();
    project
        .imported("purchases", "customer_id,purchased_at,amount,cashier\n1,2026-01-10,5,X\n")
        .says("columns without a use for purchases: cashier");
}

#[test]
fn two_identical_receipts_are_two_and_stay_two() {
    let project = shop();
    let rows = "1,2026-01-10T12:00:00,5\n1,2026-01-10T12:00:00,5\n";
    buy(&project, rows).says("2 new");
    buy(&project, rows).says("0 new, 2 known already");
    assert_eq!(project.store().number("SELECT count(*) FROM purchase"), 2);
}

#[test]
fn a_receipt_with_a_number_of_its_own_is_one_however_often_it_comes() {
    let project = shop();
    let header = "customer_id,purchased_at,amount,external_id\n";
    project.imported("purchases", &format!("{header}1,2026-01-10,5,R1\n1,2026-01-10,5,R2\n"));
    project.imported("purchases", &format!("{header}1,2026-01-11,5,R2\n1,2026-01-10,5,R3\n"));
    let ids = project.store().rows("SELECT external_id FROM purchase ORDER BY 1");
    assert_eq!(ids, ["R1", "R2", "R3"]);
}

#[test]
fn a_purchase_of_an_unknown_customer_waits_until_she_is_imported() {
    let project = shop();
    buy(&project, "7,2026-01-10,5\n1,2026-01-10,9\n")
        .says("1 new")
        .says("1 of unknown customers kept aside until those are imported");
    assert_eq!(project.store().rows("SELECT customer_id FROM purchase"), ["1"]);
    assert_eq!(project.store().rows("SELECT customer_id FROM stray_purchase"), ["7"]);
    project
        .imported("customers", "customer_id\n7\n")
        .says("1 purchases that were kept aside taken in");
    assert_eq!(project.store().number("SELECT count(*) FROM stray_purchase"), 0);
    assert_eq!(project.store().number("SELECT amount FROM purchase WHERE customer_id = '7'"), 500);
    // The file comes again: she is known now, and her purchase as well.
    buy(&project, "7,2026-01-10,5\n1,2026-01-10,9\n").says("0 new, 2 known already");
    assert_eq!(project.store().number("SELECT count(*) FROM purchase"), 2);
}

#[test]
fn an_opt_out_is_not_undone_by_the_customer_file_that_comes_again() {
    let project = shop();
    project.imported(
        "consents",
        "customer_id,channel,granted,at,source\n1,sms,no,2020-02-01,unsubscribe link\n",
    );
    let before = project.store().dump();
    project.imported("customers", CUSTOMERS);
    assert_eq!(project.store().dump(), before);
    let last = "SELECT granted FROM consent WHERE customer_id = '1' AND channel = 'sms' \
                ORDER BY at DESC, number DESC LIMIT 1";
    assert_eq!(project.store().number(last), 0);
    // A customer file that changes its mind is heard.
    project.imported("customers", &CUSTOMERS.replace("ada@example.com,yes", "ada@example.com,no"));
    project.imported("customers", CUSTOMERS);
    assert_eq!(project.store().number(last), 1);
}

#[test]
fn a_hundred_thousand_purchases_come_in_within_seconds() {
    let project = Project::empty();
    let ids: String = (0..5_000).map(|id| format!("{id},{}\n", id % 7)).collect();
    project.imported("customers", &format!("customer_id,grade\n{ids}"));
    let mut rows = String::from("customer_id,purchased_at,amount,items\n");
    for n in 0..100_000_u32 {
        let (day, second) = (1 + n / 60 % 28, n % 60);
        rows += &format!(
            "{},2026-01-{day:02}T12:{:02}:{second:02},{}.50,2\n",
            n % 5_000,
            n % 59,
            n % 90
        );
    }
    project.write("p.csv", rows);
    let started = std::time::Instant::now();
    project.import("purchases", "p.csv").succeeded().says("100000 rows, 100000 new");
    let took = started.elapsed();
    println!("100,000 purchases in {:.1} s", took.as_secs_f32());
    assert!(took.as_secs() < 30, "{took:?}");
    assert_eq!(project.store().number("SELECT count(*) FROM purchase"), 100_000);
}
