import type { ConnectSchema } from './connect-schema.ts';

/**
 * A value with its schema. Without a schema it is schemaless: plain JSON.
 *
 * With a schema, the value has the form in which the schema's type is encoded, also for logical
 * types: `int64` is a bigint, the other integers and floats are numbers, `bytes` is a Buffer, a
 * struct is an object of its fields, a map is a Map. So an `org.apache.kafka.connect.data.Decimal`
 * is the Buffer of its unscaled integer, and a `Timestamp` the bigint of its milliseconds.
 * Null stands for an absent value.
 */
export interface Data {
  readonly schema?: ConnectSchema;
  readonly value: unknown;
}

export interface ConnectHeader extends Data {
  readonly key: string;
}

/** What transforms see and return: a record of a source or of a sink. */
export interface ConnectRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Data;
  readonly value: Data;
  readonly headers: readonly ConnectHeader[];
  /** Unix time in milliseconds. */
  readonly timestampMs?: number;
}

/** Where a source has read: any JSON object, stored as it is in the topic of offsets. */
export type SourcePlace = Readonly<Record<string, unknown>>;

/** A record that a source task has read. */
export interface SourceRecord extends ConnectRecord {
  /** What is read, for example `{ server: 'shop' }`. */
  readonly sourcePartition: SourcePlace;
  /** From where to go on once this record is committed, for example `{ lsn: 23876504 }`. */
  readonly sourceOffset: SourcePlace;
}

/**
 * A record for a sink task. `topic`, `partition` and `key` are what transforms have made of them;
 * `origin` is where the record stands in the log.
 */
export interface SinkRecord extends ConnectRecord {
  readonly origin: RecordOrigin;
}

export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}
