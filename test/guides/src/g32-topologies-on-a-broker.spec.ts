import { afterAll, describe, expect, it } from '@jest/globals';
import { readTopic } from '@millrace/testing/kcat';
import { until } from '@millrace/testing/within';
import { sharedStack } from '@millrace/test-support/stack';
import { runTopology } from './run-topology.ts';
import { StackLog } from './stack-log.ts';
import { eventsByEventTime } from './topologies/event-time.ts';
import { transform } from './topologies/transform.ts';
import { wordCount } from './topologies/word-count.ts';

const log = new StackLog(sharedStack());
afterAll(() => log.close());

/** Returns the records of a topic as a foreign client reads them. */
async function committed(topic: string): Promise<readonly (readonly [string, string])[]> {
  const read = await readTopic(log.bootstrapServers, topic, ['-X', 'isolation.level=read_committed']);
  return read.map(({ key, value }) => [String(key), value]);
}

/** A 64-bit count, as the client prints its bytes. */
const countOf = (value: string): number => Number(Buffer.from(value).readBigInt64BE());

describe('the topologies of the guides on a broker', () => {
  it('G32 counts words for a foreign read_committed client', async () => {
    await log.newTopic('input-topic', 1);
    await log.newTopic('word-counts-output', 1);
    await using _app = await runTopology(wordCount(), log.bootstrapServers);
    await log.producer.send(
      ['Hello Kafka', 'hello streams'].map((value) => ({ topic: 'input-topic', key: null, value })),
    );

    const counts = await until(
      () => committed('word-counts-output'),
      (records) => records.length >= 4,
    );
    expect(counts.map(([word, count]) => [word, countOf(count)])).toEqual([
      ['hello', 1],
      ['kafka', 1],
      ['hello', 2],
      ['streams', 1],
    ]);
  });

  it('G13 writes one output for each input', async () => {
    await log.newTopic('input-topic', 3);
    await log.newTopic('output-topic', 3);
    await using _app = await runTopology(transform(), log.bootstrapServers);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await log.producer.send(keys.map((key) => ({ topic: 'input-topic', key, value: `record ${key}` })));

    const outputs = await until(
      () => committed('output-topic'),
      (records) => records.length >= keys.length,
    );
    expect([...outputs].sort()).toEqual(keys.map((key) => [key, `RECORD ${key.toUpperCase()}`]));
  });

  it('G35 keeps a late event apart', async () => {
    await log.newTopic('events', 1);
    await log.newTopic('events-per-window', 1);
    await log.newTopic('late-events', 1);
    await using _app = await runTopology(eventsByEventTime(), log.bootstrapServers);
    const clocks = ['10:04:00', '10:06:00', '10:04:30'];
    const values = clocks.map((clock) => JSON.stringify({ createdAt: `2024-01-15T${clock}Z` }));
    await log.producer.send(values.map((value) => ({ topic: 'events', key: 'sensor', value })));

    const late = await until(
      () => committed('late-events'),
      (records) => records.length >= 1,
    );
    expect(late).toEqual([['sensor', values[2]]]);
    const counts = await committed('events-per-window');
    expect(counts.map(([, count]) => countOf(count))).toEqual([1, 1]);
  });
});
