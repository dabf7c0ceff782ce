import { describe, expect, it } from '@jest/globals';
import type { Message } from '../../contract/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { gate, notes, runtimeBench, until } from './runtime.bench.ts';
import type { MessageContext, MessageHandler } from './message-handler.ts';
import { v7 } from 'uuid';

describe('the consumer', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset } = bench;

  it('handles every message in order, beginning with the earliest, and moves the offset with the effects', async () => {
    for (let number = 0; number < 250; number += 1) note(number);
    const consumer = member();
    await runtime(consumer).start();
    await until(async () => (await offset()) === '250');

    expect(await effects()).toEqual(Array.from({ length: 250 }, (_, number) => number));
    await until(() => consumer.commits.some((commit) => commit.offset === 250n));
  });

  it('handles up to 100 messages in one transaction, whose first statement moves the epoch-checked offset', async () => {
    const transactions: string[][] = [];
    const recording: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      transaction: (work) =>
        bench.database.sql.transaction((transaction) => {
          const statements: string[] = [];
          transactions.push(statements);
          return work(
            transaction.withQuery((text, values) => (statements.push(text), transaction.query(text, values))),
          );
        }),
    };
    for (let number = 0; number < 100; number += 1) note(number);
    await runtime(member(), { database: recording, limits: { batchMsMax: 60_000 } }).start();
    await until(async () => (await offset()) === '100');

    const [, batch, ...more] = transactions; // the first one took the offset
    expect(more).toEqual([]);
    expect(batch?.[0]).toContain('UPDATE consumer_offset');
    expect(batch?.[0]).toContain('assignment_epoch = wanted.epoch');
    expect(batch?.[0]).toContain('INSERT INTO inbox');
    expect(batch).toHaveLength(101);
  });

  it('gives a message that the relay published twice one effect, in one batch or in two', async () => {
    const id = v7();
    note(1, { id });
    note(1, { id });
    note(2);
    await runtime(member()).start();
    await until(async () => (await offset()) === '3');
    note(1, { id });
    note(3);
    await until(async () => (await offset()) === '5');

    expect(await effects()).toEqual([1, 2, 3]);
  });

  it('locks the streams of a whole batch once, sorted by bytes, before its first handler', async () => {
    const id = v7();
    note(3, { id });
    note(1);
    note(2);
    note(3, { id });
    const calls: string[] = [];
    const locks: MessageHandler['locks'] = (message) => [`stream-${String(message.number)}`, 'Stream'];
    await runtime(member(), {
      handlers: [handler(async (number) => void calls.push(`handle ${number}`), notes.Noted, locks)],
      lockStreams: async (_, streams) => void calls.push(streams.join(' ')),
    }).start();
    await until(async () => (await offset()) === '4');

    expect(calls).toEqual(['Stream stream-1 stream-2 stream-3', 'handle 3', 'handle 1', 'handle 2']);
  });

  it('passes the correlation and causation ids of a message and its saga to its handler', async () => {
    const id = note(7, { headers: { ce_saga: 'trip' } });
    let seen: MessageContext | undefined;
    await runtime(member(), { handlers: [handler(async (_, context) => void (seen = context))] }).start();
    await until(() => seen !== undefined);

    expect(seen).toMatchObject({
      id,
      topic: 'notes',
      partition: 0,
      offset: 0n,
      key: 'k',
      correlationId: 'story',
      causationId: 'cause',
      saga: 'trip',
    });
  });

  it('calls committed once for each message after its commit, and for no copy', async () => {
    const calls: { readonly number: number; readonly effectsThen: Promise<readonly number[]> }[] = [];
    let failures = 3;
    const flaky = handler(async (number) => {
      if (number === 2 && failures-- > 0) throw new Error('not yet');
    });
    const committed = (message: Message) => {
      calls.push({ number: Number(message.number), effectsThen: effects() });
    };
    const id = note(1);
    note(2);
    note(1, { id });
    await runtime(member(), { handlers: [{ ...flaky, committed }] }).start();
    await until(async () => (await offset()) === '3');
    await until(() => calls.length === 2);

    expect(calls.map(({ number }) => number)).toEqual([1, 2]);
    for (const { number, effectsThen } of calls) expect(await effectsThen).toContain(number);
  });

  it('keeps committed effects when the committed callback fails', async () => {
    note(1);
    note(2);
    const committed = () => {
      throw new Error('the log is full');
    };
    await runtime(member(), { handlers: [{ ...handler(), committed }] }).start();
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([1, 2]);
  });

  it('continues with other partitions while a transaction is slow', async () => {
    const held = gate();
    const partitions = [0, 1].map((partition) => ({ topic: 'notes', partition }));
    await runtime(member(partitions), {
      handlers: [handler(async (number) => (number === 1 ? held.pass() : undefined))],
    }).start();
    note(1, {}, 0);
    await held.arrived;
    note(2, {}, 1);
    await until(async () => (await offset('notes', 1)) === '1');

    expect(await effects()).toEqual([2]);
    held.open();
    await until(async () => (await effects()).length === 2);
  });

  it('rejects an empty list of handlers', () => {
    expect(() => runtime(member(), { handlers: [] })).toThrow('without handlers');
  });
});
