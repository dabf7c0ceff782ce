import type { BatchFacts, PartitionRow, RawRecord, TopicRow } from '@millrace/operations/client';
import type { ConfigEntry } from '@millrace/streaming-core/client';
import type { Reader } from './groups.ts';
import type { WithNumbers } from './with-numbers.ts';

export interface TopicSummary extends WithNumbers<TopicRow> {
  /** The configs that decide how long records are kept; null if the broker does not say. */
  readonly configs: Readonly<Record<string, string | null>>;
}

/** The data of the list of topics: the first matching ones, by name. */
export interface TopicList {
  readonly topics: readonly TopicSummary[];
  /** The number of topics that match the filter. */
  readonly matching: number;
}

export type PartitionView = WithNumbers<PartitionRow>;

/** A sensitive config has no value, since brokers never show it. */
export type ConfigView = Pick<ConfigEntry, 'name' | 'value' | 'source'>;

export interface ShownTopic {
  readonly topicId: string;
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
  /** How the log stores it. Present only in the raw view. */
  readonly raw?: RawFacts;
}

export interface RawFacts extends WithNumbers<Omit<BatchFacts, 'producerId'>> {
  /** The id as text, since it may be larger than a number can be. It is -1 if the log has none. */
  readonly producerId: string;
  /** The marker that ends a transaction, or another control batch; null for a record. */
  readonly control: 'commit' | 'abort' | 'unknown' | null;
  readonly transaction: RawRecord['transaction'];
}

/**
 * The range of a partition that one request has read: the offsets `from` to `to`, of a log that
 * ends before `end`.
 */
interface ScannedRange {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** The result of one request. Requests are limited, so it may be only the beginning. */
export interface MessagesPage {
  readonly rows: readonly MessageRow[];
  /** The number of records that were read. */
  readonly scanned: number;
  readonly ranges: readonly ScannedRange[];
  /** Where to continue, such as `0:120,1:80`; null if everything was read. */
  readonly next: string | null;
}

/** One complete message. */
export interface ShownMessage extends Pick<RawRecord, 'topic' | 'event'> {
  readonly row: MessageRow;
  readonly raw: RawFacts;
  readonly headers: RawRecord['headerList'];
  /** The value as text, or in base64 if it is no text; null for a tombstone. */
  readonly value: string | null;
  readonly valueBytes: number;
  /** Whether the text is only the beginning of a large value. */
  readonly isCut: boolean;
  /** The brokers as `HOST:PORT`, for the command of another program. */
  readonly brokers: string;
}
