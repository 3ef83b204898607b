//! The customers of `examples/deli`: invented, the same on every machine, and visibly so.
//!
//! Who buys comes from the purchases; everything else is made from a hash of the
//! customer's number: sample names, phone numbers of the range reserved for fiction
//! (area code, 555, 0100 to 0199), mail addresses of reserved domains. Some lack a card,
//! some a consent, some everything.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const FIRST: [&str; 12] = [
    "Анна",
    "Борис",
    "Вера",
    "Глеб",
    "Дарья",
    "Егор",
    "Жанна",
    "Захар",
    "Инна",
    "Кирилл",
    "Лидия",
    "Марк",
];
const LAST: [&str; 6] = ["Пример", "Образец", "Макет", "Эскиз", "Шаблон", "Набросок"];
const CITIES: [&str; 3] = ["Примерск", "Образцово", "Макетград"];
const ZONES: [&str; 8] = [
    "America/New_York",
    "America/New_York",
    "America/New_York",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "",
];
const AREAS: [u32; 11] = [216, 234, 330, 380, 419, 440, 513, 567, 614, 740, 937];
const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

/// Writes `customers.csv` and `consents.csv` beside `purchases.csv`.
pub(crate) fn generate(folder: &Path) -> Result<(), String> {
    let purchases = std::fs::read_to_string(folder.join("purchases.csv"))
        .map_err(|error| format!("purchases.csv: {error}"))?;
    let mut ids: BTreeSet<u64> = BTreeSet::new();
    for line in purchases.lines().skip(1) {
        let id = line.split(',').next().unwrap_or_default();
        ids.insert(id.parse().map_err(|_| format!("`{id}` is not a customer's number"))?);
    }
    let mut customers = String::from(
        "customer_id,first_name,last_name,phone,email,push_token,timezone,city,birthday,\
         registered_at,consent_sms,consent_email,consent_push,tags\n",
    );
    let mut consents = String::from("customer_id,channel,granted,at,source,wording\n");
    for (index, id) in ids.into_iter().enumerate() {
        customer(&mut customers, index, id);
        opt_out(&mut consents, id);
    }
    for (name, text) in [("customers.csv", customers), ("consents.csv", consents)] {
        std::fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn customer(out: &mut String, index: usize, id: u64) {
    let mut dice = Dice(id);
    let nothing = dice.chance(4);
    let first = if dice.chance(3) { "" } else { pick(&FIRST, dice.roll()) };
    let last = pick(&LAST, dice.roll());
    let area = AREAS.get(index / 100).copied().unwrap_or(937);
    let phone = format!("+1{area}55501{:02}", index % 100);
    let phone = if nothing || dice.chance(6) { String::new() } else { phone };
    let email = format!("c{id}@{}", pick(&DOMAINS, dice.roll()));
    let email = if nothing || dice.chance(10) { String::new() } else { email };
    let token = format!("card-{:012x}", dice.roll() >> 16);
    let token = if nothing || dice.chance(30) { String::new() } else { token };
    let zone = pick(&ZONES, dice.roll());
    let city = pick(&CITIES, dice.roll());
    let birthday = if dice.chance(40) {
        String::new()
    } else {
        let (year, month, day) =
            (1950 + dice.roll() % 50, 1 + dice.roll() % 12, 1 + dice.roll() % 28);
        format!("{year}-{month:02}-{day:02}")
    };
    let registered = format!("2016-{:02}-{:02}", 1 + dice.roll() % 12, 1 + dice.roll() % 28);
    let mut says = |percent| if !nothing && dice.chance(percent) { "yes" } else { "no" };
    let (sms, mail, push) = (says(80), says(75), says(85));
    let tags = match dice.roll() % 100 {
        0..=1 => "staff",
        2..=6 => "vip",
        _ => "",
    };
    let _ = writeln!(
        out,
        "{id},{first},{last},{phone},{email},{token},{zone},{city},{birthday},{registered},{sms},\
         {mail},{push},{tags}"
    );
}

fn pick(list: &[&'static str], n: u64) -> &'static str {
    let index = usize::try_from(n % list.len() as u64).unwrap_or(0);
    list.get(index).copied().unwrap_or_default()
}

/// One customer in thirty says no to a channel in the second half of 2017.
fn opt_out(out: &mut String, id: u64) {
    let mut dice = Dice(id ^ 0x6f70_742d_6f75_7400);
    if !dice.chance(3) {
        return;
    }
    let channel = pick(&["sms", "email", "push"], dice.roll());
    let (month, day, hour) = (7 + dice.roll() % 5, 1 + dice.roll() % 28, 9 + dice.roll() % 10);
    let _ = writeln!(
        out,
        "{id},{channel},no,2017-{month:02}-{day:02}T{hour:02}:00:00,unsubscribe link,"
    );
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }
}
