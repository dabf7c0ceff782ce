import type { Assignment } from './group-consumer-types.ts';
import type { ProducerRecord, RecordMetadata } from './producer-types.ts';
import type { OffsetToCommit } from './topic-partition.ts';

/**
 * The owner of the offsets in a transaction: a group, and the member and generation that read them.
 * A member that has lost its partitions commits nothing.
 */
export interface OffsetsOwner extends Partial<Pick<Assignment, 'memberId' | 'generationId'>> {
  readonly groupId: string;
  readonly groupInstanceId?: string;
}

/**
 * A transaction. Readers with `read_committed` see all of it or nothing. Every call rejects with
 * `ClientError`. After a failure the transaction can only be aborted.
 */
export interface Transaction {
  /** Sends like `Producer.send`. */
  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]>;
  /** Commits the offsets for the group if, and only if, the transaction commits (KIP-447). */
  sendOffsets(owner: OffsetsOwner, offsets: readonly OffsetToCommit[]): Promise<void>;
  /**
   * Waits for the sends in flight and commits. Readers see the transaction a moment later. Rejects
   * with `outcome_unknown` if no broker answered. With any other error, readers never see the
   * transaction as committed.
   */
  commit(): Promise<void>;
  /**
   * Aborts the transaction. If that fails, the next `begin`, a successor or the transaction timeout
   * aborts it.
   */
  abort(): Promise<void>;
}

/**
 * A producer with a transactional id, which fences earlier producers with the same id. It has one
 * transaction at a time.
 */
export interface TransactionalProducer {
  /**
   * Takes over the transactional id. A transaction that a predecessor left open is aborted, and one
   * that it was committing is completed. `begin` calls this if needed.
   */
  open(): Promise<void>;
  begin(): Promise<Transaction>;
  /** Commits what `work` has sent. If `work` throws, aborts and rejects with the same error. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Aborts an open transaction, and waits for a commit in flight. */
  close(): Promise<void>;
}
