//! Single facts, each acknowledged once it is on the disk.
//!
//! A commit takes a millisecond or more, however much it holds, and a run holds the store for
//! a batch at a time. So all that wait at the desk go into one transaction together: a till
//! waits for the commit it came before, and not for every other till.

use crate::store::erasure::Gate;
use crate::store::purchases::{self, Kept, Purchase};
use crate::store::{Problem, Store, StoreError};
use rusqlite::Transaction;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// How many may wait at once; who comes then is told so.
const ROOM: usize = 8_192;

/// How many go into one transaction.
const MOST: usize = 2_000;

/// Where single facts are told. It closes once it is dropped, with all that waits done.
#[derive(Debug)]
pub struct Desk {
    orders: Option<SyncSender<Order>>,
    clerk: Option<JoinHandle<()>>,
}

/// Why a fact was not taken in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// Nothing of hers is kept.
    #[error("{}", super::ERASED)]
    Erased,
    /// Too many wait.
    #[error("too many purchases are waiting to be written; tell it again in a second")]
    Busy,
    /// The store says no. Nothing of the fact is in it.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The desk is closed.
    #[error("chainc is about to stop; tell it again when it runs")]
    Closed,
}

#[derive(Debug)]
struct Order {
    purchase: Purchase,
    answer: oneshot::Sender<Result<Kept, Refused>>,
}

impl Desk {
    /// Opens a desk at a store, which should take turns with a run's.
    ///
    /// # Errors
    /// If the system has no thread for it.
    pub fn open(store: Store) -> std::io::Result<Self> {
        let (orders, waiting) = sync_channel(ROOM);
        let clerk = std::thread::Builder::new()
            .name("desk".into())
            .spawn(move || serve(store, &waiting))?;
        Ok(Self { orders: Some(orders), clerk: Some(clerk) })
    }

    /// Takes in a purchase, once; returns when it is on the disk.
    ///
    /// # Errors
    /// [`Refused`]; it may be told again then, as often as it takes.
    pub async fn purchase(&self, purchase: Purchase) -> Result<Kept, Refused> {
        let (answer, answered) = oneshot::channel();
        let orders = self.orders.as_ref().ok_or(Refused::Closed)?;
        orders.try_send(Order { purchase, answer }).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Busy,
            TrySendError::Disconnected(_) => Refused::Closed,
        })?;
        answered.await.unwrap_or(Err(Refused::Closed))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(clerk) = self.clerk.take() {
            // It has answered everybody, or has panicked and will not.
            let _ = clerk.join();
        }
    }
}

fn serve(mut store: Store, waiting: &Receiver<Order>) {
    while let Ok(first) = waiting.recv() {
        let mut orders = vec![first];
        orders.extend(waiting.try_iter().take(MOST - 1));
        let outcomes = store.write(|tx| take(tx, &orders));
        match outcomes {
            Ok(outcomes) => {
                for (order, outcome) in orders.into_iter().zip(outcomes) {
                    // Who has gone meanwhile tells it again.
                    let _ = order.answer.send(outcome);
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for order in orders {
                    let _ = order.answer.send(Err(Refused::Store(error.clone())));
                }
            }
        }
    }
}

fn take(tx: &Transaction<'_>, orders: &[Order]) -> Result<Vec<Result<Kept, Refused>>, Problem> {
    let gate = Gate::of(tx)?;
    let mut outcomes = Vec::with_capacity(orders.len());
    let mut purchases = Vec::with_capacity(orders.len());
    for Order { purchase, .. } in orders {
        let is_erased = gate.since(tx, &purchase.customer_id)?.is_some();
        outcomes.push(if is_erased { Err(Refused::Erased) } else { Ok(Kept::Repeat) });
        if !is_erased {
            purchases.push(purchase);
        }
    }
    let kept = purchases::keep_all(tx, &purchases)?;
    for (outcome, kept) in outcomes.iter_mut().filter(|outcome| outcome.is_ok()).zip(kept) {
        *outcome = Ok(kept);
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::store::erasure;
    use crate::time::Moment;
    use chainc_compiler::units::{Minor, Points};

    fn purchase(customer_id: &str, number: u8) -> Purchase {
        Purchase {
            event_id: [number; 16],
            customer_id: customer_id.to_owned(),
            occurred_at: Moment(1_780_000_000_000),
            amount: Minor(1_000),
            external_id: None,
            items: None,
            store_id: None,
            brand: None,
            categories: None,
            points_spent: Points(0),
            points_earned: Points(0),
        }
    }

    /// What is acknowledged is there when the store is opened anew; what was told twice counts
    /// once; of somebody erased nothing is kept; what others hold up is told to everybody.
    #[test]
    fn what_is_acknowledged_is_on_the_disk() {
        let folder = std::env::temp_dir().join(format!("chainc-desk-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("shop.db");
        let mut store = Store::open_or_create(&path).unwrap().take_turns().unwrap();
        for id in ["1", "2"] {
            let add = "INSERT INTO customer (number, shard, customer_id) VALUES (?, ?, ?)";
            let known = |tx: &Transaction<'_>| {
                Ok(tx.execute(
                    add,
                    rusqlite::params![crate::key::number(id), crate::key::shard(id), id],
                )?)
            };
            store.write(known).unwrap();
        }
        erasure::erase(&mut store, "2", "test", Moment(1_780_000_000_000)).unwrap();
        let desk = Desk::open(Store::open(&path).unwrap().take_turns().unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            assert_eq!(desk.purchase(purchase("1", 1)).await.unwrap(), Kept::New);
            assert_eq!(desk.purchase(purchase("1", 1)).await.unwrap(), Kept::Repeat);
            assert_eq!(desk.purchase(purchase("3", 2)).await.unwrap(), Kept::Stray);
            assert!(matches!(desk.purchase(purchase("2", 3)).await, Err(Refused::Erased)));
            // They wait together, and each hears of its own.
            let desk = Arc::new(desk);
            let mut waiting = tokio::task::JoinSet::new();
            for number in 9..200 {
                let desk = desk.clone();
                let told = async move { desk.purchase(purchase("1", number.max(10))).await };
                waiting.spawn(told);
            }
            let told = waiting.join_all().await;
            assert_eq!(told.iter().filter(|kept| matches!(kept, Ok(Kept::New))).count(), 190);
            assert_eq!(told.iter().filter(|kept| matches!(kept, Ok(Kept::Repeat))).count(), 1);
        });
        let store = Store::open(&path).unwrap();
        let kept = |sql: &'static str| {
            store.read(|db| Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)).unwrap()
        };
        assert_eq!(kept("SELECT count(*) FROM purchase WHERE customer_id = '1'"), 191);
        assert_eq!(kept("SELECT count(*) FROM stray_purchase"), 1);
        assert_eq!(kept("SELECT count(*) FROM purchase WHERE customer_id = '2'"), 0);
        drop(store);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// A run that writes without a pause lets a purchase in after each of its batches.
    #[test]
    fn a_purchase_waits_for_one_batch_and_no_more() {
        let folder = std::env::temp_dir().join(format!("chainc-turns-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("shop.db");
        let mut busy = Store::open_or_create(&path).unwrap().take_turns().unwrap();
        let desk = Desk::open(Store::open(&path).unwrap().take_turns().unwrap()).unwrap();
        let batches = std::sync::atomic::AtomicUsize::new(0);
        let done = std::sync::atomic::AtomicBool::new(false);
        let order = std::sync::atomic::Ordering::SeqCst;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(order) {
                    let batch = |tx: &Transaction<'_>| {
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        tx.execute("INSERT OR REPLACE INTO run_state VALUES ('test', '1')", [])?;
                        Ok(())
                    };
                    busy.write(batch).unwrap();
                    batches.fetch_add(1, order);
                }
            });
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let waits = (0..20).map(|number| {
                let before = batches.load(order);
                let told = runtime.block_on(desk.purchase(purchase("1", number)));
                (told.is_ok(), batches.load(order) - before)
            });
            let waits: Vec<_> = waits.collect();
            done.store(true, order);
            assert!(waits.iter().all(|(told, waited)| *told && *waited <= 3), "{waits:?}");
        });
        drop(desk);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
