import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { kcat } from '@millrace/testing/kcat';
import { until } from '@millrace/test-support/stack';
import { GroupOperator } from './group-operator.ts';
import { readMetrics, type ReadMetric } from './metrics-page.ts';

const load = { records: 10_000, recordBytes: 1_000, seconds: 10, steps: 100 };
const topic = 'user-events';
const behind = 500;

/** Runs our broker in its own process. Apache Kafka's own metrics are not tested here. */
describe("G19 the broker's own metrics, under a known load", () => {
  let folder: string;
  let broker: ChildProcess;
  let before: ReadMetric;
  let after: ReadMetric;
  let writtenMs: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-guides-'));
    const [runner, program] = programCommand('apps/broker/src/main.ts');
    broker = fork(runner, [program], {
      execArgv: [],
      env: {
        ...programEnvironment(),
        BROKER_PORT: '0',
        BROKER_HTTP_PORT: '0',
        BROKER_DATA: join(folder, 'broker'),
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ url, http }] = (await once(broker, 'message')) as [{ url: string; http: string }];
    const bootstrapServers = url.replace(/^\w+:\/\//, '');
    const connection = { bootstrapServers: [bootstrapServers], clientId: 'guides', logger: silentLogger };
    const admin = connectAdmin(connection);
    const producer = connectProducer(connection);
    await admin.createTopics([{ name: topic, partitions: 1, retention: 'unlimited', cleanup: 'delete' }]);
    // Makes every time series exist before the first reading.
    await producer.send([{ topic, key: null, value: 'x'.repeat(load.recordBytes) }]);
    before = await readMetrics(http);

    const startedAt = performance.now();
    for (let step = 1; step <= load.steps; step += 1) {
      await producer.send(
        Array.from({ length: load.records / load.steps }, () => ({
          topic,
          key: null,
          value: 'x'.repeat(load.recordBytes),
        })),
      );
      await until(
        'the next step',
        60_000,
        () => performance.now() - startedAt >= (step * load.seconds * 1_000) / load.steps,
      );
    }
    writtenMs = performance.now() - startedAt;
    await kcat(['-b', bootstrapServers, '-C', '-t', topic, '-o', '1', '-e', '-q', '-f', '']);
    const group = new GroupOperator(bootstrapServers, 'analytics-group');
    await group.commit(topic, BigInt(load.records + 1 - behind));
    after = await readMetrics(http);
    await Promise.all([group.close(), producer.close(), admin.close()]);
  }, 120_000);
  afterAll(async () => {
    broker.kill('SIGKILL');
    await once(broker, 'exit');
    await rm(folder, { recursive: true, force: true });
  });

  const change = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    after(name, labels) - (before(name, labels) || 0);

  /** Expects the figure within 5 % of its expected value. */
  function expectMove(actual: number, expected: number): void {
    expect(actual).toBeGreaterThanOrEqual(expected * 0.95);
    expect(actual).toBeLessThanOrEqual(expected * 1.05);
  }

  it('count messages and the bytes of both directions', () => {
    expectMove(change('kafka_message_count_total', { topic }), load.records);
    expectMove(
      change('kafka_network_io_bytes_total', { topic, direction: 'in' }),
      load.records * load.recordBytes,
    );
    expectMove(
      change('kafka_network_io_bytes_total', { topic, direction: 'out' }),
      load.records * load.recordBytes,
    );
  });

  it('measure the duration of each produce request', () => {
    const produce = { request: 'Produce' };
    expect(change('millrace_broker_request_duration_seconds_count', produce)).toBe(load.steps);
    const spentMs = change('millrace_broker_request_duration_seconds_sum', produce) * 1_000;
    expect(spentMs).toBeGreaterThan(0);
    expect(spentMs).toBeLessThan(writtenMs); // the requests ran one at a time
  });

  it('show the lag of a group behind its committed offset', () => {
    expect(after('kafka_consumer_group_lag', { group: 'analytics-group', topic, partition: '0' })).toBe(
      behind,
    );
  });

  it('show CPU, memory, disk and network', () => {
    const spentS = change('process_cpu_seconds_total');
    expect(spentS).toBeGreaterThan(0);
    expect(spentS).toBeLessThan((2 * writtenMs) / 1_000 + 5);
    expect(after('process_resident_memory_bytes')).toBeGreaterThan(20_000_000);
    expectMove(change('millrace_broker_log_size_bytes', { topic }), load.records * load.recordBytes);
    expectMove(change('millrace_broker_received_bytes_total'), load.records * load.recordBytes);
    expectMove(change('millrace_broker_sent_bytes_total'), load.records * load.recordBytes);
  });

  it('G46 show that a broker needs no big firm: it takes at most 150 MB of memory', () => {
    expect(after('process_resident_memory_bytes')).toBeLessThanOrEqual(150_000_000);
  });
});
