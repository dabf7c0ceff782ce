import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { minutes } from '@millrace/streaming-core/runtime';
import { consumed, produced, grouped } from '../dsl/options/topics.ts';
import { materialized } from '../dsl/options/stores.ts';
import { untilTimeLimit } from '../dsl/options/suppressed.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { serdes } from '../serdes/serdes.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import type { StreamsOptions } from './streams-options.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const text = serdes.string;

/**
 * Counts the records of the topic `<name>-in` by key, and writes the counts to `<name>-out` after a
 * minute.
 */
function counting(name: string, options: Partial<StreamsOptions>, { isBuffered = false } = {}): StreamsApp {
  const builder = new StreamsBuilder();
  const counts = builder
    .stream(`${name}-in`, consumed(text, text))
    .groupByKey(grouped(text, text))
    .count(materialized('counts', { keySerde: text }));
  (isBuffered ? counts.suppress(untilTimeLimit(minutes(1), { name: 'final' })) : counts)
    .toStream()
    .to(`${name}-out`, produced(text, serdes.safeLong));
  return connectStreams(builder.build(), settingsOf(name, options));
}

const settingsOf = (applicationId: string, options: Partial<StreamsOptions>): StreamsOptions => ({
  applicationId,
  bootstrapServers: world.bootstrapServers,
  stateDir: join(world.folder, 'state'),
  guarantee: 'exactly_once_v2',
  commitIntervalMs: 50,
  ...options,
});

async function begin(name: string, keys: readonly string[]): Promise<void> {
  await world.createTopic(`${name}-in`, 1);
  await world.createTopic(`${name}-out`, 1);
  await world.send(keys.map((key) => ({ topic: `${name}-in`, key, value: 'v', partition: 0 })));
}

const failureOf = async (app: StreamsApp): Promise<Error> => {
  await app.start();
  return (await until(
    () => app.failure,
    (failure) => failure !== undefined,
  ))!;
};

describe('the limits of an application', () => {
  it('T19 end it, even if it skips failing records, once suppress holds more than suppressBytesMax', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`);
    await begin('buffering', keys);
    const options = { suppressBytesMax: 1_000, onProcessingError: 'skip' } as const;
    await using app = counting('buffering', options, { isBuffered: true });

    const failure = await failureOf(app);

    expect(failure.message).toMatch(
      /^The store final-store got an update for which .* take about 1\d\d\d bytes, and suppressBytesMax is 1000\. Raise it/,
    );
  });

  it('T19 refuse a record whose key is longer than storeKeyBytesMax, with its place and its node', async () => {
    await begin('long-keys', ['1234', '12345']);
    await using app = counting('long-keys', { storeKeyBytesMax: 4 });

    expect(await failureOf(app)).toMatchObject({
      code: 'record_failed',
      message:
        'the record 1 of long-keys-in/0 could not be processed by KSTREAM-AGGREGATE-0000000001: A key of the store ' +
        'counts has 5 bytes. The limit is 4: use a hash or an id of it as the key, or raise storeKeyBytesMax.',
    });
    expect(await world.committed('long-keys-out')).toEqual([]);
  });

  it.each([
    ['sliceRecordsMax', { sliceRecordsMax: 7, sliceMsMax: 1_000 }, 0, 7],
    ['sliceMsMax', { sliceMsMax: 8 }, 5, 2],
  ])('let other work use the thread after %s', async (name, options, recordMs, recordsMax) => {
    const slices: number[] = [];
    const note = (report: unknown) => void slices.push((report as { readonly records: number }).records);
    subscribe('millrace:streams:process', note);
    const values = Array.from({ length: 40 }, (_, index) => `${index}`);
    await begin(name, values);
    const builder = new StreamsBuilder();
    builder
      .stream(`${name}-in`, consumed(text, text))
      .peek(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, recordMs))
      .to(`${name}-out`, produced(text, text));
    await using app = connectStreams(builder.build(), settingsOf(name, options));
    await app.start();
    await world.committedOf(`${name}-out`, values.length);
    unsubscribe('millrace:streams:process', note);

    expect(slices.reduce((sum, records) => sum + records, 0)).toBe(values.length);
    expect(Math.max(...slices)).toBeLessThanOrEqual(recordsMax);
  });

  it('begin a commit early once transactionBytesMax bytes are written', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    await begin('early', keys);
    const options = { commitIntervalMs: minutes(10), transactionTimeoutMs: minutes(12), cacheBytesMax: 0 };
    await using app = counting('early', { ...options, transactionBytesMax: 500 });
    await app.start();

    // Each update takes more than 20 bytes in its changelog and its output together.
    expect((await world.committedOf('early-out', 10)).length).toBeGreaterThanOrEqual(10);
  });
});
