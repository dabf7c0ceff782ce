import { ClientError } from '../errors/client-error.ts';
import { nameOf } from '../partition-map.ts';
import type { AssignedIdentity } from '../producer/partition-sequence.ts';
import type { ProducerSession } from '../producer/producer-ids.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { TransactionWire } from './transaction-wire.ts';

/** The session of a transactional producer. It remembers the partitions of the transaction. */
export class TransactionSession implements ProducerSession {
  readonly transactionalId: string;
  readonly #wire: TransactionWire;
  readonly #deadline: () => number;
  readonly #partitions = new Set<string>();
  readonly #added = new Set<string>();
  #adding: Promise<void> = Promise.resolve();

  /** `deadline` returns the time at which a request that begins now is given up. */
  constructor(wire: TransactionWire, transactionalId: string, deadline: () => number) {
    this.#wire = wire;
    this.transactionalId = transactionalId;
    this.#deadline = deadline;
  }

  get produceMax(): number | undefined {
    return this.#wire.produceMax;
  }

  get identity(): AssignedIdentity | undefined {
    return this.#wire.identity;
  }

  /** True if the transaction has no partitions, so that no broker knows of it. */
  get isEmpty(): boolean {
    return this.#partitions.size === 0;
  }

  /** Forgets the partitions of the previous transaction. */
  begin(): void {
    this.#partitions.clear();
    this.#added.clear();
  }

  /** Always rejects, because a producer gets another identity only between transactions. */
  async identify(): Promise<void> {
    throw (
      this.#wire.fencedBy ??
      new ClientError(
        'transaction_failed',
        'records of the transaction may or may not be on the log: abort it',
      )
    );
  }

  admits(at: TopicPartition): boolean {
    return this.#added.has(nameOf(at));
  }

  async admit(partitions: readonly TopicPartition[]): Promise<void> {
    for (const at of partitions) this.#partitions.add(nameOf(at));
    const adding = this.#wire.addPartitions(partitions, this.#deadline());
    this.#adding = adding.catch(() => undefined);
    await adding;
    for (const at of partitions) this.#added.add(nameOf(at));
  }

  /** Resolves once no request to add partitions is in flight. */
  settled(): Promise<void> {
    return this.#adding;
  }

  fenced(_identity: AssignedIdentity | undefined, reason: ClientError): ClientError {
    return this.#wire.fenced(reason);
  }
}
