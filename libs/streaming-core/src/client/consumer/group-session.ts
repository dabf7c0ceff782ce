import { errorCodes } from '../../protocol/errors.ts';
import { pause, withDeadline, type DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import { accept } from '../connection/accept.ts';
import { passes, type BrokerClient } from '../connection/broker-client.ts';
import type { Assignment, OffsetToCommit, TopicPartition } from '../types.ts';
import type { AssignmentTurns } from './assignment-turns.ts';
import { subscribedTopics } from './consumer-protocol.ts';
import { GroupRequests, type GroupSettings, type JoinedGroup } from './group-requests.ts';
import { assignRanges } from './range-assignor.ts';

const leaveLimitMs: DurationMs = 3_000;

type Member = Pick<Assignment, 'memberId' | 'generationId'>;

/**
 * One membership of a classic group, from join to leave: it joins, gets its partitions, sends
 * heartbeats until the group rebalances, gives its partitions back and joins again.
 */
export class GroupSession {
  readonly #settings: GroupSettings;
  readonly #brokers: BrokerClient;
  readonly #requests: GroupRequests;
  readonly #turns: AssignmentTurns;
  readonly #onAssigned: () => void;
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
    this.#requests = new GroupRequests(settings, brokers, this.#ending.signal);
    this.#turns = turns;
    this.#onAssigned = onAssigned;
    this.#memberId = memberId;
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

  commit(assignment: Assignment, offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.#requests.commit(assignment, offsets);
  }

  async #run(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      const joined = await this.#join();
      const partitions = await this.#requests.sync(joined, await this.#assignmentsBy(joined));
      if (partitions === undefined) continue;
      const { memberId, generationId } = joined;
      await this.#whileAlive({ memberId, generationId }, async (rebalance) => {
        if (ending.aborted) return;
        await this.#turns.assigned({ memberId, generationId, partitions });
        this.#onAssigned();
        await rebalance;
        await this.#turns.revoked();
      });
    }
  }

  async #join(): Promise<JoinedGroup> {
    const { topics } = this.#settings;
    const { unknown } = await this.#brokers.lookUpTopics(topics, true);
    if (unknown.length > 0)
      throw new ClientError('unknown_topic', `no topic named ${unknown.join(', ')}: create it first`);
    for (;;) {
      const former = this.#memberId;
      const answer = await this.#requests.join(former);
      this.#memberId = answer.memberId;
      if (answer.errorCode === errorCodes.MEMBER_ID_REQUIRED) continue; // KIP-394
      if (answer.errorCode === errorCodes.UNKNOWN_MEMBER_ID && former !== '') {
        this.#memberId = '';
        continue;
      }
      accept(answer.errorCode);
      return answer;
    }
  }

  /** The leader of the group assigns the partitions. The others send no assignments. */
  async #assignmentsBy({
    leader,
    memberId,
    members,
    skipAssignment,
  }: JoinedGroup): Promise<ReadonlyMap<string, readonly TopicPartition[]>> {
    if (leader !== memberId || skipAssignment) return new Map();
    const subscribed = members.map((member) => ({
      memberId: member.memberId,
      topics: subscribedTopics(member.metadata),
    }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    const { found } = await this.#brokers.lookUpTopics(topics, true);
    const counts = new Map([...found].map(([topic, { partitions }]) => [topic, partitions.length]));
    return assignRanges(subscribed, counts);
  }

  /** Sends heartbeats during the work, so that the group does not miss a member that drains. */
  async #whileAlive(member: Member, work: (rebalance: Promise<void>) => Promise<void>): Promise<void> {
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
  async #beat(member: Member, stopped: AbortSignal, onRebalance: () => void): Promise<void> {
    const { clock, heartbeatIntervalMs, sessionTimeoutMs } = this.#settings;
    for (let answeredAt = clock.monotonic(); ;) {
      await pause(clock, heartbeatIntervalMs, stopped);
      if (stopped.aborted) return;
      try {
        if (await this.#requests.heartbeat(member)) onRebalance();
        answeredAt = clock.monotonic();
      } catch (error) {
        if (stopped.aborted) return;
        if (!passes(error) || clock.monotonic() - answeredAt >= sessionTimeoutMs) throw error;
      }
    }
  }
}
