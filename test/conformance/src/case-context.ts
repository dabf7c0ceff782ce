import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import type { Engine } from './engines.ts';
import { ForeignProcess, type ProcessOptions } from './foreign-process.ts';
import { shellLine, Transcript } from './transcript.ts';

const readyLimitMs = 20_000;
const readyPollMs = 50;

export interface TopicOptions {
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Gives a case its engine, unique names, and processes that end with the case. */
export class CaseContext {
  readonly engine: Engine;
  readonly bootstrapServers: string;
  readonly transcript = new Transcript();
  readonly #prefix: string;
  readonly #running = new Set<ForeignProcess>();
  readonly #atEnd: (() => Promise<unknown>)[] = [];

  constructor(engine: Engine, prefix: string) {
    this.engine = engine;
    this.bootstrapServers = engine.bootstrapServers;
    this.#prefix = prefix;
  }

  /** A name for a topic, group or transactional id that no other case uses. */
  name(part: string): string {
    return `${this.#prefix}-${part}`;
  }

  /** Creates a topic that is ready for writing, and resolves with its name. */
  async topic(part: string, { partitions = 1, configs = {} }: TopicOptions = {}): Promise<string> {
    const name = this.name(part);
    const admin = new Admin({ clientId: 'conformance', bootstrapBrokers: [this.bootstrapServers] });
    try {
      const list = Object.entries(configs).map(([config, value]) => ({ name: config, value }));
      await admin.createTopics({ topics: [name], partitions, replicas: 1, configs: list });
      await becomesReady(admin, name, partitions);
    } finally {
      await admin.close();
    }
    return name;
  }

  partitionFolder(topic: string, partition: number): string {
    return join(this.engine.logFolder, `${topic}-${partition}`);
  }

  /** Creates an empty folder, which is removed at the end of the case. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-case-'));
    this.atEnd(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /**
   * Runs a program to its end and resolves with its standard output. Rejects when it ends with an
   * error.
   */
  async run(command: readonly string[], options: ProcessOptions = {}): Promise<string> {
    const { output } = await this.succeeds(command, options);
    return output;
  }

  /** Does the same as `run`, and includes standard error in the result. */
  async succeeds(
    command: readonly string[],
    options: ProcessOptions = {},
  ): Promise<{ readonly output: string; readonly errors: string }> {
    const end = await this.start(command, options).ended;
    if (end.code !== 0) throw new Error(`${command[0]} ended with ${end.code}`);
    return end;
  }

  /** Runs a program that must fail, and resolves with everything that it printed. */
  async fails(command: readonly string[], options: ProcessOptions = {}): Promise<string> {
    const end = await this.start(command, options).ended;
    if (end.code === 0) throw new Error(`${command[0]} ended with 0 but should have failed`);
    return end.output + end.errors;
  }

  /** Starts a program that runs until it is stopped, at the end of the case at the latest. */
  start(command: readonly string[], options: ProcessOptions = {}): ForeignProcess {
    const child = new ForeignProcess(command, options);
    this.transcript.add(shellLine(command), () => child.output + child.errors);
    this.#running.add(child);
    void child.ended.then(() => this.#running.delete(child));
    return child;
  }

  /** Adds an action that runs at the end of the case, whatever its outcome. */
  atEnd(action: () => Promise<unknown>): void {
    this.#atEnd.push(action);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#atEnd.map((action) => action()));
    await Promise.all([...this.#running].map((child) => child.stop('SIGKILL')));
  }
}

/** Waits until every partition has a leader, since Apache Kafka answers before that. */
async function becomesReady(admin: Admin, name: string, partitions: number): Promise<void> {
  const ends = Array.from({ length: partitions }, (_, partitionIndex) => ({
    partitionIndex,
    timestamp: -1n,
  }));
  const deadline = performance.now() + readyLimitMs;
  for (;;)
    try {
      await admin.listOffsets({ topics: [{ name, partitions: ends }] });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, readyPollMs));
    }
}
