import assert from 'node:assert/strict';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { consume, kcatCommand, numbered, produce, splitLines, type KcatSettings } from './kcat-commands.ts';

interface Listing {
  readonly controllerid: number;
  readonly brokers: readonly unknown[];
  readonly topics: ReadonlyArray<{
    readonly topic: string;
    readonly partitions: ReadonlyArray<{ readonly leader: number }>;
  }>;
}

const metadata: ConformanceCase = {
  name: 'metadata',
  quick: true,
  async run(context) {
    const topic = await context.topic('t', { partitions: 3 });
    const { brokers, topics, controllerid } = JSON.parse(
      await context.run(kcatCommand(context, ['-L', '-J'])),
    ) as Listing;
    assert.equal(brokers.length, 1);
    assert.equal(topics.find((each) => each.topic === topic)?.partitions.length, 3);
    assert.ok(controllerid >= 0);
    assert.match(
      await context.fails(kcatCommand(context, ['-C', '-e', '-t', topic, '-p', '7'])),
      /partition 7 does not exist/,
    );
  },
};

/** Checks that the same lines come back in order, at offsets from 0 on. */
async function roundTrip(
  context: CaseContext,
  args: readonly string[],
  settings: KcatSettings = {},
  count = 2_000,
): Promise<void> {
  const topic = await context.topic('t');
  const values = numbered('the same words again and again, record ', count);
  await produce(context, ['-t', topic, ...args], values, settings);
  const lines = await consume(context, ['-t', topic, '-o', 'beginning', '-f', '%o %s\n'], {
    'check.crcs': 'true',
  });
  assert.deepEqual(
    lines,
    values.map((value, offset) => `${offset} ${value}`),
  );
}

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec): ConformanceCase => ({
  name: `produce and consume, ${codec}`,
  quick: codec !== 'none',
  run: (context) => (codec === 'none' ? roundTrip(context, []) : roundTrip(context, ['-z', codec])),
}));

const acks = [0, 1, -1].map((value): ConformanceCase => ({
  name: `produce with acks=${value}`,
  run: (context) => roundTrip(context, [], { 'request.required.acks': value }),
}));

const idempotence: ConformanceCase = {
  name: 'idempotent producer, five requests in flight',
  quick: true,
  run: (context) =>
    roundTrip(
      context,
      [],
      { 'enable.idempotence': 'true', 'max.in.flight.requests.per.connection': 5, 'batch.num.messages': 20 },
      2_000,
    ),
};

const keys: ConformanceCase = {
  name: 'keys and partitions',
  quick: true,
  async run(context) {
    const topic = await context.topic('t', { partitions: 3 });
    await produce(
      context,
      ['-t', topic, '-K', ':'],
      ['user_123:a', 'user123:b', 'user_123:c', 'user_456:d'],
      { partitioner: 'murmur2' },
    );
    await produce(context, ['-t', topic, '-p', '1', '-k', 'fixed'], ['e']);
    const lines = await consume(context, ['-t', topic, '-o', 'beginning', '-f', '%p %o %k %s\n']);
    assert.deepEqual([...lines].sort(), [
      '0 0 user123 b',
      '1 0 fixed e',
      '2 0 user_123 a',
      '2 1 user_123 c',
      '2 2 user_456 d',
    ]);
  },
};

const headers: ConformanceCase = {
  name: 'headers, empty and null values',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    await produce(context, ['-t', topic, '-H', 'trace=1', '-H', 'trace=2', '-H', 'empty='], ['with headers']);
    await produce(context, ['-t', topic, '-Z', '-K', ':'], ['gone:']);
    const lines = await consume(context, ['-t', topic, '-o', 'beginning', '-Z', '-f', '%k|%h|%S|%s\n']);
    assert.deepEqual(lines, ['NULL|trace=1,trace=2,empty=|12|with headers', 'gone||-1|NULL']);
  },
};

const offsetQuery: ConformanceCase = {
  name: 'offset queries: first, last and by timestamp',
  quick: true,
  async run(context) {
    const topic = await context.topic('t', { partitions: 2 });
    const ask = async (position: string | number) =>
      splitLines(await context.run(kcatCommand(context, ['-Q', '-t', `${topic}:0:${position}`])))
        .join()
        .replace(/.*offset /, '');
    assert.equal(await ask(-1), '0');
    await produce(context, ['-t', topic, '-p', '0'], ['a', 'b']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const between = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await produce(context, ['-t', topic, '-p', '0'], ['c', 'd', 'e']);
    assert.deepEqual([await ask(-2), await ask(-1), await ask(between), await ask(0)], ['0', '5', '2', '0']);
    assert.equal(await ask(Date.now() + 60_000), '-1');
  },
};

const positions: ConformanceCase = {
  name: 'consume from the beginning, an offset, the tail, the end and a timestamp',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    await produce(context, ['-t', topic], numbered('a', 6));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const between = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await produce(context, ['-t', topic], numbered('b', 4));
    const from = (position: string) => consume(context, ['-t', topic, '-o', position]);
    assert.deepEqual(await from('beginning'), [...numbered('a', 6), ...numbered('b', 4)]);
    assert.deepEqual(await from('4'), ['a4', 'a5', 'b0', 'b1', 'b2', 'b3']);
    assert.deepEqual(await from('-3'), ['b1', 'b2', 'b3']);
    assert.deepEqual(await from('end'), []);
    assert.deepEqual(await from(`s@${between}`), ['b0', 'b1', 'b2', 'b3']);
  },
};

const outOfRange: ConformanceCase = {
  name: 'an offset out of range: reset or error',
  async run(context) {
    const topic = await context.topic('t');
    await produce(context, ['-t', topic], ['a', 'b']);
    assert.deepEqual(await consume(context, ['-t', topic, '-o', '99'], { 'auto.offset.reset': 'earliest' }), [
      'a',
      'b',
    ]);
    const printed = await context.fails(
      kcatCommand(context, ['-C', '-e', '-t', topic, '-o', '99'], { 'auto.offset.reset': 'error' }),
    );
    assert.match(printed, /out of range/i);
  },
};

const large: ConformanceCase = {
  name: 'values of 1 MB, and one that is too large',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    const value = 'x'.repeat(1_000_000);
    await produce(context, ['-t', topic], [value, value, value], { 'message.max.bytes': 2_000_000 });
    assert.deepEqual(await consume(context, ['-t', topic, '-o', 'beginning', '-f', '%o %S\n']), [
      '0 1000000',
      '1 1000000',
      '2 1000000',
    ]);
    const refused = kcatCommand(context, ['-P', '-t', topic], { 'message.max.bytes': 3_000_000 });
    assert.match(await context.fails(refused, { input: 'y'.repeat(1_500_000) }), /too large/i);
  },
};

const unknownTopic: ConformanceCase = {
  name: 'a topic that is created by the first write',
  async run(context) {
    const topic = context.name('made');
    await produce(context, ['-t', topic], ['a']);
    assert.deepEqual(await consume(context, ['-t', topic, '-o', 'beginning', '-f', '%o %s\n']), ['0 a']);
  },
};

export const kcatRecordCases: readonly ConformanceCase[] = [
  metadata,
  ...codecs,
  ...acks,
  idempotence,
  keys,
  headers,
  offsetQuery,
  positions,
  outOfRange,
  large,
  unknownTopic,
];
