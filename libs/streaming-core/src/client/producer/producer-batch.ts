import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { BatchOrigin } from './batch-encoding.ts';
import type { PendingSend } from './pending-send.ts';
import { RecordBlock } from './record-block.ts';
import type { EncodedRecord } from './record-encoding.ts';
import type { SendLoad } from './send-buffer.ts';

/** Records of one call that follow each other in a batch. */
interface BatchRun {
  readonly send: PendingSend;
  /** Their places in the call. */
  readonly indexes: number[];
  sizeBytes: number;
  contentBytes: number;
}

interface BatchStart {
  /** Milliseconds of the monotonic clock. */
  readonly now: number;
  readonly deliveryTimeoutMs: DurationMs;
  readonly bytesExpected: number;
}

/** Records of one partition that are written together, from the first record to their outcome. */
export class ProducerBatch implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** The number of batches of the partition before this one. */
  readonly order: number;
  readonly createdAt: number;
  /** When to give up, on the monotonic clock. */
  readonly deadline: number;
  /** The bytes of the batch, once it is encoded. */
  bytes: Buffer | undefined;
  /** The sequence number with which the batch was sent or will be sent. */
  origin: BatchOrigin | undefined;
  /** True if the batch may be on the log: it was sent, and no answer has ruled that out. */
  uncertain = false;
  /** True once the batch has been renumbered because the broker had lost the producer's state. */
  restarted = false;
  /** True once no record can be added. */
  sealed = false;
  /** When the batch was first put in flight, on the monotonic clock. */
  takenAt: number | undefined;
  /** How often the batch has been put in flight. */
  attempts = 0;
  /** How often the batch has failed in a way that is worth a retry. */
  failures = 0;
  lastError: ClientError | undefined;
  /** The id that the topic had when the batch was first sent. */
  topicId: string | undefined;
  /** When the partition was first missing in metadata, on the monotonic clock. */
  missingSince: number | undefined;
  #runs: BatchRun[] = [];
  #block: RecordBlock;
  #sizeBytes = 0;
  #contentBytes = 0;
  #waits = true;
  #uncertainBefore = false;

  constructor({ topic, partition }: TopicPartition, order: number, start: BatchStart) {
    this.topic = topic;
    this.partition = partition;
    this.order = order;
    this.createdAt = start.now;
    this.deadline = start.now + start.deliveryTimeoutMs;
    this.#block = new RecordBlock(start.bytesExpected);
  }

  get records(): RecordBlock {
    return this.#block;
  }

  get count(): number {
    return this.#block.count;
  }

  /** An upper bound of the bytes that the records take. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The bytes of keys, values and headers. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** False once the batch has an outcome. */
  get waits(): boolean {
    return this.#waits;
  }

  add(record: EncodedRecord, send: PendingSend): void {
    this.#block.append(record);
    const run = this.#runOf(send);
    run.indexes.push(record.index);
    run.sizeBytes += record.sizeBytes;
    run.contentBytes += record.contentBytes;
    this.#sizeBytes += record.sizeBytes;
    this.#contentBytes += record.contentBytes;
  }

  /** Removes the records of a call from a batch that was never sent, and returns what they took. */
  withdraw(send: PendingSend): SendLoad {
    const senders = this.#runs.flatMap((run) => run.indexes.map(() => run.send));
    const withdrawn = this.#runs.filter((run) => run.send === send);
    const load = { records: 0, bytes: 0 };
    for (const { indexes, sizeBytes, contentBytes } of withdrawn) {
      load.records += indexes.length;
      load.bytes += sizeBytes;
      this.#contentBytes -= contentBytes;
    }
    if (load.records === 0) return load;
    this.#sizeBytes -= load.bytes;
    this.#block = this.#block.filter((index) => senders[index] !== send);
    this.#runs = this.#runs.filter((run) => run.send !== send);
    return load;
  }

  /** Called when a request with the batch is about to be written. */
  sent(): void {
    this.#uncertainBefore = this.uncertain;
    this.uncertain = true;
  }

  /** Called with the answer to that request, and whether it leaves the outcome open. */
  answered(open: boolean): void {
    this.uncertain = this.#uncertainBefore || open;
  }

  /** Frees the memory of a batch that has its outcome. No socket may refer to it any more. */
  free(): void {
    this.bytes = undefined;
    this.#block.free();
  }

  /** Gives every record its result: the offset of the first one, or the error. */
  settle(outcome: bigint | ClientError): void {
    if (!this.#waits) return;
    this.#waits = false;
    const { topic, partition } = this;
    let position = 0;
    for (const { send, indexes } of this.#runs) {
      if (outcome instanceof ClientError) send.failed(indexes, outcome);
      else {
        const baseOffset = outcome < 0n ? outcome : outcome + BigInt(position);
        send.written({ topic, partition, indexes, baseOffset });
      }
      position += indexes.length;
    }
  }

  /** Returns the last run if it is one of this call, and begins another run otherwise. */
  #runOf(send: PendingSend): BatchRun {
    const last = this.#runs.at(-1);
    if (last?.send === send) return last;
    const run = { send, indexes: [], sizeBytes: 0, contentBytes: 0 };
    this.#runs.push(run);
    return run;
  }

  /** Returns the reason why the batch was given up, and whether its records may be on the log. */
  lost(reason: ClientError): ClientError {
    const fate = this.uncertain ? 'may or may not be on the log' : 'are not on the log';
    const message = `${reason.message}: ${this.count} records for ${this.topic}/${this.partition} ${fate}`;
    return new ClientError(reason.code, message, { cause: reason });
  }
}
