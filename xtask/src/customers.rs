//! The customers of `examples/deli` and `examples/quiet-churn`: invented, the same on every
//! machine, and visibly so.
//!
//! Who buys comes from the purchases; everything else is made from a hash of the
//! customer's number: sample names, phone numbers of the range reserved for fiction
//! (area code, 555, 0100 to 0199), mail addresses of reserved domains. Some lack a card,
//! some a consent, some everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

pub(crate) const FIRST: [&str; 12] = [
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
pub(crate) const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

/// The columns of a customer.
const HEADER: &str = "customer_id,first_name,last_name,phone,email,push_token,timezone,city,birthday,\
    registered_at,consent_sms,consent_email,consent_push,tags";

/// Writes `customers.csv` and `consents.csv` beside `purchases.csv`.
pub(crate) fn deli(folder: &Path) -> Result<(), String> {
    let mut customers = format!("{HEADER}\n");
    let mut consents = String::from("customer_id,channel,granted,at,source,wording\n");
    for (index, id) in buyers(folder)?.into_keys().enumerate() {
        customers += &(customer(index, id, "") + "\n");
        opt_out(&mut consents, id);
    }
    for (name, text) in [("customers.csv", customers), ("consents.csv", consents)] {
        std::fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Writes `customers.csv` beside `purchases.csv`, with a stand-in for a forecast: the
/// chance to leave as it looks on the morning of a day. Of those who seem to leave, one in
/// five is tagged to be left alone.
pub(crate) fn quiet_churn(folder: &Path, day: &str) -> Result<(), String> {
    let today = day_number(day)?;
    let mut customers = format!("{HEADER},churn\n");
    for (index, (id, days)) in buyers(folder)?.into_iter().enumerate() {
        let days: Vec<i64> = days.into_iter().filter(|bought| *bought < today).collect();
        let churn = churn(&days, today);
        let held_out = churn.is_some_and(|share| share >= 40) && Dice(id ^ 0x7133).chance(20);
        let churn = churn.map(|share| format!("{share}%")).unwrap_or_default();
        customers +=
            &format!("{},{churn}\n", customer(index, id, if held_out { "q3" } else { "" }));
    }
    let path = folder.join("customers.csv");
    std::fs::write(&path, customers).map_err(|error| format!("{}: {error}", path.display()))
}

/// Silent days against the usual gap between purchases: as long as one gap is a half, twice
/// as long two thirds. Who has bought on one day only has the usual gap of the shop.
fn churn(days: &[i64], today: i64) -> Option<i64> {
    const USUAL: i64 = 36;
    let (first, last) = (days.first()?, days.last()?);
    let distinct: BTreeSet<&i64> = days.iter().collect();
    let gaps = i64::try_from(distinct.len()).unwrap_or(1) - 1;
    let gap = if gaps == 0 { USUAL } else { ((last - first) / gaps).max(1) };
    let silent = today - last;
    Some(100 * silent / (silent + gap))
}

/// The days on which each customer bought, in order.
fn buyers(folder: &Path) -> Result<BTreeMap<u64, Vec<i64>>, String> {
    let path = folder.join("purchases.csv");
    let purchases =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut buyers: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
    for line in purchases.lines().skip(1) {
        let mut fields = line.split(',');
        let id = fields.next().unwrap_or_default();
        let id = id.parse().map_err(|_| format!("`{id}` is not a customer's number"))?;
        let at = fields.next().unwrap_or_default();
        buyers.entry(id).or_default().push(day_number(at)?);
    }
    Ok(buyers)
}

/// The number of a day like `2017-08-01`, whatever follows it (Howard Hinnant,
/// `days_from_civil`).
pub(crate) fn day_number(text: &str) -> Result<i64, String> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    let date: Option<(i64, i64, i64)> = (|| Some((number(0, 4)?, number(5, 7)?, number(8, 10)?)))();
    let (year, month, day) = date.ok_or_else(|| format!("`{text}` is no date"))?;
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Ok(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year)
}

fn customer(index: usize, id: u64, tag: &str) -> String {
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
        _ if !tag.is_empty() => tag,
        0..=1 => "staff",
        2..=6 => "vip",
        _ => "",
    };
    format!(
        "{id},{first},{last},{phone},{email},{token},{zone},{city},{birthday},{registered},{sms},\
         {mail},{push},{tags}"
    )
}

pub(crate) fn pick(list: &[&'static str], n: u64) -> &'static str {
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
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }
}
