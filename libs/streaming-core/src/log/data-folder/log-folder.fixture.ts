import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { createLogManager, type LogManager } from '../log-manager.ts';
import type { LogManagerOptions } from '../log-settings.ts';
import { batchesIn, RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch, type BatchOptions } from '../../records/record-batch-encoder.ts';
import { recordsOf } from '../../records/records.ts';
import type { PartitionLog } from '../partition-log-port.ts';

export const everything = { maxBytes: 1 << 20, minOneBatch: true };
export const storageError = { errorName: 'KAFKA_STORAGE_ERROR' };

/** A batch of records with these values and no keys. */
export const batchOf = (values: readonly string[], options: Partial<BatchOptions> = {}): Buffer =>
  encodeBatch(
    values.map((value) => ({ value: Buffer.from(value) })),
    { timestampMs: 1_700_000_000_000n, ...options },
  );

/** Returns `offset:value` for every record in consecutive batches. */
export function valuesIn(bytes: Buffer): string[] {
  const records = [...batchesIn(bytes)].flatMap((batch) => [...(recordsOf(batch) ?? [])]);
  return records.map(({ offset, value }) => `${offset}:${String(value)}`);
}

/** Reads everything from an offset up to the high watermark, across all segments. */
export function readAll(partition: PartitionLog, from = 0n): string[] {
  const values: string[] = [];
  for (let offset = from; offset < partition.highWatermark;) {
    const bytes = partition.read(offset, everything);
    values.push(...valuesIn(bytes));
    for (const batch of batchesIn(bytes)) offset = batch.lastOffset + 1n;
  }
  return values;
}

export async function appendAll(partition: PartitionLog, ...batches: Buffer[]): Promise<void> {
  await Promise.all(batches.map((batch) => partition.append(new RecordBatch(batch)).durable));
}

/** Gives each test of the suite its own data folder, and closes its log managers afterwards. */
export function logFolder() {
  const open: LogManager[] = [];
  const suite = {
    dataFolder: '',
    folder: '',
    async open(options: Partial<LogManagerOptions> = {}): Promise<LogManager> {
      const manager = await createLogManager({ dataFolder: suite.dataFolder, ...options });
      open.push(manager);
      return manager;
    },
    /** Creates the topic `orders` and returns its only partition. */
    async create(
      configs: Record<string, string> = {},
      options: Partial<LogManagerOptions> = {},
    ): Promise<PartitionLog> {
      const manager = await suite.open(options);
      await manager.createTopic({ name: 'orders', partitions: 1, configs: new Map(Object.entries(configs)) });
      return manager.partition('orders', 0)!;
    },
    async close(): Promise<void> {
      for (const manager of open.splice(0)) await manager.close();
    },
    /** Simulates kill -9: the next start finds no mark of a clean shutdown. */
    async crash(): Promise<void> {
      await suite.close();
      rmSync(join(suite.dataFolder, '.kafka_cleanshutdown'), { force: true });
    },
    async reopen(options: Partial<LogManagerOptions> = {}): Promise<PartitionLog> {
      return (await suite.open(options)).partition('orders', 0)!;
    },
  };
  beforeEach(() => {
    suite.dataFolder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
    suite.folder = join(suite.dataFolder, 'orders-0');
  });
  afterEach(async () => {
    await suite.close();
    rmSync(suite.dataFolder, { recursive: true, force: true });
  });
  return suite;
}
