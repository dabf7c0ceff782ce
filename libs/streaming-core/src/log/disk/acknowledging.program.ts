import { writeSync } from 'node:fs';
import { ProtocolError } from '../../protocol/errors.ts';
import type { FlushPolicy } from './group-commit.ts';
import { createLogManager } from '../log-manager.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { RecordBatch } from '../../records/record-batch.ts';

/*
 * A process for tests that kill or trace it:
 *   node acknowledging.program.ts DATA_FOLDER FLUSH BATCHES [SEGMENT_BYTES]
 * It appends batches of one record, a few in flight, and writes the line `acked <end offset>` once
 * a batch is durable, or `refused <error>`.
 */
const [dataFolder = '', flush = 'commit', batches = '0', segmentBytes = '100000'] = process.argv.slice(2);
const inFlight = 3;
const say = (line: string) => writeSync(1, `${line}\n`);
const errorName = (error: unknown) => (error instanceof ProtocolError ? error.errorName : String(error));

const manager = await createLogManager({ dataFolder, flush: flush as FlushPolicy });
if (manager.topic('orders') === undefined)
  await manager.createTopic({
    name: 'orders',
    partitions: 1,
    configs: new Map([['segment.bytes', segmentBytes]]),
  });
const partition = manager.partition('orders', 0)!;

async function appendEvery(first: number): Promise<void> {
  for (let index = first; index < Number(batches); index += inFlight) {
    const value = Buffer.from(String(index).padStart(8, '0'));
    const { durable, lastOffset } = partition.append(
      new RecordBatch(encodeBatch([{ value }], { timestampMs: BigInt(index) })),
    );
    await durable;
    say(`acked ${lastOffset + 1n}`);
  }
}

const refused = (error: unknown) => say(`refused ${errorName(error)}`);
await Promise.all(Array.from({ length: inFlight }, (_, first) => appendEvery(first).catch(refused)));
await appendEvery(Number(batches) - 1).catch(refused);
await manager.close();
