import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { range } from '../relay.bench.ts';
import { handOverBench, until } from './hand-over.bench.ts';

describe('a relay that hands its outbox over to a connector', () => {
  const bench = handOverBench();
  const { append, relayWithConnector: relay, handsOver, isDone, firstOccurrences, slots, dropSlots } = bench;

  it('M60 publishes every row first in its order, to the connector and back, while rows are written', async () => {
    let next = 1;
    let writing = true;
    const writer = (async () => {
      while (writing) {
        await append(next, next + 1);
        next += 2;
        await sleep(1);
      }
    })();
    for (const publishes of [false, true, false, true]) {
      const made = relay(publishes);
      made.start();
      await until(async () => (await made.status()).follows === publishes);
      const before = next;
      await until(() => bench.log.numbers.includes(before + 20));
      await made.stop();
    }
    writing = false;
    await writer;
    const last = relay(true);
    last.start();
    await until(() => new Set(bench.log.numbers).size === next - 1);

    expect(firstOccurrences()).toEqual(range(1, next - 1));
    expect(bench.reader.published.length).toBeGreaterThan(20);
    await isDone(last);
  });

  it('M60 advances its cursor while the connector publishes', async () => {
    const made = relay(true);
    await handsOver(made);
    await append(...range(1, 30));
    await until(() => bench.log.records.length === 30);
    await isDone(made);

    expect(bench.reader.published).toEqual(range(1, 30));
    expect(made.inCharge).toBe(false);
    await bench.reader.stop();
    bench.reader.problem = new Error('no worker answers');
    await append(31);
    await until(async () => ((await made.status()).oldestUnpublishedAgeMs ?? 0) > 50);
  });

  it('M61 publishes what the connector has not when the slot is lost, and gives the connector another one', async () => {
    const made = relay(true);
    await handsOver(made);
    await append(...range(1, 10));
    await until(() => bench.log.records.length === 10);
    await isDone(made);
    await bench.reader.stop();
    await append(...range(11, 20));
    await dropSlots();

    await until(() => bench.log.records.length >= 20);
    await until(async () => (await made.status()).follows);
    await append(...range(21, 25));
    await until(() => new Set(bench.log.numbers).size === 25);

    expect(firstOccurrences()).toEqual(range(1, 25));
    expect(bench.reader.published).toEqual(expect.arrayContaining([25]));
  });

  it('keeps publishing and says what is wrong while no Connect worker answers', async () => {
    bench.reader.problem = new Error('no Connect worker answers at RELAY_CONNECT_URL=http://127.0.0.1:1');
    const made = relay(true);
    made.start();
    await append(...range(1, 5));
    await until(() => bench.log.records.length === 5);
    await until(async () => (await made.status()).failure !== undefined);

    expect((await made.status()).failure?.message).toMatch('RELAY_CONNECT_URL');
    expect(await slots()).toEqual([]);
  });

  it('keeps publishing and creates no slot while the worker refuses the configuration', async () => {
    bench.reader.refusal = new Error('database.hostname: getaddrinfo ENOTFOUND postgres');
    const made = relay(true);
    made.start();
    await until(async () => (await made.status()).failure !== undefined);
    await append(...range(1, 5));
    await until(() => bench.log.records.length === 5);

    expect((await made.status()).failure?.message).toMatch('database.hostname');
    expect((await made.status()).follows).toBe(false);
    expect(await slots()).toEqual([]);
  });

  it('refuses an outbox that a connector publishes if it cannot take it back', async () => {
    const made = relay(true);
    await handsOver(made);
    await made.stop();
    const without = bench.relay();
    without.start();
    await until(async () => (await without.status()).failure !== undefined);

    expect((await without.status()).failure?.message).toMatch('give this relay the option connector');
  });
});
