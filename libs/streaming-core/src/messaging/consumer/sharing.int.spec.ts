import { describe, expect, it } from '@jest/globals';
import type { SqlDatabase } from '../../postgres/index.ts';
import { gate, runtimeBench, sqlError, until } from './runtime.bench.ts';

describe('a shared transaction', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters } = bench;
  const partitions = [0, 1].map((partition) => ({ topic: 'notes', partition }));
  const limits = { gatherMsMax: 60_000, batchMsMax: 60_000, inPlaceMs: 20 };

  /** Counts transactions, including those that take offsets. */
  function counting(after: (transactions: number) => void = () => undefined) {
    const counted = { transactions: 0 };
    const database: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      async transaction(work) {
        const number = ++counted.transactions;
        const result = await bench.database.sql.transaction(work);
        after(number);
        return result;
      },
    };
    return { counted, database };
  }

  /** Holds the first message until the others of both partitions have been fetched. */
  async function gathered(
    numbers: readonly (readonly [number: number, partition: number])[],
    options: Parameters<typeof runtime>[1] = {},
  ) {
    const held = gate();
    const consumer = member(partitions);
    const [given = handler()] = options.handlers ?? [];
    const handlers = [
      {
        ...given,
        handle: async (...message: Parameters<typeof given.handle>) => (
          await held.pass(),
          given.handle(...message)
        ),
      },
    ];
    const made = runtime(consumer, { ...options, handlers, limits });
    await made.start();
    await until(() => made.status().every(({ state }) => state === 'open'));
    note(0, {}, 0);
    await held.arrived;
    for (const [number, partition] of numbers) note(number, {}, partition);
    const ends = [0, 1].map(
      (index) => numbers.filter(([, partition]) => partition === index).length + (index === 0 ? 1 : 0),
    );
    await until(() => ends.every((end, index) => consumer.fetchedTo('notes', index) === BigInt(end)));
    return { held, consumer };
  }

  it('M15 takes all batches that became ready while another one ran', async () => {
    const { counted, database } = counting();
    const { held } = await gathered(
      [
        [1, 0],
        [2, 1],
        [3, 1],
      ],
      { database },
    );
    const before = counted.transactions;
    held.open();
    await until(async () => (await offset()) === '2' && (await offset('notes', 1)) === '2');

    expect((await effects()).toSorted()).toEqual([0, 1, 2, 3]);
    expect(counted.transactions - before).toBe(1);
  });

  it('M14 is repeated so that a failing message affects its own partition only, and the others take effect once', async () => {
    const failing = handler(async (number) => {
      if (number === 2) throw new Error('two is even');
    });
    const { held } = await gathered(
      [
        [1, 0],
        [2, 1],
        [3, 1],
      ],
      { handlers: [failing] },
    );
    held.open();
    await until(async () => (await offset()) === '2' && (await offset('notes', 1)) === '2');

    expect((await effects()).toSorted()).toEqual([0, 1, 3]);
    expect(await deadLetters()).toMatchObject([{ headers: { dlq_reason: 'Error: two is even' } }]);
  });

  it('M14 is repeated for the other partitions if one is fenced', async () => {
    const { held, consumer } = await gathered([
      [1, 0],
      [2, 1],
    ]);
    await bench.database.sql.query(
      "UPDATE consumer_offset SET assignment_epoch = assignment_epoch + 1 WHERE consumer_group = $1 AND topic = 'notes' AND partition = 1",
      [bench.group],
    );
    held.open();
    await until(async () => (await offset()) === '2' && (await offset('notes', 1)) === '1');

    expect((await effects()).toSorted()).toEqual([0, 1, 2]);
    expect(consumer.rejoins).toBe(1);
  });

  it('M14 makes every partition ask the database whether it was committed if its answer is lost', async () => {
    let lost = false;
    const { counted, database } = counting((transactions) => {
      if (transactions !== before + 1) return;
      lost = true;
      throw sqlError('ECONNRESET');
    });
    let before = Infinity;
    const { held, consumer } = await gathered(
      [
        [1, 0],
        [2, 1],
      ],
      { database },
    );
    before = counted.transactions;
    held.open();
    await until(() => lost);
    note(3, {}, 1);
    await until(async () => (await offset()) === '2' && (await offset('notes', 1)) === '2');

    expect((await effects()).toSorted()).toEqual([0, 1, 2, 3]);
    expect(consumer.rejoins).toBe(0);
  });
});
