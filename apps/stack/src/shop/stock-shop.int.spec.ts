import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { sampleAccounts, sampleProducts } from './sample-orders.ts';
import { stockShop } from './stock-shop.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

interface Shop {
  readonly onHand: number;
  readonly reserved: number;
  readonly balance: number;
  readonly accountStatus: 201 | 409;
}

/**
 * Stocks a shop with one server for inventory and payment, where every product and account has the
 * same figures. Resolves with what was received and deposited, by path.
 */
async function toppedUp({
  onHand,
  reserved,
  balance,
  accountStatus,
}: Shop): Promise<Readonly<Record<string, number>>> {
  const received: Record<string, number> = {};
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (/\/(receipts|deposits)$/.test(url)) {
        const { quantity, amount } = JSON.parse(Buffer.concat(chunks).toString()) as {
          quantity?: number;
          amount?: number;
        };
        received[url] = quantity ?? amount ?? 0;
      }
      const status = method === 'POST' && url === '/accounts' ? accountStatus : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ onHand, reserved, balance: { amount: balance, currency: 'EUR' } }));
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await stockShop({ order: url, inventory: url, payment: url, shipping: url, notification: url });
  return received;
}

describe("the samples' shop", () => {
  const receipts = (onHand: number) =>
    sampleProducts.map((product) => [`/products/${product.sku}/receipts`, product.onHand - onHand]);
  const deposits = (balance: number) =>
    sampleAccounts.map((account) => [`/accounts/${account.customerId}/deposits`, account.balance - balance]);

  it('is stocked up to its figures if it was empty', async () => {
    const received = await toppedUp({ onHand: 0, reserved: 0, balance: 0, accountStatus: 201 });
    expect(received).toEqual(Object.fromEntries([...receipts(0), ...deposits(0)]));
  });

  it('gets what is missing after an earlier run, whatever is still reserved', async () => {
    const received = await toppedUp({ onHand: 0, reserved: 3, balance: 1_00, accountStatus: 409 });
    expect(received).toEqual(Object.fromEntries([...receipts(0), ...deposits(1_00)]));
  });

  it('gets nothing if nothing is missing', async () => {
    expect(await toppedUp({ onHand: 100, reserved: 5, balance: 1_000_00, accountStatus: 409 })).toEqual({});
  });
});
