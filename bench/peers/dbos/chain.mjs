// The chain on DBOS Transact: a workflow for each customer, which is her enrolment and, by its
// status, the record of its end.
//
// The wait is a `recv` with a timeout, which is durable; a purchase is a message.

import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { Provider, Shop, WAIT_SECONDS, serve } from "../talk.mjs";

/** How many customers are let in at once. */
const AT_ONCE = 300;

const url = process.env.PEER_DATABASE;
const pool = new pg.Pool({ connectionString: url, max: 10 });
await pool.query(`
  CREATE TABLE wallet (
    customer integer NOT NULL, chain text NOT NULL, points integer NOT NULL,
    PRIMARY KEY (customer, chain)
  )`);
const key = (customer) => `chain-${customer}`;

const forEach = (customers, work) => Promise.all(customers.map(work));

const shop = new Shop((customers) =>
  forEach(customers, (customer) => DBOS.send(key(customer), 1000, "purchase")),
);
const provider = new Provider(shop);

const grant = (customer) =>
  pool.query({
    name: "grant",
    text: "INSERT INTO wallet VALUES ($1, 'bench', 300) ON CONFLICT DO NOTHING",
    values: [customer],
  });
const chain = DBOS.registerWorkflow(
  async (customer) => {
    await DBOS.runStep(async () => void (await grant(customer)), { name: "grant" });
    await DBOS.runStep(async () => provider.sms(customer), { name: "sms" });
    if ((await DBOS.recv("purchase", { timeoutSeconds: WAIT_SECONDS })) !== null) {
      return "purchased";
    }
    await DBOS.runStep(async () => provider.push(), { name: "push" });
    return "completed";
  },
  { name: "chain" },
);

DBOS.setConfig({
  name: "chainc-bench",
  systemDatabaseUrl: url,
  systemDatabasePoolSize: 20,
  logLevel: "error",
});
await DBOS.launch();

const enrol = (customers) =>
  forEach(customers, (customer) =>
    DBOS.startWorkflow(chain, { workflowID: key(customer) })(customer),
  );

async function ended(from) {
  const sql = `SELECT count(*)::integer AS ended FROM dbos.workflow_status
    WHERE workflow_uuid >= $1 AND status = 'SUCCESS'`;
  const { rows } = await pool.query(sql, [key(from)]);
  return rows[0].ended;
}

await serve({ provider, shop, atOnce: AT_ONCE, enrol, ended });
