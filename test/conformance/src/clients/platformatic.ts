import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
  type CompressionAlgorithmValue,
} from '@platformatic/kafka';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase, ForeignClient } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { consume, consumeCommitted, numbered, produce } from './kcat-commands.ts';
import { platformaticAdminCases } from './platformatic-admin.ts';

export const platformatic: ForeignClient = {
  name: 'platformatic',
  title: '@platformatic/kafka, from npm',
  quick: true,
  prepare: () => {
    const { version } = createRequire(import.meta.resolve('@platformatic/kafka'))('../package.json') as {
      readonly version: string;
    };
    return Promise.resolve({
      version,
      cases: [
        ...codecs,
        idempotent,
        streams,
        group,
        transactions,
        offsetsInTransaction,
        ...platformaticAdminCases,
      ],
    });
  },
};

const basics = ({ bootstrapServers }: CaseContext) => ({
  clientId: 'conformance-platformatic',
  bootstrapBrokers: [bootstrapServers],
});

function producerOf(
  context: CaseContext,
  options: { readonly idempotent?: boolean; readonly transactionalId?: string } = {},
) {
  const producer = new Producer({ ...basics(context), serializers: stringSerializers, ...options });
  context.atEnd(() => producer.close(true));
  return producer;
}

function consumerOf(context: CaseContext, groupId: string) {
  const consumer = new Consumer({
    ...basics(context),
    groupId,
    deserializers: stringDeserializers,
    maxWaitTime: 100,
  });
  context.atEnd(() => consumer.close(true));
  return consumer;
}

const messagesOf = (topic: string, values: readonly string[]) =>
  values.map((value) => ({ topic, key: 'one', value, headers: { trace: '1' } }));

async function read(
  context: CaseContext,
  topic: string,
  count: number,
  groupId = context.name('reader'),
): Promise<readonly string[]> {
  const consumer = consumerOf(context, groupId);
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.COMMITTED,
    fallbackMode: 'earliest',
    autocommit: true,
  });
  const values: string[] = [];
  for await (const { value } of stream) {
    values.push(value);
    if (values.length === count) break;
  }
  await consumer.close(true);
  return values;
}

const codecs = (['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).map((compression): ConformanceCase => ({
  name: `producer and consumer stream, ${compression}`,
  quick: compression === 'zstd',
  async run(context) {
    const topic = await context.topic('t');
    const values = numbered('the same words again and again ', 200);
    await producerOf(context).send({
      messages: messagesOf(topic, values),
      compression: compression as CompressionAlgorithmValue,
      acks: ProduceAcks.ALL,
    });
    assert.deepEqual(await read(context, topic, 200), values);
    assert.deepEqual(await consume(context, ['-t', topic, '-o', 'beginning']), values);
  },
}));

const idempotent: ConformanceCase = {
  name: 'idempotent producer',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    const producer = producerOf(context, { idempotent: true });
    for (let round = 0; round < 20; round += 1)
      await producer.send({ messages: messagesOf(topic, numbered(`${round}-`, 10)), acks: ProduceAcks.ALL });
    assert.equal(new Set(await read(context, topic, 200)).size, 200);
  },
};

const streams: ConformanceCase = {
  name: 'consumer stream from a committed offset',
  async run(context) {
    const topic = await context.topic('t');
    const groupId = context.name('group');
    await produce(context, ['-t', topic], numbered('a', 5));
    assert.deepEqual(await read(context, topic, 5, groupId), numbered('a', 5));
    await produce(context, ['-t', topic], numbered('b', 5));
    assert.deepEqual(await read(context, topic, 5, groupId), numbered('b', 5));
  },
};

const group: ConformanceCase = {
  name: 'group of two members',
  quick: true,
  async run(context) {
    const topic = await context.topic('t', { partitions: 4 });
    const groupId = context.name('group');
    for (let partition = 0; partition < 4; partition += 1)
      await produce(context, ['-t', topic, '-p', `${partition}`], numbered(`${partition}-`, 5));
    const seen = new Set<string>();
    const members = [consumerOf(context, groupId), consumerOf(context, groupId)];
    for (const member of members) {
      const stream = await member.consume({
        topics: [topic],
        mode: MessagesStreamModes.COMMITTED,
        fallbackMode: 'earliest',
        autocommit: true,
      });
      stream.on('data', ({ partition, offset }) => void seen.add(`${partition} ${offset}`));
    }
    const deadline = performance.now() + 20_000;
    const shares = () => members.map((member) => member.assignments?.[0]?.partitions.length ?? 0);
    while (seen.size < 20 || shares().join() !== '2,2') {
      if (performance.now() > deadline)
        throw new Error(`waited 20000 ms: ${seen.size} of 20 records, shares ${shares().join()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
};

const transactions: ConformanceCase = {
  name: 'transactional producer: commit and abort',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    const producer = producerOf(context, { idempotent: true, transactionalId: context.name('tx') });
    for (const [value, ending] of [
      ['1', 'commit'],
      ['2', 'abort'],
      ['3', 'commit'],
    ] as const) {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: messagesOf(topic, [value]) });
      await transaction[ending]();
    }
    assert.deepEqual(await consumeCommitted(context, topic, 2), ['1', '3']);
  },
};

const offsetsInTransaction: ConformanceCase = {
  name: "transactional producer: a consumer's offsets in the transaction",
  async run(context) {
    const input = await context.topic('in');
    const output = await context.topic('out');
    const groupId = context.name('group');
    await produce(context, ['-t', input], numbered('v', 3));
    const producer = producerOf(context, { idempotent: true, transactionalId: context.name('tx') });
    const consumer = consumerOf(context, groupId);
    const stream = await consumer.consume({
      topics: [input],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: false,
    });
    let moved = 0;
    for await (const message of stream) {
      const transaction = await producer.beginTransaction();
      await transaction.addConsumer(consumer);
      await transaction.send({ messages: messagesOf(output, [message.value]) });
      await transaction.addOffset(message);
      await transaction.commit();
      moved += 1;
      if (moved === 3) break;
    }
    assert.deepEqual(await consumeCommitted(context, output, 3), numbered('v', 3));
    const admin = new Admin(basics(context));
    context.atEnd(() => admin.close());
    const committed = async () =>
      (await admin.listConsumerGroupOffsets({ groups: [{ groupId }] }))[0]?.topics[0]?.partitions[0]
        ?.committedOffset;
    await reached(async () => (await committed()) === 3n, 'the committed offset 3');
  },
};
