import { ConnectError } from '../plugin/connect-error.ts';
import type { SinkOffset } from '../plugin/task.ts';
import type { RecordOrigin, SinkRecord } from '../record/records.ts';

interface Expected {
  readonly offset: bigint;
  /** How a person makes the sink forget the offset. */
  readonly remedy: string;
}

export const partitionText = ({ topic, partition }: Omit<RecordOrigin, 'offset'>): string =>
  `${topic}-${partition}`;

/**
 * Notices that a log does not reach the offset from which a sink goes on, because its topic was
 * deleted and created again. The consumer then begins elsewhere, and the sink would take every new
 * record for one that it has written.
 */
export class StartingOffsets {
  readonly #expected = new Map<string, Expected>();

  expect(offsets: readonly SinkOffset[], remedy: string): void {
    this.#expected.clear();
    for (const each of offsets) this.#expected.set(partitionText(each), { offset: each.offset, remedy });
  }

  /** Looks at the first record of each partition since `expect`. */
  check(records: readonly SinkRecord[]): void {
    if (this.#expected.size === 0) return;
    for (const { origin } of records) {
      const expected = this.#expected.get(partitionText(origin));
      if (expected !== undefined && origin.offset < expected.offset)
        throw new ConnectError(
          `partition ${origin.partition} of topic ${origin.topic} is written up to offset ${expected.offset}, but its log does not reach that far: the topic was deleted and created again. To write its new records, stop the connector, ${expected.remedy} and start it`,
        );
      this.#expected.delete(partitionText(origin));
    }
  }
}
