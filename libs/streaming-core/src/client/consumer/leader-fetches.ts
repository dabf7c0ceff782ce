import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { ClientError } from '../errors/client-error.ts';
import type { FetchPosition } from '../fetched-records.ts';
import { emptyPartition, failedPartition, type AnsweredPartition } from './fetch-answer.ts';
import { PartitionMap } from '../partition-map.ts';

/** A fetch request to one leader, from its start until the caller has its answer. */
interface LeaderFetch {
  /** Resolves when the leader has answered or the request has failed. Never rejects. */
  readonly settled: Promise<void>;
  readonly startedAt: number;
  /** The results, or why there are none. */
  outcome?: PartitionMap<AnsweredPartition> | ClientError;
}

interface FetchedFrom {
  readonly position: FetchPosition;
  readonly fetch: LeaderFetch;
}

/** How long an answer is kept that nobody asks for, because its partition has another owner. */
const unclaimedMsMax: DurationMs = 60_000;

/**
 * The fetch requests in flight, at most one for each partition. A fetch returns as soon as one
 * leader has answered. The requests to the other leaders continue, and their answers belong to the
 * next fetch from the same positions. So a leader that is slow or hangs delays no other partition.
 */
export class LeaderFetches {
  readonly #clock: Clock;
  readonly #fetches = new PartitionMap<FetchedFrom>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the positions for which no request is in flight. */
  missing(positions: readonly FetchPosition[]): readonly FetchPosition[] {
    return positions.filter((position) => this.#of(position) === undefined);
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
    for (const position of positions) this.#fetches.set(position, { position, fetch });
  }

  /** Resolves once one of the requests for these positions has settled, or all of them. */
  async settle(positions: readonly FetchPosition[], which: 'any' | 'all'): Promise<void> {
    const waiting = new Set<Promise<void>>();
    for (const position of positions) {
      const fetch = this.#of(position);
      if (fetch !== undefined) waiting.add(fetch.settled);
    }
    if (waiting.size === 0) return;
    await (which === 'any' ? Promise.race(waiting) : Promise.all(waiting));
  }

  /** Returns what is known for each position. A partition without an answer yet has no records. */
  take(positions: readonly FetchPosition[]): readonly AnsweredPartition[] {
    const taken = positions.map((position) => {
      const outcome = this.#of(position)?.outcome;
      if (outcome === undefined) return emptyPartition(position);
      this.#fetches.delete(position);
      return outcome instanceof Error ? failedPartition(position, outcome) : outcome.get(position)!;
    });
    this.#dropUnclaimed(positions.length);
    return taken;
  }

  /** Returns the failure if every request for these positions has failed. */
  failureOfAll(positions: readonly FetchPosition[]): ClientError | undefined {
    let first: ClientError | undefined;
    for (const position of positions) {
      const outcome = this.#of(position)?.outcome;
      if (!(outcome instanceof Error)) return undefined;
      first ??= outcome;
    }
    return first;
  }

  #of(position: FetchPosition): LeaderFetch | undefined {
    const known = this.#fetches.get(position);
    const isSame = known?.position.offset === position.offset && known.position.topicId === position.topicId;
    return isSame ? known.fetch : undefined;
  }

  #dropUnclaimed(wanted: number): void {
    if (this.#fetches.size <= wanted) return;
    const oldest = this.#clock.monotonic() - unclaimedMsMax;
    for (const { position, fetch } of [...this.#fetches.values()])
      if (fetch.outcome !== undefined && fetch.startedAt < oldest) this.#fetches.delete(position);
  }
}

function byPlace(fetched: readonly AnsweredPartition[]): PartitionMap<AnsweredPartition> {
  const places = new PartitionMap<AnsweredPartition>();
  for (const one of fetched) places.set(one, one);
  return places;
}
