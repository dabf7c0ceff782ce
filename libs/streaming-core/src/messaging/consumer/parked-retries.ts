import { seconds, type Clock, type DurationMs } from '../../runtime/index.ts';
import { MessageFailure } from './commit-batches.ts';
import type { Decoded } from './decode.ts';
import type { OffsetRow } from './offset-store.ts';
import type { Reports } from './reports.ts';
import type { ParkedMessage, ParkingChanges } from './parked-messages.ts';
import type { Parking } from './parking.ts';

export interface ParkedRetriesOptions {
  readonly parking: Parking;
  readonly reports: Reports;
  readonly row: OffsetRow;
  readonly clock: Clock;
  /** Commits in a separate transaction, which is fenced like a batch but moves no offset. */
  commit(items: readonly Decoded[], changes: ParkingChanges): Promise<void>;
}

/** How often the owner of parked keys asks whether an operator wants one to be tried now. */
const hearOperatorsMs: DurationMs = seconds(2);

/** Retries the parked messages of a partition. */
export class ParkedRetries {
  readonly #options: ParkedRetriesOptions;
  #heardMs = -Infinity;

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

  /** The time until a key is due or operators are heard again, or undefined if none is parked. */
  get idleMs(): DurationMs | undefined {
    const { parking } = this.#options;
    return parking.idleMs === undefined ? undefined : Math.min(parking.idleMs, hearOperatorsMs);
  }

  /** Asks at most every `hearOperatorsMs`. Never rejects, since the next time asks again. */
  async hearOperators(): Promise<void> {
    const { parking, clock, row, reports } = this.#options;
    if (parking.keys.size === 0 || clock.monotonic() - this.#heardMs < hearOperatorsMs) return;
    this.#heardMs = clock.monotonic();
    try {
      await parking.hearOperators();
      reports.succeeded('parked', row);
    } catch (error) {
      reports.retrying(error, 'parked', row);
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
