import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { ClientError } from '../errors/client-error.ts';
import type { FetchPosition } from '../fetched-records.ts';
import { emptyPartition, failedPartition, type AnsweredPartition } from './fetch-answer.ts';
import { PartitionMap } from '../partition-map.ts';

/** A fetch request to one leader, from its start until the callers have its answer. */
interface LeaderFetch {
  /** Resolves when the leader has answered or the request has failed. Never rejects. */
  readonly settled: Promise<void>;
  readonly startedAt: number;
  /** The results that nobody has taken yet, or why there are none. */
  outcome?: PartitionMap<AnsweredPartition> | ClientError;
}

/** The request that a caller waits for at a position. */
export interface AwaitedFetch {
  readonly position: FetchPosition;
  readonly fetch: LeaderFetch;
}

/** How long an answer is kept that nobody asks for, because its partition has another owner. */
const unclaimedMsMax: DurationMs = 60_000;

/**
 * The fetch requests in flight. A fetch returns as soon as one leader has answered. The requests to
 * the other leaders continue, and their answers belong to the next fetch from the same positions. So
 * a leader that is slow or hangs delays no other partition. Callers that read a partition from
 * different offsets at the same time each get the answer of their own request; only the latest of
 * these requests is kept for a later fetch.
 */
export class LeaderFetches {
  readonly #clock: Clock;
  readonly #latest = new PartitionMap<AwaitedFetch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the positions for which no request is in flight. */
  missing(positions: readonly FetchPosition[]): readonly FetchPosition[] {
    return positions.filter((position) => this.#at(position) === undefined);
  }

  start(
    positions: readonly FetchPosition[],
    answer: Promise<readonly AnsweredPartition[] | ClientError>,
  ): void {
    const fetch: LeaderFetch = {
      startedAt: this.#clock.monotonic(),
      settled: answer.then(
        (outcome) => void (fetch.outcome = outcome instanceof Error ? outcome : byPlace(outcome)),
      ),
    };
    for (const position of positions) this.#latest.set(position, { position, fetch });
  }

  /** Returns the requests for these positions, in order. Each has been started. */
  at(positions: readonly FetchPosition[]): readonly AwaitedFetch[] {
    return positions.map((position) => this.#at(position)!);
  }

  /**
   * Returns what is known for each request. A partition has no records if there is no answer yet, or
   * if another caller at the same position has taken it.
   */
  take(awaited: readonly AwaitedFetch[]): readonly AnsweredPartition[] {
    const taken = awaited.map(({ position, fetch }) => {
      const { outcome } = fetch;
      if (outcome === undefined) return emptyPartition(position);
      if (this.#latest.get(position)?.fetch === fetch) this.#latest.delete(position);
      if (outcome instanceof Error) return failedPartition(position, outcome);
      const answered = outcome.get(position);
      outcome.delete(position);
      return answered ?? emptyPartition(position);
    });
    this.#dropUnclaimed(awaited.length);
    return taken;
  }

  #at(position: FetchPosition): AwaitedFetch | undefined {
    const latest = this.#latest.get(position);
    const isSame =
      latest?.position.offset === position.offset && latest.position.topicId === position.topicId;
    return isSame ? latest : undefined;
  }

  #dropUnclaimed(wanted: number): void {
    if (this.#latest.size <= wanted) return;
    const oldest = this.#clock.monotonic() - unclaimedMsMax;
    for (const { position, fetch } of [...this.#latest.values()])
      if (fetch.outcome !== undefined && fetch.startedAt < oldest) this.#latest.delete(position);
  }
}

/** Resolves once one of the requests has settled, or all of them. */
export async function settle(awaited: readonly AwaitedFetch[], which: 'any' | 'all'): Promise<void> {
  const waiting = new Set(awaited.map(({ fetch }) => fetch.settled));
  if (waiting.size === 0) return;
  await (which === 'any' ? Promise.race(waiting) : Promise.all(waiting));
}

/** Returns the failure if every request has failed. */
export function failureOfAll(awaited: readonly AwaitedFetch[]): ClientError | undefined {
  let first: ClientError | undefined;
  for (const { fetch } of awaited) {
    if (!(fetch.outcome instanceof Error)) return undefined;
    first ??= fetch.outcome;
  }
  return first;
}

function byPlace(fetched: readonly AnsweredPartition[]): PartitionMap<AnsweredPartition> {
  const places = new PartitionMap<AnsweredPartition>();
  for (const one of fetched) places.set(one, one);
  return places;
}
