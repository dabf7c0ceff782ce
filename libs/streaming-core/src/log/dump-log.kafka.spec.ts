import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaTool } from '@millrace/testing/kafka';
import { partitionOfId } from '../coordinators/coordinator-topic.ts';
import { startBroker } from '../broker/start-broker.ts';
import { TransactionalSession } from '../broker/transactional-session.fixture.ts';
import { offsetCommit } from '../protocol/apis/group-offsets.ts';
import { WireClient } from '../protocol/testing/wire-client.ts';
import { createLogManager } from './log-manager.ts';
import type { SegmentedPartitionLog } from './partition-log.ts';
import { encodeBatch, type BatchOptions } from '../records/record-batch-encoder.ts';
import { RecordBatch } from '../records/record-batch.ts';

const nowMs = Date.now();
const batchOf = (key: string, value: string | null, options: Partial<BatchOptions> = {}) =>
  encodeBatch([{ key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }], {
    timestampMs: BigInt(nowMs),
    ...options,
  });

describe("Apache Kafka's own reader of log files", () => {
  let dataFolder: string;
  const folder = (name: string) => join(dataFolder, name);
  const filesIn = (name: string, ...extensions: string[]) =>
    readdirSync(folder(name))
      .filter((file) => extensions.some((extension) => file.endsWith(extension)))
      .map((file) => join(folder(name), file));
  const dump = (files: readonly string[], ...options: string[]) =>
    kafkaTool('DumpLogSegments', ['--files', files.join(','), ...options]);

  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'millrace-dump-log-'));
    const logs = await createLogManager({ dataFolder });
    const configs = new Map([['cleanup.policy', 'compact'], ['segment.bytes', '700'], ['index.interval.bytes', '100'], ['min.cleanable.dirty.ratio', '0']]); // prettier-ignore
    await logs.createTopic({ name: 'orders', partitions: 1, configs });
    const log = logs.partition('orders', 0) as SegmentedPartitionLog;
    const producer = { producerId: 7n, producerEpoch: 0 };
    log.append(
      new RecordBatch(batchOf('t', 'aborted', { ...producer, baseSequence: 0, transactional: true })),
      {
        inTransaction: true,
      },
    );
    log.appendMarker({ ...producer, coordinatorEpoch: 0, committed: false });
    await log.append(new RecordBatch(batchOf('gone', null))).durable;
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
    for (let index = 0; index < 40; index += 1)
      await log.append(
        new RecordBatch(
          batchOf(`k${index % 3}`, index % 7 === 0 ? null : `value ${index}`.repeat(4), {
            codec: codecs[index % 5]!,
          }),
        ),
      ).durable;
    await log.compact();
    for (let index = 0; index < 6; index += 1)
      log.append(new RecordBatch(batchOf('t', `v${index}`, { ...producer, baseSequence: index + 1 })));
    await logs.close();
    rmSync(folder('.kafka_cleanshutdown'));
    const broker = await startBroker({ dataFolder, port: 0 });
    const client = await WireClient.connect(broker);
    const partitions = [{ partitionIndex: 0, committedOffset: 42n, committedMetadata: '' }];
    await client.send(offsetCommit, 8, {
      groupId: 'shop',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: [{ name: 'orders', partitions }],
    });
    await new TransactionalSession(client, 'tx').init({ timeoutMs: 1_234 });
    client.close();
    await broker.close();
  }, 60_000);
  afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));

  it('L23 finds every batch valid, with matching indexes and snapshots, after rolls, compaction and a crash', async () => {
    const text = await dump(
      filesIn('orders-0', '.log', '.index', '.timeindex', '.snapshot', '.txnindex'),
      '--print-data-log',
    );
    expect(text.match(/isvalid: true/g)!.length).toBeGreaterThan(8);
    expect(text).toMatch(/deleteHorizonMs: OptionalLong\[\d+\]/);
    expect(text).toMatch(/producerId: 7 producerEpoch: 0/);
    expect(text).not.toMatch(
      /isvalid: false|mismatch|Non-consecutive|Could not|Exception|not sorted|out of order/i,
    );
  }, 120_000);

  it('L23 finds no errors in the indexes', async () => {
    const indexes = filesIn('orders-0', '.index', '.timeindex');
    const text = await dump(indexes, '--index-sanity-check');
    expect(text.match(/passed sanity check|is empty/g)).toHaveLength(indexes.length);
    expect(await dump(indexes, '--verify-index-only')).not.toMatch(
      /mismatch|not sorted|out of order|Exception/i,
    );
  }, 120_000);

  it('L23 reads the state of a transactional id', async () => {
    const partition = partitionOfId('tx', 50);
    const text = await dump(filesIn(`__transaction_state-${partition}`, '.log'), '--transaction-log-decoder');
    expect(text).toMatch(/"transactionalId":"tx"/);
    expect(text).toMatch(/"transactionTimeoutMs":1234/);
  }, 120_000);

  it('L23 reads the offsets that groups committed', async () => {
    const partition = partitionOfId('shop', 50);
    const text = await dump(filesIn(`__consumer_offsets-${partition}`, '.log'), '--offsets-decoder');
    expect(text).toMatch(/"group":"shop","topic":"orders","partition":0/);
    expect(text).toMatch(/"offset":42/);
  }, 120_000);
});
