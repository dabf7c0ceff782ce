import { orderEvents } from '@millrace/contracts';
import { connectGroupConsumer, type GroupConsumer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';

export type OrderEnd = 'completed' | 'cancelled';

interface Ended {
  readonly as: OrderEnd;
  /** `performance.now()` when the bench read it. */
  readonly at: number;
}

const ends: Readonly<Record<string, OrderEnd>> = { OrderCompleted: 'completed', OrderCancelled: 'cancelled' };
const topic = orderEvents.declaration.name;

/** Reads `order-events` as any other service does, and notes when each order ended. */
export class OrderEnds {
  readonly #consumer: GroupConsumer;
  readonly #positions = new Map<number, bigint>();
  readonly #ended = new Map<string, Ended>();
  readonly #waiting = new Map<string, (ended: Ended) => void>();
  #closing = false;
  #reading: Promise<void> = Promise.resolve();

  private constructor(consumer: GroupConsumer) {
    this.#consumer = consumer;
  }

  /** Starts reading at the current end of the topic. */
  static async open(bootstrapServers: string): Promise<OrderEnds> {
    const consumer = connectGroupConsumer({
      bootstrapServers: [bootstrapServers],
      clientId: 'bench',
      groupId: 'bench',
      topics: [topic],
      logger: silentLogger,
    });
    const watch = new OrderEnds(consumer);
    const partitions = (await consumer.identify([topic])).get(topic)?.partitions ?? 0;
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    for (const { partition, offset } of await consumer.endOffsets(all))
      watch.#positions.set(partition, offset);
    watch.#reading = watch.#read();
    return watch;
  }

  /** Resolves when the order has ended. Rejects after `timeoutMs`. */
  async of(orderId: string, timeoutMs: number): Promise<Ended> {
    const known = this.#ended.get(orderId);
    if (known !== undefined) return known;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`order ${orderId} did not end within ${timeoutMs} ms`)),
        timeoutMs,
      );
    });
    const ended = new Promise<Ended>((resolve) => this.#waiting.set(orderId, resolve));
    return Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#consumer.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    while (!this.#closing) {
      const wanted = [...this.#positions].map(([partition, offset]) => ({ topic, partition, offset }));
      // The client has retried. An order that does not end is reported.
      const answers = await this.#consumer.fetch(wanted).catch(() => []);
      for (const { partition, records, nextOffset } of answers) {
        this.#positions.set(partition, nextOffset);
        for (const { key, headers } of records) this.#note(String(key), ends[headers.get('ce_type') ?? '']);
      }
    }
  }

  #note(orderId: string, as: OrderEnd | undefined): void {
    if (as === undefined) return;
    const ended = { as, at: performance.now() };
    this.#ended.set(orderId, ended);
    this.#waiting.get(orderId)?.(ended);
    this.#waiting.delete(orderId);
  }
}
