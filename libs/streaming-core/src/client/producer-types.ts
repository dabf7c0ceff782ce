import type { ClientError } from './errors/client-error.ts';

/** The name and the value of a header. Null differs from an empty value, and readers get it back. */
export type ProducerHeader = readonly [name: string, value: string | Uint8Array | null];

/**
 * The headers of a record. A list keeps the order of headers, and may repeat a name, as Kafka
 * allows.
 */
export type ProducerHeaders = Readonly<Record<string, string | Uint8Array>> | readonly ProducerHeader[];

/**
 * A record to publish. Text is encoded as UTF-8. The client validates and copies key, value and
 * headers when it is called.
 */
export interface ProducerRecord {
  readonly topic: string;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers?: ProducerHeaders;
  /**
   * The partition to write to. If it is absent, the partitioner chooses one. The default
   * partitioner hashes the key as Kafka's Java client does.
   */
  readonly partition?: number;
  /** Unix time in milliseconds. The default is the time of the producer's clock. */
  readonly timestampMs?: number;
}

export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** The offset, or -1 if the broker only knows that it already has the record. */
  readonly offset: bigint;
}

export interface SendOptions {
  /**
   * Withdraws the records that were not sent yet. The send then rejects with `aborted`, and its
   * message says whether the other records may be on the log.
   */
  readonly signal?: AbortSignal;
}

/**
 * Sends records. `send` keeps the order of its array and of the calls per partition, and resolves
 * once every record is acknowledged, which means on disk with the embedded broker and acks=all.
 * Rejects with `ClientError`. After an indeterminate failure the records may or may not be on the
 * log.
 */
export interface Producer {
  send(records: readonly ProducerRecord[], options?: SendOptions): Promise<readonly RecordMetadata[]>;
  /** Sends what is waiting, within a time limit, and rejects later calls. */
  close(): Promise<void>;
}

/** Called once per record, in the order of the records within a partition. */
export type DeliveryCallback = (
  error: ClientError | undefined,
  written: RecordMetadata | undefined,
  record: ProducerRecord,
) => void;

/** A producer that collects records in batches, with several requests in flight. */
export interface BatchingProducer extends Producer, AsyncDisposable {
  /**
   * Sends without a promise, and throws only `argument_invalid`, if `records` is not an array or
   * `onDelivered` not a function. A promise that nobody awaits would end the process
   * when it rejects. Failures go to the callback, and are counted in `undelivered`.
   */
  post(records: readonly ProducerRecord[], onDelivered?: DeliveryCallback): void;
  /** How many records of `post` have failed. */
  readonly undelivered: number;
  /** Sends everything without lingering, and resolves once all calls before it have settled. */
  flush(): Promise<void>;
}
