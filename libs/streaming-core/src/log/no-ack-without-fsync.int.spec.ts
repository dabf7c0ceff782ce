import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { logFolder, readAll } from './log-folder.features.ts';
import { encodeBatch } from './record-batch-encoder.ts';

const program = join(import.meta.dirname, 'acknowledging-process.features.ts');
const node = ['--conditions=@millrace/source', '--no-warnings', program];
// With io_uring a sync would not be a system call of its own.
const env = { ...process.env, NODE_OPTIONS: '', UV_USE_IO_URING: '0' };
const batchBytes = encodeBatch([{ value: Buffer.alloc(8) }], { timestampMs: 0n }).length;
const traced = 'fdatasync,fsync,write,pwrite64,writev,sendto,sendmsg';

interface Trace {
  readonly acks: number;
  /** Acks given before a completed fdatasync covered their batch. */
  readonly early: readonly string[];
  readonly syncs: number;
}

/** Follows what was written to and synced in the first segment; every batch in it has one size, so bytes stand for offsets. */
function checkTrace(lines: readonly string[]): Trace {
  let [written, synced, acks, syncs] = [0, 0, 0, 0];
  const early: string[] = [];
  const begun = new Map<string, number>();
  for (const line of lines) {
    const thread = line.slice(0, line.indexOf(' '));
    const write = /pwrite64\(\d+<[^>]*0{20}\.log>, .*, (\d+), (\d+)\) += (\d+)$/.exec(line);
    if (write !== null) written = Math.max(written, Number(write[2]) + Number(write[3]));
    if (/fdatasync\(\d+<[^>]*0{20}\.log>/.test(line)) begun.set(thread, written);
    if (/fdatasync.*\) += 0$/.test(line) && begun.has(thread)) {
      synced = Math.max(synced, begun.get(thread)!);
      begun.delete(thread);
      syncs += 1;
    }
    const ack = /write\(1<[^>]*>, "acked (\d+)\\n"/.exec(line);
    if (ack === null) continue;
    acks += 1;
    if (Number(ack[1]) * batchBytes > synced) early.push(line);
  }
  return { acks, early, syncs };
}

describe('a process that appends', () => {
  const suite = logFolder();

  function strace(flush: string, batches: number, ...inject: string[]) {
    const output = join(suite.dataFolder, 'trace.txt');
    const dataFolder = join(suite.dataFolder, 'data');
    mkdirSync(dataFolder);
    const options = ['-f', '-y', '-e', `trace=${traced}`, ...inject, '-o', output];
    const run = spawnSync('strace', [...options, process.execPath, ...node, dataFolder, flush, String(batches)], { env, encoding: 'utf8' });
    if (run.error !== undefined) throw new Error('strace is needed: run `node tools/install-strace.ts`', { cause: run.error });
    return { said: run.stdout.trimEnd().split('\n'), stderr: run.stderr, lines: readFileSync(output, 'utf8').split('\n') };
  }

  it('gives no ack before a completed fdatasync that covers the batch', () => {
    const { said, lines } = strace('commit', 60);
    const trace = checkTrace(lines);
    expect(said).toHaveLength(61);
    expect(trace.acks).toBe(61);
    expect(trace.early).toEqual([]);
    expect(trace.syncs).toBeGreaterThan(10);
  });

  it('would be caught by this trace if it did not wait', () => {
    expect(checkTrace(strace('none', 20).lines).early.length).toBeGreaterThan(10);
  });

  it('gives no ack and goes offline when fdatasync fails, without a second attempt', () => {
    const { said, lines } = strace('commit', 30, '-e', 'inject=fdatasync:error=EIO');
    expect(new Set(said)).toEqual(new Set(['refused KAFKA_STORAGE_ERROR']));
    expect(said).toHaveLength(4);
    expect(lines.filter((line) => line.includes('fdatasync('))).toHaveLength(1);
  });

  it.each([1, 2, 3, 10])('keeps what it acknowledged when it is killed in the middle of write %d', async (nth) => {
    const { said } = strace('commit', 60, '-e', `inject=pwrite64:signal=KILL:when=${nth}`);
    await expectAllAcked(join(suite.dataFolder, 'data'), said);
  });

  it.each([1, 40, 400, 3_000])('keeps what it acknowledged when it is killed after %d acks', async (acks) => {
    const child = spawn(process.execPath, [...node, suite.dataFolder, 'commit', '1000000'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) if (said.push(line) === acks) child.kill('SIGKILL');
    await exited;
    await expectAllAcked(suite.dataFolder, said);
  });

  async function expectAllAcked(dataFolder: string, said: readonly string[]): Promise<void> {
    const acked = Math.max(0, ...said.map((line) => Number(/^acked (\d+)$/.exec(line)?.[1] ?? 0)));
    const manager = await suite.open({ dataFolder });
    const kept = readAll(manager.partition('orders', 0)!);
    expect(kept.length).toBeGreaterThanOrEqual(acked);
    expect(kept.map((one) => one.split(':')[0])).toEqual(kept.map((_, offset) => String(offset)));
    expect(new Set(kept.map((one) => one.split(':')[1])).size).toBe(kept.length);
  }
});
