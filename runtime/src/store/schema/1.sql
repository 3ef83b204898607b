-- Of more than two values `IN` costs a table of its own at every row that is written: the
-- checks say `OR`.
--
-- Every time is milliseconds UTC, every amount minor units, every flag 0 or 1.
-- What a customer owns starts its key with her shard (256 of them, a hash of her key), or with
-- her number, whose highest bits are the shard.
--
-- What many customers have in common is written once: a `cohort` is a place in a chain with
-- all that led there, a `sheet` is a message with all that became of it. A `member` and a
-- `letter` say whose they are. The views `enrolment` and `outbox` show it all as rows of
-- customers, for people to read.

CREATE TABLE customer (
  -- Derived from her key; the next free one if somebody has it already.
  number INTEGER NOT NULL PRIMARY KEY,
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  first_name TEXT,
  last_name TEXT,
  phone TEXT,
  email TEXT,
  push_token TEXT,
  timezone TEXT,
  city TEXT,
  birthday TEXT,
  registered_at INTEGER,
  -- Addresses a provider called dead. Another address makes her reachable again.
  dead_phone TEXT,
  dead_email TEXT,
  dead_push_token TEXT,
  -- Since when the push token is known: what is told of an older one is not about it.
  push_token_at INTEGER,
  -- Kept up on every purchase that has become known.
  first_purchase_at INTEGER,
  last_purchase_at INTEGER,
  purchases INTEGER NOT NULL DEFAULT 0,
  spent INTEGER NOT NULL DEFAULT 0,
  -- The latest of her purchases that are known; each says which one was before it.
  last_sale INTEGER,
  UNIQUE (shard, customer_id)
) STRICT;

-- A band of recency is a range scan of this.
CREATE INDEX customer_by_last_purchase ON customer (last_purchase_at)
  WHERE last_purchase_at IS NOT NULL;

CREATE TABLE customer_tag (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (shard, customer_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE customer_attribute (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  -- The value, where it is a whole number.
  number INTEGER,
  PRIMARY KEY (shard, customer_id, name)
) STRICT, WITHOUT ROWID;

-- Who stands on a frozen list, and which lists have been made.
CREATE TABLE frozen_member (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  list TEXT NOT NULL,
  PRIMARY KEY (shard, customer_id, list)
) STRICT, WITHOUT ROWID;

CREATE TABLE frozen_list (
  list TEXT NOT NULL PRIMARY KEY,
  made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only. The latest row up to a moment says whether she agrees at that moment;
-- of two rows of one moment the one with the larger number.
CREATE TABLE consent (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  number INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  source TEXT NOT NULL,
  wording TEXT,
  -- The event that said so; none for what a file states.
  event_id BLOB,
  PRIMARY KEY (shard, customer_id, channel, at, number)
) STRICT, WITHOUT ROWID;

-- Purchases in the order in which they came, so that they are written at one place whosever
-- they are. The view `purchase` shows whose.
CREATE TABLE sale (
  number INTEGER NOT NULL PRIMARY KEY,
  customer INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  amount INTEGER NOT NULL,
  external_id TEXT,
  items INTEGER,
  store_id TEXT,
  brand TEXT,
  categories TEXT,
  -- Points she paid with, and points the till gave for it.
  points_spent INTEGER NOT NULL DEFAULT 0,
  points_earned INTEGER NOT NULL DEFAULT 0,
  -- 1 when the run's clock has passed the purchase and it has had its effect, and 2 when all
  -- of it has come back: then it counts no more.
  known INTEGER NOT NULL DEFAULT 0,
  -- How much came back; `amount` is what is left.
  returned INTEGER NOT NULL DEFAULT 0,
  -- Her purchase before this one, of those that are known: see `customer.last_sale`.
  before INTEGER
) STRICT;

CREATE INDEX sale_to_tell ON sale (occurred_at, event_id) WHERE known = 0;

-- Each purchase once: the place is the beginning of its `event_id`, or the next free one.
CREATE TABLE sale_once (
  sale INTEGER NOT NULL,
  place INTEGER NOT NULL PRIMARY KEY
) STRICT;

CREATE VIEW purchase AS
  SELECT c.shard, c.customer_id, s.occurred_at, s.event_id, s.amount, s.external_id, s.items,
    s.store_id, s.brand, s.categories, s.points_spent, s.points_earned, s.known, s.returned,
    s.number
  FROM sale s JOIN customer c ON c.number = s.customer;

-- Up to when the purchases of a source are complete.
CREATE TABLE watermark (
  source TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The windows of time that chains count purchases in, such as `180d Europe/Berlin`, and the
-- moment each reaches back to.
CREATE TABLE counted_window (
  window TEXT NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a customer bought in a window. Kept up on every purchase that becomes known; what has
-- fallen out of a window is taken out before a chain looks. No row: nothing.
CREATE TABLE purchase_window (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  window TEXT NOT NULL,
  purchases INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  -- The first of them, which falls out first.
  leaves_at INTEGER NOT NULL,
  PRIMARY KEY (shard, customer_id, window)
) STRICT, WITHOUT ROWID;

CREATE INDEX purchase_window_leaves ON purchase_window (window, leaves_at);

-- When she last bought of a brand or from a category.
CREATE TABLE bought_last (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('brand', 'category')),
  word TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (shard, customer_id, kind, word)
) STRICT, WITHOUT ROWID;

-- Purchases of customers nobody knows yet, kept until they are imported.
CREATE TABLE stray_purchase (
  event_id BLOB NOT NULL PRIMARY KEY,
  customer_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  external_id TEXT,
  items INTEGER,
  store_id TEXT,
  brand TEXT,
  categories TEXT,
  points_spent INTEGER NOT NULL DEFAULT 0,
  points_earned INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX stray_purchase_by_customer ON stray_purchase (customer_id);

-- Purchases that came back, whole or in part.
CREATE TABLE purchase_return (
  event_id BLOB NOT NULL PRIMARY KEY,
  -- The `event_id` of the purchase, and its number.
  purchase BLOB NOT NULL,
  sale INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  known INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX purchase_return_to_tell ON purchase_return (occurred_at, event_id) WHERE known = 0;
CREATE INDEX purchase_return_of ON purchase_return (sale);

-- One row once it is known what a chain of a version means.
CREATE TABLE chain_version (
  chain TEXT NOT NULL,
  version TEXT NOT NULL,
  ir TEXT NOT NULL,
  PRIMARY KEY (chain, version)
) STRICT, WITHOUT ROWID;

-- The chains that ever ran, by a number that is short in keys.
CREATE TABLE chain (
  number INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- Enrolments that have everything in common but the customer.
CREATE TABLE cohort (
  number INTEGER NOT NULL PRIMARY KEY,
  -- How many members point here, and the numbers of their customers as a JSON array. Who has
  -- left is still in the array; there is none where all have ended.
  members INTEGER NOT NULL,
  who TEXT,
  -- None of them has a smaller number: those that are due at one moment are taken in the
  -- order of their customers, whatever they share.
  first INTEGER NOT NULL,
  chain TEXT NOT NULL,
  version TEXT NOT NULL,
  control INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  -- The id of the step they stand at, and the round they are in; 0 outside of repeats.
  place TEXT NOT NULL,
  round INTEGER NOT NULL,
  phase TEXT NOT NULL
    CHECK (phase = 'ready' OR phase = 'waiting' OR phase = 'undecided' OR phase = 'sending' OR
      phase = 'held' OR phase = 'ended'),
  due_at INTEGER,
  -- When they were due, while their chain is paused; `due_at` is empty then.
  parked_at INTEGER,
  -- When their wait was over, while it is not known whether they have bought by then.
  undecided_since INTEGER,
  -- How many points budgets must have room for, for each of them, while they are held.
  held INTEGER,
  -- What they carry along, as JSON; nothing here is asked for by SQL.
  memory TEXT NOT NULL,
  -- Their journal: see the view of that name.
  lines TEXT NOT NULL,
  goal_until INTEGER,
  goal_at_least INTEGER NOT NULL,
  bought_at INTEGER,
  ended_at INTEGER,
  ended TEXT
) STRICT;

CREATE INDEX cohort_due ON cohort (due_at, first) WHERE due_at IS NOT NULL;
CREATE INDEX cohort_undecided ON cohort (undecided_since)
  WHERE undecided_since IS NOT NULL AND parked_at IS NULL;
CREATE INDEX cohort_held ON cohort (chain, version, entered_at)
  WHERE phase = 'held' AND due_at IS NULL;
CREATE INDEX cohort_parked ON cohort (chain) WHERE parked_at IS NOT NULL;
CREATE INDEX cohort_under_way ON cohort (chain) WHERE ended_at IS NULL;

CREATE TABLE member (
  customer INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  cycle INTEGER NOT NULL,
  cohort INTEGER NOT NULL,
  -- Whole days since her last purchase when she entered.
  recency INTEGER,
  PRIMARY KEY (customer, chain, cycle)
) STRICT, WITHOUT ROWID;

CREATE VIEW enrolment AS
  SELECT c.shard, c.customer_id, h.chain, m.cycle, h.version, h.control, h.entered_at,
    m.recency, h.place, h.round, h.phase, h.due_at, h.parked_at, h.undecided_since, h.held,
    h.memory, h.lines, h.goal_until, h.goal_at_least, h.bought_at, h.ended_at, h.ended,
    m.customer AS number, m.cohort
  FROM member m JOIN cohort h ON h.number = m.cohort JOIN customer c ON c.number = m.customer;

-- Who is held out of an experiment, settled when she first enters one of its chains.
CREATE TABLE assignment (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  experiment TEXT NOT NULL,
  stratum TEXT NOT NULL,
  control INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (shard, customer_id, experiment)
) STRICT, WITHOUT ROWID;

-- How much of a stratum has been decided: the sum of the shares, in basis points of a
-- customer, and how many are held out for it.
CREATE TABLE stratum (
  experiment TEXT NOT NULL,
  stratum TEXT NOT NULL,
  due INTEGER NOT NULL,
  held_out INTEGER NOT NULL,
  PRIMARY KEY (experiment, stratum)
) STRICT, WITHOUT ROWID;

-- Messages that have everything in common but the customer.
CREATE TABLE sheet (
  number INTEGER NOT NULL PRIMARY KEY,
  -- How many letters are on it, and as a JSON array of arrays: whose (the customer's number,
  -- and how many times she has entered the chain), and what she reads. Who has left is still
  -- in it; there is none where all of them are settled.
  letters INTEGER NOT NULL,
  who TEXT,
  first INTEGER NOT NULL,
  chain TEXT NOT NULL,
  version TEXT NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  channel TEXT NOT NULL,
  message TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'queued' OR state = 'in_flight' OR state = 'pending' OR
      state = 'delivered' OR state = 'undeliverable' OR state = 'failed' OR
      state = 'skipped' OR state = 'cancelled'),
  due_at INTEGER,
  -- When it was due, while its chain is paused; `due_at` is empty then.
  parked_at INTEGER,
  -- While budgets have no room for it: how many messages it is paid as. `held_at` stays.
  held INTEGER,
  held_at INTEGER,
  -- From then on it must not leave any more.
  stale_at INTEGER,
  rejections INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  taken_at INTEGER,
  settled_at INTEGER,
  cost INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  reason TEXT
) STRICT;

CREATE INDEX sheet_due ON sheet (due_at, first) WHERE due_at IS NOT NULL;
CREATE INDEX sheet_in_flight ON sheet (state) WHERE state = 'in_flight';
CREATE INDEX sheet_held ON sheet (chain, version, channel, held_at)
  WHERE state = 'queued' AND held IS NOT NULL;
CREATE INDEX sheet_parked ON sheet (chain) WHERE parked_at IS NOT NULL;

CREATE TABLE letter (
  customer INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  cycle INTEGER NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  sheet INTEGER NOT NULL,
  -- A receipt, an unsubscription and the like name their message by its key: the number of
  -- the customer it was written for (where that is another one by now), and this.
  key INTEGER NOT NULL,
  written_for INTEGER,
  address TEXT,
  consent_at INTEGER,
  consent_number INTEGER,
  PRIMARY KEY (customer, chain, cycle, step, round, channel)
) STRICT, WITHOUT ROWID;

CREATE VIEW outbox AS
  SELECT c.shard, c.customer_id, s.chain, l.cycle, s.step, s.round, s.channel,
    printf('%014x%016x', coalesce(l.written_for, l.customer), l.key) AS effect_key, s.version,
    s.message,
    (SELECT w.value -> 2 FROM json_each(s.who) w
     WHERE w.value ->> 0 = l.customer AND w.value ->> 1 = l.cycle) AS content, s.state, s.due_at, s.parked_at, s.held, s.held_at, s.stale_at,
    s.rejections, s.written_at, s.taken_at, s.settled_at, l.address, l.consent_at,
    l.consent_number, s.cost, s.unknown, s.reason, l.customer AS number, l.sheet
  FROM letter l JOIN sheet s ON s.number = l.sheet JOIN customer c ON c.number = l.customer;

-- What customers did and providers said, as it came in.
CREATE TABLE event (
  shard INTEGER NOT NULL,
  -- Empty until the key of a message has said whose it is.
  customer_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  what TEXT NOT NULL,
  message TEXT,
  channel TEXT,
  message_key TEXT,
  source TEXT,
  -- Set when the run's clock has passed the event: `counted`, or why it has no effect.
  came_to TEXT,
  PRIMARY KEY (shard, customer_id, occurred_at, event_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX event_once ON event (event_id);
CREATE INDEX event_to_tell ON event (occurred_at, event_id) WHERE came_to IS NULL;
-- A replay stops at these: a queued message is not to wait any longer.
CREATE INDEX event_of_cards ON event (occurred_at)
  WHERE came_to IS NULL AND what = 'card_deleted';
CREATE INDEX event_of_nothing ON event (came_to) WHERE came_to <> 'counted';

-- What customers did with messages that had left: the events that count.
CREATE TABLE touch (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  message TEXT NOT NULL,
  how TEXT NOT NULL,
  at INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  PRIMARY KEY (shard, customer_id, message, how, at, event_id)
) STRICT, WITHOUT ROWID;

-- Append-only. The sum of a customer's entries is her balance, the sum of a lot's entries
-- is what is left of it. One thing that happens is one `entry`, over as many lots as it
-- takes; the key says what it is, so that it cannot be written twice.
CREATE TABLE entry (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  entry TEXT NOT NULL,
  lot TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind = 'granted' OR kind = 'cashback' OR kind = 'earned' OR kind = 'spent' OR
      kind = 'expired' OR kind = 'taken_back' OR kind = 'given_back' OR kind = 'settled'),
  points INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- The step that caused it.
  chain TEXT,
  cycle INTEGER,
  step TEXT,
  round INTEGER,
  -- The purchase that caused it, or whose return did.
  purchase BLOB,
  PRIMARY KEY (shard, customer_id, entry, lot)
) STRICT, WITHOUT ROWID;

-- What is left of points that came at once.
CREATE TABLE lot (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  lot TEXT NOT NULL,
  points_left INTEGER NOT NULL,
  since INTEGER NOT NULL,
  expires_at INTEGER,
  -- The only brand they can be spent at.
  brand TEXT,
  PRIMARY KEY (shard, customer_id, lot)
) STRICT, WITHOUT ROWID;

CREATE INDEX lot_to_expire ON lot (expires_at, shard, customer_id, lot)
  WHERE points_left > 0 AND expires_at IS NOT NULL;

-- Points that a step gave, and that nothing has happened to yet: they become a lot and an
-- entry when something does. Those that were given alike share a row, as in `cohort`.
CREATE TABLE gift (
  number INTEGER NOT NULL PRIMARY KEY,
  given INTEGER NOT NULL,
  who TEXT NOT NULL,
  chain TEXT NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  points INTEGER NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER,
  brand TEXT
) STRICT;

CREATE INDEX gift_to_expire ON gift (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE given (
  customer INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  cycle INTEGER NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  gift INTEGER NOT NULL,
  PRIMARY KEY (customer, chain, cycle, step, round)
) STRICT, WITHOUT ROWID;

CREATE VIEW untouched AS
  SELECT c.shard, c.customer_id,
    'granted ' || g.chain || ' ' || n.cycle || ' ' || g.step || ' ' || g.round AS entry,
    'granted ' || g.chain || ' ' || n.cycle || ' ' || g.step || ' ' || g.round AS lot,
    'granted' AS kind, g.points, g.at, g.chain, n.cycle, g.step, g.round, g.expires_at, g.brand,
    n.customer
  FROM given n JOIN gift g ON g.number = n.gift JOIN customer c ON c.number = n.customer;

CREATE VIEW wallet_entry AS
  SELECT shard, customer_id, entry, lot, kind, points, at, chain, cycle, step, round, purchase
  FROM entry
  UNION ALL
  SELECT shard, customer_id, entry, lot, kind, points, at, chain, cycle, step, round, NULL
  FROM untouched;

CREATE VIEW wallet_lot AS
  SELECT shard, customer_id, lot, points_left, since, expires_at, brand FROM lot
  UNION ALL
  SELECT shard, customer_id, lot, points, at, expires_at, brand FROM untouched;

-- A raised cashback of a customer. What it is to earn at most is reserved from the points
-- budgets until its end.
CREATE TABLE cashback (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  chain TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  rate INTEGER NOT NULL,
  since INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  up_to INTEGER,
  earned INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  PRIMARY KEY (shard, customer_id, chain, cycle, step, round)
) STRICT, WITHOUT ROWID;

CREATE INDEX cashback_to_end ON cashback (ends_at, shard, customer_id, chain, cycle, step, round)
  WHERE ended = 0;

-- Codes are taken from a pool in the order in which they came; each is given once.
CREATE TABLE promo_code (
  pool TEXT NOT NULL,
  number INTEGER NOT NULL,
  code TEXT NOT NULL,
  shard INTEGER,
  customer_id TEXT,
  chain TEXT,
  cycle INTEGER,
  step TEXT,
  round INTEGER,
  given_at INTEGER,
  expires_at INTEGER,
  PRIMARY KEY (pool, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX promo_code_once ON promo_code (code);
CREATE INDEX promo_code_free ON promo_code (pool, number) WHERE given_at IS NULL;

-- What was done to whom and why, as rows. The lines stand in `cohort.lines`, which only
-- grows: an array of [milliseconds since she entered, step, number of the word, detail].
CREATE TABLE journal_word (
  number INTEGER NOT NULL PRIMARY KEY,
  word TEXT NOT NULL
) STRICT;

INSERT INTO journal_word (number, word) VALUES
  (0, 'entered'),
  (1, 'control'),
  (2, 'reached'),
  (3, 'done'),
  (4, 'skipped'),
  (5, 'granted'),
  (6, 'raised'),
  (7, 'code'),
  (8, 'queued'),
  (9, 'sent'),
  (10, 'delivered'),
  (11, 'undeliverable'),
  (12, 'held'),
  (13, 'arm'),
  (14, 'round'),
  (15, 'undecided'),
  (16, 'assumed'),
  (17, 'purchased'),
  (18, 'answered'),
  (19, 'ended'),
  (20, 'bought'),
  (21, 'control bought'),
  (22, 'too late'),
  (23, 'earned'),
  (24, 'lowered'),
  (25, 'opened'),
  (26, 'clicked'),
  (27, 'taken back'),
  (28, 'unsubscribed'),
  (29, 'returned'),
  (30, 'control returned');

CREATE VIEW journal AS
  SELECT e.shard, e.customer_id, e.chain, e.cycle, line.key AS number,
    e.entered_at + (line.value ->> 0) AS at, line.value ->> 1 AS step,
    coalesce(w.word, line.value ->> 2) AS what, line.value ->> 3 AS detail
  FROM enrolment e JOIN json_each(e.lines) line
  LEFT JOIN journal_word w ON w.number = line.value ->> 2;

-- The journal in numbers, written in the same transactions.
CREATE TABLE tally (
  chain TEXT NOT NULL,
  version TEXT NOT NULL,
  step TEXT NOT NULL,
  what TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (chain, version, step, what)
) STRICT, WITHOUT ROWID;

-- The owner is a chain, or `experiment` and the name of one.
CREATE TABLE budget_use (
  owner TEXT NOT NULL,
  budget TEXT NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (owner, budget)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule (
  chain TEXT NOT NULL PRIMARY KEY,
  last_slot INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only: what people told the store of a chain. Its last row says how a chain stands;
-- a chain without one runs.
CREATE TABLE operation (
  chain TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  standing TEXT NOT NULL CHECK (standing = 'running' OR standing = 'paused' OR standing = 'stopped'),
  who TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (chain, number)
) STRICT, WITHOUT ROWID;

-- Chains that were stopped and whose customers are being ended.
CREATE TABLE stopping (
  chain TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Append-only: who was erased, and let in again, by a hash under the store's own key.
CREATE TABLE tombstone (
  hash BLOB NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('erased', 'admitted')),
  who TEXT NOT NULL,
  PRIMARY KEY (hash, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone_key (
  key BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Keys that turned out to be another customer's.
CREATE TABLE merged (
  old_id TEXT NOT NULL PRIMARY KEY,
  old_number INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  who TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Files that were imported whole, by the hash of what they say.
CREATE TABLE imported (
  kind TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (kind, hash)
) STRICT, WITHOUT ROWID;

-- One row each: `use` (live or replay) and `clock`.
CREATE TABLE run_state (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
