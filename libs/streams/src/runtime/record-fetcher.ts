import {
  ClientError,
  type FetchPosition,
  type OpenLogReader,
  type UndecodedPartition,
} from '@millrace/streaming-core/client';
import { isOutOfRange } from './deleted-records.ts';
import { placeName } from './place-name.ts';

/** The number of polls that may wait at the brokers at the same time. */
const pollsMax = 4;

/**
 * Fetches in the background, with at most one request per partition. Answers wait until the loop
 * takes them, so that records are decoded and processed only in the loop's turns. They are decoded
 * one by one when they are processed: the garbage collector would move decoded records that wait
 * again and again.
 */
export class RecordFetcher {
  readonly #reader: Pick<OpenLogReader, 'fetchUndecoded'>;
  readonly #onArrival: () => void;
  readonly #inFlight = new Set<string>();
  #polls = 0;
  #arrived: UndecodedPartition[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(reader: Pick<OpenLogReader, 'fetchUndecoded'>, onArrival: () => void) {
    this.#reader = reader;
    this.#onArrival = onArrival;
  }

  /** Requests the partitions for which there is no request under way and no answer waiting. */
  request(wanted: readonly FetchPosition[]): void {
    const missing = wanted.filter((position) => !this.#inFlight.has(placeName(position)));
    if (missing.length === 0 || this.#polls >= pollsMax) return;
    for (const position of missing) this.#inFlight.add(placeName(position));
    this.#polls += 1;
    void this.#poll(missing);
  }

  /**
   * Returns the answers that have arrived, with `offset_out_of_range` among them. Throws any other
   * error of a partition if the next request would fail again.
   */
  take(): readonly UndecodedPartition[] {
    if (this.#failure !== undefined) throw this.#failure.error;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const fetched of arrived) this.#inFlight.delete(placeName(fetched));
    return arrived;
  }

  async #poll(positions: readonly FetchPosition[]): Promise<void> {
    try {
      for (const fetched of await this.#reader.fetchUndecoded(positions)) this.#arrive(fetched);
    } catch (error) {
      if (isLasting(error)) this.#failure = { error };
      for (const position of positions) this.#inFlight.delete(placeName(position));
    }
    this.#polls -= 1;
    this.#onArrival();
  }

  #arrive(fetched: UndecodedPartition): void {
    if (fetched.error === undefined || isOutOfRange(fetched)) this.#arrived.push(fetched);
    else {
      if (isLasting(fetched.error)) this.#failure = { error: fetched.error };
      this.#inFlight.delete(placeName(fetched));
    }
  }
}

const isLasting = (error: unknown): boolean => !(error instanceof ClientError) || error.kind !== 'retriable';
