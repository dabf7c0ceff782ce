import type { Assignment, ConsumedRecord, GroupConsumer } from '@millrace/streaming-core/client';

/**
 * A member of a group that keeps all records it reads. The next owner of a partition continues at
 * the group's offset.
 */
export class GroupReader {
  readonly name: string;
  readonly records: ConsumedRecord[] = [];
  readonly #consumer: GroupConsumer;
  readonly #positions: Map<number, bigint>;
  #assignment: Assignment | undefined;
  #reading: Promise<void> = Promise.resolve();
  failure: unknown;

  constructor(name: string, consumer: GroupConsumer, positions: Map<number, bigint>) {
    this.name = name;
    this.#consumer = consumer;
    this.#positions = positions;
  }

  get generationId(): number {
    return this.#assignment?.generationId ?? -1;
  }

  /** `P0`, `P1`... as the guide writes them; nothing while the group rebalances. */
  get owns(): readonly string[] {
    return (this.#assignment?.partitions ?? []).map(({ partition }) => `P${partition}`);
  }

  start(): Promise<void> {
    return this.#consumer.start({
      onRevoked: async () => {
        this.#assignment = undefined;
        await this.#reading;
      },
      onAssigned: async (assignment) => {
        this.#assignment = assignment;
        this.#reading = this.#read(assignment).catch((failure: unknown) => {
          this.failure = failure;
        });
      },
    });
  }

  async #read(assignment: Assignment): Promise<void> {
    while (this.#assignment === assignment && assignment.partitions.length > 0) {
      const wanted = assignment.partitions.map((at) => ({
        ...at,
        offset: this.#positions.get(at.partition) ?? 0n,
      }));
      for (const { partition, records, nextOffset, error } of await this.#consumer.fetch(wanted)) {
        if (error !== undefined) throw error;
        this.records.push(...records);
        this.#positions.set(partition, nextOffset);
      }
    }
  }

  async leave(): Promise<void> {
    this.#assignment = undefined;
    await this.#reading;
    await this.#consumer.close();
  }
}
