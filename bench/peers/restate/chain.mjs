// The chain on Restate: a workflow for each customer, which is her enrolment; her points are its
// state, and what it returns is the record of its end.
//
// The wait is a durable promise with a timeout; a purchase resolves it. Customers are let in,
// and purchases told, by the batch: one call that the server takes apart.

import { createEndpointHandler, service, TimeoutError, workflow } from "@restatedev/restate-sdk";
import { createServer } from "node:http2";
import { Provider, Shop, WAIT_SECONDS, serve } from "../talk.mjs";

/** How many customers are let in at once. */
const BATCH = 100;

const { PEER_INGRESS: ingress, PEER_ADMIN: admin } = process.env;

async function post(url, body) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${url}: ${answer.status} ${text}`);
  }
  return text === "" ? undefined : JSON.parse(text);
}

const call = (handler, customers) => post(`${ingress}/shop/${handler}`, customers);

const shop = new Shop((customers) => call("purchases", customers));
const provider = new Provider(shop);

const chain = workflow({
  name: "chain",
  handlers: {
    run: async (ctx) => {
      ctx.set("points", 300);
      await ctx.run("sms", () => provider.sms(Number(ctx.key)));
      try {
        await ctx.promise("purchase").get().orTimeout(WAIT_SECONDS * 1000);
        return "purchased";
      } catch (error) {
        if (!(error instanceof TimeoutError)) {
          throw error;
        }
      }
      await ctx.run("push", () => provider.push());
      return "completed";
    },
    bought: (ctx) => ctx.promise("purchase").resolve(1000),
  },
});
const calls = service({
  name: "shop",
  handlers: {
    enrol: async (ctx, customers) => {
      customers.forEach((one) => ctx.workflowSendClient(chain, String(one)).run());
    },
    purchases: async (ctx, customers) => {
      customers.forEach((one) => ctx.workflowSendClient(chain, String(one)).bought());
    },
  },
});

const server = createServer(createEndpointHandler({ services: [chain, calls], logger: () => {} }));
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
await post(`${admin}/deployments`, { uri: `http://127.0.0.1:${server.address().port}` });

async function ended(from) {
  const query = `SELECT count(*) AS ended FROM sys_invocation
    WHERE target_service_name = 'chain' AND target_handler_name = 'run'
      AND status = 'completed' AND target_service_key >= '${from}'`;
  const { rows } = await post(`${admin}/query`, { query });
  return rows[0].ended;
}

await serve({
  provider,
  shop,
  atOnce: BATCH,
  enrol: (customers) => call("enrol", customers),
  ended,
});
