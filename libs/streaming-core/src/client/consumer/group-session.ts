import { heartbeat } from '../../protocol/apis/heartbeat.ts';
import { joinGroup, type joinGroupResponse } from '../../protocol/apis/join-group.ts';
import { leaveGroup } from '../../protocol/apis/leave-group.ts';
import { syncGroup } from '../../protocol/apis/sync-group.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';
import { pause, withDeadline, type DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import { accept } from '../connection/accept.ts';
import { passes, type BrokerClient } from '../connection/broker-client.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import { CoordinatorClient, type CoordinatorOf } from '../connection/coordinator-client.ts';
import type { Assignment, OffsetToCommit } from '../types.ts';
import type { AssignmentTurns } from './assignment-turns.ts';
import { commitOffsets } from './committed-offsets.ts';
import {
  assignedPartitions,
  encodeAssignment,
  encodeSubscription,
  subscribedTopics,
} from './consumer-protocol.ts';
import type { MembershipSettings } from './group-settings.ts';
import { assignRanges } from './range-assignor.ts';

export interface GroupSettings extends ConnectionSettings, MembershipSettings {
  readonly groupId: string;
  readonly topics: readonly string[];
}

type JoinGroupResponse = Infer<typeof joinGroupResponse>;

interface Joined {
  readonly memberId: string;
  readonly generationId: number;
}

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
const assignorName = 'range';
/** The first version of LeaveGroup that names the members in a list (KIP-345). */
const memberListSince = 3;
const leaveLimitMs: DurationMs = 3_000;

/**
 * One membership of a classic group, from join to leave: it joins, gets its partitions, sends
 * heartbeats until the group rebalances, gives its partitions back and joins again
 * (https://kafka.apache.org/protocol, "JoinGroup").
 */
export class GroupSession {
  readonly #settings: GroupSettings;
  readonly #brokers: BrokerClient;
  readonly #coordinators: CoordinatorClient;
  readonly #turns: AssignmentTurns;
  readonly #onAssigned: () => void;
  readonly #group: CoordinatorOf;
  readonly #ending = new AbortController();
  #memberId: string;

  /** `memberId` is that of a former session which could not leave, and is empty otherwise. */
  constructor(
    settings: GroupSettings,
    {
      brokers,
      turns,
      onAssigned,
      memberId,
    }: { brokers: BrokerClient; turns: AssignmentTurns; onAssigned: () => void; memberId: string },
  ) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#coordinators = new CoordinatorClient(brokers);
    this.#turns = turns;
    this.#onAssigned = onAssigned;
    this.#memberId = memberId;
    this.#group = { kind: 'GROUP', key: settings.groupId };
  }

  get memberId(): string {
    return this.#memberId;
  }

  /** Resolves after `end`. Rejects once the membership is lost or could not be had. */
  async run(): Promise<void> {
    const { signal } = this.#ending;
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    const running = this.#run(signal);
    running.catch(() => undefined); // after `end`, nobody waits for its failure
    await Promise.race([running, ended]);
  }

  end(): void {
    this.#ending.abort();
  }

  /**
   * Leaves the group within a few seconds and never rejects. Resolves to false if no broker has
   * answered. The membership then ends with its session timeout.
   */
  async leave(): Promise<boolean> {
    this.#ending.abort();
    const { clock, logger } = this.#settings;
    const late = () =>
      new ClientError('timeout', `the coordinator did not answer LeaveGroup within ${leaveLimitMs} ms`);
    try {
      await withDeadline(clock, leaveLimitMs, this.#tellCoordinator(), late);
      return true;
    } catch (error) {
      logger.debug({ error }, 'could not leave the group; the membership ends with its session timeout');
      return false;
    } finally {
      this.#brokers.closeLane(groupLane);
    }
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

  async #run(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      const joining = await this.#join();
      const partitions = await this.#sync(joining);
      if (partitions === undefined) continue;
      const { memberId, generationId } = joining;
      await this.#whileAlive({ memberId, generationId }, async (rebalance) => {
        if (ending.aborted) return;
        await this.#turns.assigned({ memberId, generationId, partitions });
        this.#onAssigned();
        await rebalance;
        await this.#turns.revoked();
      });
    }
  }

  /** Sends heartbeats during the work, so that the group does not miss a member that drains. */
  async #whileAlive(member: Joined, work: (rebalance: Promise<void>) => Promise<void>): Promise<void> {
    const stopped = new AbortController();
    let onRebalance: () => void = () => undefined;
    const rebalance = new Promise<void>((resolve) => (onRebalance = resolve));
    const beating = this.#beat(member, AbortSignal.any([this.#ending.signal, stopped.signal]), onRebalance);
    try {
      await Promise.race([work(rebalance), beating.then(() => rebalance)]);
    } finally {
      stopped.abort();
    }
  }

  /**
   * Rejects once the coordinator does not know the member any more, or has not answered for the
   * session timeout. Until then a coordinator that moves or restarts is only asked again.
   */
  async #beat(member: Joined, stopped: AbortSignal, onRebalance: () => void): Promise<void> {
    const { clock, groupId, groupInstanceId, heartbeatIntervalMs, sessionTimeoutMs } = this.#settings;
    for (let answeredAt = clock.monotonic(); ;) {
      await pause(clock, heartbeatIntervalMs, stopped);
      if (stopped.aborted) return;
      try {
        const { errorCode } = await this.#ask((connection) =>
          connection.request(
            heartbeat,
            connection.versions.newest(heartbeat),
            { groupId, ...member, groupInstanceId: groupInstanceId ?? null },
            sessionTimeoutMs,
          ),
        );
        if (errorCode === errorCodes.REBALANCE_IN_PROGRESS) onRebalance();
        else accept(errorCode);
        answeredAt = clock.monotonic();
      } catch (error) {
        if (stopped.aborted) return;
        if (!passes(error) || clock.monotonic() - answeredAt >= sessionTimeoutMs) throw error;
      }
    }
  }

  /** The coordinator answers once every member has joined, or the rebalance timeout has passed. */
  async #join(): Promise<JoinGroupResponse> {
    const { groupId, groupInstanceId, topics, sessionTimeoutMs, rebalanceTimeoutMs } = this.#settings;
    const { unknown } = await this.#brokers.lookUpTopics(topics, true);
    if (unknown.length > 0)
      throw new ClientError('unknown_topic', `no topic named ${unknown.join(', ')}: create it first`);
    for (;;) {
      const answer = await this.#persistently(`joining group ${groupId}`, (connection) =>
        connection.request(
          joinGroup,
          connection.versions.newest(joinGroup),
          {
            groupId,
            sessionTimeoutMs,
            rebalanceTimeoutMs,
            memberId: this.#memberId,
            groupInstanceId: groupInstanceId ?? null,
            protocolType,
            protocols: [{ name: assignorName, metadata: encodeSubscription(topics) }],
          },
          this.#joinLimitMs,
        ),
      );
      const former = this.#memberId;
      this.#memberId = answer.memberId;
      if (answer.errorCode === errorCodes.MEMBER_ID_REQUIRED) continue;
      if (answer.errorCode === errorCodes.UNKNOWN_MEMBER_ID && former !== '') {
        this.#memberId = '';
        continue;
      }
      accept(answer.errorCode);
      return answer;
    }
  }

  /** Resolves to undefined if the group has begun another rebalance meanwhile. */
  async #sync(joined: JoinGroupResponse) {
    const { groupId, groupInstanceId } = this.#settings;
    const { memberId, generationId, protocolName } = joined;
    const assignments = await this.#assignmentsBy(joined);
    const { errorCode, assignment } = await this.#persistently(`joining group ${groupId}`, (connection) =>
      connection.request(
        syncGroup,
        connection.versions.newest(syncGroup),
        {
          groupId,
          generationId,
          memberId,
          groupInstanceId: groupInstanceId ?? null,
          protocolType,
          protocolName,
          assignments,
        },
        this.#joinLimitMs,
      ),
    );
    if (errorCode === errorCodes.REBALANCE_IN_PROGRESS) return undefined;
    accept(errorCode);
    return assignedPartitions(assignment);
  }

  /** The leader of the group assigns the partitions. The others send no assignments. */
  async #assignmentsBy({ leader, memberId, members, skipAssignment = false }: JoinGroupResponse) {
    if (leader !== memberId || skipAssignment) return [];
    const subscribed = members.map((member) => ({
      memberId: member.memberId,
      topics: subscribedTopics(member.metadata),
    }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    const { found } = await this.#brokers.lookUpTopics(topics, true);
    const counts = new Map([...found].map(([topic, { partitions }]) => [topic, partitions.length]));
    return [...assignRanges(subscribed, counts)].map(([id, partitions]) => ({
      memberId: id,
      assignment: encodeAssignment(partitions),
    }));
  }

  /** Leaves through another connection than that of a JoinGroup which waits for the others. */
  async #tellCoordinator(): Promise<void> {
    const memberId = this.#memberId;
    const { groupId, groupInstanceId = null } = this.#settings;
    if (memberId === '') return;
    const connection = await this.#coordinators.known(this.#group, 'shared');
    if (connection === undefined) throw new ClientError('unreachable', 'the coordinator is not known');
    const version = connection.versions.newest(leaveGroup);
    const { errorCode, members } = await connection.request(leaveGroup, version, {
      groupId,
      ...(version < memberListSince ? { memberId } : { members: [{ memberId, groupInstanceId }] }),
    });
    for (const code of [errorCode, ...members.map((member) => member.errorCode)]) accept(code);
  }

  #persistently<Answer extends CoordinatorAnswer>(
    attempt: string,
    work: (connection: BrokerConnection) => Promise<Answer>,
  ): Promise<Answer> {
    const deadline = this.#settings.clock.monotonic() + this.#joinLimitMs;
    return this.#brokers.persistently(attempt, deadline, async () => {
      if (this.#ending.signal.aborted) throw new ClientError('closed', 'the session is over');
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

  /**
   * The coordinator answers a JoinGroup once every member has joined, so this limit is longer than
   * any rebalance.
   */
  get #joinLimitMs(): DurationMs {
    return this.#settings.rebalanceTimeoutMs + this.#settings.sessionTimeoutMs;
  }
}

/** Other requests do not wait behind a JoinGroup that waits for the other members. */
const groupLane = 'group';
