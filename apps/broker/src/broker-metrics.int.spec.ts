import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { metricEntries, referenceSection } from '@millrace/testing/reference-page';
import { Kafka, logLevel } from 'kafkajs';
import { brokerMetrics } from './broker-metrics.ts';
import { openSidePort, type SidePort, type SidePortParts } from './side-port.ts';

let dataFolder: string;
let broker: Broker;
let side: SidePort;
let parts: SidePortParts;
let trouble: string | undefined;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'millrace-metrics-'));
  broker = await startBroker({ dataFolder, port: 0 });
  trouble = undefined;
  const registry = brokerMetrics(broker, { dataFolder });
  parts = { readMetrics: () => Promise.resolve(registry), trouble: () => trouble, phase: () => 'ready' };
  side = await openSidePort(parts, { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await side.close();
  await broker.close();
  await rm(dataFolder, { recursive: true });
});

async function scrape(): Promise<(series: string) => number | undefined> {
  const page = await (await fetch(`${side.url}/metrics`)).text();
  const values = new Map(
    page
      .split('\n')
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
  return (series) => values.get(series);
}

describe("the broker's metrics", () => {
  it('count what is produced, stored and committed', async () => {
    const kafka = new Kafka({
      clientId: 'm',
      brokers: [`${broker.host}:${broker.port}`],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.createTopics({ topics: [{ topic: 'load', numPartitions: 1 }], waitForLeaders: true });
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 100 }, () => ({ value: 'x'.repeat(1_000) }));
    for (let sends = 0; sends < 5; sends += 1) await producer.send({ topic: 'load', acks: -1, messages });
    await producer.disconnect();
    await admin.setOffsets({ groupId: 'slow', topic: 'load', partitions: [{ partition: 0, offset: '120' }] });
    await admin.disconnect();

    const value = await scrape();
    expect(value('kafka_message_count_total{topic="load"}')).toBe(500);
    const bytesIn = value('kafka_network_io_bytes_total{topic="load",direction="in"}')!;
    expect(bytesIn).toBeGreaterThan(500_000);
    expect(bytesIn).toBeLessThan(525_000);
    expect(value('millrace_broker_received_bytes_total')).toBeGreaterThan(bytesIn);
    expect(value('kafka_partition_current_offset{topic="load",partition="0"}')).toBe(500);
    expect(value('kafka_partition_oldest_offset{topic="load",partition="0"}')).toBe(0);
    expect(value('millrace_broker_log_size_bytes{topic="load",partition="0"}')).toBe(bytesIn);
    expect(value('kafka_consumer_group_offset{group="slow",topic="load",partition="0"}')).toBe(120);
    expect(value('kafka_consumer_group_lag{group="slow",topic="load",partition="0"}')).toBe(380);
    expect(value('millrace_broker_request_duration_seconds_count{request="Produce"}')).toBe(5);
    expect(value('millrace_broker_request_duration_seconds_bucket{request="Produce",le="+Inf"}')).toBe(5);
    expect(value('millrace_broker_flush_duration_seconds_count')).toBeGreaterThanOrEqual(5);
    expect(value('millrace_broker_data_free_bytes')).toBeGreaterThan(0);
    expect(value('millrace_broker_offline')).toBe(0);
  });

  it('count what is consumed', async () => {
    const kafka = new Kafka({
      clientId: 'm',
      brokers: [`${broker.host}:${broker.port}`],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.createTopics({ topics: [{ topic: 'load' }], waitForLeaders: true });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'load', messages: [{ value: 'one' }] });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: 'readers' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'load', fromBeginning: true });
    await new Promise<void>(
      (resolve) => void consumer.run({ eachMessage: () => Promise.resolve(resolve()) }),
    );
    const value = await scrape();
    expect(value('kafka_consumer_group_members{group="readers"}')).toBe(1);
    expect(value('millrace_broker_groups{state="Stable"}')).toBe(1);
    expect(value('millrace_broker_connections')).toBeGreaterThan(0);
    expect(value('kafka_network_io_bytes_total{topic="load",direction="out"}')).toBe(
      value('kafka_network_io_bytes_total{topic="load",direction="in"}'),
    );
    await consumer.disconnect();
  });
});

describe('the /metrics page', () => {
  it('R40 exposes exactly the metrics that docs/reference/metrics.md lists', async () => {
    const entries = metricEntries(await (await fetch(`${side.url}/metrics`)).text());
    const { onPage, inCode } = referenceSection('metrics.md', 'The embedded broker', entries);
    expect(entries.length).toBeGreaterThan(10);
    expect(onPage).toEqual(inCode);
  });

  it('ends the names of counters, and of nothing else, in _total, as promtool requires', async () => {
    const text = await (await fetch(`${side.url}/metrics`)).text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
    expect(types.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
  });
});

describe('the side port', () => {
  it.each([
    ['/livez', 200, { status: 'alive' }],
    ['/readyz', 200, { status: 'ready' }],
  ])('answers %s with 200 while the broker is healthy', async (path, status, body) => {
    const answer = await fetch(side.url + path);
    expect(answer.status).toEqual(status);
    expect(await answer.json()).toEqual(body);
  });

  it.each(['/livez', '/readyz'])(
    'answers %s with 503 and the cause when the log directory is offline',
    async (path) => {
      trouble = 'fsync failed';
      const answer = await fetch(side.url + path);
      expect(answer.status).toEqual(503);
      expect(await answer.json()).toEqual({ status: 'offline', cause: 'fsync failed' });
    },
  );

  it('answers other paths with 404 and other methods with 405', async () => {
    expect((await fetch(`${side.url}/`)).status).toBe(404);
    expect((await fetch(`${side.url}/livez`, { method: 'POST' })).status).toBe(405);
  });

  it('names the setting when its port is taken', async () => {
    const { port } = new URL(side.url);
    const again = openSidePort(parts, { host: '127.0.0.1', port: Number(port) });
    await expect(again).rejects.toThrow(/is taken.*BROKER_HTTP_PORT/);
  });

  it('listens on a free port when its own is taken and any port will do', async () => {
    const taken = Number(new URL(side.url).port);
    const other = await openSidePort(parts, { host: '127.0.0.1', port: taken, orAnyFree: true });
    try {
      expect(other.insteadOf).toBe(taken);
      expect((await fetch(`${other.url}/livez`)).status).toBe((await fetch(`${side.url}/livez`)).status);
    } finally {
      await other.close();
    }
  });
});
