import type { Serde } from '../../serdes/serde.ts';
import type { StoreOptions } from './stores.ts';

/** How a stream is joined with a table. The serdes are for a repartition of the stream. */
export interface Joined<K, V> {
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  /** The name of the processor and of the repartition topic. */
  readonly name: string | undefined;
}

/**
 * Says how a stream is joined with a table. The serdes and the name are for the repartition topic
 * that a changed key needs.
 *
 * @example
 * ```ts
 * import { consumed, joined, serdes, StreamsBuilder } from '@millrace/streams';
 *
 * const builder = new StreamsBuilder();
 * const floors = builder.table('floors', consumed(serdes.string, serdes.string));
 * builder
 *   .stream('bells', consumed(serdes.string, serdes.string))
 *   .join(floors, (bell, floor) => `${bell} on ${floor}`, joined(serdes.string, serdes.string, 'bells'));
 * ```
 */
export const joined = <K, V>(keySerde?: Serde<K>, valueSerde?: Serde<V>, name?: string): Joined<K, V> =>
  Object.freeze({ keySerde, valueSerde, name });

/**
 * Chooses the partition of a key. Undefined stands for the partition that the key's bytes hash to.
 */
export type KeyPartitioner<K> = (topic: string, key: K, partitionCount: number) => number | undefined;

/** How two tables are joined by a foreign key. */
export interface TableJoined<K, KForeign> {
  /** The first part of the names of the processors, of the topics and of the store. */
  readonly name?: string | undefined;
  /** How the left table is partitioned, if not by the bytes of its key. */
  readonly partitioner?: KeyPartitioner<K> | undefined;
  /** How the right table is partitioned, if not by the bytes of its key. */
  readonly otherPartitioner?: KeyPartitioner<KForeign> | undefined;
}

/**
 * Says how two tables are joined by a foreign key. Without a name or partitioners, leave it out.
 */
export const tableJoined = <K, KForeign>(options: TableJoined<K, KForeign>): TableJoined<K, KForeign> =>
  Object.freeze({ ...options });

/**
 * How close in time records of two streams must be to join. A right record joins a left one if it
 * is at most `beforeMs` older or at most `afterMs` younger.
 */
export class JoinWindows {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;

  constructor(beforeMs: number, afterMs: number, graceMs: number) {
    if (!(beforeMs + afterMs >= 0)) {
      throw new RangeError(
        `A join window from ${beforeMs} ms before to ${afterMs} ms after is empty. Make their sum 0 or more`,
      );
    }
    if (!(graceMs >= 0)) {
      throw new RangeError(`The grace period of a join is ${graceMs} ms. Make it 0 or more`);
    }
    this.beforeMs = beforeMs;
    this.afterMs = afterMs;
    this.graceMs = graceMs;
  }

  /** The length of the windows, in milliseconds. */
  get sizeMs(): number {
    return this.beforeMs + this.afterMs;
  }

  /**
   * Returns windows with another limit for older right records. A negative limit admits only
   * younger ones.
   */
  before(differenceMs: number): JoinWindows {
    return new JoinWindows(differenceMs, this.afterMs, this.graceMs);
  }

  /**
   * Returns windows with another limit for younger right records. A negative limit admits only
   * older ones.
   */
  after(differenceMs: number): JoinWindows {
    return new JoinWindows(this.beforeMs, differenceMs, this.graceMs);
  }

  /**
   * Returns windows that wait this long for late records, in milliseconds. Left and outer joins
   * emit unmatched records that much later.
   */
  grace(graceMs: number): JoinWindows {
    return new JoinWindows(this.beforeMs, this.afterMs, graceMs);
  }
}

/** Joins records whose times differ by at most this many milliseconds, without a grace period. */
export const joinWindows = (differenceMs: number): JoinWindows =>
  new JoinWindows(differenceMs, differenceMs, 0);

/** How two streams are joined. By default, the serdes are those of the streams. */
export interface StreamJoined<K, V, VOther> extends Omit<StoreOptions, 'caching'> {
  readonly keySerde?: Serde<K> | undefined;
  readonly valueSerde?: Serde<V> | undefined;
  readonly otherValueSerde?: Serde<VOther> | undefined;
  /** The first part of the names of the processors and of the repartition topics. */
  readonly name?: string | undefined;
  /** The first part of the names of the stores. */
  readonly storeName?: string | undefined;
}

/**
 * Says how two streams are joined: serdes, and the names of the stores and repartition topics.
 *
 * @example
 * ```ts
 * import { consumed, joinWindows, minutes, serdes, StreamsBuilder, streamJoined } from '@millrace/streams';
 *
 * const builder = new StreamsBuilder();
 * const answers = builder.stream('answers', consumed(serdes.string, serdes.string));
 * builder
 *   .stream('bells', consumed(serdes.string, serdes.string))
 *   .join(answers, (bell, answer) => `${bell}: ${answer}`, joinWindows(minutes(5)), streamJoined({ name: 'calls' }));
 * ```
 */
export const streamJoined = <K, V, VOther>(options: StreamJoined<K, V, VOther>): StreamJoined<K, V, VOther> =>
  Object.freeze({ ...options });
