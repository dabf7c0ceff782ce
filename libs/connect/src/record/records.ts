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

/** A record of a source or of a sink, as transforms see it. */
export interface ConnectRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Data;
  readonly value: Data;
  readonly headers: readonly ConnectHeader[];
  /** Unix time in milliseconds. */
  readonly timestampMs?: number;
}

/** A place in a source: any JSON object, which the topic of offsets stores as it is. */
export type SourcePlace = Readonly<Record<string, unknown>>;

/** A record that a source task has read. */
export interface SourceRecord extends ConnectRecord {
  /** The thing that the task reads, for example `{ server: 'shop' }`. */
  readonly sourcePartition: SourcePlace;
  /** Where the task resumes once this record is committed, for example `{ lsn: 23876504 }`. */
  readonly sourceOffset: SourcePlace;
}

/**
 * A record for a sink task. Transforms may have changed `topic`, `partition` and `key`. `origin` is the place
 * of the record in the log.
 */
export interface SinkRecord extends ConnectRecord {
  readonly origin: RecordOrigin;
}

export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}
