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
import { until } from '@millrace/testing/within';
import { readConfig } from '../../ground/config/read-config.ts';
import { streamAppConfig } from '../../ground/config/log-client-config.ts';
import { startService } from '../../boot/operated-service.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { createLogger } from '../../ground/logging/logger.ts';
import { streamStore, StreamsModule } from './streams.module.ts';

@Controller('counts')
class CountsController {
  constructor(
    @Inject(streamStore('words', 'counts')) private readonly counts: ReadOnlyKeyValueStore<string, number>,
  ) {}

  @Get(':word')
  count(@Param('word') word: string) {
    return { count: this.counts.get(word) };
  }
}

@Module({})
class WordsModule {}

function wordCount(): Topology {
  const builder = new StreamsBuilder();
  builder.stream('words', consumed(serdes.string, serdes.string)).groupByKey().count(materialized('counts'));
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
  });

  it('T16 is ready once its tasks run, answers queries, counts, and leaves the group when it stops', async () => {
    await admin.topics.create([{ name: 'words', partitions: 2, replicationFactor: 1 }]);
    await using producer = connectProducer({
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'words-test',
    });
    await producer.send(['a', 'b', 'a'].map((key) => ({ topic: 'words', key, value: '' })));
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
    expect(metrics).toMatch(
      /millrace_streams_process_records_total\{application="words",service="sample"\} 3/,
    );
    expect(metrics).toMatch(/millrace_streams_task_count\{application="words",service="sample"\} 2/);
    expect(metrics).toMatch(
      /millrace_streams_store_bytes\{application="words",task="0_0",service="sample"\} [1-9]/,
    );

    await service.stop();
    expect((await admin.groups.describe(['words'])).get('words')?.members).toEqual([]);
  });

  it('runs nothing in a process without the role worker', async () => {
    const service = await startWords('api');
    await service.started;

    expect(await json(`${service.url}/readyz`)).toMatchObject({ status: 'ready', checks: {} });
    expect((await fetch(`${service.url}/counts/a`)).status).toBe(503);
  });
});
