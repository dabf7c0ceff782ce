import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import { sharedStack, until } from '@millrace/test-support/stack';
import { v7 as newId } from 'uuid';
import { readings, startMeter, type Meter } from './meter.ts';
import type { ReadMetric } from './metrics-page.ts';
import { StackLog } from './stack-log.ts';

/** A fifth of 10,000 records of 1,000 bytes in 10 s, at the same rate. */
const load = { records: 2_000, recordBytes: 1_000, seconds: 2, steps: 20 };
const topic = readings.declaration.name;
const ofTopic = { messaging_destination_name: topic };

const stack = sharedStack();
const log = new StackLog(stack);

describe('G19 the metrics, under a known load', () => {
  let meter: Meter;
  let before: ReadMetric;
  let behind: ReadMetric;
  let after: ReadMetric;
  let writtenMs: number;
  let behindMs: number;
  let batches = 0;
  const countBatches = () => void (batches += 1);

  beforeAll(async () => {
    await log.newTopic(topic, readings.declaration.partitions);
    meter = await startMeter(stack, { consumes: true });
    await until(
      'the meter to have its partitions',
      60_000,
      async () => (await meter.metrics())('millrace_consumer_partitions_owned') === 3,
    );
    const padding = 'x'.repeat(load.recordBytes - (await sizeOfOne()));
    before = await meter.metrics();
    const letGo = await holdConsumer();
    subscribe('millrace.relay.published', countBatches);
    const startedAt = performance.now();
    await drive(padding);
    await until(
      'everything to be published',
      60_000,
      async () => moved(await meter.metrics(), sentMessages) >= load.records,
    );
    writtenMs = performance.now() - startedAt;
    await until('the lag to be seen', 30_000, async () => lagOf(await meter.metrics()) >= load.records);
    behind = await meter.metrics();
    behindMs = performance.now() - startedAt;
    await letGo();
    await until('everything to be handled', 60_000, () => meter.handledAfterMs.size > load.records);
    await until('the lag to be gone', 30_000, async () => lagOf(await meter.metrics()) === 0);
    after = await meter.metrics();
  }, 240_000);
  afterAll(async () => {
    unsubscribe('millrace.relay.published', countBatches);
    await meter.stop();
    await log.close();
  });

  const sentMessages = (metric: ReadMetric) => metric('messaging_client_sent_messages_total', ofTopic);
  const lagOf = (metric: ReadMetric) => metric('kafka_consumer_group_lag', { group: 'meter', topic });
  const moved = (now: ReadMetric, read: (metric: ReadMetric) => number) => read(now) - (read(before) || 0);
  const change = (name: string, labels: Readonly<Record<string, string>>) =>
    moved(after, (metric) => metric(name, labels));

  /** Bytes of the key, value and headers on the log, of a message without padding. */
  async function sizeOfOne(): Promise<number> {
    await write(1, '');
    await until('the first message to be handled', 60_000, () => meter.handledAfterMs.size === 1);
    const reader = log.consumer({ clientId: 'reader', groupId: 'g19', topics: [], fetchMaxWaitMs: 100 });
    const fetched = await reader.fetch([0, 1, 2].map((partition) => ({ topic, partition, offset: 0n })));
    const [record] = fetched.flatMap(({ records }) => records);
    if (record === undefined) throw new Error('the first message is not on the log');
    const headers = [...record.headers].flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return (record.key?.length ?? 0) + (record.value?.length ?? 0) + headers;
  }

  function write(count: number, padding: string): Promise<void> {
    const messages = Array.from({ length: count }, (_, n) => {
      const meterId = `meter-${String(n % 60).padStart(4, '0')}`;
      const id = newId();
      const told = { source: '/test/meter', type: 'Read', subject: meterId, dataSchema: '/schemas/Read/1' };
      const attributes = { id, time: new Date().toISOString(), correlationId: id, causationId: id, ...told };
      return { topic, key: meterId, message: readings.Read({ meterId, padding }), attributes };
    });
    return meter.database.sql.transaction((transaction) => appendToOutbox(transaction, messages));
  }

  /**
   * Writes the load evenly over the time. A slow machine takes longer and still writes all of it.
   */
  async function drive(padding: string): Promise<void> {
    const startedAt = performance.now();
    for (let step = 0; step < load.steps; step += 1) {
      await write(load.records / load.steps, padding);
      await until(
        'the next step',
        60_000,
        () => performance.now() - startedAt >= ((step + 1) * load.seconds * 1_000) / load.steps,
      );
    }
  }

  /**
   * Locks the rows of the offsets, which blocks every batch and nothing else. Resolves to the
   * release.
   */
  async function holdConsumer(): Promise<() => Promise<void>> {
    const client = await meter.database.pool.connect();
    await client.query('BEGIN; SELECT * FROM consumer_offset FOR UPDATE');
    return async () => {
      await client.query('ROLLBACK');
      client.release();
    };
  }

  /** Expects the figure within 5 % of its expected value. */
  function expectMove(actual: number, expected: number): void {
    expect(actual).toBeGreaterThanOrEqual(expected * 0.95);
    expect(actual).toBeLessThanOrEqual(expected * 1.05);
  }

  it('R12 count the messages that are sent and received', () => {
    expectMove(change('messaging_client_sent_messages_total', ofTopic), load.records);
    expectMove(change('messaging_client_consumed_messages_total', ofTopic), load.records);
    expectMove(change('millrace_consumer_messages_handled_total', { topic }), load.records);
  });

  it('R12 count their bytes', () => {
    expectMove(change('messaging_client_sent_bytes_total', ofTopic), load.records * load.recordBytes);
    expectMove(change('messaging_client_consumed_bytes_total', ofTopic), load.records * load.recordBytes);
  });

  it("measure the duration of each of the producer's requests", () => {
    const send = { messaging_operation_name: 'send', ...ofTopic };
    expectMove(change('messaging_client_operation_duration_seconds_count', send), batches);
    const spentMs = change('messaging_client_operation_duration_seconds_sum', send) * 1_000;
    expect(spentMs).toBeGreaterThan(0);
    expect(spentMs).toBeLessThan(writtenMs); // the requests ran one at a time
  });

  it('R12 measure the time of each message from its event to its committed effect', () => {
    expectMove(change('millrace_end_to_end_duration_seconds_count', { topic }), load.records);
    const [, ...waitedMs] = meter.handledAfterMs.values();
    const total = waitedMs.reduce((sum, ms) => sum + ms, 0);
    expectMove(change('millrace_end_to_end_duration_seconds_sum', { topic }) * 1_000, total);
  });

  it('R12 show the lag in messages and in time while the consumer is blocked, and none afterwards', () => {
    expectMove(lagOf(behind), load.records);
    const oldest = Math.max(
      ...['0', '1', '2'].map((partition) =>
        behind('kafka_consumer_group_lag_seconds', { group: 'meter', topic, partition }),
      ),
    );
    expect(oldest * 1_000).toBeGreaterThan(load.seconds * 500);
    expect(oldest * 1_000).toBeLessThan(behindMs);
    expect(lagOf(after)).toBe(0);
    expect(after('kafka_consumer_group_lag_seconds', { group: 'meter', topic })).toBe(0);
  });
});
