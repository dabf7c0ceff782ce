import type { LogReader, PartitionOffset } from '../consumer/log-reader.ts';
import type { FetchedPartition } from '../types.ts';

/** Remembered positions; beyond it all are forgotten and asked for again. */
const positionsMax = 10_000;
/** How many partitions, whose next batch is larger than a fetch brings for each of several, are asked for one by one. */
const askedAloneMax = 16;

/** Whose topic is named by its id: under the same name there may be another one tomorrow. */
export interface NextPosition extends PartitionOffset {
  readonly topicId: string;
}

/** Timestamps of the records at given positions, each asked for once: a group that stands still costs nothing. */
export class NextRecordTimes {
  readonly #reader: Pick<LogReader, 'fetch'>;
  readonly #times = new Map<string, number>();

  constructor(reader: Pick<LogReader, 'fetch'>) {
    this.#reader = reader;
  }

  /** Every position has a record behind it. Returns Unix times in milliseconds; undefined where the log gave none. */
  async of(positions: readonly NextPosition[]): Promise<readonly (number | undefined)[]> {
    const unknown = () => positions.filter((position) => !this.#times.has(nameOf(position)));
    if (unknown().length > 0) this.#remember(unknown(), await this.#reader.fetch(unknown()));
    // Of several partitions a broker cuts a batch that is too large; one that is asked for alone comes whole.
    for (const position of unknown().slice(0, askedAloneMax))
      this.#remember([position], await this.#reader.fetch([position]));
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
