import { toClientError } from '../client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import { partitionCounts } from './partition-counts.ts';
import type { PendingSend } from './pending-send.ts';
import type { BatchEntry } from './producer-batch.ts';
import type { ProducerSettings } from './producer-settings.ts';
import type { EncodedRecord } from './record-encoding.ts';
import { placeRecords } from './record-placement.ts';
import { SendBuffer } from './send-buffer.ts';
import type { SendLoad } from './send-limits.ts';
import type { Sender } from './sender.ts';
import { TurnsByTopic } from './turns-by-topic.ts';

/** A record of a call, and its index there. */
export interface IndexedRecord {
  readonly record: EncodedRecord;
  readonly index: number;
}

/**
 * Gives records their partitions and passes them on to the sender, in the order of the calls. A
 * call waits only for room in the buffer, and for earlier calls with one of its topics.
 */
export class Intake {
  readonly buffer: SendBuffer;
  readonly #settings: ProducerSettings;
  readonly #brokers: BrokerClient;
  readonly #sender: Sender;
  readonly #turns = new TurnsByTopic();

  constructor(settings: ProducerSettings, brokers: BrokerClient, sender: Sender) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#sender = sender;
    this.buffer = new SendBuffer(settings);
  }

  /** Throws `queue_full` if there is no room. Later errors become the results of the records. */
  submit(records: readonly IndexedRecord[], send: PendingSend): void {
    const topics = topicsOf(records);
    const room = this.buffer.reserve(loadOf(records));
    const counts = this.#known(topics);
    if (room === undefined && counts !== undefined && !this.#turns.areTaken(topics))
      return this.#place(records, send, counts);
    if (room !== undefined) {
      room.catch(() => undefined); // the turn reports it
      this.#sender.wake(); // batches that linger make room
    }
    this.#turns.take(topics, async () => {
      try {
        await room;
      } catch (error) {
        return send.fail(toClientError(error, 'sending records'));
      }
      await this.#placeOnceKnown(records, send, topics);
    });
  }

  async #placeOnceKnown(
    records: readonly IndexedRecord[],
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

  #place(records: readonly IndexedRecord[], send: PendingSend, counts: ReadonlyMap<string, number>): void {
    if (send.left === 0) return this.buffer.release(loadOf(records)); // aborted while it waited
    const encoded = records.map(({ record }) => record);
    let partitions;
    try {
      partitions = placeRecords(encoded, counts, this.#settings.partitioner);
    } catch (error) {
      this.buffer.release(loadOf(records));
      return send.fail(toClientError(error, 'choosing partitions'));
    }
    send.isPlaced = true;
    records.forEach(({ record, index }, position) =>
      this.#sender.append(record.topic, partitions[position]!, { record, send, index }),
    );
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

function topicsOf(records: readonly IndexedRecord[]): readonly string[] {
  const topics = new Set<string>();
  for (const { record } of records) topics.add(record.topic);
  return [...topics];
}

export const loadOf = (records: readonly Pick<BatchEntry, 'record'>[]): SendLoad => ({
  records: records.length,
  bytes: records.reduce((sum, { record }) => sum + record.sizeBytes, 0),
});
