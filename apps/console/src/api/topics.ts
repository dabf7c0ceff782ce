import type { Reader } from './groups.ts';

export interface TopicSummary {
  readonly topic: string;
  /** Whether the brokers keep it for themselves. */
  readonly internal: boolean;
  readonly partitions: number;
  readonly replicas: number;
  readonly underReplicated: number;
  /** The offsets from the beginning to the end. Markers of transactions count too. */
  readonly records: number;
  /** The bytes of the logs of all replicas. */
  readonly sizeBytes: number;
  /** How long records are kept: -1 for ever, null if the broker does not say. */
  readonly retentionMs: number | null;
  readonly retentionBytes: number | null;
  readonly cleanupPolicy: string;
}

/** What the list of topics shows: the first ones that fit, by name. */
export interface TopicList {
  readonly topics: readonly TopicSummary[];
  /** How many topics fit the filter. */
  readonly matching: number;
}

export interface PartitionView {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
  /** The id of the broker, or -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

export interface ConfigView {
  readonly name: string;
  /** Null for a sensitive config, which brokers never show. */
  readonly value: string | null;
  /** `topic`, `broker`, `allBrokers`, `brokerFile`, `default` or another name of a source. */
  readonly source: string;
}

export interface ShownTopic {
  readonly topicId: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionView[];
  readonly configs: readonly ConfigView[];
  readonly readers: readonly Reader[];
}

/** A message as a line of a list. */
export interface MessageRow {
  readonly partition: number;
  readonly offset: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly key: string | null;
  readonly type: string | null;
  /** The beginning of the value; null for a tombstone. */
  readonly line: string | null;
  /** How the log stores it, in the raw view only. */
  readonly raw?: RawFacts;
}

interface RawFacts {
  /** The marker that ends a transaction, or another control batch; null for a record. */
  readonly control: 'commit' | 'abort' | 'unknown' | null;
  readonly transaction: 'none' | 'committed' | 'aborted' | 'open';
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly batchBytes: number;
  readonly leaderEpoch: number;
  /** The id as text, since it may be larger than a number can be. It is -1 if the log has none. */
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly sequence: number;
  readonly codec: string;
}

/** What one request has read of a partition: the offsets `from` to `to`, of a log that ends before `end`. */
export interface ScannedRange {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** What one request has found. Requests are bounded, so that it may be only a beginning. */
export interface MessagesPage {
  readonly rows: readonly MessageRow[];
  /** How many records were looked at. */
  readonly scanned: number;
  readonly ranges: readonly ScannedRange[];
  /** Where to go on, such as `0:120,1:80`; null if everything was read. */
  readonly next: string | null;
}

/** One message with everything in it. */
export interface ShownMessage {
  readonly topic: string;
  readonly row: MessageRow;
  readonly raw: RawFacts;
  /** The CloudEvents attributes without their prefix. */
  readonly event: Readonly<Record<string, string>>;
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string | null }>;
  /** The value as text, or in base64 if it is no text; null for a tombstone. */
  readonly value: string | null;
  readonly valueBytes: number;
  /** Whether the text is only the beginning of a large value. */
  readonly isCut: boolean;
  /** The brokers as `HOST:PORT`, for the command of another program. */
  readonly brokers: string;
}
