import {
  joinElection,
  openStateTopic,
  type Election,
  type ElectionOptions,
  type StateTopic,
} from '@millrace/streaming-core/shared-state';
import type { AdminOptions, ConnectionOptions } from '@millrace/streaming-core/client';
import type { SchemaRecord } from './schema-records.ts';
import { SchemaTable } from './schema-table.ts';

/** The topic and the group of Confluent's registry. */
const defaults = { topic: '_schemas', groupId: 'schema-registry' } as const;

/** Writes the records that `decide` returns. `decide` sees everything that was written before. */
export interface SchemaWriter {
  write(decide: () => readonly SchemaRecord[]): Promise<void>;
}

export interface SchemaStoreOptions {
  readonly connection: ConnectionOptions;
  /** The number of copies of the topic, if the store creates it. */
  readonly replication?: Pick<AdminOptions, 'replicationFactor' | 'minInSyncReplicas'>;
  readonly topic?: string;
  readonly groupId?: string;
  /** Called if the process cannot continue, because its copy of the topic or its membership has ended. */
  onFailed?(error: Error): void;
}

/** The topic `_schemas`, which the store keeps in memory and follows. */
export class SchemaStore implements SchemaWriter, AsyncDisposable {
  readonly table: SchemaTable;
  readonly #topic: StateTopic;
  readonly #options: SchemaStoreOptions;
  #election: Election | undefined;

  private constructor(table: SchemaTable, topic: StateTopic, options: SchemaStoreOptions) {
    this.table = table;
    this.#topic = topic;
    this.#options = options;
  }

  /** Creates the topic if it is missing, and reads all of it. */
  static async open(options: SchemaStoreOptions): Promise<SchemaStore> {
    const { connection, replication, topic = defaults.topic, onFailed } = options;
    const table = new SchemaTable();
    const apply = ({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }) => {
      if (key !== null) table.apply({ key: key.toString(), value: value && value.toString() });
    };
    const followed = await openStateTopic({ connection, replication, topic, apply, onFailed });
    return new SchemaStore(table, followed, options);
  }

  /** Joins the election of the process that writes. The other processes reach this one at `url`. */
  async join(url: string, timing?: ElectionOptions['timing']): Promise<void> {
    const { connection, groupId = defaults.groupId, onFailed } = this.#options;
    this.#election = await joinElection({
      connection,
      groupId,
      url,
      topics: [this.#topic],
      onStopped: onFailed,
      timing,
    });
  }

  get leads(): boolean {
    return this.#election?.leads === true;
  }

  /** The address of the leader, or undefined while the processes elect one. */
  get leaderUrl(): string | undefined {
    return this.#election?.leader?.url;
  }

  async write(decide: () => readonly SchemaRecord[]): Promise<void> {
    const { topic } = this.#topic;
    if (!this.#election) throw new Error('join the election before writing');
    await this.#election.write(() => decide().map((record) => ({ topic, ...record })));
  }

  /** Resolves once this process knows everything that has been written so far. */
  readToEnd(): Promise<void> {
    return this.#topic.readToEnd();
  }

  async close(): Promise<void> {
    await this.#election?.close();
    await this.#topic.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
