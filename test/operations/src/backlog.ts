import { silentLogger } from '@millrace/streaming-core/runtime';
import { connectGroupConsumer, type GroupConsumer } from '@millrace/streaming-core/client';
import { query } from '@millrace/test-support/shop';
import type { Engines, ServiceName } from '@millrace/test-support/stack';

interface Reached {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Compares the log with what a service has handled of it. */
export class Backlog {
  readonly #engines: Engines;
  readonly #log: GroupConsumer;

  constructor(engines: Engines) {
    this.#engines = engines;
    const bootstrapServers = [engines.bootstrapServers];
    this.#log = connectGroupConsumer({
      bootstrapServers,
      clientId: 'backlog',
      groupId: 'backlog',
      topics: [],
      logger: silentLogger,
    });
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  async ends(service: ServiceName): Promise<readonly Reached[]> {
    return this.#log.endOffsets(
      (await this.#reached(service)).map(({ topic, partition }) => ({ topic, partition })),
    );
  }

  /** Returns the number of messages below these ends that the service has not handled yet. */
  async missing(service: ServiceName, ends: readonly Reached[]): Promise<number> {
    const reached = new Map(
      (await this.#reached(service)).map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset]),
    );
    return ends.reduce((sum, { topic, partition, offset }) => {
      const behind = offset - (reached.get(`${topic}-${partition}`) ?? 0n);
      return sum + Math.max(Number(behind), 0);
    }, 0);
  }

  async #reached(service: ServiceName): Promise<readonly Reached[]> {
    const rows = await query(
      this.#engines,
      service,
      'SELECT topic, partition::text, next_offset::text AS next FROM consumer_offset',
    );
    return rows.map(({ topic, partition, next }) => ({
      topic: topic ?? '',
      partition: Number(partition),
      offset: BigInt(next ?? 0),
    }));
  }
}
