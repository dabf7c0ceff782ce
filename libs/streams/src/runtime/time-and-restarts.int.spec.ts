import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hours, minutes, systemClock, type Clock } from '@millrace/streaming-core/runtime';
import {
  consumed,
  keyValueStore,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type KeyValueStore,
  type ProcessorContext,
  type ProcessorSupplier,
  type Topology,
} from '../index.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { SetClock } from './set-clock.fake.ts';
import { connectStreams } from './streams-app.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const text = serdes.string;
type Supplier = ProcessorSupplier<string, string, string, string>;

/**
 * An application whose processes have separate folders, so that a process learns of earlier ones
 * only from the log.
 */
async function applicationOf(name: string, topologyOf: (input: string, output: string) => Topology) {
  const input = `${name}-input`;
  const output = `${name}-output`;
  for (const topic of [input, output]) await world.createTopic(topic, 1);
  let processes = 0;
  const start = async (clock: Clock = systemClock) => {
    processes += 1;
    const app = connectStreams(topologyOf(input, output), {
      applicationId: name,
      bootstrapServers: world.bootstrapServers,
      stateDir: join(world.folder, name, String(processes)),
      guarantee: 'exactly_once_v2',
      commitIntervalMs: 30,
      cacheBytesMax: 0,
      clock,
    });
    await app.start();
    return app;
  };
  let results = 0;
  /** Sends a record, if there is one, and returns the next results. */
  const sendAndRead = async (count: number, value?: string, timestampMs?: number) => {
    if (value !== undefined) await world.send([{ topic: input, key: 'k', value, timestampMs }]);
    const all = await world.committedOf(output, results + count);
    const next = all.slice(results);
    results = all.length;
    return next;
  };
  const next = async (count: number, value?: string, timestampMs?: number) =>
    (await sendAndRead(count, value, timestampMs)).map((record) => String(record.value));
  return { start, next, sendAndRead };
}

describe('a punctuation by the wall clock', () => {
  const ticking: Supplier = () => {
    let context: ProcessorContext<string, string>;
    return {
      init(given) {
        context = given;
        const ticks = given.store<KeyValueStore<string, number>>('ticks');
        given.schedule(minutes(1), 'wall_clock', (timestampMs) => {
          const count = (ticks.get('count') ?? 0) + 1;
          ticks.put('count', count);
          given.forward({ key: 'tick', value: `tick ${count} at ${timestampMs}`, timestampMs, headers: [] });
        });
      },
      process: (record) => context.forward(record),
    };
  };

  const ticks = (input: string, output: string): Topology => {
    const builder = new StreamsBuilder();
    builder.addStateStore(keyValueStore('ticks', text, serdes.safeLong));
    builder
      .stream(input, consumed(text, text))
      .process(ticking, { stores: ['ticks'] })
      .to(output, produced(text, text));
    return builder.build();
  };

  it('comes an interval after the start of each process, and its state is committed without a record', async () => {
    const { start, next } = await applicationOf('ticks', ticks);
    const clock = new SetClock(systemClock.now() - minutes(30));
    const startedAtMs = clock.nowMs;
    const at = (spanMs: number) => (clock.nowMs = startedAtMs + spanMs);
    {
      await using _app = await start(clock);
      at(minutes(1) - 1);
      expect(await next(1, 'early')).toEqual(['early']);
      at(minutes(1));
      expect(await next(1)).toEqual([`tick 1 at ${clock.nowMs}`]);
      at(minutes(4) + 500);
      expect(await next(1)).toEqual([`tick 2 at ${clock.nowMs}`]);
      at(minutes(5) - 1);
      expect(await next(1, 'once for three intervals')).toEqual(['once for three intervals']);
    }
    const restartedAtMs = at(minutes(5) + 10_000);
    await using _app = await start(clock);
    clock.nowMs = restartedAtMs + minutes(1) - 1;
    expect(await next(1, 'again early')).toEqual(['again early']);
    clock.nowMs = restartedAtMs + minutes(1);
    expect(await next(1)).toEqual([`tick 3 at ${clock.nowMs}`]);
  });
});

describe('the time of the records', () => {
  const telling: Supplier = () => {
    let context: ProcessorContext<string, string>;
    return {
      init(given) {
        context = given;
        given.schedule(100, 'stream_time', (timestampMs) =>
          given.forward({ key: 'tick', value: `tick at ${timestampMs}`, timestampMs, headers: [] }),
        );
      },
      process(record) {
        const value = `${record.value} at ${record.timestampMs} of ${context.streamTimeMs}`;
        context.forward({ ...record, value });
      },
    };
  };

  const times = (input: string, output: string): Topology => {
    const builder = new StreamsBuilder();
    const timestampExtractor = (record: { value: unknown; timestampMs: number }, partitionTimeMs: number) =>
      record.value === 'timeless' ? partitionTimeMs : record.timestampMs;
    builder
      .stream(input, consumed(text, text, { timestampExtractor }))
      .process(telling)
      .to(output, produced(text, text));
    return builder.build();
  };

  it('continues after a restart from the time that was committed with the offset', async () => {
    const { start, next } = await applicationOf('times', times);
    {
      await using _app = await start();
      expect(await next(2, 'one', 50)).toEqual(['one at 50 of 50', 'tick at 50']);
      expect(await next(2, 'two', 200)).toEqual(['two at 200 of 200', 'tick at 200']);
    }
    await using _app = await start();
    expect(await next(2, 'late', 150)).toEqual(['late at 150 of 200', 'tick at 200']);
    expect(await next(1, 'timeless', 7)).toEqual(['timeless at 200 of 200']);
    expect(await next(1, 'soon', 299)).toEqual(['soon at 299 of 299']);
    expect(await next(2, 'due', 300)).toEqual(['due at 300 of 300', 'tick at 300']);
  });

  it('restarts for a window, as in Kafka Streams, so that a late record counts again', async () => {
    const key = serdes.timeWindowed(text, minutes(1));
    const { start, sendAndRead } = await applicationOf('windows', (input, output) => {
      const builder = new StreamsBuilder();
      builder
        .stream(input, consumed(text, text))
        .groupByKey()
        .windowedBy(timeWindows(minutes(1)))
        .onLate((late) => late.mapValues(() => -1).to(output, produced(text, serdes.safeLong)))
        .count(materialized('windows', { retentionMs: hours(1) }))
        .toStream()
        .to(output, produced(key, serdes.safeLong));
      return builder.build();
    });
    const beganAtMs = Math.floor(systemClock.now() / minutes(1) - 30) * minutes(1);
    const next = async (spanMs: number) =>
      (await sendAndRead(1, 'v', beganAtMs + spanMs)).map(({ value }) => Number(value?.readBigInt64BE()));
    {
      await using _app = await start();
      expect(await next(0)).toEqual([1]);
      expect(await next(minutes(10))).toEqual([1]);
      expect(await next(0)).toEqual([-1]);
    }
    await using _app = await start();
    expect(await next(0)).toEqual([2]);
  });
});
