import {
  ClientError,
  partitionOfKey,
  type OffsetsOwner,
  type OffsetToCommit,
  type ProducerRecord,
  type RecordMetadata,
  type Transaction,
  type TransactionalProducer,
} from '@millrace/streaming-core/client';
import { serialQueue } from '@millrace/streaming-core/runtime';
import type { Network } from './network.fake.ts';
import type { ProducerClaim, TransactionalLog } from './transactional-log.fake.ts';

/** A transactional producer over a simulated network. */
export class SimulatedProducer implements TransactionalProducer {
  readonly #log: TransactionalLog;
  readonly #network: Network;
  readonly #transactionalId: string;
  #claim: ProducerClaim | undefined;
  #fenced: ClientError | undefined;
  #current: SimulatedTransaction | undefined;

  constructor(log: TransactionalLog, network: Network, transactionalId: string) {
    this.#log = log;
    this.#network = network;
    this.#transactionalId = transactionalId;
  }

  async open(): Promise<void> {
    if (this.#fenced !== undefined) throw this.#fenced;
    this.#claim ??= await this.#network.call(() => this.#log.claim(this.#transactionalId));
  }

  async begin(): Promise<Transaction> {
    if (this.#current !== undefined) throw new ClientError('transaction_over', 'the last one is open');
    await this.open();
    const parts = { log: this.#log, network: this.#network, claim: this.#claim! };
    this.#current = new SimulatedTransaction(parts, (failure) => this.#ended(failure));
    return this.#current;
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const transaction = await this.begin();
    const result = await work(transaction);
    await transaction.commit();
    return result;
  }

  async close(): Promise<void> {
    await this.#current?.abort().catch(() => undefined);
  }

  /**
   * Ends the transaction on this side. After a failure it may still be open on the log, where the
   * next claim ends it.
   */
  #ended(failure: ClientError | undefined): void {
    this.#current = undefined;
    if (failure === undefined) return;
    if (failure.code === 'fenced') this.#fenced = failure;
    this.#claim = undefined;
  }
}

type Turns = ReturnType<typeof serialQueue>;

interface TransactionParts {
  readonly log: TransactionalLog;
  readonly network: Network;
  readonly claim: ProducerClaim;
}

/**
 * A transaction whose records arrive in order, as do its offsets, but records may overtake offsets
 * and the reverse.
 */
class SimulatedTransaction implements Transaction {
  readonly #parts: TransactionParts;
  readonly #onEnd: (failure: ClientError | undefined) => void;
  readonly #records = serialQueue();
  readonly #offsets = serialQueue();
  #failure: ClientError | undefined;
  #isOver = false;

  constructor(parts: TransactionParts, onEnd: (failure: ClientError | undefined) => void) {
    this.#parts = parts;
    this.#onEnd = onEnd;
  }

  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]> {
    const { log, claim } = this.#parts;
    return this.#call(
      this.#records,
      () => records.map((record) => append(log, claim, record)),
      () => new ClientError('timeout', 'the records may or may not be on the log'),
    );
  }

  async sendOffsets(owner: OffsetsOwner, offsets: readonly OffsetToCommit[]): Promise<void> {
    const { log, claim } = this.#parts;
    await this.#call(this.#offsets, () => log.commitOffsets(claim, owner, offsets));
  }

  commit(): Promise<void> {
    return this.#end('committed', () => new ClientError('outcome_unknown', 'no answer to the commit'));
  }

  async abort(): Promise<void> {
    if (this.#isOver) return;
    await this.#settled();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure?.code === 'fenced') return this.#finish(failure);
    await this.#end('aborted');
  }

  async #end(outcome: 'committed' | 'aborted', onLost?: () => ClientError): Promise<void> {
    const { log, claim } = this.#parts;
    await this.#settled();
    try {
      await this.#call(this.#records, () => log.end(claim, outcome), onLost);
      this.#finish(undefined);
    } catch (error) {
      this.#finish(error as ClientError);
      throw error;
    }
  }

  #finish(failure: ClientError | undefined): void {
    this.#isOver = true;
    this.#onEnd(failure);
  }

  /** Resolves once every request has its outcome. */
  async #settled(): Promise<void> {
    await Promise.all([this.#records, this.#offsets].map((inTurn) => inTurn(() => Promise.resolve())));
  }

  #call<Result>(inTurn: Turns, work: () => Result, onLost?: () => ClientError): Promise<Result> {
    return inTurn(async () => {
      if (this.#isOver) throw new ClientError('transaction_over', 'the transaction has ended');
      if (this.#failure !== undefined)
        throw new ClientError('transaction_failed', 'abort it', { cause: this.#failure });
      try {
        return await this.#parts.network.call(work, onLost);
      } catch (error) {
        this.#failure ??= error as ClientError;
        throw error;
      }
    });
  }
}

const bytesOf = (part: string | Uint8Array | null): Buffer | null =>
  part === null ? null : Buffer.from(part);

function append(log: TransactionalLog, claim: ProducerClaim, record: ProducerRecord): RecordMetadata {
  const { topic, timestampMs = 0 } = record;
  const key = bytesOf(record.key);
  const value = bytesOf(record.value);
  const partition = record.partition ?? (key === null ? 0 : partitionOfKey(key, log.partitionCount(topic)));
  const offset = log.append(claim, { topic, partition }, { key, value, timestampMs });
  return { topic, partition, offset };
}
