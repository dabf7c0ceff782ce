import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { ClusterBroker, TopicLookup, TopicPlace } from '../connection/topic-lookup.ts';

/** The cluster's last answer about a topic. */
export interface TopicView {
  readonly askedAt: number;
  readonly brokers: ReadonlyMap<number, ClusterBroker>;
  /** Undefined if there is no such topic. */
  readonly place: TopicPlace | undefined;
}

const ageMsMax: DurationMs = 5_000;
const topicsMax = 10_000;

/** Remembers the leaders of a producer's topics for 5 s after the last answer. */
export class TopicViews {
  readonly #clock: Clock;
  readonly #views = new Map<string, TopicView>();
  readonly #outdated = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the number of partitions if it is known. */
  partitions(topic: string): number | undefined {
    return this.#young(topic)?.place?.partitions.length;
  }

  /** Returns the view to send by, or undefined if the cluster has to be asked. */
  get(topic: string): TopicView | undefined {
    return this.#outdated.has(topic) ? undefined : this.#young(topic);
  }

  isOutdated(topic: string): boolean {
    return this.#outdated.has(topic);
  }

  /** Called when a broker's answer shows that the view is wrong. */
  outdate(topic: string): void {
    this.#outdated.add(topic);
  }

  put(topics: readonly string[], { brokers, found }: TopicLookup): void {
    if (this.#views.size + topics.length > topicsMax) this.#views.clear();
    const askedAt = this.#clock.monotonic();
    for (const topic of topics) {
      this.#views.set(topic, { askedAt, brokers, place: found.get(topic) });
      this.#outdated.delete(topic);
    }
  }

  #young(topic: string): TopicView | undefined {
    const view = this.#views.get(topic);
    return view && view.askedAt > this.#clock.monotonic() - ageMsMax ? view : undefined;
  }
}
