import type { LogRecord, StreamPartitioner, TimestampExtractor } from '../../processor/record.ts';
import type { Encoder, Serde } from '../../serdes/serde.ts';
import type { OffsetReset } from '../../topology/topology-spec.ts';

export interface ConsumedOptions<K, V> {
  /** The name of the source. */
  readonly name?: string;
  /** Returns the record's time. The default is its time on the log. */
  timestampExtractor?(record: LogRecord<K, V>, partitionTimeMs: number): number;
  /** Where to start without a committed offset. The default is the setting of the application. */
  readonly offsetReset?: OffsetReset;
}

/** How a topic is read. */
export interface Consumed<K, V> {
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  readonly options: ConsumedOptions<K, V>;
}

/**
 * Says how a topic is read: the serdes of its keys and values, which event time a record has, and
 * where an application without a committed offset begins. A record that a serde refuses is handled
 * as `onDeserializationError` says.
 *
 * @example
 * ```ts
 * import { consumed, fromValue, serdes, StreamsBuilder } from '@millrace/streams';
 *
 * const bells = serdes.json<{ readonly rungAtMs: number }>();
 * const timestampExtractor = fromValue<{ readonly rungAtMs: number }>(({ rungAtMs }) => rungAtMs);
 *
 * new StreamsBuilder().stream('bells', consumed(serdes.string, bells, { timestampExtractor }));
 * ```
 */
export const consumed = <K, V>(
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  // The serdes decide the types: `fromValue` would make the key unknown.
  options: ConsumedOptions<NoInfer<K>, NoInfer<V>> = {},
): Consumed<K, V> => Object.freeze({ keySerde, valueSerde, options });

export interface FromValueOptions {
  /**
   * How far the time may be ahead of the record's time on the log, in milliseconds. There is no limit
   * by default. Stream time never goes back, so without one a single fast clock makes the records of
   * all others late.
   */
  readonly aheadMsMax?: number;
}

/**
 * Takes a record's time from its value, in Unix milliseconds. If the function returns undefined,
 * the record keeps its time on the log. A record whose time is further ahead than `aheadMsMax` is
 * handled as `onDeserializationError` says.
 */
export const fromValue =
  <V>(
    timestampMs: (value: V) => number | undefined,
    { aheadMsMax = Infinity }: FromValueOptions = {},
  ): TimestampExtractor<unknown, V> =>
  (record) => {
    const timeMs = timestampMs(record.value) ?? record.timestampMs;
    if (timeMs > record.timestampMs + aheadMsMax)
      throw new RangeError(
        `its time ${new Date(timeMs).toISOString()} is more than ${aheadMsMax} ms after its timestamp on the log`,
      );
    return timeMs;
  };

interface Partitioned<K, V> {
  /** Chooses the partition. The default is the one that the bytes of the key hash to. */
  partitioner?(...args: Parameters<StreamPartitioner<K, V>>): ReturnType<StreamPartitioner>;
}

export interface ProducedOptions<K, V> extends Partitioned<K, V> {
  /** The name of the sink. */
  readonly name?: string;
}

/** How a topic is written. */
export interface Produced<K, V> {
  readonly keySerde: Encoder<K> | undefined;
  readonly valueSerde: Encoder<V> | undefined;
  readonly options: ProducedOptions<K, V>;
}

/**
 * Says how a topic is written. Absent serdes are those of the stream. By default the bytes of the
 * key choose the partition, as Kafka's Java client does. `build` throws `TopologyError` if a serde is missing
 * because an operator may have changed the type.
 *
 * @example
 * ```ts
 * import { consumed, produced, serdes, StreamsBuilder } from '@millrace/streams';
 *
 * new StreamsBuilder()
 *   .stream('bells', consumed(serdes.string, serdes.string))
 *   .mapValues((text) => text.length)
 *   .to('lengths', produced(serdes.string, serdes.safeLong));
 * ```
 */
export const produced = <K, V>(
  keySerde?: Encoder<K>,
  valueSerde?: Encoder<V>,
  options: ProducedOptions<K, V> = {},
): Produced<K, V> => Object.freeze({ keySerde, valueSerde, options });

/** How a stream or a table is grouped. `name` becomes the name of the repartition topic. */
export interface Grouped<K, V> {
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  readonly name: string | undefined;
}

/**
 * Says how the records of a group are written to the repartition topic, if the key has changed.
 * Absent serdes are those of the stream. Give a name, so that the topic keeps it when operators are
 * added before it.
 *
 * @example
 * ```ts
 * import { consumed, grouped, serdes, StreamsBuilder } from '@millrace/streams';
 *
 * new StreamsBuilder()
 *   .stream('bells', consumed(serdes.string, serdes.string))
 *   .groupBy((_room, floor) => floor, grouped(serdes.string, serdes.string, 'by-floor'))
 *   .count();
 * ```
 */
export const grouped = <K, V>(keySerde?: Serde<K>, valueSerde?: Serde<V>, name?: string): Grouped<K, V> =>
  Object.freeze({ keySerde, valueSerde, name });

export interface RepartitionedOptions<K, V> extends Partitioned<K, V> {
  /** The name of the topic and of its nodes. */
  readonly name?: string;
  readonly keySerde?: Serde<K>;
  readonly valueSerde?: Serde<V>;
  /** The default is the number of the topics upstream. */
  readonly partitionCount?: number;
}

export interface PrintOptions<K, V> {
  /** Called with one line, without a line break. */
  readonly write: (line: string) => void;
  /** The default is the name of the operator that is printed. */
  readonly label?: string;
  /** The default shows key and value as text. */
  readonly format?: (key: K, value: V) => string;
  readonly named?: string;
}
