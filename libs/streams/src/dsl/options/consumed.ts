import type { LogRecord, TimestampExtractor } from '../../processor/log-record.ts';
import type { Serde } from '../../serdes/serde.ts';
import type { OffsetReset } from '../../topology/topology-spec.ts';

export interface ConsumedOptions<K, V> {
  /** The name of the source. */
  readonly name?: string;
  /** Absent: the time of the record on the log. */
  timestampExtractor?(record: LogRecord<K, V>, partitionTimeMs: number): number;
  /** Where to start without a committed offset. Absent: the setting of the application. */
  readonly offsetReset?: OffsetReset;
}

/** How a topic is read. */
export interface Consumed<K, V> {
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  readonly options: ConsumedOptions<K, V>;
}

export const consumed = <K, V>(
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  options: ConsumedOptions<K, V> = {},
): Consumed<K, V> => Object.freeze({ keySerde, valueSerde, options });

/** The time that a field of the value gives, in Unix milliseconds. Undefined: that of the record. */
export const fromValue =
  <V>(timestampMs: (value: V) => number | undefined): TimestampExtractor<unknown, V> =>
  (record) =>
    timestampMs(record.value) ?? record.timestampMs;
