import { ConnectError } from '../plugin/connect-error.ts';
import type { ConnectConfig } from '../plugin/setting.ts';
import type { SinkOffset } from '../plugin/task.ts';
import type { RecordOrigin, SinkRecord } from '../record/records.ts';

interface Expected {
  readonly offset: bigint;
  /** How an operator makes the sink forget the offset. */
  readonly remedy: string;
}

/** A partition of a topic. */
export type Partition = Omit<RecordOrigin, 'offset'>;

export const partitionText = ({ topic, partition }: Partition): string => `${topic}-${partition}`;

/**
 * The offset from which a sink with offsets of its own reads a partition: the one that it has stored, and
 * otherwise the first one. Undefined if it has stored none and the connector begins at the end of the log.
 */
export const startingOffset = (config: ConnectConfig, stored: bigint | undefined): bigint | undefined =>
  stored ?? (config['consumer.override.auto.offset.reset'] === 'latest' ? undefined : 0n);

/**
 * Detects that a log no longer reaches the offset from which a sink resumes, because its topic was deleted
 * and created again. The consumer then begins at another offset, and the sink would mistake every new record
 * for one that it has already written.
 */
export class StartingOffsets {
  readonly #expected = new Map<string, Expected>();

  expect(offsets: readonly SinkOffset[], remedy: string): void {
    this.#expected.clear();
    for (const each of offsets) this.#expected.set(partitionText(each), { offset: each.offset, remedy });
  }

  /** Checks the first record of each partition since `expect`. */
  check(records: readonly SinkRecord[]): void {
    if (this.#expected.size === 0) return;
    for (const { origin } of records) {
      const expected = this.#expected.get(partitionText(origin));
      if (expected !== undefined && origin.offset < expected.offset)
        throw new ConnectError(
          `partition ${origin.partition} of topic ${origin.topic} is written up to offset ` +
            `${expected.offset}, but its log does not reach that far: the topic was deleted and created ` +
            `again. To write its new records, stop the connector, ${expected.remedy} and start it`,
        );
      this.#expected.delete(partitionText(origin));
    }
  }
}
