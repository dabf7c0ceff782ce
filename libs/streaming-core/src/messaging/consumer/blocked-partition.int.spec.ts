import { describe, expect, it } from '@jest/globals';
import { BlockedError } from './consumer-error.ts';
import { runtimeBench, sqlError, until } from './runtime.bench.ts';
import type { SkipGuard, SkippedMessage } from './message-handler.ts';

describe('a partition whose next message this process cannot handle', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters } = bench;
  const partitions = [0, 1].map((partition) => ({ topic: 'notes', partition }));
  /** The attempts that the tests wait for take far longer than this. */
  const inPlaceMs = 20;
  const attempts = 12;

  /** A handler that cannot handle one number, and a count of its attempts. */
  function blockedOn(blocked: number) {
    const seen = { attempts: 0, released: false };
    const blocking = handler(async (number) => {
      if (number !== blocked || seen.released) return;
      seen.attempts += 1;
      throw new Error('wrapped', { cause: new BlockedError(`${number} needs a later release`) });
    });
    return { seen, blocking };
  }

  it('M22 is retried without limit, has no effect meanwhile and produces no dead letter', async () => {
    note(1);
    note(2);
    note(3);
    const { seen, blocking } = blockedOn(2);
    const made = runtime(member(), { handlers: [blocking], limits: { inPlaceMs } });
    await made.start();
    await until(() => seen.attempts > attempts);

    expect(await effects()).toEqual([]);
    expect(await offset()).toEqual('0');
    expect(made.status()).toMatchObject([
      { state: 'blocked', nextOffset: 0n, failure: { message: 'wrapped' } },
    ]);
    seen.released = true;
    await until(async () => (await offset()) === '3');
    await until(() => made.status().every(({ state }) => state === 'open'));
    expect(await effects()).toEqual([1, 2, 3]);
    expect(await deadLetters()).toEqual([]);
  });

  it('M22 delays no other partition, not even one that shares its transactions', async () => {
    const { seen, blocking } = blockedOn(1);
    const limits = { inPlaceMs, gatherMsMax: 60_000, batchMsMax: 60_000 };
    const made = runtime(member(partitions), { handlers: [blocking], limits });
    await made.start();
    note(1, {}, 0);
    for (let number = 2; number <= 20; number += 1) note(number, {}, 1);
    await until(async () => (await offset('notes', 1)) === '19');
    await until(() => seen.attempts > attempts);
    await until(() => made.status()[1]?.nextOffset === 19n);

    expect(made.status()).toMatchObject([{ state: 'blocked' }, { state: 'open', nextOffset: 19n }]);
    expect(await deadLetters()).toEqual([]);
  });

  it('M22 is handled by a process that takes it over and can handle it', async () => {
    note(1);
    note(2);
    const { seen, blocking } = blockedOn(1);
    const old = member();
    await runtime(old, { handlers: [blocking] }).start();
    await until(() => seen.attempts > 0);
    await old.revoke();
    await runtime(member()).start();
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([1, 2]);
    expect(await deadLetters()).toEqual([]);
  });

  describe('because it has no handler for the type', () => {
    const unknown = (key: string | null) => bench.log.append('notes', { type: 'Unknown' }, { key });

    it('skips neither that message nor the rest of its batch while a guard forbids it', async () => {
      note(1);
      unknown('wanted');
      note(2);
      let asked = 0;
      let released = false;
      const guard: SkipGuard = async (_, skipped) => {
        asked += 1;
        if (!released && skipped.some(({ key }) => key === 'wanted'))
          throw new BlockedError('somebody needs it');
      };
      const made = runtime(member(), { skipGuards: [guard], limits: { inPlaceMs } });
      await made.start();
      await until(() => asked > attempts);

      expect(await effects()).toEqual([]);
      expect(made.status()).toMatchObject([{ state: 'blocked', failure: { message: 'somebody needs it' } }]);
      released = true;
      await until(async () => (await offset()) === '3');
      expect(await effects()).toEqual([1, 2]);
      expect(await deadLetters()).toEqual([]);
    });

    it('passes only such messages with a key to the guard, once per batch, in the transaction that moves the offset', async () => {
      note(1);
      unknown('a');
      unknown(null);
      unknown('b');
      const calls: Array<{ skipped: readonly SkippedMessage[]; offset: unknown }> = [];
      const guard: SkipGuard = async (transaction, skipped) => {
        const { rows } = await transaction.query(
          'SELECT next_offset FROM consumer_offset WHERE consumer_group = $1',
          [bench.group],
        );
        calls.push({ skipped, offset: rows[0]?.next_offset });
      };
      await runtime(member(), { skipGuards: [guard] }).start();
      await until(async () => (await offset()) === '4');

      const place = { topic: 'notes', partition: 0, type: 'Unknown' };
      expect(calls).toEqual([
        {
          skipped: [
            { ...place, offset: 1n, key: 'a' },
            { ...place, offset: 3n, key: 'b' },
          ],
          offset: '4',
        },
      ]);
    });

    it.each([
      ['fails', new Error('no such table')],
      ['loses its connection', sqlError('08006')],
    ])('produces no dead letter when the guard %s', async (_, error) => {
      unknown('k');
      let failures = attempts;
      const guard: SkipGuard = async () => {
        failures -= 1;
        if (failures >= 0) throw error;
      };
      await runtime(member(), { skipGuards: [guard], limits: { inPlaceMs } }).start();
      await until(async () => (await offset()) === '1');

      expect(failures).toBeLessThan(0);
      expect(await deadLetters()).toEqual([]);
    });
  });
});
