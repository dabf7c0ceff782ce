import { heartbeat, joinGroup, syncGroup, leaveGroup } from '../../protocol/apis/groups.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import { CoordinatorClient, type CoordinatorOf } from '../connection/coordinator-client.ts';
import type { Assignment } from '../group-consumer-types.ts';
import type { OffsetToCommit } from '../topic-partition.ts';
import type { MemberAssignment } from './assignor.ts';
import { commitOffsets } from './committed-offsets.ts';
import { decodeAssignment, encodeAssignment } from './consumer-protocol.ts';
import { groupMismatch } from './group-mismatch.ts';
import type { MembershipSettings } from './group-settings.ts';

export interface GroupSettings extends ConnectionSettings, MembershipSettings {
  readonly groupId: string;
}

/** An assignor that the member offers, with the member's subscription for it. */
export interface OfferedAssignor {
  readonly name: string;
  readonly metadata: Buffer;
}

export type JoinedGroup = Infer<(typeof joinGroup)['response']>;

interface CoordinatorAnswer {
  readonly errorCode: number;
}

/** The answers after which the client has to look for the coordinator again. */
const coordinatorErrors: ReadonlySet<number> = new Set([
  errorCodes.NOT_COORDINATOR,
  errorCodes.COORDINATOR_NOT_AVAILABLE,
  errorCodes.COORDINATOR_LOAD_IN_PROGRESS,
]);

const protocolType = 'consumer';
/** The first version of LeaveGroup that names the members in a list (KIP-345). */
const memberListSince = 3;
/** Other requests do not wait behind a JoinGroup that waits for the other members. */
const groupLane = 'group';

/**
 * Sends the requests of one member to the coordinator of its group (JoinGroup, SyncGroup, Heartbeat
 * and LeaveGroup of https://kafka.apache.org/protocol).
 */
export class GroupRequests {
  readonly #settings: GroupSettings;
  readonly #brokers: BrokerClient;
  readonly #coordinators: CoordinatorClient;
  readonly #group: CoordinatorOf;
  readonly #ending: AbortSignal;

  /** `ending` ends the retries of `join` and `sync`. */
  constructor(settings: GroupSettings, brokers: BrokerClient, ending: AbortSignal) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#coordinators = new CoordinatorClient(brokers);
    this.#group = { kind: 'GROUP', key: settings.groupId };
    this.#ending = ending;
  }

  /** The coordinator answers once every member has joined, or the rebalance timeout has passed. */
  join(memberId: string, protocols: readonly OfferedAssignor[]): Promise<JoinedGroup> {
    const { groupId, groupInstanceId = null, sessionTimeoutMs, rebalanceTimeoutMs } = this.#settings;
    return this.#persistently((connection) =>
      connection.request(
        joinGroup,
        connection.versions.newest(joinGroup),
        {
          groupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          memberId,
          groupInstanceId,
          protocolType,
          protocols,
        },
        this.#joinLimitMs,
      ),
    );
  }

  /** Returns the error for a member whose offers no other member of the group speaks. */
  mismatch(offers: readonly OfferedAssignor[]): Promise<ClientError> {
    const { groupId, metadataTimeoutMs } = this.#settings;
    const offer = { groupId, protocolType, assignors: offers.map(({ name }) => name) };
    return this.#coordinators.askOnce(
      this.#group,
      (connection) => groupMismatch(connection, offer, metadataTimeoutMs),
      groupLane,
    );
  }

  /**
   * Sends the assignments, if this member is the leader, and resolves to its own. Resolves to
   * undefined if the group has begun another rebalance meanwhile.
   */
  async sync(
    { memberId, generationId, protocolName }: JoinedGroup,
    assignments: ReadonlyMap<string, MemberAssignment>,
  ): Promise<MemberAssignment | undefined> {
    const { groupId, groupInstanceId = null } = this.#settings;
    const encoded = [...assignments].map(([id, assigned]) => ({
      memberId: id,
      assignment: encodeAssignment(assigned),
    }));
    const { errorCode, assignment } = await this.#persistently((connection) =>
      connection.request(
        syncGroup,
        connection.versions.newest(syncGroup),
        {
          groupId,
          generationId,
          memberId,
          groupInstanceId,
          protocolType,
          protocolName,
          assignments: encoded,
        },
        this.#joinLimitMs,
      ),
    );
    if (errorCode === errorCodes.REBALANCE_IN_PROGRESS) return undefined;
    accept(errorCode);
    return decodeAssignment(assignment);
  }

  /** Resolves to true if the group has begun a rebalance. */
  async heartbeat(member: { readonly memberId: string; readonly generationId: number }): Promise<boolean> {
    const { groupId, groupInstanceId = null, sessionTimeoutMs } = this.#settings;
    const { errorCode } = await this.#ask((connection) =>
      connection.request(
        heartbeat,
        connection.versions.newest(heartbeat),
        { groupId, ...member, groupInstanceId },
        sessionTimeoutMs,
      ),
    );
    if (errorCode === errorCodes.REBALANCE_IN_PROGRESS) return true;
    accept(errorCode);
    return false;
  }

  commit({ memberId, generationId }: Assignment, offsets: readonly OffsetToCommit[]): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings;
    return this.#coordinators.askOnce(
      this.#group,
      (connection) =>
        commitOffsets(connection, { groupId, memberId, generationId, groupInstanceId }, offsets),
      groupLane,
    );
  }

  /** Uses another connection than a JoinGroup that waits for the other members. */
  async leave(memberId: string): Promise<void> {
    const { groupId, groupInstanceId = null } = this.#settings;
    const connection = await this.#coordinators.known(this.#group);
    if (connection === undefined) throw new ClientError('unreachable', 'the coordinator is not known');
    const version = connection.versions.newest(leaveGroup);
    const { errorCode, members } = await connection.request(leaveGroup, version, {
      groupId,
      ...(version < memberListSince ? { memberId } : { members: [{ memberId, groupInstanceId }] }),
    });
    for (const code of [errorCode, ...members.map((member) => member.errorCode)]) accept(code);
  }

  /** Drops the requests in flight. */
  close(): void {
    this.#brokers.closeLane(groupLane);
  }

  #persistently<Answer extends CoordinatorAnswer>(
    work: (connection: BrokerConnection) => Promise<Answer>,
  ): Promise<Answer> {
    const { clock, groupId } = this.#settings;
    const deadline = clock.monotonic() + this.#joinLimitMs;
    return this.#brokers.persistently(`joining group ${groupId}`, deadline, async () => {
      if (this.#ending.aborted) throw new ClientError('closed', 'the session is over');
      return this.#ask(work);
    });
  }

  #ask<Answer extends CoordinatorAnswer>(
    work: (connection: BrokerConnection) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#coordinators.askOnce(
      this.#group,
      async (connection) => {
        const answer = await work(connection);
        if (coordinatorErrors.has(answer.errorCode)) accept(answer.errorCode);
        return answer;
      },
      groupLane,
    );
  }

  /** Longer than any rebalance. */
  get #joinLimitMs(): DurationMs {
    return this.#settings.rebalanceTimeoutMs + this.#settings.sessionTimeoutMs;
  }
}
