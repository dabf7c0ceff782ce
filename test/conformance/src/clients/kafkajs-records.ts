import assert from 'node:assert/strict';
import { CompressionTypes, type ProducerConfig } from 'kafkajs';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { connect, readMessages } from './kafkajs-connection.ts';
import { numbered } from './kcat-commands.ts';

async function producerOf(context: CaseContext, config: ProducerConfig = {}) {
  const producer = connect(context).producer(config);
  await producer.connect();
  context.atEnd(() => producer.disconnect());
  return producer;
}

const messagesOf = (values: readonly string[]) => values.map((value) => ({ key: 'one', value }));
const valuesOf = (messages: ReadonlyArray<{ readonly value: string | null }>) =>
  messages.map(({ value }) => value);

const acks = [-1, 1, 0].map((value): ConformanceCase => ({
  name: `producer with acks=${value}`,
  quick: value === -1,
  async run(context) {
    const topic = await context.topic('t');
    const producer = await producerOf(context);
    const values = numbered('v', 100);
    const answers = await producer.send({ topic, acks: value, messages: messagesOf(values) });
    if (value !== 0) assert.equal(answers[0]?.baseOffset, '0');
    assert.deepEqual(valuesOf(await readMessages(context, topic, 100)), values);
  },
}));

const gzip: ConformanceCase = {
  name: 'gzip, headers, keys and null values',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    const producer = await producerOf(context);
    const messages = [
      { key: 'k', value: 'a'.repeat(10_000), headers: { trace: ['1', '2'], one: Buffer.from([0, 255]) } },
      { key: 'k', value: null },
    ];
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages });
    const [first, second] = await readMessages(context, topic, 2);
    assert.equal(first?.value?.length, 10_000);
    assert.deepEqual(first?.headers, {
      trace: [Buffer.from('1'), Buffer.from('2')],
      one: Buffer.from([0, 255]),
    });
    assert.deepEqual([second?.key, second?.value], ['k', null]);
  },
};

const idempotent: ConformanceCase = {
  name: 'idempotent producer',
  async run(context) {
    const topic = await context.topic('t', { partitions: 3 });
    const producer = await producerOf(context, { idempotent: true, maxInFlightRequests: 1 });
    for (let round = 0; round < 20; round += 1)
      await producer.send({ topic, messages: messagesOf(numbered(`${round}-`, 10)) });
    const read = await readMessages(context, topic, 200);
    assert.deepEqual(
      valuesOf(read),
      Array.from({ length: 20 }, (_, round) => numbered(`${round}-`, 10)).flat(),
    );
  },
};

const transactions: ConformanceCase = {
  name: 'transactional producer: commit, abort, read_committed',
  quick: true,
  async run(context) {
    const first = await context.topic('a');
    const second = await context.topic('b');
    const producer = await producerOf(context, {
      transactionalId: context.name('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    for (const [value, ending] of [
      ['1', 'commit'],
      ['2', 'abort'],
      ['3', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      for (const topic of [first, second]) await transaction.send({ topic, messages: [{ value }] });
      await transaction[ending]();
    }
    for (const topic of [first, second]) {
      assert.deepEqual(valuesOf(await readMessages(context, topic, 2)), ['1', '3']);
      assert.deepEqual(valuesOf(await readMessages(context, topic, 3, { readUncommitted: true })), [
        '1',
        '2',
        '3',
      ]);
    }
  },
};

const sendOffsets: ConformanceCase = {
  name: "transactional producer: a group's offsets in the transaction",
  quick: true,
  async run(context) {
    const input = await context.topic('in');
    const output = await context.topic('out');
    const groupId = context.name('group');
    const producer = await producerOf(context, {
      transactionalId: context.name('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    const admin = connect(context).admin();
    await admin.connect();
    context.atEnd(() => admin.disconnect());
    const committed = async () =>
      (await admin.fetchOffsets({ groupId, topics: [input] }))[0]?.partitions[0]?.offset;
    for (const [offset, ending] of [
      ['5', 'commit'],
      ['9', 'abort'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: output, messages: [{ value: offset }] });
      await transaction.sendOffsets({
        consumerGroupId: groupId,
        topics: [{ topic: input, partitions: [{ partition: 0, offset }] }],
      });
      await transaction[ending]();
    }
    await reached(async () => (await committed()) === '5', 'the committed offset 5');
    assert.deepEqual(valuesOf(await readMessages(context, output, 1)), ['5']);
  },
};

const fenced: ConformanceCase = {
  name: 'transactional producer: fenced by another with its id',
  async run(context) {
    const topic = await context.topic('t');
    const config = {
      transactionalId: context.name('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 1 },
    };
    const first = await producerOf(context, config);
    const left = await first.transaction();
    await left.send({ topic, messages: [{ value: 'left' }] });
    const second = await producerOf(context, config);
    const transaction = await second.transaction();
    await transaction.send({ topic, messages: [{ value: 'kept' }] });
    await transaction.commit();
    await assert.rejects(left.commit(), /fenced|epoch|newer/i);
    assert.deepEqual(valuesOf(await readMessages(context, topic, 1)), ['kept']);
  },
};

const group: ConformanceCase = {
  name: 'consumer group: two members, one leaves, offsets stay',
  quick: true,
  async run(context) {
    const topic = await context.topic('t', { partitions: 4 });
    const groupId = context.name('group');
    const producer = await producerOf(context);
    const fill = (round: string) =>
      producer.send({
        topic,
        messages: [0, 1, 2, 3].flatMap((partition) =>
          numbered(round, 5).map((value) => ({ partition, value })),
        ),
      });
    const read: string[] = [];
    const member = async () => {
      const shares: number[] = [];
      const consumer = connect(context).consumer({
        groupId,
        sessionTimeout: 6_000,
        heartbeatInterval: 300,
        maxWaitTimeInMs: 100,
      });
      context.atEnd(() => consumer.disconnect());
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      consumer.on(
        consumer.events.GROUP_JOIN,
        ({ payload }) => void shares.push(payload.memberAssignment[topic]?.length ?? 0),
      );
      await consumer.run({
        eachMessage: async ({ partition, message }) =>
          void read.push(`${partition} ${String(message.value)}`),
      });
      return { consumer, share: () => shares.at(-1) };
    };
    const one = await member();
    const two = await member();
    await reached(() => one.share() === 2 && two.share() === 2, 'two partitions each');
    await fill('a');
    await reached(() => read.length >= 20, '20 messages');
    await two.consumer.disconnect();
    await reached(() => one.share() === 4, 'all partitions');
    await fill('b');
    await reached(() => new Set(read).size >= 40, '40 messages');
    await one.consumer.disconnect();
    assert.equal(new Set(read).size, 40);
    await fill('c');
    const later = await readMessages(context, topic, 20, { groupId });
    assert.deepEqual(new Set(valuesOf(later)), new Set(numbered('c', 5)));
  },
};

export const kafkajsRecordCases: readonly ConformanceCase[] = [
  ...acks,
  gzip,
  idempotent,
  transactions,
  sendOffsets,
  fenced,
  group,
];
