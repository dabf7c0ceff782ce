import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type Admin,
  type GroupConsumer,
  type Producer,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { kcat, readTopic } from '@millrace/testing/kcat';
import { startTestBroker, testEngine, type TestBroker } from '@millrace/testing/engine';
import { sharedStack, until } from '@millrace/test-support/stack';

const day = 24 * 60 * 60 * 1_000;
const limitMs = 60_000;

/**
 * The shared Apache Kafka checks retention every second. For the embedded engine the test starts a
 * broker that checks more often.
 */
describe('G17 retention', () => {
  let broker: TestBroker | undefined;
  let bootstrapServers: string;
  let admin: Admin;
  let producer: Producer;
  let reader: GroupConsumer;
  const topics: string[] = [];

  beforeAll(async () => {
    const settings = { 'log.retention.check.interval.ms': '200', 'log.cleaner.backoff.ms': '200' };
    broker = testEngine() === 'embedded' ? await startTestBroker({ settings }) : undefined;
    ({ bootstrapServers } = broker ?? sharedStack());
    const connection = { bootstrapServers: [bootstrapServers], clientId: 'retention', logger: silentLogger };
    admin = connectAdmin(connection);
    producer = connectProducer(connection);
    reader = connectGroupConsumer({ ...connection, groupId: 'retention', topics: [], fetchMaxWaitMs: 100 });
  });
  afterAll(async () => {
    await Promise.all([producer?.close(), reader?.close()]);
    await admin?.deleteTopics(topics);
    await admin?.close();
    await broker?.stop();
  });

  async function newTopic(kind: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = `retention-${kind}-${Date.now()}`;
    await admin.topics.create([{ name: topic, partitions: 1, configs: settings }]);
    topics.push(topic);
    return topic;
  }

  const settingOf = async (topic: string, name: string): Promise<unknown> => {
    const [configs] = await admin.configs.describe([{ type: 'topic', name: topic }]);
    return configs?.get(name)?.value;
  };
  const records = (topic: string, count: number, more: Partial<ProducerRecord> = {}): ProducerRecord[] =>
    Array.from({ length: count }, (_, index) => ({ topic, key: null, value: `event ${index}`, ...more }));
  const offsetsRead = async (topic: string) =>
    (await readTopic(bootstrapServers, topic)).map(({ offset }) => offset);

  /** Sends ten records dated eight days ago, which fill their own segment, and one of today. */
  async function sendOldAndNew(topic: string): Promise<void> {
    await producer.send(records(topic, 10, { timestampMs: Date.now() - 8 * day }));
    await producer.send(records(topic, 1));
  }

  it('by time keeps 7 days by default, deletes old closed segments only, and resets a reader below the start after an error', async () => {
    const topic = await newTopic('time');
    expect(await settingOf(topic, 'retention.ms')).toBe('604800000');
    const forEver = await newTopic('for-ever', { 'retention.ms': '-1', 'retention.bytes': '-1' });
    await sendOldAndNew(forEver);
    await sendOldAndNew(topic);

    await until('the old segment to go', limitMs, async () => (await offsetsRead(topic)).join() === '10');

    const [below] = await reader.fetch([{ topic, partition: 0, offset: 0n }]);
    expect(below?.error).toMatchObject({ code: 'offset_out_of_range' });
    const reset = await kcat([
      '-b',
      bootstrapServers,
      '-C',
      '-t',
      topic,
      '-p',
      '0',
      '-o',
      '0',
      '-e',
      '-q',
      '-f',
      '%o\n',
      '-X',
      'topic.auto.offset.reset=earliest',
    ]);
    expect(reset).toBe('10\n');
    // This topic has the same records and no limit, and is checked as often.
    expect(await offsetsRead(forEver)).toHaveLength(11);
  });

  it('by size keeps retention.bytes to within one segment and drops the oldest', async () => {
    const recordBytes = 100_000;
    const segmentBytes = 1_048_576;
    const retentionBytes = 2_097_152;
    const topic = await newTopic('size', {
      'retention.bytes': String(retentionBytes),
      'segment.bytes': String(segmentBytes),
    });
    const value = 'x'.repeat(recordBytes);
    for (let send = 0; send < 10; send += 1) await producer.send(records(topic, 6, { value }));
    const kept = async () => {
      const [[start], [end]] = await Promise.all([
        reader.beginningOffsets([{ topic, partition: 0 }]),
        reader.endOffsets([{ topic, partition: 0 }]),
      ]);
      return Number((end?.offset ?? 0n) - (start?.offset ?? 0n)) * recordBytes;
    };

    await until(
      'the oldest segments to go',
      limitMs,
      async () => (await kept()) <= retentionBytes + segmentBytes,
    );

    expect(await kept()).toBeGreaterThan(retentionBytes - segmentBytes);
    expect((await offsetsRead(topic)).at(-1)).toBe(59);
  });

  it('by compaction keeps one value per key at its offset, and a null value removes the key', async () => {
    const settings = {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0.01',
      'segment.ms': '100',
      'delete.retention.ms': '0',
    };
    const topic = await newTopic('compaction', settings);
    const values: readonly (readonly [string, string | null])[] = [
      ['user_123', 'john@old.com'],
      ['user_456', 'ada@old.com'],
      ['user_789', 'gone@old.com'],
      ['user_123', 'john@new.com'],
      ['user_789', null],
      ['user_456', 'ada@new.com'],
    ];
    await producer.send(values.map(([key, value]) => ({ topic, key, value })));
    const users = async () => {
      // The newest segment is never cleaned, so each of these records begins another one.
      await producer.send([{ topic, key: 'tick', value: 'tick' }]);
      const read = await readTopic(bootstrapServers, topic);
      return read
        .filter(({ key }) => key !== 'tick')
        .map(({ key, value, offset }) => `${key} ${value} ${offset}`);
    };

    const cleaned = ['user_123 john@new.com 3', 'user_456 ada@new.com 5'];
    await until('the log to be cleaned', limitMs, async () => (await users()).join() === cleaned.join());
  });

  it('never deletes because of a read: a group that comes later still gets everything', async () => {
    const topic = await newTopic('reading');
    await producer.send(records(topic, 20));
    const readAs = (group: string) =>
      kcat([
        '-b',
        bootstrapServers,
        '-G',
        `${group}-${topic}`,
        '-X',
        'auto.offset.reset=earliest',
        '-c',
        '20',
        '-q',
        '-f',
        '%o\n',
        topic,
      ]);

    const everything = Array.from({ length: 20 }, (_, offset) => `${offset}\n`).join('');
    expect(await readAs('first')).toBe(everything);
    expect(await readAs('later')).toBe(everything);
    expect(await offsetsRead(topic)).toHaveLength(20);
  });
});
