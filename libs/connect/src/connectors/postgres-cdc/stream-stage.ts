import { pause, seconds, type Clock } from '@millrace/streaming-core/runtime';
import type { Client } from 'pg';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { TaskContext } from '../../plugin/task.ts';
import type { SourceRecord } from '../../record/records.ts';
import { factsOf, readTables, readTypes } from './catalog.ts';
import { ChangeLog } from './change-log.ts';
import { connectTo, type ConnectionOptions } from './connection.ts';
import { decodeMessage, type Relation } from './pgoutput.ts';
import { toOffset, type Position } from './position.ts';
import { assertPublicationExists, assertPublished, providePublication, selectTables } from './publication.ts';
import type { RecordMaker } from './record-maker.ts';
import { ReplicationStream, type Sent } from './replication-stream.ts';
import type { CaptureSettings } from './settings.ts';
import { assertUsable, findSlot } from './slot.ts';
import { nameOf, type TableName, type TableSelection } from './table-selection.ts';
import { TableShape } from './table-shape.ts';

export interface StageOptions {
  readonly settings: CaptureSettings;
  readonly selection: TableSelection;
  readonly maker: RecordMaker;
  readonly connection: ConnectionOptions;
  readonly context: Pick<TaskContext, 'log'>;
  readonly clock: Clock;
}

/** The limit of a poll is 10,000 records, and one change becomes up to three of them. */
const recordsMax = 9_000;
const waitMs = 500;
const neverAborted = new AbortController().signal;
const watchMs = seconds(10);
/**
 * PostgreSQL takes less time than this to give up a connection whose other end is gone (wal_sender_timeout).
 */
const takeoverMsMax = seconds(75);

/** Reads the changes of a slot from a position on. */
export class StreamStage {
  readonly #options: StageOptions;
  readonly #client: Client;
  readonly #stream: ReplicationStream;
  readonly #tables: readonly TableName[];
  readonly #shapes = new Map<number, TableShape>();
  readonly #changes: ChangeLog;
  #position: bigint;
  #sent: readonly Sent[] = [];
  #next = 0;
  /** PostgreSQL has sent everything up to this position. */
  #sentUpTo = 0n;
  #heartbeatAt: number;
  #watchAt: number;

  /** Returns undefined if another connection still holds the slot. The caller then tries again. */
  static async open(options: StageOptions, position: Position, heldMs: number, signal: AbortSignal) {
    const { connection, settings, selection, clock } = options;
    const client = await connectTo(connection);
    try {
      assertUsable(settings.slot, await findSlot(client, settings.slot), position);
      await assertPublicationExists(client, settings.publication);
      const { captured } = await selectTables(client, selection);
      await providePublication(client, settings, captured);
      const stream = await ReplicationStream.open({ ...connection, ...settings, clock });
      return new StreamStage(options, client, stream, captured, position);
    } catch (error) {
      const holder = await holderOf(client, settings.slot, error);
      await client.end();
      if (holder === undefined) throw error;
      if (heldMs > takeoverMsMax) throw holder;
      await pause(clock, waitMs, signal);
      return undefined;
    }
  }

  private constructor(
    options: StageOptions,
    client: Client,
    stream: ReplicationStream,
    tables: readonly TableName[],
    position: Position,
  ) {
    const { settings, maker, clock } = options;
    this.#options = options;
    this.#client = client;
    this.#stream = stream;
    this.#tables = tables;
    this.#position = position.lsn;
    const shapeOf = (oid: number) => this.#shapes.get(oid);
    this.#changes = new ChangeLog({ settings, maker, from: position, shapeOf });
    this.#heartbeatAt = clock.monotonic() + settings.heartbeatMs;
    this.#watchAt = clock.monotonic();
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    await this.#watch();
    if (this.#next === this.#sent.length) await this.#stream.wait(waitMs, signal);
    const records: SourceRecord[] = [];
    while (records.length < recordsMax) {
      if (this.#next === this.#sent.length) {
        await this.#waitForCommit(records.length);
        this.#sent = this.#stream.takeAll();
        this.#next = 0;
        if (this.#sent.length === 0) break;
      }
      const sent = this.#sent[this.#next]!;
      this.#next += 1;
      if (sent.kind === 'keepalive') this.#hear(sent);
      else {
        const message = decodeMessage(sent.bytes);
        if (message.kind === 'relation') await this.#learn(message.relation);
        else this.#changes.accept(message, sent.lsn, records);
      }
    }
    if (records.length === 0) this.#addHeartbeat(records);
    return records;
  }

  /**
   * PostgreSQL sends a transaction without a pause. A poll that ends with its commit has an offset from which
   * Debezium repeats nothing, so a task that stops waits for it too.
   */
  async #waitForCommit(recordsRead: number): Promise<void> {
    if (recordsRead > 0 && !this.#changes.betweenTransactions) await this.#stream.wait(waitMs, neverAborted);
  }

  /** Tells PostgreSQL that every change up to this position is on the log. */
  acknowledge({ lsn }: Position): void {
    this.#position = lsn;
    this.#stream.acknowledge(lsn);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#stream.close(), this.#client.end()]);
  }

  #hear({ lsn, asksForAnswer }: Sent & { kind: 'keepalive' }): void {
    if (this.#changes.betweenTransactions) this.#sentUpTo = lsn;
    // A server that shuts down waits until everything is acknowledged.
    if (asksForAnswer) this.#heartbeatAt = 0;
  }

  /**
   * Advances the offset while no captured table changes, so that PostgreSQL can delete its log. The slot is
   * never ahead of the offset. If it ever is, somebody has created it again.
   */
  #addHeartbeat(records: SourceRecord[]): void {
    const { settings, maker, clock } = this.#options;
    const due =
      this.#heartbeatAt === 0 || (settings.heartbeatMs > 0 && clock.monotonic() >= this.#heartbeatAt);
    if (!due || !this.#changes.betweenTransactions || this.#sentUpTo <= this.#position) return;
    this.#heartbeatAt = clock.monotonic() + settings.heartbeatMs;
    records.push(maker.heartbeat(toOffset({ lsn: this.#sentUpTo, events: 0 })));
  }

  /** Learns the columns of a relation. PostgreSQL describes it before its first change and after each DDL. */
  async #learn(relation: Relation): Promise<void> {
    const known = this.#shapes.get(relation.oid);
    if (known !== undefined && JSON.stringify(known.relation) === JSON.stringify(relation)) return;
    const { settings, selection, context } = this.#options;
    const facts = factsOf(relation, await readTables(this.#client));
    const shape = new TableShape(relation, facts, {
      types: await readTypes(this.#client),
      settings,
      selection,
    });
    this.#shapes.set(relation.oid, shape);
    warnOfColumns(shape, context);
  }

  async #watch(): Promise<void> {
    const { settings, clock } = this.#options;
    if (clock.monotonic() < this.#watchAt) return;
    this.#watchAt = clock.monotonic() + watchMs;
    assertUsable(settings.slot, await findSlot(this.#client, settings.slot));
    await assertPublished(this.#client, settings.publication, this.#tables);
  }
}

/** Warns about the columns that a shape leaves out. */
export function warnOfColumns({ leftOut, relation }: TableShape, { log }: Pick<TaskContext, 'log'>): void {
  if (leftOut.length > 0)
    log('warn', 'leaves out columns whose types are not supported', {
      table: nameOf(relation),
      columns: leftOut,
    });
}

/**
 * Returns an error that names the program which holds the slot, if that is why the slot could not be read.
 */
async function holderOf(client: Client, slot: string, error: unknown): Promise<ConnectError | undefined> {
  if ((error as { code?: string }).code !== '55006') return undefined;
  const { rows } = await client.query<{ holder: string }>(
    `SELECT format('"%s" from %s (pid %s)', application_name, coalesce(host(client_addr), 'a local socket'), pid)
        AS holder
      FROM pg_stat_activity WHERE pid = (SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1)`,
    [slot],
  );
  return new ConnectError(
    `the replication slot "${slot}" is in use by ${rows[0]?.holder ?? 'another connection'}: stop that ` +
      'program, or set slot.name, because a slot has one reader',
  );
}
