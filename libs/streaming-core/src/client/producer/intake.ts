import { toClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import { partitionCounts } from './partition-counts.ts';
import type { PendingSend } from './pending-send.ts';
import type { ProducerSettings } from './producer-settings.ts';
import { ownedRecord, type EncodedRecord } from './record-encoding.ts';
import { placeRecords } from './partitioners.ts';
import { SendBuffer, type SendLoad } from './send-buffer.ts';
import type { Sender } from './sender.ts';

/**
 * Gives records their partitions and passes them on to the sender, in the order of the calls. A
 * call waits only for room in the buffer, and for earlier calls with one of its topics.
 */
export class Intake {
  readonly buffer: SendBuffer;
  readonly #settings: ProducerSettings;
  readonly #brokers: BrokerClient;
  readonly #sender: Sender;
  readonly #queues = new TopicQueues();

  constructor(settings: ProducerSettings, brokers: BrokerClient, sender: Sender) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#sender = sender;
    this.buffer = new SendBuffer(settings);
  }

  /** Throws `queue_full` if there is no room. Later errors become the results of the records. */
  submit(records: readonly EncodedRecord[], send: PendingSend): void {
    const topics = topicsOf(records);
    const room = this.buffer.reserve(loadOf(records));
    const counts = this.#known(topics);
    if (room === undefined && counts !== undefined && !this.#queues.areTaken(topics))
      return this.#place(records, send, counts);
    if (room !== undefined) {
      room.catch(() => undefined); // the turn reports it
      this.#sender.wake(); // batches that linger make room
    }
    const owned = records.map(ownedRecord);
    this.#queues.take(topics, async () => {
      try {
        await room;
      } catch (error) {
        return send.fail(toClientError(error, 'sending records'));
      }
      await this.#placeOnceKnown(owned, send, topics);
    });
  }

  async #placeOnceKnown(
    records: readonly EncodedRecord[],
    send: PendingSend,
    topics: readonly string[],
  ): Promise<void> {
    const { clock, deliveryTimeoutMs } = this.#settings;
    const deadline = clock.monotonic() + deliveryTimeoutMs;
    try {
      const counts =
        this.#known(topics) ??
        (await partitionCounts(this.#brokers, topics, { ...this.#settings, deadline }));
      this.#place(records, send, counts);
    } catch (error) {
      this.buffer.release(loadOf(records));
      send.fail(toClientError(error, 'sending records'));
    }
  }

  #place(records: readonly EncodedRecord[], send: PendingSend, counts: ReadonlyMap<string, number>): void {
    if (send.left === 0) return this.buffer.release(loadOf(records)); // aborted while it waited
    let partitions;
    try {
      partitions = placeRecords(records, counts, this.#settings.partitioner);
    } catch (error) {
      this.buffer.release(loadOf(records));
      return send.fail(toClientError(error, 'choosing partitions'));
    }
    send.isPlaced = true;
    this.#sender.append(records, partitions, send);
  }

  #known(topics: readonly string[]): ReadonlyMap<string, number> | undefined {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const count = this.#brokers.topics.partitions(topic);
      if (count === undefined) return undefined;
      counts.set(topic, count);
    }
    return counts;
  }
}

function topicsOf(records: readonly EncodedRecord[]): readonly string[] {
  const topics = new Set<string>();
  for (const { topic } of records) topics.add(topic);
  return [...topics];
}

const loadOf = (records: readonly EncodedRecord[]): SendLoad => ({
  records: records.length,
  bytes: records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
});

/** Runs work in the order of the calls, for each of its topics. */
class TopicQueues {
  readonly #last = new Map<string, Promise<void>>();

  /** Returns true if earlier work for one of these topics has not ended. */
  areTaken(topics: readonly string[]): boolean {
    return topics.some((topic) => this.#last.has(topic));
  }

  /** Runs `work`, which never rejects, after the earlier work for these topics. */
  take(topics: readonly string[], work: () => Promise<void>): void {
    const before = topics.map((topic) => this.#last.get(topic));
    const turn = Promise.all(before)
      .then(work)
      .finally(() => {
        for (const topic of topics) if (this.#last.get(topic) === turn) this.#last.delete(topic);
      });
    for (const topic of topics) this.#last.set(topic, turn);
  }
}
