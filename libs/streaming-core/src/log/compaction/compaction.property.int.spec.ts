import { copyFileSync, cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { readAll } from '../data-folder/log-folder.fixture.ts';
import { createLogManager } from '../log-manager.ts';
import type { SegmentedPartitionLog } from '../partition-log.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { RecordBatch } from '../../records/record-batch.ts';

const startMs = 1_700_000_000_000;
const clock = { now: () => startMs, monotonic: () => performance.now(), after: () => () => undefined };
const configs = new Map([['cleanup.policy', 'compact'], ['segment.bytes', '300'], ['min.cleanable.dirty.ratio', '0']]); // prettier-ignore
const everyStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('append' as const), keys: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'compact' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
); // prettier-ignore

/** Knows the records that a compacted log must hold: the last value of each key at its offset. */
class Model {
  readonly #last = new Map<number, number>();
  end = 0;

  append(key: number): void {
    this.#last.set(key, this.end);
    this.end += 1;
  }

  check(lines: readonly string[]): void {
    const offsets = lines.map((line) => line.split(':').map(Number) as [number, number]);
    for (const [offset, value] of offsets) expect(value).toBe(offset);
    expect(offsets.map(([offset]) => offset)).toEqual(
      [...new Set(offsets.map(([offset]) => offset))].sort((a, b) => a - b),
    );
    for (const offset of this.#last.values()) expect(lines).toContain(`${offset}:${offset}`);
  }
}

async function openLog(dataFolder: string) {
  const manager = await createLogManager({ dataFolder, clock, flush: 'none' });
  if (manager.topic('orders') === undefined)
    await manager.createTopic({ name: 'orders', partitions: 1, configs });
  return { manager, log: manager.partition('orders', 0) as SegmentedPartitionLog };
}

const append = (log: SegmentedPartitionLog, model: Model, keys: readonly number[]) => {
  const records = keys.map((key) => {
    const value = Buffer.from(String(model.end));
    model.append(key);
    return { key: Buffer.from(`key-${key}`), value };
  });
  log.append(new RecordBatch(encodeBatch(records, { timestampMs: BigInt(startMs) })));
};

describe('a compacted log', () => {
  it('L19 has the last value of each key after any rounds, restarts and crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(everyStep, { minLength: 5, maxLength: 40 }), async (steps) => {
        const dataFolder = mkdtempSync(join(tmpdir(), 'millrace-compaction-'));
        const model = new Model();
        let open = await openLog(dataFolder);
        for (const step of steps) {
          if (step.kind === 'append') append(open.log, model, step.keys);
          else if (step.kind === 'compact') await open.log.compact();
          else {
            await open.manager.close();
            if (step.kind === 'crash') rmSync(join(dataFolder, '.kafka_cleanshutdown'));
            open = await openLog(dataFolder);
          }
          model.check(readAll(open.log));
          expect(Number(open.log.logEndOffset)).toBe(model.end);
        }
        await open.manager.close();
        rmSync(dataFolder, { recursive: true });
      }),
      { numRuns: 15 },
    );
  });

  it('L19 L60 stays whole wherever a kill interrupts the swap of its segments', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'millrace-compaction-'));
    const before = `${dataFolder}-before`;
    const after = `${dataFolder}-after`;
    const model = new Model();
    const open = await openLog(dataFolder);
    for (let index = 0; index < 40; index += 1) append(open.log, model, [index % 4, index % 7]);
    // Larger segments, so that compaction writes a single one.
    await open.manager.alterTopicConfigs('orders', new Map([...configs, ['segment.bytes', '100000']]));
    await open.log.flush();
    cpSync(dataFolder, before, { recursive: true });
    await open.log.compact();
    cpSync(dataFolder, after, { recursive: true });
    await open.manager.close();
    const first = '0'.repeat(20);
    const old = readdirSync(join(before, 'orders-0'))
      .filter((name) => name.endsWith('.log'))
      .slice(0, -1);
    expect(old.length).toBeGreaterThan(3);
    const inFolder = (name: string) => join(dataFolder, 'orders-0', name);
    const cases = [
      { suffix: 'cleaned', gone: 0, renamed: 0 },
      ...[0, 1, 2, old.length].map((gone) => ({ suffix: 'swap', gone, renamed: 0 })),
      ...[1, 2, 3].map((renamed) => ({ suffix: 'swap', gone: old.length, renamed })),
    ];
    for (const { suffix, gone, renamed } of cases) {
      rmSync(dataFolder, { recursive: true });
      cpSync(before, dataFolder, { recursive: true });
      rmSync(join(dataFolder, '.lock'), { force: true });
      for (const extension of ['log', 'index', 'timeindex', 'gaps'])
        copyFileSync(
          join(after, 'orders-0', `${first}.${extension}`),
          inFolder(`${first}.${extension}.${suffix}`),
        );
      for (const name of old.slice(0, gone)) renameSync(inFolder(name), inFolder(`${name}.deleted`));
      for (const extension of ['gaps', 'timeindex', 'index'].slice(0, renamed))
        renameSync(inFolder(`${first}.${extension}.swap`), inFolder(`${first}.${extension}`));
      const killed = await openLog(dataFolder);
      model.check(readAll(killed.log));
      expect(Number(killed.log.logEndOffset)).toBe(model.end);
      await killed.log.compact();
      model.check(readAll(killed.log));
      await killed.manager.close();
      expect(
        readdirSync(join(dataFolder, 'orders-0')).filter((name) => /cleaned|swap|deleted/.test(name)),
      ).toEqual([]);
    }
    for (const folder of [dataFolder, before, after]) rmSync(folder, { recursive: true });
  });
});
