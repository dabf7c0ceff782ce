import { ConnectionPool, Consumer, type Connection } from '@platformatic/kafka';
import { withDeadline } from '../../runtime/index.ts';
import type { AssignmentTurns } from './assignment-turns.ts';
import { ClientError } from '../client-error.ts';
import {
  closeQuietly,
  guardEvents,
  libraryOptions,
  type ConnectionSettings,
} from '../connection/connection.ts';
import type { MembershipSettings } from './group-settings.ts';
import { connectionTo, negotiatedApi } from '../library-types.ts';
import { commitTopics } from './offset-commit.ts';
import { libraryRangeAssignor } from './range-assignor.ts';
import type { Assignment, OffsetToCommit } from '../types.ts';

export interface GroupSettings extends ConnectionSettings, MembershipSettings {
  readonly groupId: string;
  readonly topics: readonly string[];
}

/** Why a session ended: on request, or because of an error. */
export type SessionEnd =
  { readonly reason: 'requested' } | { readonly reason: 'failed'; readonly error: unknown };

interface LibraryJoin {
  readonly memberId: string;
  readonly generationId: number;
  readonly assignments: ReadonlyArray<{ readonly topic: string; readonly partitions: readonly number[] }>;
}

/**
 * One membership of a group, from join to leave. Each session creates its own consumer of the
 * library, because that consumer cannot be used again in two cases: after a failed rejoin it sends
 * no more heartbeats, and after a `leaveGroup` during a heartbeat all later heartbeats wait for
 * that one.
 */
export class GroupSession {
  readonly #settings: GroupSettings;
  readonly #turns: AssignmentTurns;
  readonly #library: Consumer;
  readonly #onAssigned: () => void;
  readonly ended: Promise<SessionEnd>;
  #resolveEnded: (end: SessionEnd) => void = () => undefined;
  #over = false;
  #joined: { readonly memberId: string; readonly generationId: number } | undefined;

  constructor(settings: GroupSettings, turns: AssignmentTurns, onAssigned: () => void) {
    this.#settings = settings;
    this.#turns = turns;
    this.#onAssigned = onAssigned;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#library = guardEvents(
      new Consumer({ ...libraryOptions(settings), ...this.#groupOptions() }),
      settings,
    );
    this.#library.topics.trackAll(...settings.topics);
    this.#listen();
  }

  /**
   * Rejects if the library cannot join, for example because a topic does not exist. The session is
   * over then.
   */
  async join(): Promise<void> {
    await Promise.race([this.#library.joinGroup({}), this.ended]);
  }

  end(end: SessionEnd = { reason: 'requested' }): void {
    this.#over = true;
    this.#resolveEnded(end);
  }

  /**
   * Leaves the group within a few seconds and never rejects. If no broker answers, the membership
   * ends with its session timeout.
   */
  async leave(): Promise<void> {
    const { clock, logger } = this.#settings;
    const late = () =>
      new ClientError('timeout', `the coordinator did not answer LeaveGroup within ${leaveLimitMs} ms`);
    await withDeadline(clock, leaveLimitMs, this.#tellCoordinator(), late).catch((error: unknown) => {
      logger.debug({ error }, 'could not leave the group; the membership ends with its session timeout');
    });
    await closeQuietly(this.#library, () => this.#library.close(true), this.#settings);
  }

  /**
   * Sends LeaveGroup on a separate connection. On the library's own connection it would wait behind
   * a JoinGroup request, which waits for the other members, which wait for this one. The LeaveGroup
   * that the library sends at `close` then finds that the member has left.
   */
  async #tellCoordinator(): Promise<void> {
    const { memberId } = this.#library;
    const { groupId, groupInstanceId } = this.#settings;
    if (!memberId) return;
    await this.#withCoordinator(async (connection) => {
      const api = await negotiatedApi(this.#library, 'LeaveGroup');
      await api.async(connection, groupId, [{ memberId, groupInstanceId }]);
    });
  }

  /** Does nothing while the coordinator is unknown. */
  async #withCoordinator(work: (connection: Connection) => Promise<void>): Promise<void> {
    const { coordinatorId, currentMetadata } = this.#library;
    const broker = coordinatorId === null ? undefined : currentMetadata?.brokers.get(coordinatorId);
    if (!broker) return;
    const pool = new ConnectionPool(this.#settings.clientId, libraryOptions(this.#settings));
    try {
      await work(await pool.get(broker));
    } finally {
      await pool.close();
    }
  }

  /**
   * Sends a heartbeat with the old member id, and ends the session if the coordinator answers with
   * an error. The library loses its member id both when another process fences it and when its
   * session times out, and the answer tells the two apart. After a fence the library would rejoin
   * by itself and fence the other process in return.
   */
  async #endIfFenced(): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings;
    const { memberId, generationId } = this.#joined ?? {};
    if (
      groupInstanceId === undefined ||
      memberId === undefined ||
      generationId === undefined ||
      this.#library.memberId
    )
      return;
    try {
      await this.#withCoordinator(async (connection) => {
        const api = await negotiatedApi(this.#library, 'Heartbeat');
        await api.async(connection, groupId, generationId, memberId, groupInstanceId);
      });
    } catch (error) {
      this.end({ reason: 'failed', error });
    }
  }

  /**
   * Does not use the library's `commit`, which rejoins the group by itself if the generation is
   * old.
   */
  async commit({ memberId, generationId }: Assignment, offsets: readonly OffsetToCommit[]): Promise<void> {
    const coordinator = this.#library.coordinatorId;
    const connection = coordinator === null ? undefined : await connectionTo(this.#library, coordinator);
    if (!connection) throw new Error('the coordinator of the group is not known at the moment');
    const api = await negotiatedApi(this.#library, 'OffsetCommit');
    await api.async(
      connection,
      this.#settings.groupId,
      generationId,
      memberId,
      this.#settings.groupInstanceId ?? null,
      commitTopics(offsets),
    );
  }

  #groupOptions() {
    const { groupId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } =
      this.#settings;
    return {
      groupId,
      ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      // Nobody listens to the stall event, because every request has a time limit. A longer timeout
      // would keep the process alive after `close`.
      heartbeatStallTimeout: 0,
      // The coordinator answers a JoinGroup once every member has joined, so this limit is longer
      // than any rebalance.
      requestTimeout: rebalanceTimeoutMs + sessionTimeoutMs,
      retries: libraryRetries,
      protocols: [{ name: 'range', version: 1 }],
      partitionAssigner: libraryRangeAssignor,
      // The library awaits this before every JoinGroup. It is the only place where a rejoin can
      // wait until the work is drained.
      protocolsMetadata: async () => {
        await this.#endIfFenced();
        await this.#turns.revoked();
        // A session that is over must not rejoin. An error here would start a timer in the closed
        // consumer, which would keep the process alive for seconds.
        if (this.#over) await new Promise<never>(() => undefined);
        return Buffer.alloc(0);
      },
    };
  }

  #listen(): void {
    this.#library.on(
      'consumer:group:join',
      (joined) => void this.#assigned(joined as unknown as LibraryJoin),
    );
    this.#library.on('error' as never, ((error: Error) => this.end({ reason: 'failed', error })) as never);
  }

  async #assigned({ memberId, generationId, assignments }: LibraryJoin): Promise<void> {
    if (this.#over) return;
    this.#joined = { memberId, generationId };
    const partitions = assignments.flatMap(({ topic, partitions: owned }) =>
      owned.map((partition) => ({ topic, partition })),
    );
    try {
      await this.#turns.assigned({ memberId, generationId, partitions });
      this.#onAssigned();
    } catch (error) {
      this.end({ reason: 'failed', error });
    }
  }
}

const leaveLimitMs = 3_000;

/**
 * Retries within a join or a heartbeat, which find a coordinator that has moved without giving up
 * the membership.
 */
const libraryRetries = 3;
