import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { until } from '@millrace/testing/within';
import { pluginTable } from './index.ts';
import { countingSource, fileLinesSink } from './tiny-connectors.fixture.ts';
import { startTestWorker, type TestWorker } from './worker.fixture.ts';

let broker: TestBroker;
let folder: string;
let worker: TestWorker;
const plugins = pluginTable({ connectors: [countingSource, fileLinesSink] });

beforeAll(async () => {
  broker = await startTestBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } });
  folder = await mkdtemp(join(tmpdir(), 'connect-'));
  worker = await startTestWorker({ broker: broker.bootstrapServers, plugins });
}, 60_000);

afterAll(async () => {
  await worker?.stop();
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a worker', () => {
  it('runs a source and a sink', async () => {
    const file = join(folder, 'numbers');
    await worker.run('numbers', { 'connector.class': 'counting', topic: 'numbers', count: '1000' });
    await worker.run('lines', { 'connector.class': 'test.FileLinesSink', topics: 'numbers', file });
    const lines = await until(
      async () => (await readFile(file, 'utf8').catch(() => '')).trim().split('\n'),
      (found) => found.length === 1000,
      30_000,
    );
    expect(JSON.parse(lines[0]!)).toEqual({ topic: 'numbers', key: '"k1"', value: { n: 1 }, partition: 0 });
  }, 60_000);
});
