import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAdmin, connectProducer, type Admin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { changelog, inputsOf, pairsOf, write, type Input } from './inputs.ts';
import type { CommandOf } from './peers.ts';
import { StartedProgram } from './started-program.ts';
import { outputComplete } from './tail-output.ts';
import { partitions, type RunPlace, type Workload } from './workloads.ts';

/** The time and memory of one run of one side. */
export interface WorkloadRun {
  readonly records: number;
  /** From the start of the process until every task runs. A restore is part of it. */
  readonly startMs: number;
  /** From then until the output is complete, or the time of the restore alone. */
  readonly workMs: number;
  /** CPU time of the process from its start to the end of the work. */
  readonly cpuMs: number;
  readonly peakMb: number;
  /** The start of a second process on the state that the first has left. */
  readonly startWithStateMs?: number;
}

const runLimitMs = 300_000;

const connection = (bootstrapServer: string) => ({
  bootstrapServers: [bootstrapServer],
  clientId: 'bench',
  logger: silentLogger,
});

/** Runs workloads on one broker, with the same inputs for both sides. */
export class StreamsRuns {
  readonly #bootstrapServer: string;
  readonly #records: number;
  readonly #admin: Admin;
  readonly #expected: number;
  #made = 0;

  constructor(bootstrapServer: string, records: number) {
    this.#bootstrapServer = bootstrapServer;
    this.#records = records;
    this.#admin = connectAdmin(connection(bootstrapServer));
    this.#expected = pairsOf(records);
  }

  /** Writes the inputs that these workloads read. */
  async prepare(workloads: readonly Workload[]): Promise<void> {
    const topics = new Set(workloads.flatMap(({ name }) => topicsRead[name]));
    await this.#create([...topics]);
    for (const input of inputsOf(this.#records)) if (topics.has(input.topic)) await this.#write(input);
  }

  async run(workload: Workload, commandOf: CommandOf): Promise<WorkloadRun> {
    const applicationId = `bench-${workload.name}-${(this.#made += 1)}`;
    const output = `${applicationId}-output`;
    const stateDir = await mkdtemp(join(tmpdir(), 'millrace-bench-state-'));
    const place: RunPlace = { bootstrapServer: this.#bootstrapServer, applicationId, output, stateDir };
    await this.#create([output]);
    try {
      return workload.name === 'restore'
        ? await this.#restore(workload, commandOf, place)
        : await this.#process(workload, commandOf, place);
    } finally {
      await this.#deleteTopicsOf(applicationId);
      await rm(stateDir, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }

  async #process(workload: Workload, commandOf: CommandOf, place: RunPlace): Promise<WorkloadRun> {
    const expected = workload.name === 'stream-join' ? this.#expected : this.#records;
    const program = new StartedProgram(commandOf(workload, place));
    const late = AbortSignal.timeout(runLimitMs);
    try {
      const done = outputComplete(place, { name: workload.name, expected }, late);
      done.catch(() => undefined);
      const { atMs } = await program.event('running', runLimitMs);
      const doneMs = await Promise.race([done, program.died()]);
      const startMs = atMs - program.beganMs;
      return { records: this.#records, startMs, workMs: doneMs - atMs, ...program.usage() };
    } finally {
      await program.stop();
    }
  }

  async #restore(workload: Workload, commandOf: CommandOf, place: RunPlace): Promise<WorkloadRun> {
    const input = changelog(place.applicationId, this.#records);
    await this.#create([input.topic], { 'cleanup.policy': 'compact' });
    await this.#write(input);
    const first = new StartedProgram(commandOf(workload, place));
    let run: WorkloadRun;
    try {
      const restoring = await first.event('restoring', runLimitMs);
      const { atMs, restored } = await first.event('running', runLimitMs);
      if (restored !== this.#records)
        throw new Error(`${restored} records were restored instead of ${this.#records}`);
      const startMs = atMs - first.beganMs;
      run = { records: restored, startMs, workMs: atMs - restoring.atMs, ...first.usage() };
    } finally {
      await first.stop();
    }
    const second = new StartedProgram(commandOf(workload, place));
    try {
      const { atMs } = await second.event('running', runLimitMs);
      return { ...run, startWithStateMs: atMs - second.beganMs };
    } finally {
      await second.stop();
    }
  }

  async #create(topics: readonly string[], configs: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#admin.topics.create(
      topics.map((name) => ({ name, partitions, replicationFactor: 1, configs })),
    );
  }

  async #write(input: Input): Promise<void> {
    await using producer = connectProducer(connection(this.#bootstrapServer));
    await write(producer, input);
  }

  async #deleteTopicsOf(applicationId: string): Promise<void> {
    const topics = await this.#admin.topics.list();
    const names = topics.map(({ name }) => name);
    await this.#admin.deleteTopics(names.filter((name) => name.startsWith(`${applicationId}-`)));
  }
}

const topicsRead: Readonly<Record<Workload['name'], readonly string[]>> = {
  'word-count': ['lines'],
  'tumbling-count': ['events'],
  'stream-join': ['left', 'right'],
  restore: ['changes'],
};
