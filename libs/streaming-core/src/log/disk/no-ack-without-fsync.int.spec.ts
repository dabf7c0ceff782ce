import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { logFolder, readAll } from '../data-folder/log-folder.fixture.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';

const program = join(import.meta.dirname, 'acknowledging.program.ts');
const node = ['--conditions=@millrace/source', '--no-warnings', program];
// With io_uring, strace would not see a sync as a system call.
const env = { ...process.env, NODE_OPTIONS: '', UV_USE_IO_URING: '0' };
const batchBytes = encodeBatch([{ value: Buffer.alloc(8) }], { timestampMs: 0n }).length;
const traced = 'fdatasync,fsync,write,pwrite64,writev,sendto,sendmsg';

interface Trace {
  readonly acks: number;
  /**
   * Acks given before a completed fdatasync covered their batch, or before the name of a new
   * segment was on disk.
   */
  readonly early: readonly string[];
  readonly syncs: number;
}

interface TracedSegment {
  readonly baseOffset: number;
  written: number;
  synced: number;
  named: boolean;
}

/**
 * Follows the writes and syncs of each segment. Every batch has one record and the same size, so
 * bytes give the offsets.
 */
function checkTrace(lines: readonly string[]): Trace {
  let acks = 0;
  let syncs = 0;
  const early: string[] = [];
  const segments = new Map<string, TracedSegment>();
  const underWay = new Map<string, () => void>();
  const segmentOf = (path: string): TracedSegment => {
    const baseOffset = Number(path.slice(-24, -4));
    const known = segments.get(path) ?? { baseOffset, written: 0, synced: 0, named: baseOffset === 0 };
    segments.set(path, known);
    return known;
  };
  for (const line of lines) {
    const thread = line.slice(0, line.indexOf(' '));
    const write = /pwrite64\(\d+<([^>]*\.log)>, .*, (\d+), (\d+)(?:\)| <unfinished)/.exec(line);
    if (write !== null)
      underWay.set(thread, () => (segmentOf(write[1]!).written = Number(write[2]) + Number(write[3])));
    const data = /fdatasync\(\d+<([^>]*\.log)>/.exec(line);
    if (data !== null) {
      const segment = segmentOf(data[1]!);
      const { written } = segmentOf(data[1]!);
      underWay.set(thread, () => ((segment.synced = written), (syncs += 1)));
    }
    if (/fsync\(\d+<[^>]*orders-0>/.test(line)) {
      const named = [...segments.values()];
      underWay.set(thread, () => named.forEach((segment) => (segment.named = true)));
    }
    // A call is one line, or `<unfinished ...>` and later `<... resumed>` if threads alternate.
    if (/(sync|pwrite64).*\) += \d+$/.test(line)) {
      underWay.get(thread)?.();
      underWay.delete(thread);
    }
    const ack = /write\(1<[^>]*>, "acked (\d+)\\n"/.exec(line);
    if (ack === null) continue;
    acks += 1;
    const holding = [...segments.values()].filter(({ baseOffset }) => baseOffset < Number(ack[1])).at(-1);
    if (holding?.named !== true || (Number(ack[1]) - holding.baseOffset) * batchBytes > holding.synced)
      early.push(line);
  }
  return { acks, early, syncs };
}

describe('a process that appends', () => {
  const suite = logFolder();

  function strace(flush: string, batches: number, { inject = '', segmentBytes = 100_000 } = {}) {
    const output = join(suite.dataFolder, 'trace.txt');
    const dataFolder = join(suite.dataFolder, 'data');
    mkdirSync(dataFolder, { recursive: true });
    const options = [
      '-f',
      '-y',
      '-e',
      `trace=${traced}`,
      ...(inject === '' ? [] : ['-e', `inject=${inject}`]),
      '-o',
      output,
    ];
    const run = spawnSync(
      'strace',
      [...options, process.execPath, ...node, dataFolder, flush, String(batches), String(segmentBytes)],
      {
        env,
        encoding: 'utf8',
      },
    );
    if (run.error !== undefined)
      throw new Error('strace is needed: run `npm run program -- tools/install/test-tools.ts`', {
        cause: run.error,
      });
    return {
      said: run.stdout.trimEnd().split('\n'),
      stderr: run.stderr,
      lines: readFileSync(output, 'utf8').split('\n'),
    };
  }

  it('L01 gives no ack before a completed fdatasync that covers the batch', () => {
    const { said, lines } = strace('commit', 60);
    const trace = checkTrace(lines);
    expect(said).toHaveLength(61);
    expect(trace.acks).toBe(61);
    expect(trace.early).toEqual([]);
    expect(trace.syncs).toBeGreaterThan(10);
  });

  it('gives no ack before the name of a new segment is on disk', () => {
    const trace = checkTrace(strace('commit', 60, { segmentBytes: 5 * batchBytes }).lines);
    expect(trace.acks).toBe(61);
    expect(trace.early).toEqual([]);
  });

  it('syncs what an earlier process may have left unsynced before it continues', () => {
    strace('none', 20, { inject: 'pwrite64:signal=KILL:when=10' });
    const { lines } = strace('commit', 5);
    const first = lines.findIndex((line) => /(fdatasync|pwrite64)\(\d+<[^>]*\.log>/.test(line));
    expect(lines[first]).toContain('fdatasync');
  });

  it('is caught by this trace if it does not wait for the disk', () => {
    expect(checkTrace(strace('none', 20).lines).early.length).toBeGreaterThan(10);
  });

  it('L03 gives no ack and goes offline when fdatasync fails, without a second attempt', () => {
    const { said, lines } = strace('commit', 30, { inject: 'fdatasync:error=EIO' });
    expect(new Set(said)).toEqual(new Set(['refused KAFKA_STORAGE_ERROR']));
    expect(said).toHaveLength(4);
    expect(lines.filter((line) => line.includes('fdatasync('))).toHaveLength(1);
  });

  it.each([1, 2, 3, 10])(
    'keeps every acknowledged record when it is killed in the middle of write %d',
    async (nth) => {
      const { said } = strace('commit', 60, { inject: `pwrite64:signal=KILL:when=${nth}` });
      await expectAllAcked(join(suite.dataFolder, 'data'), said);
    },
  );

  it.each([1, 40, 400, 3_000])(
    'keeps every acknowledged record when it is killed after %d acks',
    async (acks) => {
      const child = spawn(process.execPath, [...node, suite.dataFolder, 'commit', '1000000'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      const said: string[] = [];
      for await (const line of createInterface({ input: child.stdout }))
        if (said.push(line) === acks) child.kill('SIGKILL');
      await exited;
      await expectAllAcked(suite.dataFolder, said);
    },
  );

  async function expectAllAcked(dataFolder: string, said: readonly string[]): Promise<void> {
    const acked = Math.max(0, ...said.map((line) => Number(/^acked (\d+)$/.exec(line)?.[1] ?? 0)));
    const manager = await suite.open({ dataFolder });
    const kept = readAll(manager.partition('orders', 0)!);
    expect(kept.length).toBeGreaterThanOrEqual(acked);
    expect(kept.map((one) => one.split(':')[0])).toEqual(kept.map((_, offset) => String(offset)));
    expect(new Set(kept.map((one) => one.split(':')[1])).size).toBe(kept.length);
  }
});
