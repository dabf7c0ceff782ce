import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { connectAdmin, connectProducer, type Admin } from '@millrace/streaming-core/client';
import {
  consumed,
  materialized,
  serdes,
  StreamsBuilder,
  type ReadOnlyKeyValueStore,
  type Topology,
} from '@millrace/streams';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { metricEntries, referenceSection } from '@millrace/testing/reference-page';
import { until } from '@millrace/testing/within';
import { z } from 'zod';
import { readConfig } from '../../ground/config/read-config.ts';
import { streamAppConfig } from '../../ground/config/log-client-config.ts';
import { startService } from '../../boot/operated-service.ts';
import { callOps } from '../../ops/ops-call.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { createLogger } from '../../ground/logging/logger.ts';
import { streamStore, StreamsModule } from './streams.module.ts';

@Controller('counts')
class CountsController {
  constructor(
    @Inject(streamStore('words', 'counts')) private readonly counts: ReadOnlyKeyValueStore<string, number>,
  ) {}

  @Get(':word')
  count(@Param('word', { schema: z.string() }) word: string) {
    return { count: this.counts.get(word) };
  }
}

@Module({})
class WordsModule {}

function wordCount(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('words', consumed(serdes.string, serdes.string))
    .peek((word) => {
      if (word === 'broken') throw new Error('this word cannot be counted');
    })
    .groupByKey()
    .count(materialized('counts'));
  return builder.build();
}

let broker: TestBroker;
let admin: Admin;
let stateDir = '';
beforeAll(async () => {
  broker = await startTestBroker();
  admin = connectAdmin({ bootstrapServers: [broker.bootstrapServers], clientId: 'words-test' });
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-words-'));
});
afterAll(async () => {
  await admin.close();
  await broker.stop();
  rmSync(stateDir, { recursive: true });
});

const services: RunningService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function startWords(roles: string): Promise<RunningService> {
  const settings = {
    SAMPLE_PORT: '0',
    SAMPLE_STATE_DIR: stateDir,
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
    ROLES: roles,
    WATCH_EVERY_MS: '50',
    ALARM_HOLD_MS: '0',
  };
  const service = await startService({
    name: 'sample',
    config: readConfig(streamAppConfig('sample', 0), settings),
    logger: createLogger({ service: 'sample', level: 'silent' }),
    module: () => ({
      module: WordsModule,
      imports: [
        StreamsModule.forRoot(wordCount(), { applicationId: 'words', stateDir, commitIntervalMs: 50 }),
      ],
      controllers: [CountsController],
    }),
  });
  services.push(service);
  return service;
}

const source = 'KSTREAM-SOURCE-0000000000';
const peek = 'KSTREAM-PEEK-0000000001';
const aggregate = 'KSTREAM-AGGREGATE-0000000002';

async function send(...words: readonly string[]): Promise<void> {
  await using producer = connectProducer({
    bootstrapServers: [broker.bootstrapServers],
    clientId: 'words-test',
  });
  await producer.send(words.map((key) => ({ topic: 'words', key, value: '' })));
}

const json = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

describe('an app without a database that runs a stream application', () => {
  it('T16 is not ready without the input topic, and says why', async () => {
    const service = await startWords('worker');

    await expect(service.started).rejects.toThrow('input topics do not exist: words');
    const answer = await fetch(`${service.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      checks: { 'streams words': { healthy: false, details: { state: 'failed' } } },
    });
    const { body } = await callOps(service, '/ops/applications');
    expect(body.items).toEqual([
      expect.objectContaining({
        state: 'failed',
        failure: expect.stringContaining('input topics do not exist: words'),
        tasks: [],
      }),
    ]);
  });

  it('T16 R40 is ready once its tasks run, answers queries, has the metrics of the page, and leaves the group when it stops', async () => {
    await admin.topics.create([{ name: 'words', partitions: 2, replicationFactor: 1 }]);
    await send('a', 'b', 'a');
    const service = await startWords('api,worker');
    await service.started;

    expect(await json(`${service.url}/readyz`)).toMatchObject({
      status: 'ready',
      checks: { 'streams words': { healthy: true } },
    });
    await until(
      () => json(`${service.url}/counts/a`),
      ({ count }) => count === 2,
    );
    expect(await json(`${service.opsUrl}/ops`)).toMatchObject({ service: 'sample', state: 'running' });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    const own = metricEntries(metrics).filter(({ name }) => name.startsWith('millrace_streams_'));
    const { onPage, inCode } = referenceSection('metrics.md', 'Stream applications', own);
    expect(onPage).toEqual(inCode);
    expect(metrics).toMatch(
      /millrace_streams_process_records_total\{application="words",service="sample"\} 3/,
    );
    expect(metrics).toMatch(/millrace_streams_task_count\{application="words",service="sample"\} 2/);
    expect(metrics).toMatch(
      /millrace_streams_store_bytes\{application="words",task="0_0",service="sample"\} [1-9]/,
    );
    const { body } = await callOps(service, '/ops/applications');
    const task = { role: 'active', storeBytes: expect.any(Number), lagRecords: 0 };
    expect(body.items).toEqual([
      {
        application: 'words',
        state: 'running',
        notRunningSeconds: 0,
        failure: null,
        remainingRecords: 0,
        subTopologies: [
          {
            id: 0,
            isGlobal: false,
            nodes: [
              { name: source, kind: 'source', topics: ['words'], stores: [], parents: [] },
              { name: peek, kind: 'processor', topics: [], stores: [], parents: [source] },
              { name: aggregate, kind: 'processor', topics: [], stores: ['counts'], parents: [peek] },
            ],
          },
        ],
        stores: [{ name: 'counts', kind: 'key_value', topic: 'words-counts-changelog' }],
        tasks: expect.arrayContaining([
          { ...task, task: '0_0', partitions: ['words/0'], streamTime: expect.any(String) },
          { ...task, task: '0_1', partitions: ['words/1'], streamTime: null },
        ]),
      },
    ]);

    await service.stop();
    expect((await admin.groups.describe(['words'])).get('words')?.members).toEqual([]);
  });

  it('T24 answers operators with what it has of one key of a store, or of the first keys', async () => {
    const service = await startWords('worker');
    await service.started;
    const counts = (query: string) => callOps(service, `/ops/applications/words/stores/counts${query}`);

    const entry = { key: 'a', from: null, to: null, value: 2 };
    expect((await counts('?key=a')).body).toEqual({ items: [entry], complete: true });
    expect((await counts('?keyHex=61')).body).toEqual({ items: [entry], complete: true });
    expect((await counts('?key=z')).body).toEqual({ items: [], complete: true });
    expect((await counts('?limit=1')).body).toMatchObject({ items: [{ key: 'a' }], complete: false });
    for (const wrong of ['?keyHex=6', '?key=a&keyHex=61'])
      expect((await counts(wrong)).body).toMatchObject({ code: 'invalid_request' });
    expect((await counts('?key=')).body).toEqual({ items: [], complete: true });
    const unknown = { status: 404, body: { code: 'unknown_store' } };
    expect(await callOps(service, '/ops/applications/words/stores/sums')).toMatchObject(unknown);
    expect(await callOps(service, '/ops/applications/wordz/stores/counts')).toMatchObject({
      status: 404,
      body: { code: 'unknown_application' },
    });
  });

  it('T24 watches the lag of its group, and raises an alarm once an error has ended it', async () => {
    const service = await startWords('worker');
    await service.started;
    const scraped = async (...names: readonly string[]) =>
      (await (await fetch(`${service.url}/metrics`)).text())
        .split('\n')
        .filter((line) => names.some((name) => line.startsWith(`${name}{`)));
    const failed = 'millrace_streams_failed';
    await until(
      () => scraped('kafka_consumer_group_lag', failed),
      (lines) =>
        lines.includes(
          'kafka_consumer_group_lag{group="words",topic="words",partition="0",service="sample"} 0',
        ) && lines.includes(`${failed}{application="words",service="sample"} 0`),
    );

    await send('broken');
    const { checks } = (await until(
      () => json(`${service.url}/readyz`),
      (answer) => JSON.stringify(answer).includes('streams_failed'),
    )) as { readonly checks: { readonly alarms: object } };

    expect(checks.alarms).toMatchObject({
      details: {
        active: expect.arrayContaining([
          expect.objectContaining({ alarm: 'streams_failed', place: { application: 'words' } }),
        ]),
      },
    });
    expect(await scraped(failed)).toEqual([`${failed}{application="words",service="sample"} 1`]);
  });

  it('runs nothing in a process without the role worker', async () => {
    const service = await startWords('api');
    await service.started;

    expect(await json(`${service.url}/readyz`)).toMatchObject({ status: 'ready', checks: {} });
    expect((await fetch(`${service.url}/counts/a`)).status).toBe(503);
  });
});
