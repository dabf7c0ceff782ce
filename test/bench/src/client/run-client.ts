import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latenciesMs, nativeResult } from '../broker/native-output.ts';
import type { ClientRun, Place, Workload } from './workload.ts';

export const clientNames = ['ours', 'platformatic', 'kafkajs', 'librdkafka'] as const;
export type ClientName = (typeof clientNames)[number];

const runLimitMs = 120_000;
/** Linux counts the CPU time of processes in ticks of 10 ms (`getconf CLK_TCK`). */
const tickMs = 10;
const lookEveryMs = 10;

export async function runClient(
  client: ClientName,
  place: Place,
  workload: Workload,
  nativeClient: string,
): Promise<ClientRun> {
  return client === 'librdkafka'
    ? runNative(nativeClient, place, workload)
    : runScript(client, place, workload);
}

async function runScript(
  client: Exclude<ClientName, 'librdkafka'>,
  place: Place,
  workload: Workload,
): Promise<ClientRun> {
  const program = join(import.meta.dirname, 'client-run.program.ts');
  const args = ['--conditions=@millrace/source', '--no-warnings', program, client];
  const { output } = await run(process.execPath, [
    ...args,
    place.bootstrapServer,
    place.topic,
    JSON.stringify(workload),
  ]);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as ClientRun;
}

/** The CPU time of librdkafka includes its start, which is a few milliseconds. */
async function runNative(program: string, place: Place, workload: Workload): Promise<ClientRun> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const latencies = join(folder, 'latencies');
  const common = ['-b', place.bootstrapServer, '-t', place.topic, '-p', '0', '-c', String(workload.records)];
  const produce = [
    '-P',
    ...common,
    '-s',
    String(workload.recordBytes),
    '-a',
    '-1',
    '-X',
    'enable.idempotence=true',
  ];
  const args = {
    produce: [...produce, '-X', 'linger.ms=5'],
    consume: ['-C', ...common, '-o', 'beginning'],
    single: [...produce, '-X', 'linger.ms=0', '-r', '500', '-l', '-A', latencies],
  }[workload.kind];
  try {
    const { output, cpuMs } = await run(program, args);
    const { records, perSecond } = nativeResult(output);
    const measured = workload.kind === 'single' ? latenciesMs(await readFile(latencies, 'utf8'), 100) : [];
    return { records, elapsedMs: (records / perSecond) * 1_000, cpuMs, latenciesMs: measured };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<{ output: string; cpuMs: number }> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: runLimitMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const cpu = watchCpu(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const cpuMs = cpu.stop();
  if (code === 0) return { output: `${errors}${output}`, cpuMs };
  throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${errors.slice(-1_000)}`);
}

/** Reads the CPU time of a process again and again, because it is gone when the process has ended. */
function watchCpu({ pid }: ChildProcess): { stop(): number } {
  let cpuMs = 0;
  const look = () => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      cpuMs = Math.max(cpuMs, (Number(fields[11]) + Number(fields[12])) * tickMs);
    } catch {
      // The process has ended.
    }
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    stop() {
      clearInterval(timer);
      return cpuMs;
    },
  };
}
