import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf, makeTopic, produceBatch } from './broker.fixture.ts';
import { WireClient } from '../protocol/testing/wire-client.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-trace-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const traced = 'fdatasync,fsync,write,writev,sendto,sendmsg';
const appends = 25;

/**
 * Runs the broker under strace and produces one batch at a time. Returns the system calls between
 * the first and the last answer.
 */
async function traceProducing(acks: number): Promise<readonly string[]> {
  const output = join(folder, 'trace.txt');
  const program = join(import.meta.dirname, 'broker.program.ts');
  const node = [
    process.execPath,
    '--conditions=@millrace/source',
    '--no-warnings',
    program,
    join(folder, 'data'),
  ];
  // With io_uring, a sync would not be a system call.
  const env = { ...process.env, NODE_OPTIONS: '', UV_USE_IO_URING: '0' };
  const broker = spawn('strace', ['-f', '-yy', '-e', `trace=${traced}`, '-o', output, ...node], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(broker, 'error').then(([cause]) =>
    Promise.reject(
      new Error('strace is needed: run `npm run program -- tools/install/test-tools.ts`', { cause }),
    ),
  );
  const [{ port }] = (await Promise.race([once(broker, 'message'), failed])) as [{ port: number }];
  const client = await WireClient.connect({ host: '127.0.0.1', port });
  await makeTopic(client, 'orders');
  for (let index = 0; index < appends; index += 1)
    await produceBatch(client, { topic: 'orders', acks }, batchOf([`value ${index}`]));
  client.close();
  const exited = once(broker, 'exit');
  broker.disconnect(); // the broker ends with its parent
  await exited;
  return (await readFile(output, 'utf8')).split('\n');
}

/**
 * Returns, for every answer to a produce request in order, how many syncs of the partition's log
 * had completed since the topic was created.
 */
function syncsBeforeAnswers(lines: readonly string[]): readonly number[] {
  const inFlight = new Set<string>();
  const answers: number[] = [];
  let syncs = 0;
  for (const line of lines) {
    const thread = line.slice(0, line.indexOf(' '));
    if (/fdatasync\(\d+<[^>]*orders-0\/\d+\.log>/.test(line)) inFlight.add(thread);
    // A call is one line, or `<unfinished ...>` and later `<... resumed>` if a call of another
    // thread came between.
    if (inFlight.has(thread) && /fdatasync.*\) += 0$/.test(line)) {
      inFlight.delete(thread);
      syncs += 1;
    }
    if (/(write|writev|sendto|sendmsg)\(\d+<TCP:/.test(line)) answers.push(syncs);
  }
  const before = answers.at(-appends - 1) ?? 0;
  return answers.slice(-appends).map((completed) => completed - before);
}

describe('the broker under strace', () => {
  it('L01 writes no answer to acks=all to the socket before a completed fdatasync of the partition', async () => {
    const answers = syncsBeforeAnswers(await traceProducing(-1));
    expect(answers).toHaveLength(appends);
    expect(answers.filter((syncs, index) => syncs < index + 1)).toEqual([]);
  });

  it('does answer acks=1 before that, which shows that the trace would reveal a missing wait', async () => {
    const answers = syncsBeforeAnswers(await traceProducing(1));
    expect(answers).toHaveLength(appends);
    expect(answers.filter((syncs, index) => syncs < index + 1)).not.toEqual([]);
  });
});
