import { errorCodes } from '../../protocol/errors.ts';
import { pause, withDeadline, type DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import { passes } from '../connection/retries.ts';
import type { Assignment } from '../group-consumer-types.ts';
import type { OffsetToCommit } from '../topic-partition.ts';
import type { RebalanceCallbacks } from './rebalance-callbacks.ts';
import type { GroupAssignment } from './assignor.ts';
import { membersOf, type GroupAssignors } from './group-assignors.ts';
import { GroupRequests, type GroupSettings, type JoinedGroup } from './group-requests.ts';

/** The topics that a member reads. */
export interface TopicSubscription {
  /** Returns the topics to join with. Called before each join. */
  topics(): Promise<readonly string[]>;
  /**
   * Resolves when the member has to rejoin, because its topics or their partitions have changed.
   * `counts` has the partitions that the member has assigned as the leader of the group.
   */
  changed?(
    topics: readonly string[],
    counts: ReadonlyMap<string, number> | undefined,
    ending: AbortSignal,
  ): Promise<void>;
}

/** Subscribes to topics that have to exist. Their partitions are looked up at each join only. */
export const existingTopics = (brokers: BrokerClient, topics: readonly string[]): TopicSubscription => ({
  async topics() {
    const { unknown } = await brokers.lookUpTopics(topics, true);
    if (unknown.length > 0)
      throw new ClientError(
        'unknown_topic',
        `no topic named ${unknown.join(', ')}: create it, or correct the name`,
      );
    return topics;
  },
});

const leaveLimitMs: DurationMs = 3_000;

interface BeatingMember extends Pick<Assignment, 'memberId' | 'generationId'> {
  readonly everyMs: DurationMs;
}

/** The parts that a session needs. */
interface SessionParts {
  readonly brokers: BrokerClient;
  readonly callbacks: RebalanceCallbacks;
  readonly subscription: TopicSubscription;
  readonly assignors: GroupAssignors;
  readonly onAssigned: () => void;
  /** The id of a former session that could not leave. It is empty otherwise. */
  readonly memberId: string;
}

/**
 * One membership of a group, from join to leave. This is the seam between the consumers and the
 * group protocol: a session for KIP-848 groups would implement it beside `GroupSession`.
 */
export interface MembershipSession {
  readonly memberId: string;
  /** Whether the coordinator has accepted the member and not yet rejected or missed it. */
  readonly isMember: boolean;
  /** Resolves after `end`. Rejects once the membership is lost or could not be had. */
  run(): Promise<void>;
  end(): void;
  /** Ends the present assignment. The member then joins again under its id. */
  joinAgain(): void;
  /**
   * Leaves the group within a few seconds and never rejects. Resolves to false if no broker has
   * answered. The membership then ends with its session timeout.
   */
  leave(): Promise<boolean>;
  /** Ends without leaving the group, so that the membership ends with its session timeout. */
  abandon(): void;
  commit(assignment: Assignment, offsets: readonly OffsetToCommit[]): Promise<void>;
}

/**
 * One membership of a classic group: it joins, gets its partitions, sends heartbeats until the
 * group rebalances, and joins again. An eager member gives all partitions back before it joins
 * again. A cooperative member gives back what the next assignment lacks, and then joins once more.
 */
export class GroupSession implements MembershipSession {
  readonly #settings: GroupSettings;
  readonly #brokers: BrokerClient;
  readonly #requests: GroupRequests;
  readonly #callbacks: RebalanceCallbacks;
  readonly #subscription: TopicSubscription;
  readonly #assignors: GroupAssignors;
  readonly #onAssigned: () => void;
  readonly #ending = new AbortController();
  #joinsAgain = Promise.withResolvers<void>();
  #memberId: string;
  #isMember = false;
  /**
   * The partition counts by which this member has assigned the partitions, if it leads the group.
   * The count of a topic that does not exist is 0.
   */
  #counts: ReadonlyMap<string, number> | undefined;

  constructor(
    settings: GroupSettings,
    { brokers, callbacks, subscription, assignors, onAssigned, memberId }: SessionParts,
  ) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#requests = new GroupRequests(settings, brokers, this.#ending.signal);
    this.#callbacks = callbacks;
    this.#subscription = subscription;
    this.#assignors = assignors;
    this.#onAssigned = onAssigned;
    this.#memberId = memberId;
  }

  get memberId(): string {
    return this.#memberId;
  }

  get isMember(): boolean {
    return this.#isMember;
  }

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

  joinAgain(): void {
    this.#joinsAgain.resolve();
  }

  async leave(): Promise<boolean> {
    this.#ending.abort();
    const { clock, logger } = this.#settings;
    const late = () =>
      new ClientError('timeout', `the coordinator did not answer LeaveGroup within ${leaveLimitMs} ms`);
    try {
      if (this.#memberId !== '')
        await withDeadline(clock, leaveLimitMs, this.#requests.leave(this.#memberId), late);
      return true;
    } catch (error) {
      logger.debug({ error }, 'could not leave the group; the membership ends with its session timeout');
      return false;
    } finally {
      this.#requests.close();
    }
  }

  abandon(): void {
    this.#ending.abort();
    this.#requests.close();
  }

  commit(assignment: Assignment, offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.#requests.commit(assignment, offsets);
  }

  async #run(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      this.#isMember = false;
      const topics = await this.#subscription.topics();
      const joined = await this.#join(topics);
      const assignment = await this.#requests.sync(joined, await this.#assignmentsBy(joined));
      if (assignment === undefined) continue;
      this.#isMember = true;
      const { memberId, generationId } = joined;
      const everyMs = this.#heartbeatIntervalMs(joined);
      await this.#whileAlive({ memberId, generationId, everyMs }, async (rebalance, over) => {
        if (ending.aborted) return;
        this.#assignors.accept(joined, assignment);
        const { partitions } = assignment;
        this.#joinsAgain = Promise.withResolvers();
        const gaveUp = await this.#callbacks.assigned({ memberId, generationId, partitions });
        this.#onAssigned();
        if (!gaveUp) await Promise.race([rebalance, this.#changed(topics, over), this.#joinsAgain.promise]);
        if (this.#assignors.protocol === 'eager') await this.#callbacks.revoked();
      });
    }
  }

  /** Never resolves if the subscription does not watch its topics. */
  #changed(topics: readonly string[], over: AbortSignal): Promise<void> {
    return this.#subscription.changed?.(topics, this.#counts, over) ?? new Promise<void>(() => undefined);
  }

  async #join(topics: readonly string[]): Promise<JoinedGroup> {
    for (;;) {
      const former = this.#memberId;
      const offers = this.#assignors.offers(topics, this.#callbacks.held);
      const answer = await this.#requests.join(former, offers);
      this.#memberId = answer.memberId;
      if (answer.errorCode === errorCodes.MEMBER_ID_REQUIRED) continue; // KIP-394
      if (answer.errorCode === errorCodes.UNKNOWN_MEMBER_ID && former !== '') {
        this.#memberId = '';
        await this.#callbacks.lost();
        continue;
      }
      if (answer.errorCode === errorCodes.INCONSISTENT_GROUP_PROTOCOL)
        throw await this.#requests.mismatch(offers);
      accept(answer.errorCode);
      return answer;
    }
  }

  /** The leader of the group assigns the partitions. The others send no assignments. */
  async #assignmentsBy(joined: JoinedGroup): Promise<GroupAssignment> {
    this.#counts = undefined;
    if (joined.leader !== joined.memberId || joined.skipAssignment) return new Map();
    const members = membersOf(joined);
    const topics = [...new Set(members.flatMap((member) => member.topics))];
    const { found } = await this.#brokers.lookUpTopics(topics, true);
    this.#counts = new Map(topics.map((topic) => [topic, found.get(topic)?.partitions.length ?? 0]));
    const existing = [...this.#counts].filter(([, count]) => count > 0);
    return this.#assignors.assign(joined, members, new Map(existing));
  }

  #heartbeatIntervalMs({ leader, memberId, members }: JoinedGroup): DurationMs {
    const { heartbeatIntervalMs, heartbeatIntervalMsAlone = heartbeatIntervalMs } = this.#settings;
    const alone = leader === memberId && members.length === 1; // only the leader learns the members
    return alone ? heartbeatIntervalMsAlone : heartbeatIntervalMs;
  }

  /** Sends heartbeats during the work, so that the group does not miss a member that drains. */
  async #whileAlive(
    member: BeatingMember,
    work: (rebalance: Promise<void>, over: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const stopped = new AbortController();
    const over = AbortSignal.any([this.#ending.signal, stopped.signal]);
    let onRebalance: () => void = () => undefined;
    const rebalance = new Promise<void>((resolve) => (onRebalance = resolve));
    const beating = this.#beat(member, over, onRebalance);
    try {
      await Promise.race([work(rebalance, over), beating.then(() => rebalance)]);
    } finally {
      stopped.abort();
    }
  }

  /**
   * Rejects once the coordinator does not know the member any more, or has not answered for the
   * session timeout. Until then a coordinator that moves or restarts is only asked again.
   */
  async #beat(member: BeatingMember, stopped: AbortSignal, onRebalance: () => void): Promise<void> {
    const { clock, sessionTimeoutMs } = this.#settings;
    for (let answeredAt = clock.monotonic(); ;) {
      await pause(clock, member.everyMs, stopped);
      if (stopped.aborted) return;
      try {
        if (await this.#requests.heartbeat(member)) onRebalance();
        answeredAt = clock.monotonic();
      } catch (error) {
        if (stopped.aborted) return;
        if (passes(error) && clock.monotonic() - answeredAt < sessionTimeoutMs) continue;
        this.#isMember = false;
        throw error;
      }
    }
  }
}
