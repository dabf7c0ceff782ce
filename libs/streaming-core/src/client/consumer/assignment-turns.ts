import { serialQueue, type Logger } from '../../runtime/index.ts';
import type { Assignment, GroupListener } from '../types.ts';

/**
 * Calls the listener for one event at a time, in order: an assignment, then its revocation, then
 * the next assignment. Skips a revocation if nothing is assigned.
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
   * Rejects with the error of the listener. The assignment counts as held even then, so that the
   * listener gets its revocation.
   */
  assigned(assignment: Assignment): Promise<void> {
    return this.#oneByOne(async () => {
      this.#held = assignment;
      await this.#listener.onAssigned(assignment);
    });
  }

  /**
   * Never rejects. A member must give up its partitions even if its drain failed, and the fence in
   * the database stops work that is still running.
   */
  revoked(): Promise<void> {
    return this.#oneByOne(async () => {
      if (!this.#held) return;
      this.#revoking = true;
      try {
        await this.#listener.onRevoked();
      } catch (error) {
        this.#logger.error(
          { error },
          'draining revoked partitions failed; the assignment epoch fences work that is still running',
        );
      }
      this.#revoking = false;
      this.#held = undefined;
    });
  }
}
