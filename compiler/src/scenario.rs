//! Tests as the project writes them: what is given, what happens on which day, what must
//! have happened.

use crate::ir::{Channel, Touch};
use crate::units::{BasisPoints, ClockTime, Minor, Period, Points};
use serde::{Deserialize, Serialize};

/// `test "a purchase stops the reminder" { ... }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The chain it is about; every chain of the project when `None`.
    pub chain: Option<String>,
    /// What is known of the customer when the test begins.
    pub given: Vec<Fact>,
    /// What happens and what is expected, in the order written; days never go back.
    pub days: Vec<Moment>,
}

/// Something known of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// `recency 64`: days since the last purchase.
    Recency(u32),
    /// `frequency 5`: purchases so far.
    Frequency(u32),
    /// `spent 15_000 RUB` so far.
    Spent(Minor),
    /// `average_check 1_000 RUB`
    AverageCheck(Minor),
    /// `registered 100`: days since.
    Registered(u32),
    /// `balance 100`
    Balance(Points),
    /// `birthday in 3d`: so long after she enters.
    Birthday(Period),
    /// `churn 70%`
    Churn(BasisPoints),
    /// `consent sms`, `not consent sms`
    Consent(Channel, bool),
    /// `reachable push`, `not reachable push`
    Reachable(Channel, bool),
    /// `tag vip`
    Tag(String),
    /// `city "Omsk"`
    City(String),
    /// `brand toys`: bought there.
    Brand(String),
    /// `bought "kids"`
    Bought(String),
    /// `received offer`, `opened offer`, `clicked offer`, `event "visited"`, before the test begins.
    Touched(Touch, String),
    /// `age 30`: a number the project declared.
    Number(String, i64),
    /// `level "gold"`: a text the project declared.
    Text(String, String),
    /// `anniversary in 3d`: a date the project declared, so long after she enters.
    Date(String, Period),
    /// `cardholder`: a flag the project declared.
    Flag(String),
}

/// One line that begins with `day`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Days since the customer entered; the day of the entry is 0.
    pub day: u32,
    /// The time of that day; what happens does so at noon, what is expected has happened by
    /// the end of the day, when `None`.
    pub at: Option<ClockTime>,
    /// What.
    pub what: What,
}

/// What a line of a test says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Something happens to the customer.
    Happens(Vec<Happening>),
    /// On this day exactly this must have happened; nothing when empty.
    Expect(Vec<Expected>),
}

/// Something that happens to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// `purchase [1_900 RUB]`
    Purchase(Option<Minor>),
    /// `opened offer`, `clicked offer`, `received offer`, `event "visited"`
    Touched(Touch, String),
    /// `consent sms`, `not consent sms`
    Consent(Channel, bool),
    /// `reachable push`, `not reachable push`
    Reachable(Channel, bool),
}

/// Something that must have happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// `grant 300 points`
    Grant(Points),
    /// `cashback 20%`
    Cashback(BasisPoints),
    /// `promo toys`
    Promo(String),
    /// `sms offer`
    Send(Channel, String),
    /// `tag "reactivated"`
    Tag(String),
    /// `exit`: the chain is over for the customer.
    Exit,
}
