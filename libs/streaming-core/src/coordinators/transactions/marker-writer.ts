import { pause, type Clock, type Logger } from '../../runtime/index.ts';
import { offsetsTopicName } from '../groups/offsets-topic.ts';
import type { TransactionMarker } from '../../records/records.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import type { TransactionSettings, TopicPartition } from './transaction.ts';

export interface MarkerWriterPorts {
  readonly logs: LogManager;
  /**
   * Commits or aborts the offsets of a transaction in a partition of `__consumer_offsets`. Resolves
   * when that is durable.
   */
  readonly endOffsets: (partition: number, marker: TransactionMarker) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: TransactionSettings;
}

/**
 * The partition was deleted, or knows a later producer or coordinator. There is nothing left to
 * end.
 */
const overtaken: readonly ErrorName[] = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_PRODUCER_EPOCH',
  'TRANSACTION_COORDINATOR_FENCED',
];

/**
 * Writes the markers of a transaction to all its partitions. It retries each until it succeeds,
 * since the outcome is already decided.
 */
export class MarkerWriter {
  readonly #ports: MarkerWriterPorts;
  readonly #closing = new AbortController();

  constructor(ports: MarkerWriterPorts) {
    this.#ports = ports;
  }

  /**
   * Resolves to true when all markers are durable, and to false when the broker closes first.
   * Markers that can be written at once are written before this returns.
   */
  async write(partitions: readonly TopicPartition[], marker: TransactionMarker): Promise<boolean> {
    const outcomes = await Promise.all(partitions.map((partition) => this.#writeOne(partition, marker)));
    return outcomes.every((written) => written);
  }

  close(): void {
    this.#closing.abort();
  }

  async #writeOne(place: TopicPartition, marker: TransactionMarker): Promise<boolean> {
    for (let attempt = 0; !this.#closing.signal.aborted; attempt += 1) {
      try {
        await this.#append(place, marker);
        return true;
      } catch (error) {
        if (error instanceof ProtocolError && overtaken.includes(error.errorName)) return true;
        if (attempt === 0)
          this.#ports.logger.warn(
            { ...place, err: error },
            'a transaction marker could not be written and is tried again',
          );
        await pause(this.#ports.clock, this.#ports.settings.markerRetryMs, this.#closing.signal);
      }
    }
    return false;
  }

  #append({ topic, partition }: TopicPartition, marker: TransactionMarker): Promise<void> {
    const log = this.#ports.logs.partition(topic, partition);
    if (log === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `${topic}-${partition} was deleted`);
    return topic === offsetsTopicName
      ? this.#ports.endOffsets(partition, marker)
      : log.appendMarker(marker).durable;
  }
}
