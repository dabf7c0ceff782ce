import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { copyRunningLog } from './copy-running-log.ts';
import { createLogManager } from './log-manager.ts';
import { batchOf, logFolder, readAll } from './log-folder.features.ts';
import type { LogManager, PartitionLog } from './types.ts';

const partitions = [0, 1, 2];
const smallSegments = new Map([['segment.bytes', '2000']]);

describe('a log that is copied while it is written', () => {
  const suite = logFolder();

  /** Appends until told to stop; every acknowledged value by partition. */
  function writers(manager: LogManager) {
    const acknowledged = partitions.map(() => 0);
    let stopped = false;
    const write = async (index: number) => {
      const log = manager.partition('orders', index)!;
      const producerId = await manager.allocateProducerId();
      for (let sequence = 0; !stopped; sequence += 1) {
        await log.append(batchOf([`value ${sequence}`], { producerId, producerEpoch: 0, baseSequence: sequence })).durable;
        acknowledged[index] = sequence + 1;
      }
    };
    const written = Promise.all(partitions.map(write));
    return { acknowledged, stop: () => ((stopped = true), written) };
  }

  const isPrefix = (log: PartitionLog): boolean => readAll(log).every((value, offset) => value === `${offset}:value ${offset}`);

  it('has everything that was acknowledged before, in order, over several segments, and goes on', async () => {
    const manager = await suite.open({ checkpointIntervalMs: 5 });
    await manager.createTopic({ name: 'orders', partitions: partitions.length, configs: smallSegments });
    const { acknowledged, stop } = writers(manager);
    while (Math.min(...acknowledged) < 100) await new Promise((resolve) => setTimeout(resolve, 5));
    const copy = join(suite.dataFolder, '..', `${suite.dataFolder.split('/').at(-1)}-copy`);
    try {
      for (let round = 0; round < 5; round += 1) {
        const before = [...acknowledged];
        await copyRunningLog(suite.dataFolder, copy);

        const copied = await createLogManager({ dataFolder: copy });
        for (const index of partitions) {
          const log = copied.partition('orders', index)!;
          expect(isPrefix(log)).toBe(true);
          expect(Number(log.highWatermark)).toBeGreaterThanOrEqual(before[index]!);
          const producerId = await copied.allocateProducerId();
          expect(producerId).toBeGreaterThan(2n);
          await log.append(batchOf(['next'], { producerId, producerEpoch: 0, baseSequence: 0 })).durable;
          expect(readAll(log).at(-1)).toMatch(/:next$/);
        }
        await copied.close();
        rmSync(copy, { recursive: true });
      }
    } finally {
      await stop();
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
