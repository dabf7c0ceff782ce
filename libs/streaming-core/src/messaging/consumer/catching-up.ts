import type { Clock } from '../../runtime/index.ts';
import type { GroupConsumer, TopicIdentity } from '../../client/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { committedByTopic, type OffsetRow } from './offset-store.ts';

interface CatchingUpOptions {
  readonly row: OffsetRow;
  readonly database: SqlDatabase;
  readonly consumer: GroupConsumer;
  readonly clock: Clock;
  /** Called when the committed offsets have not reached the ends. */
  readonly onBehind: () => void;
}

/** The ends of some topics at one moment, for one partition number. */
interface Ends {
  readonly takenAtMs: number;
  /** The end offset of each topic. A topic with fewer partitions has no entry. */
  readonly offsets: ReadonlyMap<string, bigint>;
  readonly identities: ReadonlyMap<string, TopicIdentity>;
}

interface Progress {
  readonly topicIds: string;
  reachedMs: number;
  /** Ends that are remembered and not yet reached. */
  wanted: Ends | undefined;
}

/**
 * Finds the last moment up to which the owner of a partition has handled every message of some
 * topics. It compares the committed offsets with remembered ends, because under load it would never
 * reach ends that it read again at each call.
 */
export class CatchingUp {
  readonly #options: CatchingUpOptions;

  readonly #progress = new Map<string, Progress>();

  constructor(options: CatchingUpOptions) {
    this.#options = options;
  }

  /**
   * Call this after a disruption, because replies that were on the log at those moments may not
   * have been read.
   */
  forget(): void {
    this.#progress.clear();
  }

  /** Returns Unix milliseconds, or `-Infinity`. */
  async reachedMs(topics: readonly string[]): Promise<number> {
    const identities = await this.#options.consumer.identify(topics);
    if (topics.some((topic) => !identities.has(topic))) return -Infinity;
    const progress = this.#progressOf(topics, identities);
    if (progress.wanted !== undefined && !(await this.#advance(progress, progress.wanted)))
      return progress.reachedMs;
    const ends = await this.#endsNow(topics, identities);
    if (ends !== undefined) await this.#advance(progress, ends);
    return progress.reachedMs;
  }

  /** A recreated topic starts at 0, so the ends of its predecessor no longer apply. */
  #progressOf(topics: readonly string[], identities: ReadonlyMap<string, TopicIdentity>): Progress {
    const topicIds = topics.map((topic) => identities.get(topic)?.topicId).join();
    const known = this.#progress.get(topics.join());
    if (known?.topicIds === topicIds) return known;
    const progress: Progress = { topicIds, reachedMs: -Infinity, wanted: undefined };
    this.#progress.set(topics.join(), progress);
    return progress;
  }

  async #endsNow(
    topics: readonly string[],
    identities: ReadonlyMap<string, TopicIdentity>,
  ): Promise<Ends | undefined> {
    const { consumer, clock, row } = this.#options;
    const takenAtMs = clock.now();
    const read = topics.filter((topic) => row.partition < (identities.get(topic)?.partitions ?? 0));
    const ends = await consumer.endOffsets(read.map((topic) => ({ topic, partition: row.partition })));
    if (ends.length !== read.length) return undefined;
    return { takenAtMs, identities, offsets: new Map(ends.map(({ topic, offset }) => [topic, offset])) };
  }

  /** Returns whether the committed offsets have reached the ends. */
  async #advance(progress: Progress, ends: Ends): Promise<boolean> {
    const { database, row } = this.#options;
    const committedAt = await committedByTopic(database, row, [...ends.identities.values()]);
    const reached = [...ends.offsets].every(
      ([topic, offset]) => committedAt(ends.identities.get(topic)?.topicId ?? '') >= offset,
    );
    progress.wanted = reached ? undefined : ends;
    if (reached) progress.reachedMs = ends.takenAtMs;
    else this.#options.onBehind();
    return reached;
  }
}
