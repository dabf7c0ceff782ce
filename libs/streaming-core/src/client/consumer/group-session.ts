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

/** Why a session ended: asked to, or what failed. */
export type SessionEnd =
  { readonly reason: 'requested' } | { readonly reason: 'failed'; readonly error: unknown };

interface LibraryJoin {
  readonly memberId: string;
  readonly generationId: number;
  readonly assignments: ReadonlyArray<{ readonly topic: string; readonly partitions: readonly number[] }>;
}

/**
 * One membership, from join to leave. The library's consumer cannot be used again after either a failed rejoin (it never heartbeats
 * any more) or a `leaveGroup` in the middle of a heartbeat (later heartbeats wait for that one for ever): a new session has a new consumer.
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

  /** Rejects where the group, the broker or a topic is not there: then the session is over. */
  async join(): Promise<void> {
    await Promise.race([this.#library.joinGroup({}), this.ended]);
  }

  end(end: SessionEnd = { reason: 'requested' }): void {
    this.#over = true;
    this.#resolveEnded(end);
  }

  /** Never rejects, and takes a few seconds at most: without a broker there is nobody to tell, and the session runs out. */
  async leave(): Promise<void> {
    const { clock, logger } = this.#settings;
    const late = () => new ClientError('timeout', `no answer to leaving the group within ${leaveLimitMs} ms`);
    await withDeadline(clock, leaveLimitMs, this.#tellCoordinator(), late).catch((error: unknown) => {
      logger.debug({ error }, 'the group was not told that this member leaves; its session will run out');
    });
    await closeQuietly(this.#library, () => this.#library.close(true), this.#settings);
  }

  /**
   * On a connection of its own: on the library's it would wait behind a JoinGroup that waits for the other members, who wait for this one. The
   * library's own LeaveGroup at `close` finds the member gone then.
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

  /** Does nothing while the coordinator is not known. */
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
   * The library joins again by itself when it was fenced, and would fence the other process in return. It then has lost its member id, as it has when
   * its session ran out: the coordinator tells which it was.
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

  /** Not the library's `commit`, which rejoins the group by itself when the generation is old. */
  async commit({ memberId, generationId }: Assignment, offsets: readonly OffsetToCommit[]): Promise<void> {
    const coordinator = this.#library.coordinatorId;
    const connection = coordinator === null ? undefined : await connectionTo(this.#library, coordinator);
    if (!connection) throw new Error('the group has no coordinator just now');
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
      // Its alarm is of no use here, since every request has its limit, and set high it keeps a process for that long after `close`.
      heartbeatStallTimeout: 0,
      // A JoinGroup is answered only once every member has come, so its request waits longer than any rebalance.
      requestTimeout: rebalanceTimeoutMs + sessionTimeoutMs,
      retries: libraryRetries,
      protocols: [{ name: 'range', version: 1 }],
      partitionAssigner: libraryRangeAssignor,
      // Awaited by the library before every JoinGroup: the one place where a rejoin can be held until the work is drained.
      protocolsMetadata: async () => {
        await this.#endIfFenced();
        await this.#turns.revoked();
        // A session that is over joins no more. Failing here would start a timer in the closed consumer that keeps the process for seconds.
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

/** Within a join or a heartbeat: a coordinator that has just moved is found again without giving up the membership. */
const libraryRetries = 3;
