import { pause } from '../contract/index.ts';
import { AssignmentTurns } from './assignment-turns.ts';
import { backoffDelay } from './backoff.ts';
import { ClientError, toClientError } from './client-error.ts';
import { GroupSession, type GroupSettings } from './group-session.ts';
import type { GroupListener, TopicPartition } from './types.ts';

/** Stays in the group: one session after the other, each drained and left before the next, with backoff while they fail. */
export class GroupMembership {
  readonly #settings: GroupSettings;
  readonly #turns: AssignmentTurns;
  readonly #closing = new AbortController();
  readonly #firstAssignment: Promise<void>;
  #resolveFirst: () => void = () => undefined;
  #rejectFirst: (error: ClientError) => void = () => undefined;
  #session: GroupSession | undefined;
  #failures = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(settings: GroupSettings, listener: GroupListener) {
    this.#settings = settings;
    this.#turns = new AssignmentTurns(listener, settings.logger);
    this.#firstAssignment = new Promise((resolve, reject) => {
      this.#resolveFirst = resolve;
      this.#rejectFirst = reject;
    });
    this.#firstAssignment.catch(() => undefined);
  }

  /** Resolves at the first assignment; rejects with `closed` when closed before. */
  start(): Promise<void> {
    this.#running = this.#run();
    return this.#firstAssignment;
  }

  /** Ends the session; the loop drains, leaves, backs off and joins again. Without an assignment, or while it loses it, it is on its way to the next. */
  rejoin(): void {
    if (this.#turns.held && !this.#turns.revoking) this.#session?.end();
  }

  async commit(offsets: ReadonlyArray<TopicPartition & { readonly offset: bigint }>): Promise<void> {
    const { held } = this.#turns;
    if (!held || !this.#session)
      throw new ClientError('not_member', 'offsets are committed by a member of the group only, and this is none just now');
    try {
      await this.#session.commit(held, offsets);
    } catch (error) {
      throw toClientError(error, 'committing offsets');
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#session?.end();
    await this.#running;
    this.#rejectFirst(new ClientError('closed', 'the consumer was closed before its first assignment'));
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#oneSession();
      await pause(this.#settings.clock, backoffDelay(this.#failures, this.#settings), this.#closing.signal);
    }
  }

  async #oneSession(): Promise<void> {
    const { logger, groupId } = this.#settings;
    const session = new GroupSession(this.#settings, this.#turns, () => this.#assigned());
    this.#session = session;
    try {
      await session.join();
      const end = await session.ended;
      if (end.reason === 'failed') throw end.error;
    } catch (error) {
      this.#failures += 1;
      logger.warn(
        { error: toClientError(error, `being a member of group ${groupId}`), groupId },
        'membership lost or not gained; joining again',
      );
    }
    await this.#turns.revoked();
    await session.leave();
  }

  #assigned(): void {
    this.#failures = 0;
    this.#resolveFirst();
  }
}
