import { fetch } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { zeroUuid, type Infer } from '../../protocol/schema.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { TopicLookup } from '../connection/topic-lookup.ts';
import type { FetchPosition, Isolation } from '../fetched-records.ts';
import {
  emptyPartition,
  fetchedPartitions,
  missingPartition,
  type AnsweredPartition,
} from './fetch-answer.ts';
import { FetchSession, type SessionPosition } from './fetch-session.ts';

/** The limits of one Fetch request. */
interface FetchLimits {
  readonly fetchMaxBytes: number;
  readonly fetchMaxBytesPerPartition: number;
  readonly isolation: Isolation;
  readonly maxWaitMs: DurationMs;
  readonly requestTimeoutMs: DurationMs;
}

/** The part of a connection that a fetch needs. */
type FetchConnection = Pick<BrokerConnection, 'versions' | 'request'>;

export const isolationLevels = { read_uncommitted: 0, read_committed: 1 } as const;
/** The first version of Fetch that identifies topics by their id (KIP-516). */
const topicIdsSince = 13;

/** The errors of a lost session. A fetch that begins a new session avoids them. */
const sessionErrors: ReadonlySet<number> = new Set([
  errorCodes.FETCH_SESSION_ID_NOT_FOUND,
  errorCodes.INVALID_FETCH_SESSION_EPOCH,
  errorCodes.FETCH_SESSION_TOPIC_ID_ERROR,
]);

/**
 * Sends a Fetch in this session, and another one if the broker no longer has the session. Returns
 * one result for each position, in order.
 */
export async function fetchInSession(
  connection: FetchConnection,
  session: FetchSession,
  positions: readonly FetchPosition[],
  { found }: Pick<TopicLookup, 'found'>,
  limits: FetchLimits,
): Promise<readonly AnsweredPartition[]> {
  const wanted = positions.map(({ topic, partition, offset }) => ({
    topic,
    partition,
    offset,
    topicId: found.get(topic)?.id ?? zeroUuid,
  }));
  const wasBegun = session.isBegun;
  const first = await send(connection, session, wanted, limits);
  const isLost = wasBegun && sessionErrors.has(first.errorCode);
  const response = isLost ? await send(connection, session, wanted, limits) : first;
  accept(response.errorCode);
  const fetched = fetchedPartitions(positions, response, {
    topicOf: (id) => wanted.find(({ topicId }) => topicId === id)?.topic,
    leftOut: (position) =>
      wasBegun && !isLost ? emptyPartition(position, session.endsOf(position)) : missingPartition(position),
  });
  session.remember(fetched);
  return fetched;
}

async function send(
  connection: FetchConnection,
  session: FetchSession,
  wanted: readonly SessionPosition[],
  limits: FetchLimits,
): Promise<Infer<(typeof fetch)['response']>> {
  const { fetchMaxBytes, fetchMaxBytesPerPartition, isolation, maxWaitMs, requestTimeoutMs } = limits;
  const version = connection.versions.newest(fetch);
  const { named, forgotten, ...ofSession } = session.request(wanted);
  try {
    const response = await connection.request(
      fetch,
      version,
      {
        ...ofSession,
        maxWaitMs,
        minBytes: 1,
        maxBytes: fetchMaxBytes,
        isolationLevel: isolationLevels[isolation],
        topics: byTopic(named, version, ({ partition, offset }) => ({
          partition,
          fetchOffset: offset,
          partitionMaxBytes: fetchMaxBytesPerPartition,
        })),
        forgottenTopicsData: byTopic(forgotten, version, ({ partition }) => partition),
      },
      maxWaitMs + requestTimeoutMs,
    );
    session.answered(response);
    return response;
  } catch (error) {
    session.restart();
    throw error;
  }
}

/** Groups positions by topic. Names a topic as this version of Fetch does. */
function byTopic<Partition>(
  positions: readonly SessionPosition[],
  version: number,
  partitionOf: (position: SessionPosition) => Partition,
) {
  const named = Map.groupBy(positions, ({ topic, topicId }) => `${topic} ${topicId}`);
  return [...named.values()].map((places) => {
    const { topic, topicId } = places[0]!;
    const partitions = places.map(partitionOf);
    return version < topicIdsSince ? { topic, partitions } : { topicId, partitions };
  });
}

/** The lane of a connection, and the fetch session of its requests. */
interface FetchLane {
  readonly name: string;
  readonly session: FetchSession;
}

/**
 * The lanes to one broker for long polls, one for each running fetch. A broker answers the requests
 * of a connection in order, so a poll that waits for records would delay the next poll. When all
 * lanes are in use, a fetch waits for a free one.
 */
export class FetchLanes {
  readonly #lanesMax: number;
  #opened = 0;
  readonly #free: FetchLane[] = [];
  readonly #waiting: Array<(lane: FetchLane) => void> = [];

  constructor(lanesMax: number) {
    this.#lanesMax = lanesMax;
  }

  async use<Result>(work: (lane: FetchLane) => Promise<Result>): Promise<Result> {
    const lane = await this.#take();
    try {
      return await work(lane);
    } finally {
      this.#giveBack(lane);
    }
  }

  #take(): Promise<FetchLane> | FetchLane {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#opened >= this.#lanesMax) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#opened += 1;
    return { name: `fetch-${this.#opened}`, session: new FetchSession() };
  }

  #giveBack(lane: FetchLane): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#free.push(lane);
  }
}
