// The chain on pg-boss: two jobs for each customer, worked on by the batch.
//
// A worker's batch is one transaction (`transactional`): what it writes, the jobs it makes and
// the end of its own jobs become durable together. The timer is a job that starts later.

import { PgBoss } from "pg-boss";
import { Provider, Shop, WAIT_SECONDS, serve } from "../talk.mjs";

/** How many customers are let in at once, and how many jobs are worked on at once. */
const BATCH = 1000;

const boss = new PgBoss({
  connectionString: process.env.PEER_DATABASE,
  max: 10,
  useListenNotify: true,
  schedule: false,
});
boss.on("error", console.error);
await boss.start();
const db = boss.getDb();

await db.executeSql(`
  CREATE TABLE enrolment (customer integer PRIMARY KEY, ended text);
  CREATE TABLE wallet (
    customer integer NOT NULL, chain text NOT NULL, points integer NOT NULL,
    PRIMARY KEY (customer, chain)
  );
  CREATE TABLE purchase (customer integer NOT NULL, amount integer NOT NULL)`);
await boss.createQueue("offer", { notify: true });
await boss.createQueue("remind");

/** The job of a customer's timer. Being known, it need not be kept to be cancelled. */
const timer = (customer) => `00000000-0000-4000-8000-${customer.toString(16).padStart(12, "0")}`;

async function transaction(work) {
  const tx = await db.beginTransaction();
  try {
    await work(tx.db);
    await tx.commit();
  } catch (error) {
    await tx.rollback();
    throw error;
  }
}

const shop = new Shop((customers) =>
  transaction(async (tx) => {
    await tx.executeSql("INSERT INTO purchase SELECT unnest($1::integer[]), 1000", [customers]);
    await boss.cancel("remind", customers.map(timer), { db: tx });
    await tx.executeSql(
      "UPDATE enrolment SET ended = 'purchased' WHERE customer = ANY ($1) AND ended IS NULL",
      [customers],
    );
  }),
);
const provider = new Provider(shop);

const working = {
  batchSize: BATCH,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  transactional: true,
};
await boss.work("offer", working, async (jobs, tx) => {
  const customers = jobs.map((job) => job.data.customer);
  await tx.executeSql(
    "INSERT INTO wallet SELECT unnest($1::integer[]), 'bench', 300 ON CONFLICT DO NOTHING",
    [customers],
  );
  customers.forEach((customer) => provider.sms(customer));
  const timers = customers.map((customer) => ({
    id: timer(customer),
    data: { customer },
    startAfter: WAIT_SECONDS,
  }));
  await boss.insert("remind", timers, { db: tx });
});
await boss.work("remind", working, async (jobs, tx) => {
  const customers = jobs.map((job) => job.data.customer);
  customers.forEach(() => provider.push());
  await tx.executeSql("UPDATE enrolment SET ended = 'completed' WHERE customer = ANY ($1)", [
    customers,
  ]);
});

async function enrol(customers) {
  const jobs = customers.map((customer) => ({ data: { customer } }));
  await transaction(async (tx) => {
    await tx.executeSql("INSERT INTO enrolment SELECT unnest($1::integer[])", [customers]);
    await boss.insert("offer", jobs, { db: tx });
  });
}

async function ended(from) {
  const sql = "SELECT count(ended)::integer AS ended FROM enrolment WHERE customer >= $1";
  const { rows } = await db.executeSql(sql, [from]);
  return rows[0].ended;
}

await serve({ provider, shop, atOnce: BATCH, enrol, ended });
