import type {
  Assignment,
  OffsetToCommit,
  ProducerRecord,
  RecordMetadata,
} from '@millrace/streaming-core/client';

/** The member and the generation that own the offsets of a commit. */
export type Member = Pick<Assignment, 'memberId' | 'generationId'>;

/** Where the tasks of a process write to, and how their offsets are committed. */
export interface Output {
  /**
   * Makes the output usable, at the start and after a failure. A transaction of unknown outcome is
   * either committed or aborted when this resolves.
   */
  open(): Promise<void>;
  /** Keeps the order of the calls and of the records within a partition. */
  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]>;
  /** Commits the offsets, and with `exactly_once_v2` everything that was sent, or nothing of it. */
  commit(member: Member, offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Gives up what was sent since the last commit. Never rejects. */
  abort(): Promise<void>;
  /** Replaces a producer that another one has fenced. */
  renew(): Promise<void>;
  close(): Promise<void>;
}
