import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { Handover } from './handover.ts';
import { compareStatements } from './same-statements.ts';
import { openTwoSides, type TwoSides } from './two-sides.ts';

/** Kafka's workers write each record once only if this is set. They then ignore offsets of aborted transactions. */
const javaSettings = { 'exactly.once.source.support': 'enabled' };
let sides: TwoSides | undefined;
beforeAll(async () => {
  sides = await openTwoSides({ javaSettings });
}, 420_000);
afterAll(async () => sides?.[Symbol.asyncDispose](), 60_000);

describe('the same statements captured by Debezium and here', () => {
  it('U08 become the same records, but for the fields of the list', async () => {
    const { topics } = await compareStatements(sides!, { seed, transactions: 150 });

    expect(topics.flatMap(({ differences }) => differences)).toEqual([]);
    expect(topics.map(({ topic }) => topic)).toEqual([
      'same.message',
      'same.public.account',
      'same.public.line',
      'same.public.mark',
      'same.public.value',
      'same.public.whole_account',
    ]);
    expect(topics.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThan(4_000);
  }, 400_000);
});

describe('a capture that Debezium and our worker continue in turns', () => {
  let handover: Handover | undefined;
  beforeAll(async () => {
    handover = await Handover.open(sides!);
  }, 60_000);
  afterAll(async () => handover?.[Symbol.asyncDispose](), 60_000);

  const insert = (ids: string) => `INSERT INTO handed_over SELECT unnest(ARRAY[${ids}])`;

  it('U09 has each change on the topic once, also those of transactions that are open meanwhile', async () => {
    const { seen } = handover!;
    await using open = new AsyncDisposableStack();
    const client = await sides!.database.pool.connect();
    open.defer(() => client.release());
    await sides!.sql(insert('1, 2'));
    const expected = ['r 1', 'r 2'];

    for (const [turn, worker] of (['millrace', 'debezium', 'millrace', 'debezium'] as const).entries()) {
      const id = 10 * (turn + 1);
      await handover!.start(worker);
      await sides!.sql(insert(`${id}, ${id + 1}, ${id + 2}`));
      await client.query('BEGIN');
      await client.query(insert(`${id + 4}`));
      await sides!.sql(insert(`${id + 3}`));
      await handover!.has(`c ${id + 3}`);
      await handover!.stop(worker);
      await client.query('COMMIT');
      await sides!.sql(insert(`${id + 5}`));
      expected.push(...[0, 1, 2, 3, 4, 5].map((more) => `c ${id + more}`));
      expect(seen).toEqual(expected.slice(0, -2));
    }
    await handover!.start('millrace');
    await handover!.has('c 45');
    expect(seen).toEqual(expected);
    await handover!.stop('millrace');
  }, 300_000);

  it('U09 goes on here within a transaction in which Debezium has stopped', async () => {
    const { seen } = handover!;
    await handover!.start('debezium');
    await sides!.sql(insert('61, 62, 63'));
    await handover!.has('c 63');
    await handover!.stop('debezium');
    await handover!.setOffset('debezium', handover!.offsetAfter('c 62'));

    await handover!.start('millrace');
    await sides!.sql(insert('64'));
    await handover!.has('c 64');
    await handover!.stop('millrace');

    expect(seen.slice(-5)).toEqual(['c 61', 'c 62', 'c 63', 'c 63', 'c 64']);
  }, 300_000);

  it('U09 repeats with Debezium a transaction of which we have written a part', async () => {
    const { seen } = handover!;
    await handover!.start('debezium');
    await sides!.sql(insert('65, 66'));
    await handover!.has('c 66');
    await handover!.stop('debezium');
    const { lsn_commit: lsn } = handover!.offsetAfter('c 66');
    await handover!.setOffset('debezium', { lsn, lsn_commit: lsn, events: 1 });

    await handover!.start('debezium');
    await sides!.sql(insert('67'));
    await handover!.has('c 67');
    await handover!.stop('debezium');

    expect(seen.slice(-5)).toEqual(['c 65', 'c 66', 'c 65', 'c 66', 'c 67']);
  }, 300_000);

  it('U09 takes a snapshot with Debezium that our worker has begun', async () => {
    const { seen } = handover!;
    const before = seen.length;
    const rows = new Set(seen.map((change) => change.replace('c', 'r')));
    await handover!.setOffset('millrace', {
      snapshot: 'INITIAL',
      snapshot_completed: false,
      last_snapshot_record: false,
    });

    await handover!.start('debezium');
    await handover!.has('r 67');

    expect(seen.slice(before).toSorted()).toEqual([...rows].toSorted());
  }, 300_000);
});
