import type { ClientError } from '../client-error.ts';
import type { TopicPartition } from '../types.ts';
import type { AssignedIdentity } from './partition-sequence.ts';

/** As whom a producer writes its batches, and to which partitions it may write them now. */
export interface ProducerSession {
  /** The id of a transactional producer, and null for any other. */
  readonly transactionalId: string | null;
  /** The newest version of Produce to use, if it is not the newest that the broker knows. */
  readonly produceMax: number | undefined;
  /** Undefined while there is none, or none that can be used. */
  readonly identity: AssignedIdentity | undefined;
  /** Makes one attempt to get an identity, which concurrent callers share. */
  identify(): Promise<void>;
  /** Returns true if batches for this partition may be sent. */
  admits(at: TopicPartition): boolean;
  /** Makes the session admit these partitions, with one request if one is needed. */
  admit(partitions: readonly TopicPartition[]): Promise<void>;
  /** Called when a broker rejects the epoch of a batch. Returns the error of its records. */
  fenced(identity: AssignedIdentity | undefined, reason: ClientError): ClientError;
}
