import type { ConnectHeader, SourcePlace, SourceRecord } from '../../record/records.ts';
import type { LogicalMessage, OldTuple, Tuple } from './pgoutput.ts';
import { toOffset, type Position, type ReadTransaction } from './position.ts';
import type { Origin, RecordMaker } from './record-maker.ts';
import type { CaptureSettings, Operation } from './settings.ts';
import type { TableShape } from './table-shape.ts';

interface OpenTransaction extends ReadTransaction {
  /** The position of its commit. */
  readonly lsn: bigint;
  /** The number of its changes that are already on the log. */
  readonly skipped: number;
  /** Where Debezium has stopped within it. */
  readonly readUpTo: bigint | undefined;
  /** The records of the changes at `readUpTo`. */
  readonly atReadUpTo: SourceRecord[];
  events: number;
}

export interface ChangeLogOptions {
  readonly settings: Pick<CaptureSettings, 'skipped' | 'tombstones'>;
  readonly maker: RecordMaker;
  readonly from: Position;
  readonly shapeOf: (oid: number) => TableShape | undefined;
}

/**
 * Turns the messages of the replication stream into records, and leaves out everything that was read before
 * `from`. The offset of a record counts every change of its transaction, also those that the settings leave
 * out, so it stays valid if the settings change.
 */
export class ChangeLog {
  readonly #options: ChangeLogOptions;
  #transaction: OpenTransaction | undefined;
  #commitBefore: bigint | null = null;
  #committedUs = 0n;
  #readUpTo: bigint | undefined;

  constructor(options: ChangeLogOptions) {
    this.#options = options;
    this.#readUpTo = options.from.readUpTo;
  }

  /** False in the middle of a transaction. */
  get betweenTransactions(): boolean {
    return this.#transaction === undefined;
  }

  /** Adds the records of a message that begins at `lsn` of the write-ahead log. */
  accept(message: LogicalMessage, lsn: bigint, records: SourceRecord[]): void {
    switch (message.kind) {
      case 'begin':
        return this.#begin(message);
      case 'commit':
        return this.#commit(message.endLsn, records);
      case 'insert':
        return this.#each(lsn, 'c', records, (change) => change.insert(message.oid, message.after));
      case 'update':
        return this.#each(lsn, 'u', records, (change) =>
          change.update(message.oid, message.before, message.after),
        );
      case 'delete':
        return this.#each(lsn, 'd', records, (change) => change.delete(message.oid, message.before));
      case 'truncate':
        return this.#each(lsn, 't', records, (change) => change.truncate(message.oids));
      case 'message':
        return message.transactional
          ? this.#each(lsn, 'm', records, (change) => change.message(message.prefix, message.content))
          : this.#outside(lsn, message.prefix, message.content, records);
    }
  }

  #begin({ commitLsn, committedUs, xid }: LogicalMessage & { kind: 'begin' }): void {
    const { lsn, events } = this.#options.from;
    this.#committedUs = committedUs;
    this.#transaction = {
      lsn: commitLsn,
      committedUs,
      xid: BigInt(xid),
      skipped: commitLsn < lsn ? Number.POSITIVE_INFINITY : commitLsn === lsn ? events : 0,
      readUpTo: commitLsn < lsn ? undefined : this.#readUpTo,
      atReadUpTo: [],
      events: 0,
    };
    if (commitLsn >= lsn) this.#readUpTo = undefined;
  }

  /** Moves the offset of the last record to the end of the transaction, where Debezium repeats nothing. */
  #commit(endLsn: bigint, records: SourceRecord[]): void {
    const transaction = this.#transaction;
    if (transaction !== undefined) repeatUnknown(transaction, records);
    this.#transaction = undefined;
    this.#commitBefore = endLsn;
    const last = records.pop();
    if (last !== undefined)
      records.push({ ...last, sourceOffset: toOffset({ lsn: endLsn, events: 0 }, transaction) });
  }

  #each(lsn: bigint, operation: Operation, records: SourceRecord[], make: (change: Change) => void): void {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new Error('a change of pgoutput is outside a transaction');
    transaction.events += 1;
    if (transaction.events <= transaction.skipped || this.#options.settings.skipped.has(operation)) return;
    const { committedUs, xid, readUpTo = 0n, atReadUpTo } = transaction;
    if (lsn < readUpTo) return;
    if (lsn > readUpTo) repeatUnknown(transaction, records);
    const origin = { lsn, xid, committedUs, commitBefore: this.#commitBefore, snapshot: 'false' } as const;
    make(new Change(this.#options, origin, transaction, lsn === readUpTo ? atReadUpTo : records));
  }

  /** The offset of a message outside a transaction is the position at which it was written. */
  #outside(lsn: bigint, prefix: string, content: Buffer, records: SourceRecord[]): void {
    const { from, maker, settings } = this.#options;
    if (lsn < from.lsn || settings.skipped.has('m')) return;
    this.#commitBefore = lsn;
    const origin = {
      lsn,
      xid: null,
      committedUs: this.#committedUs,
      commitBefore: lsn,
      snapshot: 'false',
    } as const;
    records.push(maker.message(prefix, content, origin, toOffset({ lsn: lsn + 1n, events: 0 })));
  }
}

/**
 * Debezium's offset does not say how many of the records at one position it has written. If there are
 * several, for instance of a COPY, they are written again, so that none is lost.
 */
function repeatUnknown({ atReadUpTo }: OpenTransaction, records: SourceRecord[]): void {
  if (atReadUpTo.length > 1) records.push(...atReadUpTo);
  atReadUpTo.length = 0;
}

/**
 * One change, which may become several records. Only the offset of the last one counts the change as read.
 */
class Change {
  readonly #options: ChangeLogOptions;
  readonly #origin: Origin;
  readonly #transaction: OpenTransaction;
  readonly #records: SourceRecord[];

  constructor(
    options: ChangeLogOptions,
    origin: Origin,
    transaction: OpenTransaction,
    records: SourceRecord[],
  ) {
    this.#options = options;
    this.#origin = origin;
    this.#transaction = transaction;
    this.#records = records;
  }

  insert(oid: number, after: Tuple): void {
    const shape = this.#shape(oid);
    if (shape === undefined) return;
    const change = { op: 'c', before: null, after: shape.row(after), key: shape.key(after) } as const;
    this.#records.push(this.#options.maker.change(shape, change, this.#origin, this.#read()));
  }

  update(oid: number, before: OldTuple | undefined, after: Tuple): void {
    const shape = this.#shape(oid);
    if (shape === undefined) return;
    if (before !== undefined && shape.changesKey(before, after)) return this.#move(shape, before, after);
    const change = {
      op: 'u',
      before: before === undefined ? null : shape.row(before.columns),
      after: shape.row(after, before),
      key: shape.key(after, before),
    } as const;
    this.#records.push(this.#options.maker.change(shape, change, this.#origin, this.#read()));
  }

  delete(oid: number, before: OldTuple): void {
    const shape = this.#shape(oid);
    if (shape !== undefined) this.#delete(shape, before, this.#read());
  }

  truncate(oids: readonly number[]): void {
    const shapes = oids.flatMap((oid) => this.#shape(oid) ?? []);
    for (const [index, shape] of shapes.entries()) {
      const offset = index === shapes.length - 1 ? this.#read() : this.#unread();
      const change = { op: 't', before: null, after: null, key: null } as const;
      this.#records.push(this.#options.maker.change(shape, change, this.#origin, offset));
    }
  }

  message(prefix: string, content: Buffer): void {
    this.#records.push(this.#options.maker.message(prefix, content, this.#origin, this.#read()));
  }

  /** If the key of a row changes, the row is deleted under the old key and created under the new one. */
  #move(shape: TableShape, before: OldTuple, after: Tuple): void {
    const oldKey = shape.key(before.columns);
    const newKey = shape.key(after, before);
    const header = (key: string, value: unknown): ConnectHeader[] => [
      { key, schema: shape.keySchema, value },
    ];
    this.#delete(shape, before, this.#unread(), header('__debezium.newkey', newKey));
    const change = {
      op: 'c',
      before: null,
      after: shape.row(after, before),
      key: newKey,
      headers: header('__debezium.oldkey', oldKey),
    } as const;
    this.#records.push(this.#options.maker.change(shape, change, this.#origin, this.#read()));
  }

  #delete(
    shape: TableShape,
    before: OldTuple,
    end: SourcePlace,
    headers: readonly ConnectHeader[] = [],
  ): void {
    const { maker, settings } = this.#options;
    const key = shape.key(before.columns);
    const change = { op: 'd', before: shape.row(before.columns), after: null, key, headers } as const;
    const offset = settings.tombstones ? this.#unread() : end;
    this.#records.push(maker.change(shape, change, this.#origin, offset));
    if (settings.tombstones) this.#records.push(maker.tombstone(shape, key, headers, end));
  }

  /** Returns the offset that counts this change as read. */
  #read(): SourcePlace {
    return toOffset(this.#transaction, this.#transaction);
  }

  #unread(): SourcePlace {
    const { lsn, events } = this.#transaction;
    return toOffset({ lsn, events: events - 1 }, this.#transaction);
  }

  #shape(oid: number): TableShape | undefined {
    return this.#options.shapeOf(oid);
  }
}
