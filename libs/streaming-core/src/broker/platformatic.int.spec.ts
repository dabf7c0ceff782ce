import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  ProduceAcks,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { brokerFixture, type BrokerFixture } from './broker.fixture.ts';

let fixture: BrokerFixture;
let bootstrapBrokers: string[];
const newName = (kind: string) => `${kind}-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture({ flush: 'commit' });
  bootstrapBrokers = [`${fixture.broker.host}:${fixture.broker.port}`];
});
afterAll(() => fixture.stop());

describe('@platformatic/kafka', () => {
  it('K33 creates a topic, writes to it as an idempotent producer, and reads it in a group', async () => {
    const topic = newName('orders');
    const admin = new Admin({ clientId: 'admin', bootstrapBrokers });
    const [created] = await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
    expect(created).toMatchObject({ name: topic, partitions: 3, replicas: 1 });
    expect(await admin.listTopics()).toContain(topic);

    const producer = new Producer({
      clientId: 'producer',
      bootstrapBrokers,
      idempotent: true,
      serializers: stringSerializers,
    });
    const messages = Array.from({ length: 30 }, (_, n) => ({
      topic,
      key: `k${n % 7}`,
      value: `v${n}`,
      headers: { n: `${n}` },
    }));
    await producer.send({ messages, acks: ProduceAcks.ALL });
    await producer.close();

    const consumer = new Consumer({
      clientId: 'consumer',
      groupId: newName('group'),
      bootstrapBrokers,
      deserializers: stringDeserializers,
    });
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: true,
      sessionTimeout: 10_000,
    });
    const values: string[] = [];
    for await (const message of stream) {
      values.push(message.value);
      if (values.length === messages.length) break;
    }
    expect(values.sort()).toEqual(messages.map(({ value }) => value).sort());
    await consumer.close(true);
    await admin.deleteTopics({ topics: [topic] });
    expect(await admin.listTopics()).not.toContain(topic);
    await admin.close();
  });

  it('receives the reason when a replicated topic is rejected, and what to use instead', async () => {
    const admin = new Admin({ clientId: 'admin', bootstrapBrokers, retries: 0 });
    const failure = await admin
      .createTopics({ topics: [newName('replicated')], partitions: 1, replicas: 3 })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(messagesOf(failure)).toContain('Apache Kafka');
    await admin.close();
  });
});

/** Returns all messages within an error, since the library nests the broker's answer. */
function messagesOf(error: unknown): string {
  return JSON.stringify(error, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (!(value instanceof Error)) return value;
    const { message, cause, ...rest } = value as Error & Record<string, unknown>;
    return { message, cause, errors: (value as { errors?: unknown }).errors, ...rest };
  });
}
