import { randomUUID } from 'node:crypto';
import type { LiveMessage } from '@millrace/service-chassis/app';
import { systemClock } from '@millrace/streaming-core/runtime';
import { Observable } from 'rxjs';
import type { RowBatch } from '../api/row-batch.ts';
import type { Failure, Shown } from '../api/shown.ts';

/** Together they allow 200 rows per second. */
const everyMs = 250;
const rowsMax = 50;
/** The largest number of rows that wait. Rows that come at once are spread over a second. */
const waitingMax = 200;

/** The data of the events that `liveRows` sends. */
export const rowsOfBatch =
  'After `snapshot` it is the rows since the event before, and how many were left out because there were too many.';

/**
 * Sends the rows of a source, and the number of rows that were dropped. The source begins with the
 * answer, and ends with it: `begin` returns the function that ends it.
 */
export const liveRows = <Row>(begin: (rows: Rows<Row>) => () => void): Observable<LiveMessage> =>
  new Observable((subscriber) => {
    const rows = new Rows<Row>();
    const timer = setInterval(() => {
      if (rows.isNew) subscriber.next({ type: 'snapshot', data: rows.take() });
    }, everyMs);
    const end = begin(rows);
    return () => {
      clearInterval(timer);
      end();
    };
  });

/** The newest rows that have not been sent yet. */
export class Rows<Row> {
  readonly #tail = randomUUID();
  #waiting: Row[] = [];
  #dropped = 0;
  #scanned = 0;
  /** Undefined until the source was read. */
  #failure: Failure | null | undefined;
  #isNew = false;

  /** Whether there is anything to send. */
  get isNew(): boolean {
    return this.#isNew || this.#waiting.length > 0;
  }

  /** Adds a row. Without one, it only counts a row that was read and did not match. */
  add(row: Row | undefined): void {
    this.#isNew = true;
    this.#scanned += 1;
    if (row === undefined) return;
    this.#waiting.push(row);
    if (this.#waiting.length <= waitingMax) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** Notes that the source can be read, even if it has had no rows yet. */
  works(): void {
    this.#isNew ||= this.#failure !== null;
    this.#failure = null;
  }

  fail(reason: string): void {
    this.#isNew ||= this.#failure?.reason !== reason;
    const since = this.#failure?.since ?? new Date(systemClock.now()).toISOString();
    this.#failure = { reason, since };
  }

  take(): Shown<RowBatch<Row>> {
    const batch = {
      tail: this.#tail,
      rows: this.#waiting.splice(0, rowsMax),
      dropped: this.#dropped,
      scanned: this.#scanned,
      failure: this.#failure ?? null,
    };
    this.#dropped = 0;
    this.#scanned = 0;
    this.#isNew = false;
    return batch;
  }
}
