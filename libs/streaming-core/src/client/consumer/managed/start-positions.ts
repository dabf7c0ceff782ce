import type { CoordinatorClient } from '../../connection/coordinator-client.ts';
import { ClientError } from '../../errors/client-error.ts';
import type { CommittedOffset, TopicPartition } from '../../topic-partition.ts';
import { readCommitted } from '../committed-offsets.ts';
import type { LogReader } from '../log-reader.ts';
import { logBeginning, logEnd } from '../offset-lookup.ts';
import { nameOf } from '../../partition-map.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { HeldPartition } from './held-partitions.ts';

/** Finds where to begin: at the committed offset, or else where `autoOffsetReset` says. */
export class StartPositions {
  readonly #settings: ConsumerSettings;
  readonly #coordinators: CoordinatorClient;
  readonly #reader: LogReader;

  constructor(settings: ConsumerSettings, coordinators: CoordinatorClient, reader: LogReader) {
    this.#settings = settings;
    this.#coordinators = coordinators;
    this.#reader = reader;
  }

  /** Leaves partitions alone that were sought meanwhile. */
  async find(wanted: readonly HeldPartition[]): Promise<void> {
    const resumed = wanted.filter(({ isOutOfRange }) => !isOutOfRange);
    const committed = new Map((await this.committed(resumed)).map((each) => [nameOf(each), each.offset]));
    for (const held of resumed) {
      const offset = committed.get(nameOf(held));
      if (offset === undefined || held.reading !== undefined) continue;
      held.startAt(offset);
      held.committed = offset;
    }
    await this.#reset(wanted.filter(({ reading }) => reading === undefined));
  }

  /** Waits until open transactions have decided about their offsets (KIP-447). */
  async committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    if (partitions.length === 0) return [];
    const { clock, groupId, operationTimeoutMs } = this.#settings;
    const deadline = clock.monotonic() + operationTimeoutMs;
    return readCommitted(this.#coordinators, groupId, deadline, { partitions, stable: true });
  }

  async #reset(wanted: readonly HeldPartition[]): Promise<void> {
    const [first] = wanted;
    if (first === undefined) return;
    const { autoOffsetReset } = this.#settings;
    if (autoOffsetReset === 'none') throw noPosition(first, this.#settings);
    // A topic that was recreated has another id than the one that was read before.
    await this.#reader.identify([...new Set(wanted.map(({ topic }) => topic))]);
    const timestamp = autoOffsetReset === 'earliest' ? logBeginning : logEnd;
    const queries = wanted.map(({ topic, partition }) => ({ topic, partition, timestamp }));
    const found = await this.#reader.lookup.findOnce(queries);
    for (const [index, held] of wanted.entries())
      if (held.reading === undefined) held.startAt(found[index]!.offset);
  }
}

const noPosition = (held: HeldPartition, { groupId }: ConsumerSettings) =>
  new ClientError(
    'offset_out_of_range',
    (held.isOutOfRange
      ? `the log does not have the position of ${nameOf(held)}`
      : `group ${groupId} has no committed offset for ${nameOf(held)}`) +
      ", and autoOffsetReset is 'none': seek in onAssigned, or choose 'earliest' or 'latest'",
  );
