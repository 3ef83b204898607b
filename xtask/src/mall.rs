//! The data of `examples/mall`: who bought when and for how much is real; tenants, tills,
//! points and people are invented around it, the same on every machine.
//!
//! Every till gives a hundredth of a purchase as points, and lets a customer pay with what
//! the tills have given her as soon as that is a hundred points: whatever tenant gave them.

use crate::customers::{DOMAINS, Dice, FIRST, day_number, pick};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

const TENANTS: [&str; 10] =
    ["discs", "discs", "discs", "discs", "discs", "discs", "books", "books", "toys", "toys"];

/// Writes `purchases.csv`, `returns.csv`, `customers.csv` and `codes.csv`.
pub(crate) fn generate(folder: &Path, purchases: &str) -> Result<(), String> {
    let source =
        std::fs::read_to_string(purchases).map_err(|error| format!("{purchases}: {error}"))?;
    let mut tills = Tills::default();
    for (number, line) in source.lines().skip(1).enumerate() {
        tills.ring_up(number + 1, line)?;
    }
    let mut customers = String::from(
        "customer_id,first_name,phone,email,push_token,consent_sms,consent_email,consent_push\n",
    );
    for (index, id) in tills.ids.iter().enumerate() {
        customers += &customer(index, *id);
    }
    let mut codes = String::from("pool,code\n");
    for number in 0..400_u64 {
        let _ = writeln!(codes, "books,BOOK-{:05X}", Dice(number).roll() % 0x10_0000);
    }
    for (name, text) in [
        ("purchases.csv", &tills.purchases),
        ("returns.csv", &tills.returns),
        ("customers.csv", &customers),
        ("codes.csv", &codes),
    ] {
        std::fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

struct Tills {
    purchases: String,
    returns: String,
    ids: BTreeSet<u64>,
    /// Points that the tills have given each customer, less what she has paid with.
    points: BTreeMap<u64, i64>,
    /// What will come back: day, customer, points that go, points that come again.
    to_return: Vec<(i64, u64, i64, i64)>,
}

impl Default for Tills {
    fn default() -> Self {
        Self {
            purchases: String::from(
                "customer_id,purchased_at,amount,items,external_id,store_id,brand,points_spent,\
                 points_earned\n",
            ),
            returns: String::from("external_id,returned_at\n"),
            ids: BTreeSet::new(),
            points: BTreeMap::new(),
            to_return: Vec::new(),
        }
    }
}

impl Tills {
    fn ring_up(&mut self, number: usize, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split(',').collect();
        let [id, at, amount, items, ..] = fields.as_slice() else {
            return Err(format!("`{line}` is no purchase"));
        };
        let customer: u64 = id.parse().map_err(|_| format!("`{id}` is no customer"))?;
        let cents = cents(amount)?;
        let today = day_number(at)?;
        self.take_in_returns(today);
        self.ids.insert(customer);
        let mut dice = Dice(u64::try_from(number).unwrap_or(0) ^ (customer << 20));
        let tenant = pick(&TENANTS, dice.roll());
        let store = 1 + dice.roll() % 4;
        let points = self.points.entry(customer).or_default();
        // A point is a cent.
        let spent = if *points >= 100 { (*points).min(cents / 2) } else { 0 };
        let earned = cents / 100;
        *points += earned - spent;
        let _ = writeln!(
            self.purchases,
            "{id},{at},{amount},{items},r{number},{tenant}-{store},{tenant},{spent},{earned}"
        );
        if dice.chance(1) && cents > 0 {
            let after = i64::try_from(3 + dice.roll() % 10).unwrap_or(3);
            self.to_return.push((today + after, customer, earned, spent));
            let _ = writeln!(self.returns, "r{number},{}T15:00", date(today + after));
        }
        Ok(())
    }

    fn take_in_returns(&mut self, today: i64) {
        let points = &mut self.points;
        self.to_return.retain(|(day, customer, earned, spent)| {
            if *day < today {
                *points.entry(*customer).or_default() += spent - earned;
            }
            *day >= today
        });
    }
}

fn cents(amount: &str) -> Result<i64, String> {
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
    let cents = format!("{whole}{rest:0<2}");
    cents.parse().map_err(|_| format!("`{amount}` is no amount"))
}

/// The date of a day's number (Howard Hinnant, `civil_from_days`).
fn date(number: i64) -> String {
    let era = number.div_euclid(146_097);
    let of_era = number - era * 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

fn customer(index: usize, id: u64) -> String {
    let mut dice = Dice(id);
    let first = pick(&FIRST, dice.roll());
    // Every area has the hundred numbers of fiction.
    let area = 202 + (index / 100) * 5;
    let phone = format!("+1{area}55501{:02}", index % 100);
    let phone = if dice.chance(8) { String::new() } else { phone };
    let email = format!("m{id}@{}", pick(&DOMAINS, dice.roll()));
    let email = if dice.chance(15) { String::new() } else { email };
    let token = format!("card-{:012x}", dice.roll() >> 16);
    let token = if dice.chance(35) { String::new() } else { token };
    let mut says = |percent| if dice.chance(percent) { "yes" } else { "no" };
    let (sms, mail, push) = (says(75), says(70), says(80));
    format!("{id},{first},{phone},{email},{token},{sms},{mail},{push}\n")
}
