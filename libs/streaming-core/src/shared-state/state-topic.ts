import {
  ClientError,
  connectAdmin,
  connectLogReader,
  type Admin,
  type AdminOptions,
  type ConnectionOptions,
  type ConsumedRecord,
  type OpenLogReader,
  type RecordMetadata,
} from '../client/index.ts';
import { minutes, systemClock, withDeadline, type Clock, type DurationMs } from '../runtime/index.ts';

export interface StateTopicOptions {
  readonly connection: ConnectionOptions;
  readonly topic: string;
  /**
   * With 1, which is the default, all records are in one order, and a topic with more partitions is
   * refused. Otherwise this is the number for a new topic, and one that exists keeps its own.
   */
  readonly partitions?: number;
  /** The copies of a new topic. The default is one. */
  readonly replication?: Pick<AdminOptions, 'replicationFactor' | 'minInSyncReplicas'>;
  /**
   * Called with each committed record, in the order of its partition. A null value deletes the key.
   * An error ends the reading, since the state would be wrong from here on.
   */
  apply(record: ConsumedRecord): void;
  /** Called when the reading has ended with an error. The process cannot go on with this state. */
  onFailed?(error: Error): void;
  /** How long a wait for a position may take before it rejects with `timeout`. */
  readonly waitMsMax?: DurationMs;
}

/** A compacted topic that this process has read up to the end, and follows. */
export interface StateTopic extends AsyncDisposable {
  readonly topic: string;
  /** The next offset of partition 0 that will be read. */
  readonly position: bigint;
  /** Resolves once everything that is committed at the time of the call has been applied. */
  readToEnd(): Promise<void>;
  /** Resolves once these records, which this process has written, have been applied. */
  readBack(written: readonly Pick<RecordMetadata, 'partition' | 'offset'>[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates the topic if it is missing, applies all that it holds, and then follows it. Rejects with
 * `topic_mismatch` if the topic exists but loses old records, or has other partitions.
 */
export async function openStateTopic(options: StateTopicOptions): Promise<StateTopic> {
  await using admin = connectAdmin({ ...options.connection, ...options.replication });
  const partitions = await ensureTopic(admin, options);
  const followed = new FollowedTopic(options, partitions);
  try {
    await followed.start();
    return followed;
  } catch (error) {
    await followed.close();
    throw error;
  }
}

/** Returns the number of partitions. */
async function ensureTopic(admin: Admin, options: StateTopicOptions): Promise<number> {
  const { topic: name, partitions = 1 } = options;
  const existing = (await admin.describeTopics([name])).get(name);
  const count = existing !== undefined && partitions > 1 ? existing.partitions : partitions;
  await admin.createTopics([{ name, partitions: count, retention: 'unlimited', cleanup: 'compact' }]);
  const [configs] = await admin.configs.describe([{ type: 'topic', name }]);
  const cleanup = configs?.get('cleanup.policy')?.value;
  if (cleanup !== 'compact')
    throw new ClientError(
      'topic_mismatch',
      `topic ${name} has cleanup.policy=${cleanup}, so it loses old records, which are the state: ` +
        `set cleanup.policy=compact on it`,
    );
  return count;
}

interface Wait {
  readonly partition: number;
  readonly offset: bigint;
  readonly done: PromiseWithResolvers<void>;
}

class FollowedTopic implements StateTopic {
  readonly topic: string;
  readonly #options: StateTopicOptions;
  readonly #clock: Clock;
  readonly #waitMsMax: DurationMs;
  readonly #reader: OpenLogReader;
  readonly #positions: bigint[];
  readonly #closing = new AbortController();
  #waits: readonly Wait[] = [];
  #failure: Error | undefined;
  #following: Promise<void> = Promise.resolve();

  constructor(options: StateTopicOptions, partitions: number) {
    this.topic = options.topic;
    this.#options = options;
    this.#clock = options.connection.clock ?? systemClock;
    this.#waitMsMax = options.waitMsMax ?? minutes(1);
    this.#reader = connectLogReader({
      ...options.connection,
      isolation: 'read_committed',
      operationTimeoutMs: this.#waitMsMax,
    });
    this.#positions = Array.from({ length: partitions }, () => 0n);
  }

  get position(): bigint {
    return this.#positions[0]!;
  }

  async start(): Promise<void> {
    const beginnings = await this.#reader.beginningOffsets(this.#partitions());
    for (const { partition, offset } of beginnings) this.#positions[partition] = offset;
    this.#following = this.#follow().catch((error: unknown) => this.#fail(error as Error));
    await this.readToEnd();
  }

  async readToEnd(): Promise<void> {
    await this.#reached(await this.#reader.endOffsets(this.#partitions()));
  }

  async readBack(written: readonly Pick<RecordMetadata, 'partition' | 'offset'>[]): Promise<void> {
    await this.#reached(written.map(({ partition, offset }) => ({ partition, offset: offset + 1n })));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reader.close();
    await this.#following;
    this.#fail(new ClientError('closed', `the state of topic ${this.topic} is closed`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #partitions() {
    return this.#positions.map((_, partition) => ({ topic: this.topic, partition }));
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const from = this.#partitions().map((one, index) => ({ ...one, offset: this.#positions[index]! }));
      const fetched = await this.#reader.fetch(from).catch((error: unknown) => {
        if (signal.aborted || mayPass(error)) return [];
        throw error;
      });
      for (const { partition, records, nextOffset, error } of fetched) {
        if (error && !mayPass(error)) throw error;
        for (const record of records) this.#options.apply(record);
        this.#positions[partition] = nextOffset;
      }
      this.#resolveWaits();
    }
  }

  async #reached(offsets: ReadonlyArray<Pick<Wait, 'partition' | 'offset'>>): Promise<void> {
    if (this.#failure) throw this.#failure;
    const waits = offsets
      .filter(({ partition, offset }) => this.#positions[partition]! < offset)
      .map((one) => ({ ...one, done: Promise.withResolvers<void>() }));
    this.#waits = [...this.#waits, ...waits];
    const all = Promise.all(waits.map(({ done }) => done.promise)).then(() => undefined);
    const late = () =>
      new ClientError(
        'timeout',
        `topic ${this.topic} was not read up to its end within ${this.#waitMsMax} ms`,
      );
    try {
      await withDeadline(this.#clock, this.#waitMsMax, all, late);
    } finally {
      this.#waits = this.#waits.filter((wait) => !waits.includes(wait));
    }
  }

  #resolveWaits(): void {
    for (const { partition, offset, done } of this.#waits)
      if (this.#positions[partition]! >= offset) done.resolve();
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const { done } of this.#waits) done.reject(error);
    if (!this.#closing.signal.aborted) this.#options.onFailed?.(error);
  }
}

/** The reader has paused already. A topic that is gone does not come back with the same records. */
const mayPass = (error: unknown): boolean =>
  error instanceof ClientError && error.kind === 'retriable' && error.code !== 'unknown_topic';
