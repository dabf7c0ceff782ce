import { connectAdmin, connectLogReader, type OpenLogReader } from '@millrace/streaming-core/client';
import type { Side } from './two-sides.ts';

/** Where topics of one partition end, also those of open transactions. */
export class LogEnd implements AsyncDisposable {
  readonly #side: Side;
  readonly #reader: OpenLogReader;

  constructor(side: Side) {
    this.#side = side;
    this.#reader = connectLogReader(connectionTo(side));
  }

  /** Creates the topics, so that they have an end from the start. */
  async create(topics: readonly string[]): Promise<void> {
    await using admin = connectAdmin(connectionTo(this.#side));
    await admin.topics.create(topics.map((name) => ({ name, partitions: 1, replicationFactor: 1 })));
  }

  async of(topic: string): Promise<number> {
    const [end] = await this.#reader.endOffsets([{ topic, partition: 0 }]);
    return Number(end?.offset ?? 0n);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#reader.close();
  }
}

export const connectionTo = ({ broker, name }: Side) => ({
  bootstrapServers: [broker.bootstrapServers],
  clientId: `measuring-${name}`,
});
