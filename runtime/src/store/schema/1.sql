-- Every time is milliseconds UTC, every amount minor units, every flag 0 or 1.
-- What a customer owns starts its key with her shard (256 of them, a hash of her key).

CREATE TABLE customer (
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
  -- Kept up on every purchase that has become known.
  first_purchase_at INTEGER,
  last_purchase_at INTEGER,
  purchases INTEGER NOT NULL DEFAULT 0,
  spent INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (shard, customer_id)
) STRICT, WITHOUT ROWID;

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
  PRIMARY KEY (shard, customer_id, channel, at, number)
) STRICT, WITHOUT ROWID;

-- `known` turns 1 when the run's clock has passed the purchase and it has had its effect.
CREATE TABLE purchase (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  amount INTEGER NOT NULL,
  external_id TEXT,
  items INTEGER,
  store_id TEXT,
  brand TEXT,
  categories TEXT,
  known INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (shard, customer_id, occurred_at, event_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX purchase_once ON purchase (event_id);
CREATE INDEX purchase_to_tell ON purchase (occurred_at, event_id) WHERE known = 0;

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
  categories TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX stray_purchase_by_customer ON stray_purchase (customer_id);

-- One row once it is known what a chain of a version means.
CREATE TABLE chain_version (
  chain TEXT NOT NULL,
  version TEXT NOT NULL,
  ir TEXT NOT NULL,
  PRIMARY KEY (chain, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  chain TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  version TEXT NOT NULL,
  control INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  recency INTEGER,
  -- The id of the step she stands at, and the round she is in; 0 outside of repeats.
  place TEXT NOT NULL,
  round INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('ready', 'waiting', 'sending', 'ended')),
  due_at INTEGER,
  -- What she carries along, as JSON; nothing here is asked for by SQL.
  memory TEXT NOT NULL,
  journalled INTEGER NOT NULL,
  goal_until INTEGER,
  goal_at_least INTEGER NOT NULL,
  bought_at INTEGER,
  ended_at INTEGER,
  ended TEXT,
  PRIMARY KEY (shard, customer_id, chain, cycle)
) STRICT, WITHOUT ROWID;

CREATE INDEX enrolment_due ON enrolment (due_at, shard, customer_id, chain, cycle)
  WHERE due_at IS NOT NULL;

CREATE TABLE outbox (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  chain TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  channel TEXT NOT NULL,
  effect_key TEXT NOT NULL,
  version TEXT NOT NULL,
  message TEXT NOT NULL,
  content TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('queued', 'in_flight', 'pending', 'delivered', 'undeliverable', 'failed', 'skipped', 'cancelled')),
  due_at INTEGER,
  -- From then on it must not leave any more.
  stale_at INTEGER,
  rejections INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  taken_at INTEGER,
  settled_at INTEGER,
  address TEXT,
  consent_at INTEGER,
  consent_number INTEGER,
  cost INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  reason TEXT,
  PRIMARY KEY (shard, customer_id, chain, cycle, step, round, channel)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (due_at, shard, customer_id, chain, cycle, step)
  WHERE due_at IS NOT NULL;
CREATE INDEX outbox_in_flight ON outbox (state) WHERE state = 'in_flight';

-- What customers did with messages, as others told us.
CREATE TABLE touch (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  message TEXT NOT NULL,
  how TEXT NOT NULL,
  at INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  known INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (shard, customer_id, message, how, at, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_entry (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  chain TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  step TEXT NOT NULL,
  round INTEGER NOT NULL,
  points INTEGER NOT NULL,
  -- In whose name they were given.
  brand TEXT,
  written_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (shard, customer_id, chain, cycle, step, round)
) STRICT, WITHOUT ROWID;

-- Append-only: what was done to whom and why.
CREATE TABLE journal (
  shard INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  chain TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  step TEXT,
  what TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (shard, customer_id, chain, cycle, number)
) STRICT, WITHOUT ROWID;

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
