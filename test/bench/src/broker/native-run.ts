import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { latenciesMs, nativeResult, type NativeResult } from './native-output.ts';
import { addressOf, type Subject } from './subjects.ts';

export interface ProduceRun {
  readonly topic: string;
  readonly records: number;
  readonly recordBytes: number;
  readonly acks: 1 | -1;
  /** Default: the topic's only partition. `all`: a random partition for each record. */
  readonly partitions?: 'all';
  readonly settings?: Readonly<Record<string, string | number>>;
}

const runLimitMs = 30_000;
/** The time until a consumer that starts at the end is waiting there. */
const settleMs = 1_000;
/**
 * librdkafka's own default. The program's default is 1000, with which a run would end by waiting a
 * second for its last batch to fill.
 */
const lingerMs = 5;
/** The first records of a latency run, which meet cold code and new connections. */
const skippedRecords = 100;

/**
 * Calls librdkafka's rdkafka_performance, once per run. A run that takes longer than half a minute
 * is ended and fails.
 */
export class NativeClient {
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  async produce(subject: Subject, run: ProduceRun): Promise<NativeResult> {
    return nativeResult(await this.#run(['-P', ...produceArguments(subject, run)]));
  }

  /** Consumes from the beginning of the topic's only partition. */
  async consume(
    subject: Subject,
    { topic, records }: { readonly topic: string; readonly records: number },
  ): Promise<NativeResult> {
    return nativeResult(
      await this.#run(['-C', ...place(subject, topic), '-p', '0', '-o', 'beginning', '-c', String(records)]),
    );
  }

  /**
   * Sends one record at a time at a fixed rate without waiting for anything (an open loop).
   * Measures the time until the ack and until a consumer's handler has the record.
   */
  async latencies(
    subject: Subject,
    {
      topic,
      records,
      perSecond,
    }: { readonly topic: string; readonly records: number; readonly perSecond: number },
  ): Promise<{ readonly ackMs: readonly number[]; readonly handlerMs: readonly number[] }> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
    const acks = join(folder, 'acks');
    const handler = join(folder, 'handler');
    const run = { topic, records, recordBytes: 100, acks: -1, settings: { 'linger.ms': 0 } } as const;
    try {
      const consumed = this.#run([
        '-C',
        ...place(subject, topic),
        '-p',
        '0',
        '-o',
        'end',
        '-c',
        String(records),
        '-l',
        '-A',
        handler,
      ]);
      await Promise.race([consumed, pause(settleMs)]);
      await this.#run(['-P', ...produceArguments(subject, run), '-r', String(perSecond), '-l', '-A', acks]);
      await consumed;
      const [ackMs, handlerMs] = await Promise.all(
        [acks, handler].map(async (file) => latenciesMs(await readFile(file, 'utf8'), skippedRecords)),
      );
      return { ackMs: ackMs ?? [], handlerMs: handlerMs ?? [] };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #run(args: readonly string[]): Promise<string> {
    const child = spawn(this.#program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: runLimitMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (code === 0) return output;
    throw new Error(
      `rdkafka_performance ${args.join(' ')} ended with ${signal ?? code}: ` +
        `${output.trim().split('\n').slice(-4).join(' | ')}`,
    );
  }
}

const place = (subject: Subject, topic: string): readonly string[] => ['-b', addressOf(subject), '-t', topic];

function produceArguments(
  subject: Subject,
  { topic, records, recordBytes, acks, partitions, settings = {} }: ProduceRun,
): readonly string[] {
  const partition = partitions === 'all' ? [] : ['-p', '0'];
  const given = Object.entries({ 'linger.ms': lingerMs, ...settings }).flatMap(([name, value]) => [
    '-X',
    `${name}=${value}`,
  ]);
  return [
    ...place(subject, topic),
    ...partition,
    '-s',
    String(recordBytes),
    '-c',
    String(records),
    '-a',
    String(acks),
    ...given,
  ];
}
