import { serialQueue, type Logger } from '../../runtime/index.ts';
import type { Assignment } from '../group-consumer-types.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { without } from '../partition-map.ts';

/** Takes over partitions and gives them up. */
export interface PartitionListener {
  /** `added` are the partitions that the member did not have before. */
  onAssigned(assignment: Assignment, added: readonly TopicPartition[]): Promise<void>;
  /** The group waits until this member has given up these partitions. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** Other members may have these partitions already. Without this method, `onRevoked` is called. */
  onLost?(partitions: readonly TopicPartition[]): Promise<void>;
}

/**
 * Calls the listener for one event at a time, in order: an assignment, then its revocation, then
 * the next assignment. Skips a revocation if nothing is assigned.
 */
export class RebalanceCallbacks {
  readonly #listener: PartitionListener;
  readonly #logger: Logger;
  #held: Assignment | undefined;
  #revoking = false;
  readonly #oneByOne = serialQueue();

  constructor(listener: PartitionListener, logger: Logger) {
    this.#listener = listener;
    this.#logger = logger;
  }

  /**
   * The assignment, until its revocation is done. The last offsets are committed while draining.
   */
  get held(): Assignment | undefined {
    return this.#held;
  }

  get revoking(): boolean {
    return this.#revoking;
  }

  /**
   * First revokes the partitions that are not assigned any more, and resolves to true if there are
   * any. Rejects with the error of the listener. The assignment counts as held even then, so that
   * the listener gets its revocation.
   */
  assigned(assignment: Assignment): Promise<boolean> {
    return this.#oneByOne(async () => {
      const before = this.#held?.partitions ?? [];
      const revoked = without(before, assignment.partitions);
      if (revoked.length > 0) {
        this.#held = { ...assignment, partitions: before };
        await this.#revoke(revoked);
      }
      this.#held = assignment;
      await this.#listener.onAssigned(assignment, without(assignment.partitions, before));
      return revoked.length > 0;
    });
  }

  /**
   * Never rejects. A member must give up its partitions even if its drain failed, and the fence in
   * the database stops work that is still running.
   */
  revoked(): Promise<void> {
    return this.#oneByOne(async () => {
      if (!this.#held) return;
      await this.#revoke(this.#held.partitions);
      this.#held = undefined;
    });
  }

  /** Gives up partitions that this member may not own any more. Never rejects. */
  lost(): Promise<void> {
    if (this.#listener.onLost === undefined) return this.revoked();
    return this.#oneByOne(async () => {
      const held = this.#held;
      if (!held) return;
      this.#held = undefined;
      try {
        await this.#listener.onLost?.(held.partitions);
      } catch (error) {
        this.#logger.error({ error }, 'handling the loss of partitions failed');
      }
    });
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    this.#revoking = true;
    try {
      await this.#listener.onRevoked(partitions);
    } catch (error) {
      this.#logger.error(
        { error },
        'draining revoked partitions failed; the assignment epoch fences work that is still running',
      );
    }
    this.#revoking = false;
  }
}
