//! The providers of a small world: in a process of their own, so that they know what was
//! sent whatever becomes of the machine that sent it. What they answer depends on the address
//! and the time alone, so that a second attempt is answered as the first.

use chainc_runtime::channel::{Broken, Channel, LookUp, Outcome, Outgoing, Receipt, Work};
use chainc_runtime::engine::Channels;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the providers know.
#[derive(Debug, Default)]
struct Truth {
    /// The messages they have taken, in order.
    taken: Vec<Arc<Outgoing>>,
    keys: BTreeSet<String>,
    /// What was wrong with how they were used.
    complaints: Vec<String>,
}

/// All providers.
#[derive(Debug, Clone, Default)]
pub(super) struct Provider(Arc<Mutex<Truth>>);

impl Provider {
    fn truth(&self) -> MutexGuard<'_, Truth> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many messages they have taken.
    pub(super) fn taken(&self) -> usize {
        self.truth().taken.len()
    }

    /// Returns what they knew when they had taken so many messages.
    pub(super) fn as_of(&self, taken: usize) -> Self {
        let truth = self.truth();
        let taken: Vec<_> = truth.taken.iter().take(taken).cloned().collect();
        let keys = taken.iter().map(|message| message.key.clone()).collect();
        Self(Arc::new(Mutex::new(Truth { taken, keys, complaints: Vec::new() })))
    }

    /// Every message, and what it says.
    pub(super) fn messages(&self) -> Vec<String> {
        self.truth().taken.iter().map(|message| format!("{message:?}")).collect()
    }

    /// The keys of every message.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.truth().keys.clone()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.truth().complaints.clone()
    }

    pub(super) fn channels(&self, of: &[chainc_compiler::ir::Channel]) -> Channels {
        let way: Arc<dyn Channel> = Arc::new(self.clone());
        of.iter().map(|channel| (*channel, way.clone())).collect::<BTreeMap<_, _>>()
    }

    fn take(&self, message: &Outgoing) -> Receipt {
        let receipt = answer(&message.address, &message.at);
        if matches!(receipt, Receipt::Pending | Receipt::Delivered) {
            let mut truth = self.truth();
            if !truth.keys.insert(message.key.clone()) {
                let Outgoing { customer_id, message, at, .. } = message;
                truth.complaints.push(format!("{message} goes to {customer_id} twice, at {at}"));
            }
            truth.taken.push(Arc::new(message.clone()));
        }
        receipt
    }
}

/// Mail is on its way; a busy line takes nothing in the first five minutes of an hour.
fn answer(address: &str, at: &str) -> Receipt {
    let minute: u32 = at.get(14..16).and_then(|minute| minute.parse().ok()).unwrap_or(0);
    if address.contains("dead") {
        Receipt::Undeliverable("no such address".to_owned())
    } else if address.contains("busy") && minute < 5 {
        Receipt::Rejected("too much at once".to_owned())
    } else if address.contains('@') {
        Receipt::Pending
    } else {
        Receipt::Delivered
    }
}

impl Channel for Provider {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Work<'a, Result<Vec<Outcome>, Broken>> {
        let outcomes = messages.iter().map(|message| Outcome::Receipt(self.take(message)));
        let outcomes = outcomes.collect();
        Box::pin(async move { Ok(outcomes) })
    }

    fn look_up<'a>(&'a self, keys: &'a [String]) -> Work<'a, Result<Vec<LookUp>, Broken>> {
        let truth = self.truth();
        let found = keys.iter().map(|key| {
            let message = truth.taken.iter().find(|message| message.key == *key);
            message.map_or(LookUp::NotFound, |message| {
                LookUp::Found(answer(&message.address, &message.at))
            })
        });
        let found = found.collect();
        Box::pin(async move { Ok(found) })
    }

    fn at_once(&self) -> usize {
        100
    }

    fn is_real(&self) -> bool {
        false
    }
}
