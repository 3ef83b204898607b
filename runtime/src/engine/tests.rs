//! What becomes of a process that was away, of clocks, and of what happens at the worst
//! moment: the engine on a real store, its clock turned by hand.

use super::{Channels, Engine, Settings, Stop};
use crate::channel::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use crate::store::Store;
use crate::store::customers::{self, Profile, Word};
use crate::store::purchases::{self, Purchase};
use crate::time::{Moment, Zone};
use chainc_compiler::ir::{self, Program};
use chainc_compiler::units::{Minor, Points};
use chainc_compiler::{SourceFile, compile};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

const MESSAGES: &str =
    "message offer { sms \"offer\" push \"offer\" email subject \"offer\" body \"offer\" }
    message reminder { sms \"reminder\" push \"reminder\" email subject \"r\" body \"reminder\" }";

fn program(chains: &str) -> Program {
    let file = SourceFile { path: "shop.chain".into(), text: format!("{MESSAGES}\n{chains}") };
    let compiled = compile(&[file], &BTreeMap::new(), &chainc_compiler::Settings::default());
    compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

fn at(text: &str) -> Moment {
    Zone::utc().parse(&format!("2026-{text}")).unwrap()
}

/// What happens while a message is on its way.
type Meanwhile = Box<dyn Fn(&Outgoing) + Send + Sync>;

/// A way out that takes everything, notes it, and lets things happen meanwhile.
struct Post {
    sent: Mutex<Vec<String>>,
    meanwhile: Meanwhile,
    receipt: Receipt,
}

impl Channel for Post {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        let outcomes = messages.iter().map(|message| {
            (self.meanwhile)(message);
            let line = format!(
                "{} {} {}",
                message.at.get(5..16).unwrap().replace('T', " "),
                message.content.channel(),
                message.message
            );
            self.sent.lock().unwrap().push(line);
            Outcome::Receipt(self.receipt.clone())
        });
        let outcomes = outcomes.collect();
        Box::pin(async move { Ok(outcomes) })
    }

    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>> {
        let found = keys.iter().map(|_| LookUp::NotFound).collect();
        Box::pin(async move { Ok(found) })
    }

    fn at_once(&self) -> usize {
        10
    }

    fn is_real(&self) -> bool {
        false
    }
}

/// A shop with one customer, who bought on 10 January at noon and agrees to everything.
struct Shop {
    path: PathBuf,
    chains: String,
    post: Arc<Post>,
}

impl Shop {
    fn of(chains: &str) -> Self {
        Self::with(chains, Receipt::Delivered, |_| Box::new(|_| {}))
    }

    fn with(chains: &str, receipt: Receipt, meanwhile: impl FnOnce(&Path) -> Meanwhile) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("chainc-engine-{}-{number}.db", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut store = Store::open_or_create(&path).unwrap();
        let consents = ir::Channel::ALL.into_iter().map(|channel| (channel, true)).collect();
        let address = |column, value: &str| (column, Some(value.to_owned()));
        let profile = Profile {
            customer_id: "1".into(),
            fields: vec![
                address("phone", "+12025550101"),
                address("email", "c1@example.com"),
                address("push_token", "card-1"),
            ],
            consents,
            ..Profile::default()
        };
        store.write(|tx| customers::write(tx, &profile, at("01-01"))).unwrap();
        buy(&path, "01-10T12:00");
        let (sent, meanwhile) = (Mutex::default(), meanwhile(&path));
        let post = Arc::new(Post { sent, meanwhile, receipt });
        Self { path, chains: chains.to_owned(), post }
    }

    fn channels(&self) -> Channels {
        let mut channels = Channels::new();
        for channel in [ir::Channel::Sms, ir::Channel::Email, ir::Channel::Push] {
            channels.insert(channel, self.post.clone());
        }
        channels
    }

    /// A process starts, to look at a moment for the first time.
    fn starts(&self, moment: &str) -> Engine {
        let store = Store::open(&self.path).unwrap();
        let first_look = at(moment).plus_millis(-1);
        let (program, settings) = (program(&self.chains), Settings::default());
        Engine::start(store, program, settings, self.channels(), Stop::default(), first_look)
            .unwrap()
    }

    /// A process starts, does what is due at each moment, and ends.
    fn works(&self, moments: &[&str]) -> &Self {
        let mut engine = self.starts(moments[0]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for moment in moments {
            runtime.block_on(engine.work(at(moment))).unwrap();
        }
        self
    }

    fn sent(&self) -> Vec<String> {
        self.post.sent.lock().unwrap().clone()
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        let store = Store::open(&self.path).unwrap();
        let rows = store.read(|connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        });
        rows.unwrap()
    }

    fn ended(&self) -> Vec<String> {
        self.rows("SELECT coalesce(ended, 'in it') FROM enrolment ORDER BY chain, cycle")
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.path.display()));
        }
    }
}

fn buy(store: &Path, when: &str) {
    let occurred_at = at(when);
    let purchase = Purchase {
        event_id: crate::key::event(&[when.as_bytes()]),
        customer_id: "1".into(),
        occurred_at,
        amount: Minor(10_000),
        external_id: None,
        items: None,
        store_id: None,
        brand: None,
        categories: None,
        points_spent: Points(0),
        points_earned: Points(0),
    };
    Store::open(store).unwrap().write(|tx| purchases::keep_all(tx, &[purchase])).unwrap();
}

/// She says no to a channel.
fn refuse(store: &Path, channel: ir::Channel, at: Moment) {
    let word = Word { channel, at, granted: false, source: "test", wording: None, event_id: None };
    let said = Store::open(store).unwrap().write(|tx| customers::consent(tx, "1", word));
    assert!(said.unwrap());
}

const WINBACK: &str =
    "segment recency 5..5 -> sms offer -> wait 3d unless purchase -> push reminder";

#[test]
fn what_was_due_while_the_process_was_down_is_done_once_when_it_is_back() {
    let shop = Shop::of(WINBACK);
    shop.works(&["01-15T10:00"]).works(&["01-27T18:30", "01-28T10:00"]).works(&["02-15T10:00"]);
    assert_eq!(shop.sent(), ["01-15 10:00 sms offer", "01-27 18:30 push reminder"]);
    assert_eq!(shop.ended(), ["completed"]);
}

#[test]
fn of_rounds_that_were_missed_the_one_that_was_due_is_done_and_the_others_are_left_out() {
    let shop = Shop::of("segment recency 5..5 -> repeat daily at 12:00 max 5 { push offer }");
    shop.works(&["01-15T10:00", "01-15T12:00", "01-16T12:00"]);
    shop.works(&["01-20T15:00", "01-21T12:00", "01-22T12:00", "01-23T12:00"]);
    assert_eq!(
        shop.sent(),
        [
            "01-15 12:00 push offer",
            "01-16 12:00 push offer",
            "01-20 15:00 push offer",
            "01-21 12:00 push offer",
            "01-22 12:00 push offer",
        ]
    );
    assert_eq!(shop.ended(), ["completed"]);
}

#[test]
fn a_chain_that_missed_several_looks_looks_once() {
    let shop = Shop::of("segment recency 1..20 -> sms offer");
    shop.works(&["01-11T10:00"]).works(&["01-20T10:00"]);
    assert_eq!(shop.sent(), ["01-11 10:00 sms offer"]);
    let late = Shop::of("segment recency 5..5 -> sms offer");
    late.works(&["01-14T10:00"]).works(&["01-17T10:00"]);
    // The band was passed while nobody looked.
    assert_eq!(late.sent(), [""; 0]);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_happen_early_or_twice() {
    let shop = Shop::of(WINBACK);
    shop.works(&["01-15T10:00", "01-18T10:00"]);
    let before = shop.rows("SELECT count(*) || '' FROM journal");
    shop.works(&["01-14T10:00", "01-15T10:00", "01-16T09:00"]);
    assert_eq!(shop.sent(), ["01-15 10:00 sms offer", "01-18 10:00 push reminder"]);
    assert_eq!(shop.rows("SELECT count(*) || '' FROM journal"), before);
}

#[test]
fn a_purchase_at_the_very_end_of_the_wait_wins() {
    let shop = Shop::of(WINBACK);
    shop.works(&["01-15T10:00"]);
    buy(&shop.path, "01-18T10:00");
    shop.works(&["01-18T10:00", "01-19T10:00"]);
    assert_eq!(shop.sent(), ["01-15 10:00 sms offer"]);
    assert_eq!(shop.ended(), ["purchased"]);
}

#[test]
fn a_purchase_at_the_moment_of_the_look_is_known_to_it() {
    let shop = Shop::of(WINBACK);
    buy(&shop.path, "01-15T10:00");
    shop.works(&["01-15T10:00", "01-16T10:00"]);
    assert_eq!(shop.sent(), [""; 0]);
    assert_eq!(shop.ended(), [""; 0]);
}

/// Much may be due at one moment, and each message takes its time: what she says meanwhile
/// holds for the next one.
#[test]
fn a_no_that_comes_while_a_live_run_is_still_at_its_work_is_heard() {
    let chain = "segment recency >= 1 -> sms offer -> push reminder";
    let shop = Shop::with(chain, Receipt::Delivered, |store| {
        let store = store.to_owned();
        Box::new(move |message| {
            if message.message == "offer" {
                // Not the millisecond at which the run began.
                std::thread::sleep(std::time::Duration::from_millis(5));
                refuse(&store, ir::Channel::Push, Moment::now());
            }
        })
    });
    let store = Store::open(&shop.path).unwrap();
    let (program, settings) = (program(chain), Settings::default());
    let once = crate::clock::once(store, program, settings, shop.channels(), Stop::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(once).unwrap();
    assert_eq!(shop.sent().len(), 1, "{:?}", shop.sent());
    assert_eq!(shop.rows("SELECT reason FROM outbox WHERE channel = 'push'"), ["no consent"]);
}

/// A process that was paused between a look at its clock and the taking of a message has a
/// clock that is older than what was brought in meanwhile.
#[test]
fn nothing_leaves_by_a_clock_that_is_older_than_what_another_process_brought_in() {
    let shop = Shop::of("segment recency 5..5 -> wait 1h -> sms offer");
    shop.works(&["01-15T10:00"]);
    let mut engine = shop.starts("01-15T11:00");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut turns = |moment: &str| runtime.block_on(engine.turn(at(moment))).unwrap();
    while shop.rows("SELECT state FROM outbox").is_empty() {
        assert!(turns("01-15T11:00"));
    }
    refuse(&shop.path, ir::Channel::Sms, at("01-15T11:01"));
    assert!(turns("01-15T11:00"), "there is something to do, with a later clock");
    while turns("01-15T11:02") {}
    assert_eq!(shop.sent(), [""; 0]);
    assert_eq!(shop.rows("SELECT reason FROM outbox"), ["no consent"]);
}

/// The purchase comes in while the provider has the message, and is heard of behind it.
#[test]
fn a_purchase_while_a_message_is_on_its_way_ends_the_chain_and_the_message_is_settled() {
    let shop = Shop::with(WINBACK, Receipt::Delivered, |store| {
        let store = store.to_owned();
        Box::new(move |message| {
            if message.message == "reminder" {
                buy(&store, "01-18T09:59");
            }
        })
    });
    shop.works(&["01-15T10:00", "01-18T10:00", "01-25T10:00"]);
    assert_eq!(shop.sent(), ["01-15 10:00 sms offer", "01-18 10:00 push reminder"]);
    let states = "SELECT step || ' ' || state FROM outbox ORDER BY step";
    assert_eq!(shop.rows(states), ["1 delivered", "3 delivered"]);
}

/// A process ends while a message is on its way, and she buys before the next one starts. The
/// provider never got the message, so it would leave again.
#[test]
fn a_purchase_between_two_processes_stops_what_never_left() {
    static ON_ITS_WAY: AtomicU32 = AtomicU32::new(0);
    let shop = Shop::with(WINBACK, Receipt::Delivered, |store| {
        let store = store.to_owned();
        Box::new(move |message| {
            if message.message == "reminder" && ON_ITS_WAY.fetch_add(1, Ordering::Relaxed) == 0 {
                buy(&store, "01-18T10:00:15");
                panic!("the process ends here");
            }
        })
    });
    shop.works(&["01-15T10:00"]);
    let killed = std::panic::AssertUnwindSafe(|| shop.works(&["01-18T10:00"]).sent());
    assert!(std::panic::catch_unwind(killed).is_err());
    shop.works(&["01-18T10:17", "01-25T10:00"]);
    assert_eq!(shop.sent(), ["01-15 10:00 sms offer"]);
    assert_eq!(shop.ended(), ["purchased"]);
}

#[test]
fn a_ladder_that_reaches_nobody_lets_the_chain_go_on() {
    let chain = "segment recency 5..5 -> push offer -> fallback sms -> fallback email \
                 -> wait 1d -> tag later";
    let nowhere = Receipt::Undeliverable("no such address".into());
    let shop = Shop::with(chain, nowhere, |_| Box::new(|_| {}));
    shop.works(&["01-15T10:00", "01-16T10:00"]);
    assert_eq!(
        shop.sent(),
        ["01-15 10:00 push offer", "01-15 10:00 sms offer", "01-15 10:00 email offer"]
    );
    assert_eq!(shop.ended(), ["completed"]);
    assert_eq!(shop.rows("SELECT tag FROM customer_tag"), ["later"]);
}

#[test]
fn a_cashback_that_ended_while_the_process_was_down_ends_at_its_own_time() {
    let shop = Shop::of("segment recency 5..5 -> cashback 10% for 3d -> wait 90d");
    shop.works(&["01-15T10:00"]);
    buy(&shop.path, "01-17T10:00");
    buy(&shop.path, "01-19T10:00");
    shop.works(&["02-20T08:00"]);
    let told = "SELECT strftime('%m-%d %H:%M ', at / 1000, 'unixepoch') || what || ' ' || detail \
                FROM journal WHERE what IN ('earned', 'lowered') ORDER BY number";
    assert_eq!(shop.rows(told), ["01-17 10:00 earned 10", "01-18 10:00 lowered 10"]);
}

#[test]
fn a_list_whose_day_has_passed_is_made_at_the_first_look() {
    let chain = "segment old = recency 3..10 frozen 2026-01-12
        segment old -> wait 10d";
    let shop = Shop::of(chain);
    shop.works(&["01-16T10:00"]);
    let made = "SELECT strftime('%m-%d', made_at / 1000, 'unixepoch') FROM frozen_list";
    assert_eq!(shop.rows(made), ["01-16"]);
    assert_eq!(shop.ended(), ["in it"]);
}

#[test]
fn a_chain_that_is_taken_out_lets_nobody_in_and_is_walked_to_its_end() {
    let mut shop = Shop::of(&format!("chain a {{ {WINBACK} }}"));
    shop.works(&["01-15T10:00"]);
    shop.chains = "chain b { segment recency 500..600 -> sms offer }".into();
    shop.works(&["01-16T10:00", "01-18T10:00"]);
    assert_eq!(shop.sent(), ["01-15 10:00 sms offer", "01-18 10:00 push reminder"]);
    assert_eq!(shop.ended(), ["completed"]);
}

#[test]
fn everybody_walks_the_version_she_entered() {
    let chain = |steps: &str| {
        format!("chain a {{ reenter after 1d\n segment recency 5..60 {steps} -> wait 2d }}")
    };
    let mut shop = Shop::of(&chain("-> wait 1d -> sms offer"));
    shop.works(&["01-15T10:00"]);
    shop.chains = chain("-> wait 1d -> push reminder");
    shop.works(&["01-16T10:00", "01-18T10:00", "01-19T10:00"]);
    shop.chains = chain("-> email offer");
    shop.works(&["01-20T10:00", "01-21T10:00"]);
    assert_eq!(
        shop.sent(),
        ["01-16 10:00 sms offer", "01-19 10:00 push reminder", "01-21 10:00 email offer"]
    );
    let versions = "SELECT count(DISTINCT version) || '' FROM enrolment";
    assert_eq!(shop.rows(versions), ["3"]);
    // All three stay: somebody may be asked about them.
    assert_eq!(shop.rows("SELECT count(*) || '' FROM chain_version"), ["3"]);
}

#[test]
fn comments_and_layout_make_no_version() {
    let mut shop = Shop::of("chain a { segment recency 5..60 -> wait 1d -> sms offer }");
    shop.works(&["01-15T10:00"]);
    shop.chains = "## Wakes those who have gone quiet.
        chain a {
          # a note
          segment recency 5..60
            -> wait 1d

            -> sms   offer
        }"
    .into();
    shop.works(&["01-16T10:00"]);
    assert_eq!(shop.rows("SELECT count(*) || '' FROM chain_version"), ["1"]);
    assert_eq!(shop.sent(), ["01-16 10:00 sms offer"]);
}

#[test]
fn money_that_comes_back_lets_go_what_was_held_for_want_of_it() {
    let chains = "policy { currency USD
            price sms 1 USD
            price email 1 USD
            quiet 09:00..11:00 }
        experiment spring { goal purchase within 7d
            control 1%
            budget 1 USD then hold
            chain a { segment recency 5..5 -> sms offer }
            chain b { segment recency 5..5 -> email offer }
        }";
    let nowhere = Receipt::Undeliverable("no such address".into());
    let shop = Shop::with(chains, nowhere, |_| Box::new(|_| {}));
    // Both wait for the end of quiet hours, and there is money for one of them.
    shop.works(&["01-15T10:00", "01-15T11:00"]);
    assert_eq!(shop.rows("SELECT chain FROM journal WHERE what = 'held'"), ["b"]);
    assert_eq!(shop.sent(), ["01-15 11:00 sms offer", "01-15 11:00 email offer"]);
    assert_eq!(shop.ended(), ["completed", "completed"]);
}
