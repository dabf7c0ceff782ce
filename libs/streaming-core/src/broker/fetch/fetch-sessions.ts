import { randomInt } from 'node:crypto';
import type { DurationMs } from '../../runtime/index.ts';
import type { FetchRequest } from '../../protocol/apis/fetch.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { FetchPlan } from './fetch-plan.ts';

/** Session epochs of full fetches: one that begins a session, and one that wants none. */
const initialEpoch = 0;
const finalEpoch = -1;
const int32Max = 2_147_483_647;
/** From this version, topics are named by id. */
const topicIdsSince = 13;
/**
 * Kafka's minimum time before a session may be evicted: one in use only by a larger one, an idle
 * one by any.
 */
const evictionMs: DurationMs = 120_000;

/**
 * The partitions that a client has requested so far, so that its next request names only changes
 * (KIP-227).
 */
export interface FetchSession {
  readonly id: number;
  readonly plan: FetchPlan;
  /** The epoch expected of the next request. */
  epoch: number;
  readonly usesTopicIds: boolean;
  readonly createdAtMs: number;
  usedAtMs: number;
}

/** The partitions of a request, and the session that they belong to. */
interface BegunFetch {
  readonly plan: FetchPlan;
  /** Undefined for a full fetch. Its answer names every partition and may begin a session. */
  readonly session: FetchSession | undefined;
  readonly wantsSession: boolean;
}

/**
 * The broker's fetch sessions. Their number is limited by Kafka's
 * max.incremental.fetch.session.cache.slots, and their partitions together are limited too. Evicts
 * as Kafka does: a session that was idle for two minutes, else the smallest session older than
 * that, provided that the new one is larger.
 */
export class FetchSessions {
  readonly #services: BrokerServices;
  readonly #newId: () => number;
  /** The least recently used comes first. */
  readonly #sessions = new Map<number, FetchSession>();
  #partitions = 0;

  constructor(services: BrokerServices, newId: () => number = () => randomInt(1, int32Max)) {
    this.#services = services;
    this.#newId = newId;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Throws FETCH_SESSION_ID_NOT_FOUND, FETCH_SESSION_TOPIC_ID_ERROR or INVALID_FETCH_SESSION_EPOCH.
   */
  begin(request: FetchRequest, apiVersion: number): BegunFetch {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === initialEpoch || sessionEpoch === finalEpoch) {
      this.#close(sessionId);
      return { plan: this.#planOf(request), session: undefined, wantsSession: sessionEpoch === initialEpoch };
    }
    const session = this.#expected(request, apiVersion);
    this.#partitions -= session.plan.size;
    session.plan.change(request);
    this.#partitions += session.plan.size;
    if (session.plan.size === 0) {
      this.#close(sessionId);
      return { plan: this.#planOf(request), session: undefined, wantsSession: false };
    }
    if (this.#partitions > this.#services.limits.fetchSessionPartitionsMax) {
      this.#close(sessionId);
      throw new ProtocolError(
        'FETCH_SESSION_ID_NOT_FOUND',
        `fetch session ${sessionId} has too many partitions for this broker to keep`,
      );
    }
    this.#touch(session);
    session.epoch = nextEpoch(session.epoch);
    return { plan: session.plan, session, wantsSession: false };
  }

  /**
   * Keeps the plan of a full fetch as a session. Returns undefined when there is no room, and the
   * client continues with full fetches.
   */
  keep(plan: FetchPlan, apiVersion: number): FetchSession | undefined {
    const { clock, limits } = this.#services;
    if (this.#partitions + plan.size > limits.fetchSessionPartitionsMax) return undefined;
    if (this.#sessions.size >= limits.fetchSessionsMax && !this.#evictFor(plan.size)) return undefined;
    const now = clock.monotonic();
    const usesTopicIds = apiVersion >= topicIdsSince;
    const session: FetchSession = {
      id: this.#unusedId(),
      plan,
      epoch: 1,
      usesTopicIds,
      createdAtMs: now,
      usedAtMs: now,
    };
    this.#sessions.set(session.id, session);
    this.#partitions += plan.size;
    return session;
  }

  #planOf(request: FetchRequest): FetchPlan {
    const plan = new FetchPlan(this.#services);
    plan.change({ topics: request.topics, forgottenTopicsData: [] });
    return plan;
  }

  #expected({ sessionId, sessionEpoch }: FetchRequest, apiVersion: number): FetchSession {
    const session = this.#sessions.get(sessionId);
    if (session === undefined)
      throw new ProtocolError('FETCH_SESSION_ID_NOT_FOUND', `there is no fetch session ${sessionId}`);
    if (session.usesTopicIds !== apiVersion >= topicIdsSince)
      throw new ProtocolError(
        'FETCH_SESSION_TOPIC_ID_ERROR',
        `fetch session ${sessionId} names topics differently, by name or by id`,
      );
    if (session.epoch !== sessionEpoch)
      throw new ProtocolError(
        'INVALID_FETCH_SESSION_EPOCH',
        `fetch session ${sessionId} expects epoch ${session.epoch}, not ${sessionEpoch}`,
      );
    return session;
  }

  #touch(session: FetchSession): void {
    session.usedAtMs = this.#services.clock.monotonic();
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
  }

  #close(sessionId: number): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    this.#partitions -= session.plan.size;
    session.plan.close();
  }

  #evictFor(size: number): boolean {
    const before = this.#services.clock.monotonic() - evictionMs;
    const [oldest] = this.#sessions.values();
    const evicted = oldest !== undefined && oldest.usedAtMs < before ? oldest : this.#smallest(before, size);
    if (evicted === undefined) return false;
    this.#close(evicted.id);
    return true;
  }

  #smallest(createdBefore: number, size: number): FetchSession | undefined {
    let smallest: FetchSession | undefined;
    for (const session of this.#sessions.values())
      if (session.createdAtMs < createdBefore && session.plan.size < (smallest?.plan.size ?? size))
        smallest = session;
    return smallest;
  }

  #unusedId(): number {
    for (;;) {
      const id = this.#newId();
      if (!this.#sessions.has(id)) return id;
    }
  }
}

const nextEpoch = (epoch: number): number => (epoch === int32Max ? 1 : epoch + 1);
