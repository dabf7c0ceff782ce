import { pause } from '../../runtime/index.ts';
import { RetryLog } from '../../runtime/logger.ts';
import { RebalanceCallbacks, type PartitionListener } from './rebalance-callbacks.ts';
import { backoffDelay } from '../connection/retries.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { GroupAssignors } from './group-assignors.ts';
import type { GroupSettings } from './group-requests.ts';
import { GroupSession, type MembershipSession, type TopicSubscription } from './group-session.ts';
import type { OffsetToCommit } from '../topic-partition.ts';

export interface MembershipListener extends PartitionListener {
  /** Called when the membership has ended permanently, after the partitions were revoked. */
  onStopped?(error: ClientError): void;
}

/** The parts that a membership needs. */
export interface MembershipParts {
  readonly brokers: BrokerClient;
  readonly listener: MembershipListener;
  readonly subscription: TopicSubscription;
  readonly assignors: GroupAssignors;
}

/**
 * Stays in the group by one session after another. Each session is drained and left before the next
 * one, with backoff while sessions fail.
 */
export class GroupMembership {
  readonly #settings: GroupSettings;
  readonly #callbacks: RebalanceCallbacks;
  readonly #parts: MembershipParts;
  readonly #retries: RetryLog;
  readonly #closing = new AbortController();
  readonly #firstAssignment: Promise<void>;
  #resolveFirst: () => void = () => undefined;
  #rejectFirst: (error: ClientError) => void = () => undefined;
  #session: MembershipSession | undefined;
  #memberId = '';
  #failures = 0;
  /** The error after which the member must not join again. */
  #stoppedBy: ClientError | undefined;
  /** The last session that `stayOut` ended. */
  #overdue: MembershipSession | undefined;
  #back = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(settings: GroupSettings, parts: MembershipParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#retries = new RetryLog(settings);
    this.#callbacks = new RebalanceCallbacks(parts.listener, settings.logger);
    this.#firstAssignment = new Promise((resolve, reject) => {
      this.#resolveFirst = resolve;
      this.#rejectFirst = reject;
    });
    this.#firstAssignment.catch(() => undefined);
    this.#back.resolve();
  }

  /**
   * Resolves at the first assignment. Rejects with `closed`, `fenced_instance` or `group_mismatch`
   * if that happens earlier, and if no session can be created.
   */
  start(): Promise<void> {
    const attempt = `being a member of group ${this.#settings.groupId}`;
    this.#running = this.#run().catch((error: unknown) => this.#stopped(toClientError(error, attempt)));
    return this.#firstAssignment;
  }

  /**
   * Ends the session. The loop then drains, leaves, backs off and joins again. Does nothing without
   * an assignment or during its revocation, because a new assignment is then coming anyway.
   */
  rejoin(): void {
    if (this.#callbacks.held && !this.#callbacks.revoking) this.#session?.end();
  }

  /** As `rejoin`, but the member joins again without leaving. */
  rebalance(): void {
    if (this.#callbacks.held && !this.#callbacks.revoking) this.#session?.joinAgain();
  }

  /**
   * Gives up all partitions as lost and leaves the group until `comeBack`. A static member only
   * stops its heartbeats, as in Java. Returns false if the membership has ended or is ending.
   */
  stayOut(): boolean {
    if (this.#closing.signal.aborted) return false;
    this.#back = Promise.withResolvers();
    this.#overdue = this.#session;
    this.#session?.end();
    return true;
  }

  comeBack(): void {
    this.#back.resolve();
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (this.#stoppedBy) throw this.#stoppedBy;
    const { held } = this.#callbacks;
    if (!held || !this.#session || this.#session === this.#overdue)
      throw new ClientError(
        'not_member',
        'only a member of the group can commit offsets, and this consumer is not a member at the moment',
      );
    try {
      await this.#session.commit(held, offsets);
    } catch (error) {
      throw toClientError(error, 'committing offsets');
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#back.resolve();
    this.#session?.end();
    await this.#running;
    this.#rejectFirst(new ClientError('closed', 'the consumer was closed before its first assignment'));
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#oneSession();
      if (this.#stoppedBy) return this.#stopped(this.#stoppedBy);
      await pause(this.#settings.clock, backoffDelay(this.#failures, this.#settings), this.#closing.signal);
      await this.#back.promise;
    }
  }

  /**
   * Ends the membership permanently. A fenced member must not join again: it would fence the other
   * process, which would join again and fence this one. A member whose offers the group rejects
   * would be rejected again.
   */
  #stopped(error: ClientError): void {
    const { logger, groupId, groupInstanceId } = this.#settings;
    this.#closing.abort();
    logger.error({ groupId, groupInstanceId }, error.message);
    this.#rejectFirst(error);
    this.#parts.listener.onStopped?.(error);
  }

  async #oneSession(): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings;
    const session = new GroupSession(this.#settings, {
      ...this.#parts,
      callbacks: this.#callbacks,
      onAssigned: () => this.#assigned(),
      memberId: this.#memberId,
    });
    this.#session = session;
    try {
      await session.run();
    } catch (error) {
      const known = toClientError(error, `being a member of group ${groupId}`);
      this.#failures += 1;
      if (known.code === 'fenced_instance') this.#stoppedBy = fencedInstance(this.#settings, known);
      else if (known.code === 'group_mismatch') this.#stoppedBy = known;
      else
        this.#retries.failed(known, 'lost the group membership or could not join; joining again', {
          groupId,
        });
      if (!session.isMember) await this.#callbacks.lost();
    }
    const hasLeft = session === this.#overdue ? await this.#giveUp(session) : await this.#drain(session);
    // A static member that could not leave joins again by its id. If another process has taken its
    // name meanwhile, the coordinator then fences this process and not the other one.
    this.#memberId = hasLeft || groupInstanceId === undefined ? '' : session.memberId;
  }

  /** Resolves to whether the member has left the group, like `#giveUp`. */
  async #drain(session: MembershipSession): Promise<boolean> {
    await this.#callbacks.revoked();
    return session.leave();
  }

  /**
   * Does not wait for the listener before it leaves the group, because the application may hang.
   */
  async #giveUp(session: MembershipSession): Promise<boolean> {
    const isStatic = this.#settings.groupInstanceId !== undefined;
    const lost = this.#callbacks.lost();
    if (isStatic) session.abandon();
    const hasLeft = !isStatic && (await session.leave());
    await lost;
    return hasLeft;
  }

  #assigned(): void {
    this.#failures = 0;
    this.#retries.recovered('joined the group again', { groupId: this.#settings.groupId });
    this.#resolveFirst();
  }
}

const fencedInstance = ({ groupId, groupInstanceId }: GroupSettings, cause: ClientError) =>
  new ClientError(
    'fenced_instance',
    `another process has joined group ${groupId} with groupInstanceId "${groupInstanceId}", ` +
      'so this member has stopped: give each process its own instance name, then start this one again',
    { cause },
  );
