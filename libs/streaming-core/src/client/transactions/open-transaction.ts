import { serialQueue } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import type { Deliveries } from '../producer/deliveries.ts';
import { PendingSend } from '../producer/pending-send.ts';
import type { ProducerSettings } from '../producer/producer-settings.ts';
import { stayAlive } from '../stay-alive.ts';
import type { TransactionSession } from './transaction-session.ts';
import type { TransactionWire, WireSettings } from './transaction-wire.ts';
import type { ProducerRecord, RecordMetadata } from '../producer-types.ts';
import type { OffsetToCommit } from '../topic-partition.ts';
import type { OffsetsOwner, Transaction } from '../transaction-types.ts';

export interface TransactionSettings extends WireSettings, ProducerSettings {}

/** The objects of a transactional producer that all of its transactions use. */
export interface TransactionContext {
  readonly settings: TransactionSettings;
  readonly wire: TransactionWire;
  readonly session: TransactionSession;
  readonly deliveries: Deliveries;
}

/** A transaction from its begin to its commit or abort. */
export class OpenTransaction implements Transaction {
  readonly #context: TransactionContext;
  readonly #onEnd: () => void;
  readonly #groups = new Set<string>();
  readonly #offsetsInTurn = serialQueue();
  /** The calls that have no outcome yet. */
  readonly #calls = new Set<Promise<unknown>>();
  #failure: unknown;
  #aborted: ClientError | undefined;
  #over = false;
  #ended: Promise<void> | undefined;

  constructor(context: TransactionContext, onEnd: () => void) {
    this.#context = context;
    this.#onEnd = onEnd;
    context.session.begin();
  }

  async send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]> {
    this.#refuseIfOver();
    const { settings, deliveries } = this.#context;
    const now = settings.clock.now();
    const encoded = records.map((record, index) => deliveries.encode(record, index, now));
    if (encoded.length === 0) return [];
    this.#refuseIfFailed();
    const send = new PendingSend(encoded.length);
    deliveries.submit(encoded, send);
    return this.#tracked(async () => {
      await send.settled;
      for (const error of send.errors) this.#failed(error);
      return send.outcome();
    });
  }

  async sendOffsets(owner: OffsetsOwner, offsets: readonly OffsetToCommit[]): Promise<void> {
    this.#refuseIfOver();
    if (offsets.length === 0) return;
    const { wire } = this.#context;
    const committing = async () => {
      this.#refuseIfFailed();
      if (this.#aborted) throw this.#aborted;
      const deadline = this.#deadline();
      try {
        if (!this.#groups.has(owner.groupId)) await wire.addOffsets(owner.groupId, deadline);
        this.#groups.add(owner.groupId);
        await wire.commitOffsets(owner, offsets, deadline);
      } catch (error) {
        this.#failed(error);
        throw error;
      }
    };
    await stayAlive(this.#tracked(() => this.#offsetsInTurn(committing)));
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

  /** Sends no more records, and waits for the outcome of those that were sent. */
  async abort(): Promise<void> {
    this.#refuseIfOver();
    this.#over = true;
    this.#aborted = new ClientError('aborted', 'the transaction was aborted');
    this.#context.deliveries.discardUnsent(this.#aborted);
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

  /** Runs `work` once every call of the transaction has its outcome. */
  async #ending(work: (deadline: number) => Promise<void>): Promise<void> {
    const settled = Promise.allSettled([...this.#calls]).then(() => this.#context.session.settled());
    const ended = settled.then(() => work(this.#deadline()));
    this.#ended = stayAlive(ended.finally(() => this.#onEnd()));
    await this.#ended;
  }

  /**
   * Aborts the transaction. After a failure, a request of unknown outcome may still be in flight,
   * so a new epoch both aborts the transaction and fences that request.
   */
  async #undo(deadline: number): Promise<void> {
    if (this.#failure === undefined) return this.#end(false, deadline);
    this.#context.wire.doubt();
    await this.#context.wire.ready(deadline);
  }

  async #end(committed: boolean, deadline: number): Promise<void> {
    const { wire, session } = this.#context;
    if (session.isEmpty && this.#groups.size === 0) return;
    try {
      await wire.end(committed, deadline);
    } catch (error) {
      wire.doubt();
      throw error;
    }
  }

  #tracked<Result>(call: () => Promise<Result>): Promise<Result> {
    const calling = call();
    const forget = () => void this.#calls.delete(calling);
    this.#calls.add(calling);
    calling.then(forget, forget);
    return calling;
  }

  /**
   * Sends no more records, and from then on allows only an abort. Ignores errors that the abort
   * itself causes.
   */
  #failed(error: unknown): void {
    if (this.#failure !== undefined || (error instanceof ClientError && error.code === 'aborted')) return;
    this.#failure = error;
    this.#context.deliveries.discardUnsent(this.#hasFailed());
  }

  #hasFailed(): ClientError {
    const message = 'a request of this transaction has failed: abort it';
    return new ClientError('transaction_failed', message, { cause: this.#failure });
  }

  #deadline(): number {
    const { clock, deliveryTimeoutMs } = this.#context.settings;
    return clock.monotonic() + deliveryTimeoutMs;
  }

  #refuseIfFailed(): void {
    if (this.#failure !== undefined) throw this.#hasFailed();
  }

  #refuseIfOver(): void {
    if (this.#over) throw new ClientError('transaction_over', 'this transaction is over: begin another one');
  }
}
