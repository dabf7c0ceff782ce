import { inventoryEvents, orderEvents, paymentEvents, shippingEvents } from '@millrace/contracts';
import { connectGroupConsumer, type GroupConsumer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { query, readToEnd } from '@millrace/test-support/shop';
import type { StackPlaces } from '@millrace/test-support/stack';
import { placeOf, type LogSample, type Reply, type TimerHistory } from './history.ts';
import { FIRED_TIMERS, OFFSET_CHANGES, RECORD_CHANGES, TIMER_CHANGES } from './recorder.sql.ts';

/** The topics of the sagas' start messages and replies. */
const declarations = [orderEvents, inventoryEvents, paymentEvents, shippingEvents].map(
  ({ declaration }) => declaration,
);
const everyPartition = declarations.flatMap(({ name, partitions }) =>
  Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
);

/** After each of these, a choreographed order waits for answers that always come. */
const endsDeadline: ReadonlySet<string> = new Set([
  'InventoryReserveFailed',
  'PaymentFailed',
  'ShipmentFailed',
  'ShipmentScheduled',
  'OrderCancellationRequested',
]);

/** The part of the history that the stack tells. */
type Recorded = Omit<TimerHistory, 'outages' | 'ownerFaultsMs'>;

const sampleEveryMs = 100;

/** Records the timers of the order service, and what decides when each of them had to fire. */
export class TimerRecorder {
  readonly #stack: StackPlaces;
  readonly #consumer: GroupConsumer;
  readonly #samples: LogSample[] = [];
  readonly #stop = new AbortController();
  readonly #sampling: Promise<void>;

  private constructor(stack: StackPlaces) {
    this.#stack = stack;
    this.#consumer = connectGroupConsumer({
      bootstrapServers: stack.bootstrapServers.split(','),
      clientId: 'chaos',
      groupId: 'chaos',
      topics: declarations.map(({ name }) => name),
      fetchMaxWaitMs: 100,
      logger: silentLogger,
    });
    this.#sampling = this.#sampleAll();
  }

  static async start(stack: StackPlaces): Promise<TimerRecorder> {
    await query(stack, 'order', RECORD_CHANGES);
    return new TimerRecorder(stack);
  }

  /** Everything recorded so far. */
  async recorded(): Promise<Recorded> {
    const [timers, offsets, fired, replies] = await Promise.all([
      query(this.#stack, 'order', TIMER_CHANGES),
      query(this.#stack, 'order', OFFSET_CHANGES),
      query(this.#stack, 'order', FIRED_TIMERS),
      this.#replies(),
    ]);
    return {
      topics: declarations.map(({ name }) => name),
      timers: timers.map((row) => ({
        token: String(row.token),
        sagaId: String(row.saga_id),
        step: String(row.step),
        awaits: String(row.awaits),
        partition: Number(row.partition),
        dueMs: row.due_ms === null ? undefined : Number(row.due_ms),
        atMs: Number(row.at_ms),
      })),
      offsets: offsets.map((row) => ({
        topic: String(row.topic),
        partition: Number(row.partition),
        epoch: Number(row.epoch),
        nextOffset: Number(row.next_offset),
        atMs: Number(row.at_ms),
      })),
      samples: [...this.#samples],
      replies,
      fired: new Set(fired.map(({ token }) => String(token))),
    };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sampling;
    await this.#consumer.close();
  }

  async #sampleAll(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#sample().catch(() => undefined); // there is no sample while the broker is down
      await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
    }
  }

  async #sample(): Promise<void> {
    const fromMs = Date.now();
    const found = await this.#consumer.endOffsets(everyPartition);
    if (found.length !== everyPartition.length) return;
    const ends = new Map(
      found.map(({ topic, partition, offset }) => [placeOf(topic, partition), Number(offset)]),
    );
    this.#samples.push({ fromMs, toMs: Date.now(), ends });
  }

  async #replies(): Promise<readonly Reply[]> {
    const replies: Reply[] = [];
    for (const partition of everyPartition)
      for (const { topic, offset, key, headers } of await readToEnd(this.#consumer, partition)) {
        const at = { place: placeOf(topic, partition.partition), offset: Number(offset) };
        replies.push({ to: headers.get('ce_causationid') ?? '', ...at });
        if (endsDeadline.has(headers.get('ce_type') ?? '')) replies.push({ to: String(key), ...at });
      }
    return replies;
  }
}
