import { pause } from '../../../runtime/index.ts';
import { RetryLog } from '../../../runtime/logger.ts';
import { backoffDelay, passes } from '../../connection/retries.ts';
import { ClientError, toClientError } from '../../errors/client-error.ts';
import type { BrokerClient } from '../../connection/broker-client.ts';
import { reportPoll } from '../../operation-reports.ts';
import { contentBytesOf } from '../../traffic-reports.ts';
import type { FetchedPartition, FetchedRecord } from '../../fetched-records.ts';
import type { LogReader } from '../log-reader.ts';
import type { Deliveries } from './deliveries.ts';
import type { HeldPartition, Reading, HeldPartitions } from './held-partitions.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { StartPositions } from './start-positions.ts';

/** The approximate memory that a record needs beyond its contents. */
const recordOverheadBytes = 100;

interface Fetching {
  readonly held: HeldPartition;
  readonly reading: Reading;
}

/** The parts that a feed needs. */
interface FeedParts {
  readonly brokers: BrokerClient;
  readonly reader: LogReader;
  readonly partitions: HeldPartitions;
  readonly positions: StartPositions;
}

/**
 * Keeps up to two fetch answers of every assigned partition in the buffer, so that the second one
 * arrives while the loop works on the first. Sends no fetch while the buffer is over its limit.
 */
export class RecordFeed {
  readonly #settings: ConsumerSettings;
  readonly #parts: FeedParts;
  readonly #deliveries: Deliveries;
  readonly #retries: RetryLog;
  #fetches = 0;
  #failures = 0;
  #isPositioning = false;

  constructor(settings: ConsumerSettings, parts: FeedParts, deliveries: Deliveries) {
    this.#settings = settings;
    this.#parts = parts;
    this.#deliveries = deliveries;
    this.#retries = new RetryLog(settings);
  }

  /** Fetches what is needed and may be fetched now. Called whenever that may have changed. */
  pump(): void {
    const { brokers, partitions } = this.#parts;
    if (brokers.closing.aborted) return;
    if (!this.#isPositioning) void this.#position();
    const { fetchConnectionsMax, maxBufferedBytes } = this.#settings;
    if (this.#fetches >= fetchConnectionsMax || partitions.bufferedBytes > maxBufferedBytes) return;
    const wanted = partitions.all.flatMap((held) =>
      held.canFetch && held.reading ? [{ held, reading: held.reading }] : [],
    );
    if (wanted.length > 0) void this.#fetch(wanted);
  }

  async #position(): Promise<void> {
    const { partitions, positions } = this.#parts;
    const wanted = partitions.all.filter(({ needsPosition }) => needsPosition);
    if (wanted.length === 0) return;
    this.#isPositioning = true;
    try {
      await positions.find(wanted);
      this.#recovered('found the positions to read from');
    } catch (error) {
      await this.#failed(error, 'finding the positions to read from failed');
    } finally {
      this.#isPositioning = false;
    }
    this.pump();
  }

  async #fetch(wanted: readonly Fetching[]): Promise<void> {
    for (const { reading } of wanted) reading.isBusy = true;
    this.#fetches += 1;
    try {
      const positions = wanted.map(({ held: { topic, partition }, reading }) => ({
        topic,
        partition,
        offset: reading.nextOffset,
      }));
      const poll = () => this.#parts.reader.fetch(positions);
      const fetched = await reportPoll(this.#settings, positions, poll);
      const failed = wanted.flatMap((each, index) => this.#accept(each, fetched[index]!));
      if (failed.length === 0) this.#recovered('fetching again');
      else await this.#failed(failed[0]!.error, 'fetching failed', failed);
    } catch (error) {
      await this.#failed(error, 'fetching failed', wanted);
    } finally {
      this.#fetches -= 1;
    }
    this.pump();
  }

  /** Returns the failure, if there is one. */
  #accept(
    { held, reading }: Fetching,
    fetched: FetchedPartition<FetchedRecord>,
  ): ReadonlyArray<Fetching & { readonly error: Error }> {
    const { error, records } = fetched;
    if (error instanceof ClientError && rangeErrors.has(error.code)) {
      held.leaveRange(reading);
      return [];
    }
    if (error !== undefined) return [{ held, reading, error }];
    held.accept(
      reading,
      fetched,
      records.reduce((sum, record) => sum + contentBytesOf(record) + recordOverheadBytes, 0),
    );
    this.#deliveries.wake();
    return [];
  }

  #recovered(message: string): void {
    this.#failures = 0;
    this.#retries.recovered(message);
  }

  /** Retries after a pause if that is worth it. Otherwise the application has to know. */
  async #failed(error: unknown, message: string, of: readonly Fetching[] = []): Promise<void> {
    const { clock } = this.#settings;
    if (this.#parts.brokers.closing.aborted) return;
    const known = toClientError(error, 'consuming');
    const release = () => {
      for (const { reading } of of) reading.isBusy = false;
    };
    if (passes(known) || known.code === 'timeout') {
      this.#retries.failed(known, `${message}; trying again`);
      this.#failures += 1;
      await pause(clock, backoffDelay(this.#failures, this.#settings), this.#parts.brokers.closing);
      return release();
    }
    await new Promise<void>((resolve) => {
      this.#parts.brokers.closing.addEventListener('abort', () => resolve(), { once: true });
      this.#deliveries.fail(known, resolve);
    });
    release();
  }
}

/** The errors after which the position means nothing on the log that is there now. */
const rangeErrors: ReadonlySet<string> = new Set(['offset_out_of_range', 'topic_recreated']);
