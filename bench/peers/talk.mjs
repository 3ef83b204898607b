// What the scripts of this folder share: how they speak with `chainc-bench`, a provider that
// takes every message and keeps nothing but the number, and a shop where every tenth buys.
//
// The benchmark starts a script. It makes its engine ready, runs some chains to be warm, and
// says so in a line of JSON. It is told how many chains to run, runs them, and says what they
// came to. It ends when its input ends.

import { createInterface } from "node:readline";

/** How long a customer has to buy. */
export const WAIT_SECONDS = 1;

/** When nothing has moved for so long, something is wrong. */
const PATIENCE_SECONDS = 60;

/** Enough for the compiler of Node.js to have seen the code. */
const WARM = 500;

/** Customers are numbers from here on, so that each of them has nine digits. */
const FIRST = 100_000_000;

export const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Takes messages, in this process, and counts them. */
export class Provider {
  #shop;
  sent = 0;
  texted = 0;

  constructor(shop) {
    this.#shop = shop;
  }

  sms(customer) {
    this.sent += 1;
    this.texted += 1;
    this.#shop.wroteTo(customer);
  }

  push() {
    this.sent += 1;
  }
}

/** Every tenth of those who got an SMS buys half-way through the wait. */
export class Shop {
  #waiting = [];
  #bought;

  /** `bought` tells an engine of the purchases of some customers. */
  constructor(bought) {
    this.#bought = bought;
  }

  wroteTo(customer) {
    if (customer % 10 === 3) {
      this.#waiting.push({ customer, at: Date.now() + WAIT_SECONDS * 500 });
    }
  }

  open() {
    setInterval(() => {
      const now = Date.now();
      const due = this.#waiting.findIndex(({ at }) => at > now);
      const buyers = this.#waiting.splice(0, due < 0 ? this.#waiting.length : due);
      if (buyers.length > 0) {
        this.#bought(buyers.map(({ customer }) => customer)).catch(fail);
      }
    }, 50);
  }
}

/** Ends the script, and with it the measurement. */
export function fail(error) {
  console.error(error);
  process.exit(1);
}

/**
 * Speaks with the benchmark.
 *
 * `enrol` lets some customers in: so many at once, and the next when those before them got their
 * SMS, so that a purchase does not stand behind everybody's start. `ended` returns how many of
 * those from a number on have come to their end on disk.
 */
export async function serve({ provider, shop, atOnce, enrol, ended }) {
  let next = FIRST;
  const run = async (number) => {
    const from = next;
    next += number;
    const before = provider.sent;
    for (let customer = from; customer < next; customer += atOnce) {
      const length = Math.min(atOnce, next - customer);
      const texted = provider.texted + length;
      await enrol(Array.from({ length }, (_, nth) => customer + nth));
      while (provider.texted < texted) {
        await wait(5);
      }
    }
    let [seen, moved] = [provider.sent, Date.now()];
    for (;;) {
      await wait(100);
      if (provider.sent > seen) {
        [seen, moved] = [provider.sent, Date.now()];
      }
      // The engine is not asked before it can be at the end: nine of ten get two messages.
      const chains = seen - before < Math.floor(number * 1.9) ? 0 : await ended(from);
      if (chains >= number) {
        return { chains, messages: provider.sent - before };
      }
      if (Date.now() - moved > PATIENCE_SECONDS * 1000) {
        throw new Error(`only ${seen - before} messages for ${number} customers`);
      }
    }
  };
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  shop.open();
  await run(WARM);
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    say(await run(Number(line)));
  }
  process.exit(0);
}
