import { MessageFailure } from '../commit-batches.ts';
import type { Decoded } from '../decode.ts';
import type { OffsetRow } from '../offset-store.ts';
import type { Reports } from '../reports.ts';
import type { ParkedMessage, ParkingChanges } from './parked-message.ts';
import type { Parking } from './parking.ts';

export interface ParkedRetriesOptions {
  readonly parking: Parking;
  readonly reports: Reports;
  readonly row: OffsetRow;
  /** Commits in a separate transaction, which is fenced like a batch but moves no offset. */
  commit(items: readonly Decoded[], changes: ParkingChanges): Promise<void>;
}

/** Retries the parked messages of a partition. */
export class ParkedRetries {
  readonly #options: ParkedRetriesOptions;

  constructor(options: ParkedRetriesOptions) {
    this.#options = options;
  }

  /**
   * Tries the first message of a key once. Rejects only with errors that are no fault of the
   * message.
   */
  async retry(digest: string): Promise<void> {
    const { parking, commit } = this.#options;
    const parked = await this.#first(digest);
    if (parked === undefined) return;
    const { message, item } = parked;
    const attempts = message.attemptsInPlace + message.retries + 1;
    try {
      await commit([item.kind === 'dead' ? { ...item, attempts } : item], { unparked: message });
    } catch (error) {
      if (error instanceof MessageFailure) return this.#failed(message, attempts, error.cause);
      parking.later(digest);
      throw error;
    }
  }

  /** While the keys of personal data are unreachable, other parked messages are tried first. */
  async #first(digest: string) {
    const { parking } = this.#options;
    try {
      return await parking.first(digest);
    } catch (error) {
      parking.later(digest);
      throw error;
    }
  }

  async #failed(message: ParkedMessage, attempts: number, error: Error): Promise<void> {
    const { parking, reports, row, commit } = this.#options;
    const { record } = message;
    const retryAtMs = parking.judgeParked(message, error);
    if (retryAtMs === undefined)
      return commit([{ kind: 'dead', record, error, attempts }], { unparked: message });
    await commit([], { postponed: { message, retryAtMs, error } });
    reports.failed(error, `the parked message at offset ${record.offset} failed, attempt ${attempts}`, row);
  }
}
