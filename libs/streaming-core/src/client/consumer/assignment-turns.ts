import { serialQueue, type Logger } from '../../runtime/index.ts';
import type { Assignment, GroupListener } from '../types.ts';

/**
 * Tells the listener one thing at a time, in order: an assignment, then its revocation, then the next assignment. A revocation without an
 * assignment before it is not told.
 */
export class AssignmentTurns {
  readonly #listener: GroupListener;
  readonly #logger: Logger;
  #held: Assignment | undefined;
  #revoking = false;
  readonly #oneByOne = serialQueue();

  constructor(listener: GroupListener, logger: Logger) {
    this.#listener = listener;
    this.#logger = logger;
  }

  /** Until its revocation is done: the last offsets are committed while draining. */
  get held(): Assignment | undefined {
    return this.#held;
  }

  get revoking(): boolean {
    return this.#revoking;
  }

  /** Rejects with what the listener rejected with: it does not hold the partitions then, but is told of their revocation. */
  assigned(assignment: Assignment): Promise<void> {
    return this.#oneByOne(async () => {
      this.#held = assignment;
      await this.#listener.onAssigned(assignment);
    });
  }

  /** Never rejects: a member that failed to drain has to go all the same, and the fence in the database stops what is left. */
  revoked(): Promise<void> {
    return this.#oneByOne(async () => {
      if (!this.#held) return;
      this.#revoking = true;
      try {
        await this.#listener.onRevoked();
      } catch (error) {
        this.#logger.error(
          { error },
          'draining revoked partitions failed; the assignment epoch fences what still runs',
        );
      }
      this.#revoking = false;
      this.#held = undefined;
    });
  }
}
