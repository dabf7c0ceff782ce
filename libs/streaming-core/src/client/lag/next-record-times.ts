import type { LogReader, PartitionOffset } from '../consumer/log-reader.ts';
import type { FetchedPartition } from '../types.ts';

/** The number of remembered positions after which all are forgotten. */
const positionsMax = 10_000;
/**
 * The most partitions to fetch one by one, because their next batch is larger than a common fetch
 * returns for each.
 */
const askedAloneMax = 16;

/** A position with the id of its topic, because a recreated topic has the same name. */
export interface NextPosition extends PartitionOffset {
  readonly topicId: string;
}

/**
 * Finds the timestamps of the records at given positions. Each position is fetched once, so a group
 * that makes no progress costs nothing.
 */
export class NextRecordTimes {
  readonly #reader: Pick<LogReader, 'fetch'>;
  readonly #times = new Map<string, number>();

  constructor(reader: Pick<LogReader, 'fetch'>) {
    this.#reader = reader;
  }

  /**
   * Requires a record at or after every position. Returns Unix times in milliseconds, or undefined
   * where the log returned no record.
   */
  async of(positions: readonly NextPosition[]): Promise<readonly (number | undefined)[]> {
    const unknown = () => positions.filter((position) => !this.#times.has(nameOf(position)));
    if (unknown().length > 0) this.#remember(unknown(), await this.#reader.fetch(unknown(), 'all'));
    // In a fetch of several partitions, the broker truncates a batch that is too large. In a fetch
    // of one partition, it returns the batch whole.
    for (const position of unknown().slice(0, askedAloneMax))
      this.#remember([position], await this.#reader.fetch([position], 'all'));
    const times = positions.map((position) => this.#times.get(nameOf(position)));
    if (this.#times.size > positionsMax) this.#times.clear();
    return times;
  }

  #remember(positions: readonly NextPosition[], fetched: readonly FetchedPartition[]): void {
    for (const position of positions) {
      const answer = fetched.find(
        ({ topic, partition }) => topic === position.topic && partition === position.partition,
      );
      const [next] = answer?.records ?? [];
      if (next !== undefined) this.#times.set(nameOf(position), next.timestampMs);
    }
  }
}

const nameOf = ({ topicId, partition, offset }: NextPosition): string => `${topicId} ${partition} ${offset}`;
