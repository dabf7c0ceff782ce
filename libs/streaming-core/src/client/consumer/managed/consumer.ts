import { RepeatedWork } from '../../../runtime/polling.ts';
import { withDeadline } from '../../../runtime/index.ts';
import { ClientError } from '../../errors/client-error.ts';
import { BrokerClient } from '../../connection/broker-client.ts';
import { CoordinatorClient } from '../../connection/coordinator-client.ts';
import { reportCommit } from '../../operation-reports.ts';
import { stayAlive } from '../../stay-alive.ts';
import type { FetchedRecord } from '../../fetched-records.ts';
import type {
  CommittedOffset,
  OffsetForTime,
  OffsetToCommit,
  PartitionTime,
  TopicPartition,
} from '../../topic-partition.ts';
import { GroupAssignors } from '../group-assignors.ts';
import { GroupMembership } from '../group-membership.ts';
import { LogReader } from '../log-reader.ts';
import type { PartitionOffset } from '../offset-lookup.ts';
import {
  consumerSettings,
  type ConsumerListener,
  type ConsumerOptions,
  type ConsumerSettings,
} from './consumer-settings.ts';
import type { ConsumedBatch, Consumer } from './consumer-types.ts';
import { Deliveries } from './deliveries.ts';
import { HeldPartitions } from './held-partitions.ts';
import { OffsetCommits } from './offset-commits.ts';
import { PartitionHandover } from './partition-handover.ts';
import { PollInterval, ProcessReports } from './loop-watch.ts';
import { RecordFeed } from './record-feed.ts';
import { StartPositions } from './start-positions.ts';
import { WatchedTopics } from './watched-topics.ts';

/**
 * Creates a consumer that joins its group with the first loop or `start`, and stays in it through
 * broker restarts and evictions. Each record is delivered at least once: a record whose loop throws
 * is delivered again. Throws `settings_refused` for options that cannot work; loops and calls
 * reject with `ClientError`.
 *
 * @example
 * ```ts
 * import { connectConsumer } from '@millrace/streaming-core/client';
 *
 * await using consumer = connectConsumer({
 *   bootstrapServers: ['127.0.0.1:9092'],
 *   clientId: 'desk',
 *   groupId: 'bell-watch',
 *   topics: ['bells'],
 * });
 * for await (const { partition, offset, value } of consumer)
 *   process.stdout.write(`${partition}/${offset}: ${value?.toString()}\n`);
 * ```
 */
export function connectConsumer(options: ConsumerOptions): Consumer {
  const consumer = new ManagedConsumer(consumerSettings(options), options);
  const { signal } = options;
  if (signal?.aborted) void consumer.close();
  signal?.addEventListener('abort', () => void consumer.close(), { once: true, signal: consumer.closing });
  return consumer;
}

class ManagedConsumer implements Consumer {
  readonly #settings: ConsumerSettings;
  readonly #brokers: BrokerClient;
  readonly #reader: LogReader;
  readonly #partitions: HeldPartitions;
  readonly #positions: StartPositions;
  readonly #deliveries: Deliveries;
  readonly #feed: RecordFeed;
  readonly #commits: OffsetCommits;
  readonly #membership: GroupMembership;
  readonly #repeated: RepeatedWork;
  readonly #ending = new AbortController();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: ConsumerSettings, listener: ConsumerListener) {
    this.#settings = settings;
    this.#brokers = new BrokerClient(settings);
    this.#reader = new LogReader(settings, this.#brokers);
    this.#partitions = new HeldPartitions();
    this.#positions = new StartPositions(settings, new CoordinatorClient(this.#brokers), this.#reader);
    this.#deliveries = new Deliveries(settings.clock, this.#partitions, () => this.#feed.pump(), [
      new ProcessReports(settings),
      new PollInterval(settings, {
        stayOut: () => this.#membership.stayOut(),
        comeBack: () => this.#membership.comeBack(),
      }),
    ]);
    this.#feed = new RecordFeed(
      settings,
      {
        brokers: this.#brokers,
        reader: this.#reader,
        partitions: this.#partitions,
        positions: this.#positions,
      },
      this.#deliveries,
    );
    const commit = (offsets: readonly OffsetToCommit[]) =>
      reportCommit(settings, offsets, () => this.#membership.commit(offsets));
    this.#commits = new OffsetCommits(settings, this.#partitions, this.#ending.signal, commit);
    const handover = new PartitionHandover(settings, listener, {
      partitions: this.#partitions,
      deliveries: this.#deliveries,
      commits: this.#commits,
      feed: this.#feed,
    });
    this.#membership = new GroupMembership(settings, {
      brokers: this.#brokers,
      listener: handover,
      subscription: new WatchedTopics(this.#brokers, settings),
      assignors: new GroupAssignors(settings.assignors, settings.rackId),
    });
    this.#repeated = new RepeatedWork(settings);
  }

  get closing(): AbortSignal {
    return this.#ending.signal;
  }

  start(): Promise<void> {
    if (this.#closing) return Promise.reject(closed());
    this.#starting ??= this.#start();
    return this.#starting;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<FetchedRecord, undefined> {
    return this.#deliveries.open(
      (held) => held.takeRecord(),
      () => this.#join(),
    );
  }

  batches(): AsyncIterableIterator<ConsumedBatch, undefined> {
    return this.#deliveries.open<ConsumedBatch>(
      (held) => {
        const taken = held.takeRecords();
        if (taken === undefined) return undefined;
        const { topic, partition } = held;
        return { ...taken, content: { topic, partition, records: taken.content, nextOffset: taken.upTo } };
      },
      () => this.#join(),
    );
  }

  async commit(what?: FetchedRecord | ConsumedBatch | readonly OffsetToCommit[]): Promise<void> {
    await stayAlive(this.#commits.commit(what === undefined ? this.#delivered() : offsetsOf(what)));
  }

  get assignment(): readonly TopicPartition[] {
    return this.#partitions.all.map(({ topic, partition }) => ({ topic, partition }));
  }

  get bufferedBytes(): number {
    return this.#partitions.bufferedBytes;
  }

  seek(to: PartitionOffset): void {
    this.#partitions.of(to).startAt(to.offset);
    this.#feed.pump();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const held of partitions.map((at) => this.#partitions.of(at))) held.isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const held of partitions.map((at) => this.#partitions.of(at))) held.isPaused = false;
    this.#deliveries.wake();
    this.#feed.pump();
  }

  position(at: TopicPartition): bigint | undefined {
    return this.#partitions.of(at).position;
  }

  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    return stayAlive(this.#positions.committed(partitions));
  }

  beginningOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return stayAlive(this.#reader.lookup.beginnings(partitions));
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return stayAlive(this.#reader.lookup.ends(partitions));
  }

  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>> {
    return stayAlive(this.#reader.lookup.forTimes(times));
  }

  close(): Promise<void> {
    this.#closing ??= stayAlive(this.#close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    const { autoCommit } = this.#settings;
    if (autoCommit !== false)
      this.#repeated.every(
        () => autoCommit.intervalMs,
        () => this.#commits.commitFinished(() => this.#partitions.all),
      );
    await stayAlive(this.#membership.start());
  }

  /** The loop itself reports why the membership has ended. */
  #join(): void {
    this.start().catch(() => undefined);
  }

  #delivered(): readonly OffsetToCommit[] {
    const { inHand } = this.#deliveries;
    return this.#partitions.all.flatMap((held) => {
      const { topic, partition, finished, reading } = held;
      const offset = inHand?.reading === reading ? inHand?.upTo : finished;
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
  }

  async #close(): Promise<void> {
    const { clock, closeTimeoutMs, logger } = this.#settings;
    this.#ending.abort();
    this.#deliveries.end();
    this.#repeated.stop();
    const late = () => new ClientError('timeout', `leaving the group took longer than ${closeTimeoutMs} ms`);
    await withDeadline(clock, closeTimeoutMs, this.#membership.close(), late).catch((error: unknown) =>
      logger.warn({ err: error }, 'closing the consumer before it has left its group'),
    );
    this.#brokers.close();
  }
}

function offsetsOf(
  what: FetchedRecord | ConsumedBatch | readonly OffsetToCommit[],
): readonly OffsetToCommit[] {
  if (isList(what)) return what;
  const { topic, partition } = what;
  return [{ topic, partition, offset: 'records' in what ? what.nextOffset : what.offset + 1n }];
}

const isList = (
  what: FetchedRecord | ConsumedBatch | readonly OffsetToCommit[],
): what is readonly OffsetToCommit[] => Array.isArray(what);

const closed = () => new ClientError('closed', 'the consumer is closed');
