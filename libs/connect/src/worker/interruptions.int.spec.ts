import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import { until } from '@millrace/testing/within';
import {
  pluginTable,
  RetriableConnectError,
  sinkGroup,
  type ConnectConfig,
  type ConverterKind,
  type SinkConnector,
  type SinkTask,
} from '../index.ts';
import { openSuite, type Suite } from '../open-suite.fixture.ts';
import { countingSource } from '../tiny-connectors.fixture.ts';
import type { TestWorker } from '../worker.fixture.ts';

const limitMs = 60_000;

/** A registry that a test takes away, and how often a converter has asked it then. */
const registry = { isAway: false, asked: 0, bytesMin: 0 };

/** Writes JSON of at least so many bytes, reads it, and asks the registry about every number from 2. */
const askingConverter: ConverterKind = {
  class: 'test.AskingConverter',
  settings: [],
  create: () => ({
    toBytes: (_topic, { value }) => Buffer.from(JSON.stringify(asked(value)).padEnd(registry.bytesMin)),
    toData: (_topic, bytes) => ({ value: asked(JSON.parse(String(bytes))) }),
  }),
};

function asked(value: unknown): unknown {
  if (registry.isAway && (value as { readonly n: number }).n > 1) {
    registry.asked += 1;
    throw new RetriableConnectError('no registry');
  }
  return value;
}

/** What the sink of the running test does. */
let task: Partial<SinkTask> & Pick<SinkTask, 'put'>;
const sinkOfTest: SinkConnector = {
  class: 'test.SinkOfTest',
  aliases: [],
  kind: 'sink',
  version: '1',
  ignored: [],
  settings: [],
  createTask: () => ({ start: async () => undefined, stop: async () => undefined, ...task }),
};

const waiting: ConnectConfig = {
  'value.converter': 'test.AskingConverter',
  'errors.tolerance': 'all',
  'errors.retry.timeout': '-1',
  'errors.retry.delay.max.ms': '100',
};
const plugins = pluginTable({ connectors: [countingSource, sinkOfTest], converters: [askingConverter] });

let suite: Suite;
let worker: TestWorker;
beforeAll(async () => {
  suite = await openSuite();
  worker = await suite.worker({ plugins, flushIntervalMs: 100 });
}, 60_000);
beforeEach(() => void Object.assign(registry, { isAway: false, asked: 0, bytesMin: 0 }));
afterAll(async () => {
  await worker?.stop();
  await suite?.close();
});

const isAsked = (times = 3) =>
  until(
    () => registry.asked,
    (count) => count >= times,
    limitMs,
  );

describe('a source whose conversion waits', () => {
  const counting = (topic: string): ConnectConfig => ({
    'connector.class': 'counting',
    topic,
    count: '10',
    ...waiting,
  });

  it('N35 loses no record when it is stopped', async () => {
    registry.isAway = true;
    await worker.run('stopped', counting('stopped'));
    await isAsked();
    await worker.request('PUT', '/connectors/stopped/pause');
    await worker.has('stopped', 'PAUSED');
    registry.isAway = false;
    await worker.request('PUT', '/connectors/stopped/resume');
    const records = await suite.records('stopped', 10);
    expect(records.map(({ value }) => JSON.parse(String(value)).n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }, 120_000);

  it('N34 keeps no reader of its topic waiting, and writes each record once when it goes on', async () => {
    Object.assign(registry, { isAway: true, bytesMin: 600_000 }); // the first record is sent by itself
    await worker.run('read', counting('read'));
    await isAsked(10);
    await suite.send('read', ['{"n":0}']);
    expect(await suite.records('read', 1)).toHaveLength(1);
    registry.isAway = false;
    const records = await suite.records('read', 11);
    expect(records.map(({ value }) => JSON.parse(String(value)).n)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  }, 120_000);
});

describe('a sink whose conversion waits', () => {
  const sink = (topics: string): ConnectConfig => ({
    'connector.class': 'test.SinkOfTest',
    topics,
    ...waiting,
  });

  it('fails with the reason for which the batch before could not be written', async () => {
    const putting = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    task = {
      async put() {
        putting.resolve();
        await gate.promise;
        throw new Error('the table is gone');
      },
    };
    registry.isAway = true;
    await suite.send('torn', ['{"n":1}']);
    await worker.run('torn', sink('torn'));
    await putting.promise;
    await suite.send('torn', ['{"n":2}']);
    await isAsked();
    gate.resolve();
    const { body } = await until(
      () => worker.request('GET', '/connectors/torn/status'),
      (answer) => answer.body?.tasks?.[0]?.state === 'FAILED',
      limitMs,
    );
    expect(body.tasks[0].trace).toContain('the table is gone');
  }, 120_000);
});

describe('a sink that its group evicts', () => {
  it('goes on, and reads again what it could not commit', async () => {
    const written: unknown[] = [];
    const flushing = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    task = {
      async put(records) {
        written.push(...records.map(({ value }) => value.value));
      },
      async flush() {
        flushing.resolve();
        await gate.promise;
        return undefined;
      },
    };
    await suite.send('evicted', ['{"n":1}']);
    await worker.run('evicted', { 'connector.class': 'test.SinkOfTest', topics: 'evicted' });
    await flushing.promise;
    await using admin = connectAdmin(suite.connection());
    await admin.groups.removeMembers(sinkGroup('evicted'));
    gate.resolve();

    await until(
      () => worker.request('GET', '/connectors/evicted/offsets'),
      ({ body }) => body?.offsets?.[0]?.offset.kafka_offset === 1,
      limitMs,
    );
    expect(written).toEqual([{ n: 1 }, { n: 1 }]);
    await worker.has('evicted', 'RUNNING');
  }, 120_000);

  it('writes nothing that it read before it lost the partition and got it back', async () => {
    const written: unknown[] = [];
    let assignments = 0;
    task = {
      async assigned(partitions) {
        assignments += partitions.length;
        return [];
      },
      async put(records) {
        written.push(...records.map(({ value }) => value.value));
      },
    };
    registry.isAway = true;
    await suite.send('returned', ['{"n":2}']);
    await worker.run('returned', { 'connector.class': 'test.SinkOfTest', topics: 'returned', ...waiting });
    await isAsked();
    await using admin = connectAdmin(suite.connection());
    await admin.groups.removeMembers(sinkGroup('returned'));
    await until(
      () => assignments,
      (count) => count === 2,
      limitMs,
    );
    registry.isAway = false;
    await suite.send('returned', ['{"n":3}']);
    await until(
      () => written.length,
      () => JSON.stringify(written.at(-1)) === '{"n":3}',
      limitMs,
    );
    expect(written).toEqual([{ n: 2 }, { n: 3 }]);
  }, 120_000);
});
