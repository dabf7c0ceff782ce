import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { BatchQueue, type PipelineHooks, type QueueSettings } from './batch-queue.ts';
import { PartitionSequence, type AssignedIdentity } from './partition-sequence.ts';
import type { PendingSend } from './pending-send.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { EncodedRecord } from './record-encoding.ts';

export interface PipelineSettings extends QueueSettings {
  readonly idempotence: boolean;
  readonly maxInFlight: number;
  /** How often a batch is repeated after a failure. */
  readonly retries: number;
  readonly lingerMs: DurationMs;
}

/** The connection to a partition's leader, and the id of the topic there. */
export interface Route<Connection> {
  readonly connection: Connection;
  readonly topicId: string;
}

/** The repair of the sequence that is needed before the next batch is sent. */
type Repair = 'none' | 'rewind' | 'raise epoch';

/**
 * The batches of one partition, in the order of their records. The broker accepts a batch only
 * directly after the one with the previous sequence number, and recognizes the last five that it
 * has. The pipeline therefore keeps these rules:
 *
 * - Several batches are in flight only on one connection, and only once the broker has acknowledged
 *   one of this epoch. Before that, a broker without the producer's state would accept any number.
 * - After a failure the batches are repeated one at a time, in order, with the same numbers.
 * - A number is given to another batch only if the former one is certainly not on the log, and no
 *   request with it is in flight. After a batch that may be on the log was given up, the next
 *   batches have a raised epoch, so that the broker rejects late requests with the former one.
 */
export class PartitionPipeline<Connection = unknown> implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #settings: PipelineSettings;
  readonly #sequence = new PartitionSequence();
  readonly #queue: BatchQueue;
  /** The batches whose request has no answer yet, even if they have been given up. */
  readonly #inFlight = new Set<ProducerBatch>();
  #route: Route<Connection> | undefined;
  #repair: Repair = 'none';
  #lastWritten = -1;
  #retryAt = -Infinity;
  #delays = 0;

  constructor({ topic, partition }: TopicPartition, settings: PipelineSettings, hooks: PipelineHooks) {
    this.topic = topic;
    this.partition = partition;
    this.#settings = settings;
    this.#queue = new BatchQueue(this, settings, hooks);
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.#inFlight.size === 0;
  }

  /** The route of the batches in flight. */
  get route(): Route<Connection> | undefined {
    return this.#inFlight.size > 0 ? this.#route : undefined;
  }

  /** The batches without an outcome, in order. */
  get waiting(): readonly ProducerBatch[] {
    return this.#queue.batches;
  }

  /** How often the partition could not be written to since the last success. */
  get delays(): number {
    return this.#delays;
  }

  get identity(): AssignedIdentity | undefined {
    return this.#sequence.identity;
  }

  /** When the first batch has to be given up. */
  get deadline(): number {
    return this.waiting[0]?.deadline ?? Infinity;
  }

  append(record: EncodedRecord, send: PendingSend, now: number): void {
    this.#queue.append(record, send, now);
  }

  /** Removes the records of a call that were not sent yet, and returns how many they are. */
  withdraw(send: PendingSend): number {
    return this.#queue.withdraw(send);
  }

  /** Returns when the next batch may be sent, or Infinity while only an answer can allow it. */
  dueAt(urgent: boolean): number {
    const next = this.next;
    if (next === undefined) return Infinity;
    const lingers = !urgent && !next.sealed && next.sizeBytes < this.#settings.batchBytesMax;
    return Math.max(this.#retryAt, lingers ? next.createdAt + this.#settings.lingerMs : -Infinity);
  }

  /** Puts the next batch in flight on this route, or returns undefined if it has to wait. */
  take(
    now: number,
    route: Route<Connection>,
    identity: AssignedIdentity | undefined,
  ): ProducerBatch | undefined {
    if (this.#inFlight.size === 0) {
      this.#failOvertaken();
      this.#mend();
    } else if (!this.#mayJoin(now, route)) return undefined;
    const batch = this.next;
    if (batch === undefined || !this.#number(batch, identity)) return undefined;
    this.#queue.seal(batch);
    batch.takenAt ??= now;
    batch.attempts += 1;
    batch.topicId ??= route.topicId;
    this.#route = route;
    this.#inFlight.add(batch);
    return batch;
  }

  /** Called for a batch that was put in flight and not sent after all. */
  unsent(batch: ProducerBatch): void {
    this.#inFlight.delete(batch);
  }

  written(batch: ProducerBatch, baseOffset: bigint, now: number): void {
    this.#answered(batch, false);
    batch.uncertain = false;
    if (batch.origin && batch.order > this.#lastWritten) this.#sequence.confirm(batch.origin, batch.count);
    this.#sequence.prove(this.#route!.topicId, now);
    this.#lastWritten = Math.max(this.#lastWritten, batch.order);
    this.#retryAt = -Infinity;
    this.#delays = 0;
    this.#queue.settle(batch, baseOffset);
  }

  /**
   * Called after an error that is worth a retry. `open` says whether the batch may be on the log
   * because of this request.
   */
  failed(
    batch: ProducerBatch,
    error: ClientError,
    { open, retryAt }: { open: boolean; retryAt: number },
  ): void {
    this.#answered(batch, open);
    batch.lastError = error;
    batch.failures += 1;
    this.#retryAt = retryAt;
    if (batch.failures > this.#settings.retries) this.giveUp(batch, error);
  }

  /** Called when the broker has rejected the batch permanently. */
  refused(batch: ProducerBatch, error: ClientError): void {
    this.#answered(batch, false);
    if (batch.uncertain) this.giveUp(batch, error);
    else this.abandon(batch, error);
  }

  /**
   * Called when the broker misses the batch before this one (KIP-360). If that one is still to be
   * repeated, this one is repeated after it. If not, the broker has lost the producer's state, and
   * the batches are renumbered once, unless this one or a later one may be on the log. In a
   * transaction they are not renumbered, because only its coordinator can raise the epoch.
   */
  outOfOrder(batch: ProducerBatch, error: ClientError, retryAt: number): void {
    this.#answered(batch, false);
    if (!batch.waits) return;
    batch.lastError = error;
    if (this.waiting[0] !== batch) return;
    if (batch.uncertain) this.giveUp(batch, error);
    else if (this.#repair !== 'none') this.#refuseIfStuck(batch, error);
    else if (batch.restarted || this.identity?.raisable === false) this.giveUp(batch, error);
    else {
      batch.restarted = true;
      this.#repair = 'raise epoch';
      this.#retryAt = retryAt;
    }
  }

  /** Gives up the batches whose time is over. Returns true if one of them is in flight. */
  expire(now: number): boolean {
    let inFlight = false;
    for (const batch of [...this.waiting]) {
      if (batch.deadline > now) break;
      inFlight ||= this.#inFlight.has(batch);
      const where = `sending records to ${this.topic}/${this.partition}`;
      const late = new ClientError('timeout', `${where}: no answer in time`, { cause: batch.lastError });
      this.giveUp(batch, this.#inFlight.has(batch) ? late : (batch.lastError ?? late));
    }
    return inFlight;
  }

  /** Gives up a batch. Its error says whether its records may be on the log. */
  giveUp(batch: ProducerBatch, reason: ClientError): void {
    this.abandon(batch, batch.lost(reason));
  }

  /** Gives up a batch with exactly this error. */
  abandon(batch: ProducerBatch, error: ClientError): void {
    if (!batch.waits) return;
    this.#drop(batch);
    this.#queue.settle(batch, error);
  }

  /** Holds the batches back, because the partition cannot be written to now. */
  delay(retryAt: number, reason: ClientError): void {
    this.#delays += 1;
    this.#retryAt = retryAt;
    for (const batch of this.waiting) batch.lastError = reason;
  }

  /**
   * Returns the batch that is to be sent next. While one is repeated, no other is in flight:
   * otherwise it could be followed by five more, and the broker would not recognize it any longer.
   */
  get next(): ProducerBatch | undefined {
    const repeats = this.waiting.some(
      (batch) => batch.attempts > 1 || (batch.attempts === 1 && !this.#inFlight.has(batch)),
    );
    if (repeats || this.#repair !== 'none') return this.#inFlight.size === 0 ? this.waiting[0] : undefined;
    if (this.#inFlight.size >= this.#settings.maxInFlight) return undefined;
    return this.waiting.find((batch) => !this.#inFlight.has(batch));
  }

  #mayJoin(now: number, { connection, topicId }: Route<Connection>): boolean {
    if (this.#route?.connection !== connection || this.#route.topicId !== topicId) return false;
    return !this.#settings.idempotence || this.#sequence.isProven(topicId, now);
  }

  /** Gives the batch its sequence number. Returns false if it has to wait for an identity. */
  #number(batch: ProducerBatch, identity: AssignedIdentity | undefined): boolean {
    if (!this.#settings.idempotence || batch.origin) return true;
    if (identity === undefined || identity.usedUp) return false;
    if (this.#sequence.identity !== identity) {
      if (this.#inFlight.size > 0) return false;
      this.#sequence.adopt(identity);
    }
    batch.origin = this.#sequence.take(batch.count);
    return true;
  }

  /**
   * Fails batches that could only be written after a later one. A broker writes the later one first
   * if it has lost the producer's state in between.
   */
  #failOvertaken(): void {
    for (const batch of [...this.waiting])
      if (batch.origin !== undefined && !batch.uncertain && batch.order < this.#lastWritten)
        this.#queue.settle(batch, overtaken(batch));
  }

  /**
   * Takes the numbers back from batches that are certainly not on the log. No request is in flight
   * at this point. If one of them may be on the log, they are repeated with their numbers first.
   */
  #mend(): void {
    if (this.#repair === 'none') return;
    const numbered = this.waiting.filter(({ origin }) => origin !== undefined);
    if (numbered.some(({ uncertain }) => uncertain)) return;
    for (const batch of numbered) batch.origin = undefined;
    if (this.#repair === 'rewind') this.#sequence.rewind();
    else this.#sequence.raiseEpoch();
    this.#repair = 'none';
  }

  /** Gives up a batch that cannot be renumbered, because a later one may be on the log. */
  #refuseIfStuck(batch: ProducerBatch, error: ClientError): void {
    if (this.#inFlight.size === 0 && this.waiting.some(({ uncertain }) => uncertain))
      this.giveUp(batch, error);
  }

  #answered(batch: ProducerBatch, open: boolean): void {
    this.#inFlight.delete(batch);
    batch.answered(open);
  }

  /** Notes what the sequence needs once this batch is not repeated. */
  #drop(batch: ProducerBatch): void {
    if (batch.origin === undefined) return;
    if (batch.uncertain) this.#repair = 'raise epoch';
    else if (this.#repair === 'none') this.#repair = 'rewind';
  }
}

function overtaken({ topic, partition, count, lastError }: ProducerBatch): ClientError {
  const message =
    `the broker has written a later batch to ${topic}/${partition}, ` +
    `so that these ${count} records could only be written out of order. They are not on the log`;
  return new ClientError('broker_error', message, { cause: lastError });
}
