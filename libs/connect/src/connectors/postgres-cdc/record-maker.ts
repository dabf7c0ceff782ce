import type { Clock } from '@millrace/streaming-core/runtime';
import type { ConnectHeader, SourcePlace, SourceRecord } from '../../record/records.ts';
import {
  debeziumVersion,
  heartbeatKeySchema,
  heartbeatSchema,
  messageKeySchema,
  messageSchema,
  type SnapshotMark,
} from './envelope.ts';
import type { CaptureSettings } from './settings.ts';
import type { Row, TableShape } from './table-shape.ts';

/** The place of a change in the log, with its transaction. */
export interface Origin {
  readonly lsn: bigint;
  /** Null for a message outside a transaction. */
  readonly xid: bigint | null;
  readonly committedUs: bigint;
  /** The end of the commit before it, or null if this is the first commit since the start. */
  readonly commitBefore: bigint | null;
  readonly snapshot: SnapshotMark;
}

export interface RowChange {
  readonly op: 'c' | 'u' | 'd' | 'r' | 't';
  readonly before: Row | null;
  readonly after: Row | null;
  readonly key: Row | null;
  readonly headers?: readonly ConnectHeader[];
}

interface Present {
  readonly ts_ms: bigint;
  readonly ts_us: bigint;
  readonly ts_ns: bigint;
}

const noHeaders: readonly ConnectHeader[] = [];

/** Makes records in the format of Debezium's connector. */
export class RecordMaker {
  readonly sourcePartition: SourcePlace;
  readonly #settings: CaptureSettings;
  readonly #clock: Clock;
  #presentMs = NaN;
  #present: Present = { ts_ms: 0n, ts_us: 0n, ts_ns: 0n };

  constructor(settings: CaptureSettings, clock: Clock) {
    this.sourcePartition = { server: settings.prefix };
    this.#settings = settings;
    this.#clock = clock;
  }

  change(shape: TableShape, change: RowChange, origin: Origin, sourceOffset: SourcePlace): SourceRecord {
    const { schema, table } = shape.relation;
    return {
      topic: shape.topic,
      key: change.key === null ? { value: null } : { schema: shape.keySchema, value: change.key },
      value: {
        schema: shape.envelopeSchema,
        value: {
          before: change.before,
          after: change.after,
          source: this.#source(schema, table, origin),
          transaction: null,
          op: change.op,
          ...this.#now(),
        },
      },
      headers: change.headers ?? noHeaders,
      sourcePartition: this.sourcePartition,
      sourceOffset,
    };
  }

  tombstone(
    shape: TableShape,
    key: Row,
    headers: readonly ConnectHeader[],
    sourceOffset: SourcePlace,
  ): SourceRecord {
    return {
      topic: shape.topic,
      key: { schema: shape.keySchema, value: key },
      value: { value: null },
      headers,
      sourcePartition: this.sourcePartition,
      sourceOffset,
    };
  }

  /** Makes the record of a message that somebody has written with `pg_logical_emit_message`. */
  message(prefix: string, content: Buffer, origin: Origin, sourceOffset: SourcePlace): SourceRecord {
    return {
      topic: `${this.#settings.prefix}.message`,
      key: { schema: messageKeySchema, value: { prefix } },
      value: {
        schema: messageSchema,
        value: {
          op: 'm',
          ts_ms: BigInt(Math.floor(this.#clock.now())),
          source: this.#source('', '', origin),
          transaction: null,
          message: { prefix, content },
        },
      },
      headers: noHeaders,
      sourcePartition: this.sourcePartition,
      sourceOffset,
    };
  }

  /** Makes a record that only advances the offset. */
  heartbeat(sourceOffset: SourcePlace): SourceRecord {
    return {
      topic: this.#settings.heartbeatTopic,
      key: { schema: heartbeatKeySchema, value: { serverName: this.#settings.prefix } },
      value: { schema: heartbeatSchema, value: { ts_ms: BigInt(Math.floor(this.#clock.now())) } },
      headers: noHeaders,
      sourcePartition: this.sourcePartition,
      sourceOffset,
    };
  }

  /** The present, made once for each millisecond. */
  #now(): Present {
    const ms = Math.floor(this.#clock.now());
    if (this.#presentMs === ms) return this.#present;
    const now = BigInt(ms);
    this.#presentMs = ms;
    this.#present = { ts_ms: now, ts_us: now * 1_000n, ts_ns: now * 1_000_000n };
    return this.#present;
  }

  #source(schema: string, table: string, origin: Origin): Row {
    const { lsn, xid, committedUs, commitBefore, snapshot } = origin;
    return {
      version: debeziumVersion,
      connector: 'postgresql',
      name: this.#settings.prefix,
      ts_ms: committedUs / 1_000n,
      snapshot,
      db: this.#settings.database.database,
      sequence: commitBefore === null ? `[null,"${lsn}"]` : `["${commitBefore}","${lsn}"]`,
      ts_us: committedUs,
      ts_ns: committedUs * 1_000n,
      schema,
      table,
      txId: xid,
      lsn,
      xmin: null,
      origin: null,
      origin_lsn: null,
    };
  }
}
