import type { DurationMs } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../client-error.ts';
import { partitionCounts } from '../producer/partition-counts.ts';
import type { Partitioner } from '../producer/partitioners.ts';
import { encodeRecord, type EncodedRecord } from '../producer/record-encoding.ts';
import { placeRecords, splitIntoRequests, type PlacedRecord } from '../producer/record-placement.ts';
import type { SendQueueLimits } from '../producer/send-limits.ts';
import { SendQueue } from '../producer/send-queue.ts';
import { stayAlive } from '../stay-alive.ts';
import { reportSent } from '../traffic-reports.ts';
import type { TransactionWire, WireSettings } from './transaction-wire.ts';
import type { OffsetsOwner, ProducerRecord, RecordMetadata, TopicPartition, Transaction } from '../types.ts';

export interface TransactionSettings extends WireSettings, SendQueueLimits {
  readonly recordBytesMax: number;
  readonly requestBytesMax: number;
  readonly requestRecordsMax: number;
  readonly deliveryTimeoutMs: DurationMs;
  readonly unknownTopicTimeoutMs: DurationMs;
  readonly partitioner: Partitioner;
}

/**
 * A transaction from its begin to its commit or abort. It sends its requests one at a time, in the
 * order of the calls.
 */
export class OpenTransaction implements Transaction {
  readonly #settings: TransactionSettings;
  readonly #wire: TransactionWire;
  readonly #queue: SendQueue;
  readonly #onEnd: () => void;
  readonly #partitions = new Set<string>();
  readonly #groups = new Set<string>();
  #failure: unknown;
  #over = false;
  #ended: Promise<void> | undefined;

  constructor(settings: TransactionSettings, wire: TransactionWire, onEnd: () => void) {
    this.#settings = settings;
    this.#wire = wire;
    this.#queue = new SendQueue(settings);
    this.#onEnd = onEnd;
  }

  async send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]> {
    this.#refuseIfOver();
    const { clock, recordBytesMax } = this.#settings;
    const now = clock.now();
    const encoded = records.map((record, index) => encodeRecord(record, index, now, recordBytesMax));
    if (encoded.length === 0) return [];
    const bytes = encoded.reduce((sum, record) => sum + record.sizeBytes, 0);
    return this.#inTurn({ records: encoded.length, bytes }, (deadline) => this.#deliver(encoded, deadline));
  }

  async sendOffsets(
    owner: OffsetsOwner,
    offsets: ReadonlyArray<TopicPartition & { readonly offset: bigint }>,
  ): Promise<void> {
    this.#refuseIfOver();
    if (offsets.length === 0) return;
    await this.#inTurn({ records: 0, bytes: 0 }, async (deadline) => {
      if (!this.#groups.has(owner.groupId)) await this.#wire.addOffsets(owner.groupId, deadline);
      this.#groups.add(owner.groupId);
      await this.#wire.commitOffsets(owner, offsets, deadline);
    });
  }

  async commit(): Promise<void> {
    this.#refuseIfOver();
    this.#over = true;
    await this.#ending(async (deadline) => {
      if (this.#failure === undefined) return this.#end(true, deadline);
      await this.#undo(deadline).catch(() => undefined); // the next begin aborts it
      const reason = toClientError(this.#failure, 'the transaction');
      throw reason.code === 'fenced'
        ? reason
        : new ClientError('transaction_failed', `the transaction is aborted: ${reason.message}`, {
            cause: reason,
          });
    });
  }

  async abort(): Promise<void> {
    this.#refuseIfOver();
    this.#over = true;
    await this.#ending((deadline) => this.#undo(deadline));
  }

  /**
   * Ends the transaction when its producer closes. Waits for a commit or abort in flight, whose
   * caller gets its outcome. If there is none, aborts.
   */
  async finish(): Promise<void> {
    if (this.#ended) await this.#ended.catch(() => undefined);
    else await this.abort();
  }

  /** Runs `work` after the sends in flight. */
  async #ending(work: (deadline: number) => Promise<void>): Promise<void> {
    const ended = this.#queue.run({ records: 0, bytes: 0 }, () => work(this.#deadline()));
    this.#ended = stayAlive(ended.finally(() => this.#onEnd()));
    await this.#ended;
  }

  /**
   * Aborts the transaction. After a failure, a request of unknown outcome may still be in flight,
   * so a new epoch both aborts the transaction and fences that request.
   */
  async #undo(deadline: number): Promise<void> {
    if (this.#failure === undefined) return this.#end(false, deadline);
    this.#wire.doubt();
    await this.#wire.ready(deadline);
  }

  async #end(committed: boolean, deadline: number): Promise<void> {
    // No broker has heard of an empty transaction.
    if (this.#partitions.size === 0 && this.#groups.size === 0) return;
    try {
      await this.#wire.end(committed, deadline);
    } catch (error) {
      this.#wire.doubt();
      throw error;
    }
  }

  #inTurn<Result>(
    load: { readonly records: number; readonly bytes: number },
    work: (deadline: number) => Promise<Result>,
  ): Promise<Result> {
    const task = async () => {
      if (this.#failure !== undefined)
        throw new ClientError('transaction_failed', 'a request of this transaction has failed: abort it', {
          cause: this.#failure,
        });
      try {
        return await work(this.#deadline());
      } catch (error) {
        this.#failure = error;
        throw error;
      }
    };
    return stayAlive(this.#queue.run(load, task));
  }

  async #deliver(records: readonly EncodedRecord[], deadline: number): Promise<readonly RecordMetadata[]> {
    const { brokers } = this.#wire;
    const topics = [...new Set(records.map(({ topic }) => topic))];
    const counts = await partitionCounts(brokers, topics, { ...this.#settings, deadline });
    const placed = placeRecords(records, counts, this.#settings.partitioner);
    await this.#addPartitions(placed, deadline);
    const written: RecordMetadata[] = [];
    for (const request of splitIntoRequests(placed, this.#settings))
      written.push(...(await this.#write(request, deadline)));
    for (const { topic, partition } of placed) this.#settings.partitioner.onBatchSealed?.(topic, partition);
    return written;
  }

  async #addPartitions(placed: readonly PlacedRecord[], deadline: number): Promise<void> {
    const added = new Map<string, TopicPartition>();
    for (const { topic, partition } of placed)
      if (!this.#partitions.has(`${topic}/${partition}`))
        added.set(`${topic}/${partition}`, { topic, partition });
    if (added.size === 0) return;
    for (const name of added.keys()) this.#partitions.add(name);
    await this.#wire.addPartitions([...added.values()], deadline);
  }

  async #write(request: readonly PlacedRecord[], deadline: number): Promise<readonly RecordMetadata[]> {
    const { clientId, clock } = this.#settings;
    const startedAt = clock.monotonic();
    const report = (error?: unknown) =>
      reportSent(request, {
        clientId,
        durationMs: clock.monotonic() - startedAt,
        error: error instanceof ClientError ? error.code : undefined,
      });
    try {
      const written = await this.#wire.write(request, deadline);
      report();
      return written;
    } catch (error) {
      report(error);
      throw error;
    }
  }

  #deadline(): number {
    return this.#settings.clock.monotonic() + this.#settings.deliveryTimeoutMs;
  }

  #refuseIfOver(): void {
    if (this.#over) throw new ClientError('transaction_over', 'this transaction is over: begin another one');
  }
}
