import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { JavaProcess, javaArguments, type ProcessLog } from './java-process.ts';
import { propertiesOf, type KafkaSettings } from './kafka-settings.ts';

export interface KafkaNodeOptions {
  /** The name in messages, such as `broker 2`. */
  readonly name: string;
  readonly jars: string;
  /** The folder of its data and settings. An existing folder is kept. */
  readonly folder: string;
  readonly clusterId: string;
  readonly settings: KafkaSettings;
  readonly heapMegabytesMax: number;
  /** Flags to use instead of those for a quick start. */
  readonly javaFlags?: readonly string[];
  /** The address for clients. A controller has none. */
  readonly bootstrapServer?: string;
  /** The command in front of `java`, such as `ip netns exec NAME`. */
  readonly launcher?: readonly string[];
  /** The log of the process; `server.log` in its folder by default. */
  readonly log?: Required<ProcessLog>;
}

const startLimitMs = 120_000;
const stopLimitMs = 20_000;

/** One process of Apache Kafka with a data folder of its own, which outlives the process. */
export class KafkaNode {
  readonly #options: KafkaNodeOptions;
  #process: JavaProcess | undefined;

  constructor(options: KafkaNodeOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the process, with its earlier data and address if it ran before. Resolves once it
   * answers. Rejects with the end of its log if it dies.
   */
  async start(): Promise<void> {
    await this.launch();
    await this.ready();
  }

  /** Starts the process without waiting for its answer. */
  async launch(): Promise<void> {
    if (this.pid !== undefined) return;
    const { name, folder, settings } = this.#options;
    await mkdir(folder, { recursive: true });
    await writeFile(this.#propertiesFile, propertiesOf({ ...settings, 'log.dirs': join(folder, 'data') }));
    if (!existsSync(join(folder, 'data', 'meta.properties'))) await this.#format();
    this.#process = new JavaProcess(
      name,
      this.#java('kafka.Kafka', [this.#propertiesFile]),
      this.#options.log ?? { file: this.logFile },
    );
  }

  async ready(limitMs = startLimitMs): Promise<void> {
    const { bootstrapServer } = this.#options;
    if (bootstrapServer === undefined || this.#process === undefined) return;
    const admin = connectAdmin({
      bootstrapServers: [bootstrapServer],
      clientId: 'kafka-node',
      logger: silentLogger,
    });
    try {
      await Promise.race([admin.waitUntilReachable(limitMs), this.#process.died()]);
    } finally {
      await admin.close();
    }
  }

  /** Resolves with the signal or exit code that ended the process that was launched last. */
  get ended(): Promise<string> {
    return this.#process?.ended ?? Promise.resolve('it was not started');
  }

  /** Sends SIGKILL. Resolves once the process is gone. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Sends SIGSTOP, so that the process keeps its connections but answers nobody. */
  freeze(): void {
    this.#process?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signal('SIGCONT');
  }

  /** Runs Kafka's own shutdown, which hands its leaderships over. */
  async stop(): Promise<void> {
    await this.#process?.stop(stopLimitMs);
  }

  get logFile(): string {
    return this.#options.log?.file ?? join(this.#options.folder, 'server.log');
  }

  get #propertiesFile(): string {
    return join(this.#options.folder, 'server.properties');
  }

  #java(mainClass: string, args: readonly string[]) {
    const { jars, heapMegabytesMax, javaFlags, launcher } = this.#options;
    return {
      jars,
      mainClass,
      args,
      heapMegabytesMax,
      ...(javaFlags && { javaFlags }),
      ...(launcher && { launcher }),
    };
  }

  async #format(): Promise<void> {
    const { clusterId, name } = this.#options;
    const command = this.#java('kafka.tools.StorageTool', [
      'format',
      '--cluster-id',
      clusterId,
      '--config',
      this.#propertiesFile,
    ]);
    const [program, ...args] = javaArguments({ ...command, diesWithParent: true }, 'ERROR');
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the data folder of ${name} could not be formatted: ${output}`);
  }
}
