import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { inParallel, type Place, type Steps } from './order-steps.ts';

/** How long a service waits for the next one. */
export const callMsMax = 500;
/** How long a customer waits for order. */
const orderMsMax = 10_000;

/** A service of the chain. It does its own work, calls the next one, and answers after that has. */
class Link {
  readonly done: string[] = [];
  readonly #workMs: number;
  readonly #next?: Link;
  #server?: Server;
  #port = 0;
  #busy: Promise<void> = Promise.resolve();

  constructor(workMs: number, next?: Link) {
    this.#workMs = workMs;
    this.#next = next;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      void this.#take(request.url?.slice(1) ?? '').then((status) => response.writeHead(status).end());
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  async #take(orderId: string): Promise<number> {
    this.#busy = this.#busy.then(() => wait(this.#workMs)); // one order at a time
    await this.#busy;
    this.done.push(orderId);
    return this.#next === undefined ? 202 : post(this.#next.url, orderId);
  }
}

/** Returns the status, which is 502 if the called service is down or too slow. */
const post = (url: string, orderId: string, msMax = callMsMax): Promise<number> =>
  fetch(`${url}/${orderId}`, { method: 'POST', signal: AbortSignal.timeout(msMax) }).then(
    ({ status }) => status,
    () => 502,
  );

/** Order, which is `place`, calls inventory, which calls shipping, which calls notification. */
export async function startChain(workMs: Steps<number>): Promise<Place> {
  const notification = new Link(workMs.notification);
  const shipping = new Link(workMs.shipping, notification);
  const inventory = new Link(workMs.inventory, shipping);
  const links = { inventory, shipping, notification };
  await inParallel(links, (link) => link.start());
  return {
    place: (orderId) => post(inventory.url, orderId, orderMsMax),
    done: (step) => links[step].done,
    takeDown: (step) => links[step].stop(),
    bringBack: (step) => links[step].start(),
    stop: () => inParallel(links, (link) => link.stop()),
  };
}
