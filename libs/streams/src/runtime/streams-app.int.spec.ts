import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import { consumed } from '../dsl/options/topics.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { serdes } from '../serdes/serdes.ts';
import type { ReadOnlyKeyValueStore } from '../state/stores.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams } from './streams-app.ts';
import type { ProcessingGuarantee } from './streams-options.ts';
import { wordCount } from './word-count.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** The last count of each word. */
const countsIn = (records: readonly FetchedRecord[]) =>
  Object.fromEntries(records.map(({ key, value }) => [String(key), Number(value?.readBigInt64BE())]));

describe.each<ProcessingGuarantee>(['at_least_once', 'exactly_once_v2'])(
  'a word count with %s',
  (guarantee) => {
    it('counts what was written before and after its start, and reports its states', async () => {
      const applicationId = `words-${guarantee}`;
      const input = `${applicationId}-input`;
      const output = `${applicationId}-output`;
      await world.createTopic(input, 1);
      await world.createTopic(output, 1);
      await world.send([{ topic: input, key: null, value: 'all streams lead to kafka' }]);
      const app = connectStreams(wordCount(input, output), {
        applicationId,
        guarantee,
        bootstrapServers: world.bootstrapServers,
        stateDir: world.folder,
        commitIntervalMs: 50,
        repartitionPurgeIntervalMs: 50,
      });
      const states: string[] = [];
      app.onStateChange((state) => states.push(state));

      await app.start();
      await world.committedOf(output, 5);
      await world.send([{ topic: input, key: null, value: 'Hello streams, hello KAFKA' }]);
      const counts = await until(
        async () => countsIn(await world.committed(output)),
        ({ hello, kafka }) => hello === 2 && kafka === 2,
      );

      expect(counts).toEqual({ all: 1, streams: 2, lead: 1, to: 1, kafka: 2, hello: 2 });
      const repartition = { topic: `${applicationId}-counts-repartition`, partition: 0 };
      await until(
        () => world.beginningOf(repartition),
        (offset) => offset > 0n,
      );
      expect(app.tasks()).toEqual([
        expect.objectContaining({
          task: '0_0',
          role: 'active',
          partitions: [{ topic: input, partition: 0 }],
        }),
        expect.objectContaining({ task: '1_0', role: 'active', partitions: [repartition] }),
      ]);
      const store = app.store<ReadOnlyKeyValueStore<string, number>>('counts');
      await until(
        () => store.get('kafka'),
        (count) => count === 2,
      );
      expect(() => app.store('sums')).toThrow('the topology has no store sums: it has counts');
      await app.close();
      expect(app.tasks()).toEqual([]);
      expect(() => store.get('kafka')).toThrow('the application is closed');
      expect(states).toEqual(['rebalancing', 'restoring', 'running', 'closing', 'closed']);
    });
  },
);

describe('a topology whose store has a generated name', () => {
  it('runs, with a warning that names the store', async () => {
    await world.createTopic('unnamed-input', 1);
    const builder = new StreamsBuilder();
    builder.stream('unnamed-input', consumed(serdes.string, serdes.string)).groupByKey().count();
    const warnings: object[] = [];
    await using app = connectStreams(builder.build(), {
      applicationId: 'unnamed',
      bootstrapServers: world.bootstrapServers,
      stateDir: world.folder,
      logger: { ...silentLogger, warn: (fields) => void warnings.push(fields) },
    });
    await app.start();

    expect(warnings).toEqual([
      { applicationId: 'unnamed', names: ['KSTREAM-AGGREGATE-STATE-STORE-0000000001'] },
    ]);
  });
});
