import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { connectProducer } from '@millrace/streaming-core/client';
import { minutes } from '@millrace/streaming-core/runtime';
import { consumed, produced } from '../dsl/options/topics.ts';
import { materialized } from '../dsl/options/stores.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { ordersPerMinute } from '../quickstart/orders-per-minute.fixture.ts';
import { serdes } from '../serdes/serdes.ts';
import type { Topology } from '../topology/topology.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import type { StreamsOptions } from './streams-options.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const texts = consumed(serdes.string, serdes.string);

const appOf = (
  applicationId: string,
  topology: Topology,
  options: Partial<StreamsOptions> = {},
): StreamsApp =>
  connectStreams(topology, {
    applicationId,
    bootstrapServers: world.bootstrapServers,
    stateDir: join(world.folder, 'state'),
    guarantee: 'exactly_once_v2',
    commitIntervalMs: 50,
    ...options,
  });

const valuesOf = async (topic: string) => (await world.committed(topic)).map(({ value }) => String(value));

describe('a global table', () => {
  it('has all partitions of its topic before the first record is processed, and later ones too', async () => {
    await world.createTopic('names', 3);
    await world.createTopic('visits', 1);
    await world.createTopic('greetings', 1);
    const ids = Array.from({ length: 30 }, (_, id) => `id${id}`);
    await world.send(ids.map((id) => ({ topic: 'names', key: id, value: `name of ${id}` })));
    await world.send(ids.map((id) => ({ topic: 'visits', key: 'v', value: id })));
    const builder = new StreamsBuilder();
    const names = builder.globalTable('names', texts);
    builder
      .stream('visits', texts)
      .join(
        names,
        (_key, id) => id,
        (_id, name) => `hello ${name}`,
      )
      .to('greetings', produced(serdes.string, serdes.string));

    await using app = appOf('greeter', builder.build());
    await app.start();
    await world.committedOf('greetings', 30);
    await world.send([{ topic: 'names', key: 'late', value: 'a late one' }]);
    await until(
      async () => {
        await world.send([{ topic: 'visits', key: 'v', value: 'late' }]);
        return valuesOf('greetings');
      },
      (values) => values.includes('hello a late one'),
    );

    expect((await valuesOf('greetings')).slice(0, 30)).toEqual(ids.map((id) => `hello name of ${id}`));
  });
});

describe('the windows of the README', () => {
  it('T11 count records that come in time, and separate late ones, on a broker', async () => {
    for (const topic of ['orders', 'orders-per-minute', 'late-orders']) await world.createTopic(topic, 1);
    const order = (id: string, sku: string, timestampMs: number) => ({
      topic: 'orders',
      key: id,
      value: JSON.stringify({ sku, quantity: 1 }),
      timestampMs,
    });
    await using app = appOf('windows', ordersPerMinute(), { cacheBytesMax: 0 });
    await app.start();

    await world.send([order('1', 'lamp', 0), order('2', 'lamp', 59_999), order('3', 'desk', minutes(6))]);
    await world.committedOf('orders-per-minute', 3);
    await world.send([order('4', 'lamp', 0)]);
    const [late] = await world.committedOf('late-orders', 1);

    const perMinute = serdes.timeWindowed(serdes.string, minutes(1));
    const counts = (await world.committed('orders-per-minute')).map(({ key, value }) => {
      const { key: sku, window } = perMinute.decode(key!, 'orders-per-minute')!;
      return `${sku} ${window.startMs} ${value?.readBigInt64BE()}`;
    });
    expect(counts).toEqual(['lamp 0 1', 'lamp 0 2', 'desk 360000 1']);
    expect(String(late?.value)).toBe('{"sku":"lamp","quantity":1}');
  });
});

describe('records that cannot be handled', () => {
  const upperCase = (input: string, output: string): Topology => {
    const builder = new StreamsBuilder();
    builder
      .stream(input, consumed(serdes.string, serdes.integer))
      .mapValues((number) => {
        if (number === 13) throw new RangeError('13 brings bad luck');
        return String(number);
      })
      .to(output, produced(serdes.string, serdes.string));
    return builder.build();
  };
  const bytesOf = (number: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(number);
    return bytes;
  };
  const send = (topic: string, ...values: readonly Buffer[]) =>
    world.send(values.map((value, index) => ({ topic, key: `k${index}`, value, partition: 0 })));

  it('T12 end the application by default, and the error names the record', async () => {
    await world.createTopic('failing', 1);
    await world.createTopic('failed', 1);
    await send('failing', bytesOf(1), Buffer.from('no integer'));
    await using app = appOf('failing', upperCase('failing', 'failed'));

    await app.start();
    await until(
      () => app.state,
      (state) => state === 'failed',
    );

    expect(app.failure).toMatchObject({
      code: 'record_failed',
      message: expect.stringContaining('the record 1 of failing/0 could not be decoded'),
    });
    expect(await valuesOf('failed')).toEqual([]);
  });

  it('T12 become dead letters with their bytes, their position and the reason, in the same transaction', async () => {
    await world.createTopic('mixed', 1);
    await world.createTopic('handled', 1);
    await world.createTopic('letters', 1);
    await send('mixed', bytesOf(1), Buffer.from('no integer'), bytesOf(13), bytesOf(2));
    await using app = appOf('mixing', upperCase('mixed', 'handled'), {
      onDeserializationError: { deadLetter: 'letters' },
      onProcessingError: { deadLetter: 'letters' },
    });

    await app.start();
    await world.committedOf('letters', 2);
    const letters = await world.committed('letters');
    await world.committedOf('handled', 2);

    expect(await valuesOf('handled')).toEqual(['1', '2']);
    expect(letters.map(({ value }) => value)).toEqual([Buffer.from('no integer'), bytesOf(13)]);
    expect(Object.fromEntries(letters[1]!.headers)).toMatchObject({
      dlq_reason: '13 brings bad luck',
      dlq_topic: 'mixed',
      dlq_partition: '0',
      dlq_offset: '2',
      dlq_group: 'mixing',
    });
  });

  it('T37 become dead letters without their value if they are larger than a dead letter may be', async () => {
    await world.createTopic('huge', 1);
    await world.createTopic('small', 1);
    await world.createTopic('cut-letters', 1);
    await using producer = connectProducer({
      bootstrapServers: world.bootstrapServers,
      clientId: 'huge',
      recordBytesMax: 1_040_000,
      requestBytesMax: 1_040_000,
    });
    await producer.send([{ topic: 'huge', key: 'k', value: Buffer.alloc(1_030_000) }]);
    await send('huge', bytesOf(1));
    await using app = appOf('cutting', upperCase('huge', 'small'), {
      onDeserializationError: { deadLetter: 'cut-letters' },
    });

    await app.start();
    await world.committedOf('small', 1);

    const [letter] = await world.committed('cut-letters');
    expect(letter).toMatchObject({ key: Buffer.from('k'), value: null });
    expect(Object.fromEntries(letter!.headers)).toMatchObject({
      dlq_value_omitted: '1030000',
      dlq_topic: 'huge',
      dlq_partition: '0',
      dlq_offset: '0',
    });
  });

  it('T12 are skipped and committed if the policy is to skip, so that a restart does not read them again', async () => {
    await world.createTopic('skipping', 1);
    await world.createTopic('skipped', 1);
    await send('skipping', bytesOf(1), bytesOf(13));
    const topology = upperCase('skipping', 'skipped');
    {
      await using app = appOf('skipper', topology, { onProcessingError: 'skip' });
      await app.start();
      await world.committedOf('skipped', 1);
    }
    await using again = appOf('skipper', topology);
    await again.start();
    await send('skipping', bytesOf(2));
    await world.committedOf('skipped', 2);

    expect(await valuesOf('skipped')).toEqual(['1', '2']);
  });

  it('T13 are repeated from the last commit if the application answers "replace"', async () => {
    await world.createTopic('replaced', 1);
    await world.createTopic('replacing', 1);
    await send('replaced', bytesOf(1), bytesOf(7));
    let failures = 0;
    const builder = new StreamsBuilder();
    builder
      .stream('replaced', consumed(serdes.string, serdes.integer))
      .mapValues((number) => {
        if (number === 7 && failures < 2) throw new Error(`failure ${++failures}`);
        return String(number);
      })
      .to('replacing', produced(serdes.string, serdes.string));

    await using app = appOf('replacer', builder.build(), { onUncaughtError: () => 'replace' });
    await app.start();
    const states: string[] = [];
    app.onStateChange((state) => void states.push(state));
    await world.committedOf('replacing', 2);

    expect(await valuesOf('replacing')).toEqual(['1', '7']);
    expect(failures).toBe(2);
    expect(states).not.toContain('rebalancing');
  });

  it('undo the counts of their transaction, which are counted again', async () => {
    await world.createTopic('counted', 1);
    await world.createTopic('counts', 1);
    let failures = 0;
    const builder = new StreamsBuilder();
    builder
      .stream('counted', texts)
      .groupByKey()
      .count(materialized('counted', { caching: false }))
      .toStream()
      .peek((_key, count) => {
        if (count === 3 && failures < 1) throw new Error(`failure ${++failures}`);
      })
      .to('counts', produced(serdes.string, serdes.safeLong));
    await world.send(['a', 'b', 'c'].map((value) => ({ topic: 'counted', key: 'k', value })));

    await using app = appOf('counter', builder.build(), { onUncaughtError: () => 'replace' });
    await app.start();
    await world.committedOf('counts', 3);

    const counts = (await world.committed('counts')).map(({ value }) => Number(value?.readBigInt64BE()));
    expect(counts).toEqual([1, 2, 3]);
    expect(failures).toBe(1);
  });
});

describe('a task with slow records', () => {
  it('lets the other tasks run in between', async () => {
    await world.createTopic('unequal', 2);
    const slow = Array.from({ length: 60 }, (_, index) => ({
      topic: 'unequal',
      key: `${index}`,
      partition: 0,
    }));
    await world.send(slow.map((record) => ({ ...record, value: 'slow' })));
    await world.send([{ topic: 'unequal', key: 'k', value: 'quick', partition: 1 }]);
    const processed: string[] = [];
    const builder = new StreamsBuilder();
    builder.stream('unequal', texts).foreach((_key, value) => {
      if (value === 'slow') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      processed.push(value);
    });

    await using app = appOf('unequal', builder.build(), { maxTaskIdleMs: -1 });
    await app.start();
    await until(
      () => processed.length,
      (records) => records === slow.length + 1,
    );

    expect(processed.indexOf('quick')).toBeLessThan(slow.length / 2);
  });
});
