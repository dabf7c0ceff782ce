import { connectConsumer, type Consumer } from '@millrace/streaming-core/client';
import { freePorts } from '@millrace/testing/kafka';
import { until } from '@millrace/testing/within';
import { ConnectProcess } from '../connect-process.ts';
import type { ConnectRest } from '../connect-rest.ts';
import { captureConfig, type Side, type TwoSides } from './two-sides.ts';

const prefix = 'handover';
const stepMsMax = 120_000;

/** A record of the topic: the operation, and the key of the row. */
type SeenChange = `${string} ${number}`;

interface DebeziumOffset {
  readonly lsn: number;
  readonly lsn_proc: number;
  readonly lsn_commit: number;
  readonly messageType: 'INSERT';
}

/**
 * One capture that a worker of ours and Debezium continue in turns. They share the broker, the topic of
 * offsets, the slot and the publication. Each has configurations of its own, so that both may run.
 */
export class Handover implements AsyncDisposable {
  readonly #sides: TwoSides;
  readonly #worker: ConnectProcess;
  readonly #reader: Consumer;
  readonly #read: Promise<void>;
  readonly #created = new Set<Side['name']>();
  readonly #offsets = new Map<SeenChange, DebeziumOffset>();
  readonly seen: SeenChange[] = [];

  static async open(sides: TwoSides): Promise<Handover> {
    await sides.sql('CREATE TABLE handed_over (id integer PRIMARY KEY)');
    const [port = 0] = await freePorts(1);
    const { bootstrapServers } = sides.debezium.broker;
    const worker = await ConnectProcess.start(bootstrapServers, port, {
      CONNECT_CONFIG_TOPIC: `${prefix}-configs`,
      CONNECT_STATUS_TOPIC: `${prefix}-status`,
      CONNECT_OFFSET_TOPIC: 'connect-offsets',
    });
    return new Handover(sides, worker);
  }

  private constructor(sides: TwoSides, worker: ConnectProcess) {
    this.#sides = sides;
    this.#worker = worker;
    this.#reader = connectConsumer({
      bootstrapServers: [sides.debezium.broker.bootstrapServers],
      clientId: prefix,
      groupId: prefix,
      pattern: new RegExp(`^${prefix}[.]`),
      topicRefreshMs: 500,
      autoOffsetReset: 'earliest',
      isolation: 'read_committed',
    });
    this.#read = this.#readAll();
  }

  /** Starts the connector, which goes on from the stored offset if there is one. */
  async start(name: Side['name']): Promise<void> {
    const rest = this.#rest(name);
    if (this.#created.has(name)) await rest.resume(prefix);
    else await rest.create(prefix, this.#config(this.#sides[name]));
    this.#created.add(name);
    await this.#untilSlot(true, rest);
  }

  /** Resolves once the task has stored its offset and released the slot. */
  async stop(name: Side['name']): Promise<void> {
    const rest = this.#rest(name);
    await rest.stop(prefix);
    await this.#untilSlot(false, rest);
  }

  /** Sets the offset, which both read, while neither runs. */
  setOffset(name: Side['name'], offset: object): Promise<void> {
    return this.#rest(name).setOffset(prefix, { server: prefix }, offset);
  }

  /** Returns the offset that Debezium stores if the insert of this row is the last change that it has written. */
  offsetAfter(insert: SeenChange): DebeziumOffset {
    return this.#offsets.get(insert)!;
  }

  /** Resolves once the change is on the topic. */
  async has(change: SeenChange): Promise<void> {
    await until(
      () => this.seen.includes(change),
      (found) => found,
      stepMsMax,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#created) await this.#rest(name).remove(prefix);
    await this.#reader.close();
    await this.#read;
    await this.#worker.end('SIGKILL');
  }

  #rest(name: Side['name']): ConnectRest {
    return name === 'millrace' ? this.#worker.rest : this.#sides.debezium.rest;
  }

  #config(side: Side) {
    const options = { prefix, tables: 'public[.]handed_over', schemas: false };
    return {
      ...captureConfig(this.#sides.database, side, options),
      'slot.name': prefix,
      'publication.name': prefix,
    };
  }

  async #untilSlot(active: boolean, rest: ConnectRest): Promise<void> {
    const { pool } = this.#sides.database;
    await until(
      async () => {
        const [task] = await rest.tasks(prefix);
        if (task?.state === 'FAILED') throw new Error(task.trace);
        const slot = 'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active = $2';
        return (await pool.query(slot, [prefix, active])).rowCount === 1;
      },
      (reached) => reached,
      stepMsMax,
    );
  }

  async #readAll(): Promise<void> {
    for await (const { value } of this.#reader) {
      const { op, after, source } = JSON.parse(String(value)) as {
        op: string;
        after: { id: number };
        source: { lsn: number; sequence: string };
      };
      const [commit] = JSON.parse(source.sequence) as [string | null];
      this.#offsets.set(`${op} ${after.id}`, {
        lsn: source.lsn,
        lsn_proc: source.lsn,
        lsn_commit: Number(commit),
        messageType: 'INSERT',
      });
      this.seen.push(`${op} ${after.id}`);
    }
  }
}
