import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError, WrongExpectedVersionError } from '../errors.ts';
import type { ExpectedVersion, RecordedEvent } from '../event-store.ts';
import {
  coalescedAppendsMax,
  coalescedBytesMax,
  coalescedEventsMax,
  coalescedStatementsMax,
  waitingAppendsMax,
  waitingBytesMax,
} from '../limits.ts';
import { columnsOf, oneStreamValues, type NewEvent, type SharedByEvents } from './new-event.ts';
import { APPEND_TO_STREAM, APPEND_TOGETHER } from './write.sql.ts';
import { asWrongExpectedVersion } from './wrong-version.ts';

/** An append of one caller to one stream. The events have the version 0 until they are written. */
export interface QueuedAppend extends SharedByEvents {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly NewEvent[];
}

interface Waiting extends QueuedAppend {
  readonly bytes: number;
  readonly written: (events: readonly RecordedEvent[]) => void;
  readonly failed: (error: unknown) => void;
}

/** The appends of one statement to one stream: one, or several that expect no version. */
type SameStream = Waiting[];

/**
 * Writes the appends that have come while statements were under way with the next one. Each caller
 * gets its own result. Two statements at a time keep PostgreSQL busy while this process prepares
 * the next and a commit waits for the disk. A stream is in one of them only, so that its appends
 * keep their order.
 */
export class AppendQueue {
  readonly #database: SqlTransaction;
  readonly #streamsUnderWay = new Set<string>();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #statements = 0;
  #isGathering = false;

  constructor(database: SqlTransaction) {
    this.#database = database;
  }

  /** Rejects with `append_queue_full`, and writes nothing, if too many appends or bytes wait. */
  append(append: QueuedAppend): Promise<readonly RecordedEvent[]> {
    return new Promise((written, failed) => {
      const bytes = bytesOf(append);
      if (!this.#hasRoomFor(bytes)) return failed(queueFull(append.stream));
      this.#waiting.push({ ...append, bytes, written, failed });
      this.#waitingBytes += bytes;
      this.#beginSoon();
    });
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#waiting.length === 0) return true;
    return this.#waiting.length < waitingAppendsMax && this.#waitingBytes + bytes <= waitingBytesMax;
  }

  /** Callers of the same moment share a statement. */
  #beginSoon(): void {
    if (this.#isGathering || this.#statements === coalescedStatementsMax || this.#waiting.length === 0)
      return;
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      void this.#writeNext();
    });
  }

  async #writeNext(): Promise<void> {
    const batch = this.#nextBatch();
    if (batch.length === 0) return;
    const streams = batch.map(([first]) => first!.stream);
    for (const stream of streams) this.#streamsUnderWay.add(stream);
    this.#statements += 1;
    this.#beginSoon();
    await this.#write(batch);
    this.#statements -= 1;
    for (const stream of streams) this.#streamsUnderWay.delete(stream);
    this.#beginSoon();
  }

  /**
   * Leaves out an append whose result depends on an earlier one of the same batch or of a statement
   * under way, and those to its stream that follow.
   */
  #nextBatch(): readonly SameStream[] {
    const batch = new Map<string, SameStream>();
    const left: Waiting[] = [];
    const leftStreams = new Set(this.#streamsUnderWay);
    let appends = 0;
    let events = 0;
    let bytes = 0;
    for (const append of this.#waiting) {
      const same = batch.get(append.stream);
      const isFull =
        appends === coalescedAppendsMax || events >= coalescedEventsMax || bytes >= coalescedBytesMax;
      const joins = same === undefined || (same[0]?.expected === 'any' && append.expected === 'any');
      if (isFull || !joins || leftStreams.has(append.stream)) {
        left.push(append);
        leftStreams.add(append.stream);
        continue;
      }
      if (same === undefined) batch.set(append.stream, [append]);
      else same.push(append);
      appends += 1;
      events += append.events.length;
      bytes += append.bytes;
    }
    this.#waiting = left;
    this.#waitingBytes -= bytes;
    return [...batch.values()];
  }

  async #write(batch: readonly SameStream[]): Promise<void> {
    const appends = batch.flat();
    const [only, ...others] = appends;
    try {
      if (only !== undefined && others.length === 0) await this.#writeAlone(only);
      else await this.#writeTogether(batch);
    } catch (error) {
      if (others.length > 0 && isAloneWorthwhile(error))
        for (const append of appends) await this.#write([[append]]);
      else appends.forEach(({ failed }) => failed(error));
    }
  }

  async #writeAlone(append: Waiting): Promise<void> {
    const values = oneStreamValues({ ...append, expected: versionIn(append.expected) });
    const { rows } = await this.#database
      .query<{ version_before: string }>(APPEND_TO_STREAM, values)
      .catch((error: unknown) => Promise.reject(asWrongExpectedVersion(error) ?? error));
    settle([append], { ...rows[0]!, fits: true });
  }

  async #writeTogether(batch: readonly SameStream[]): Promise<void> {
    const { rows } = await this.#database.query<AppendedRow>(APPEND_TOGETHER, parametersOf(batch));
    batch.forEach((same, index) => settle(same, rows[index]!));
  }
}

const bytesOf = ({ events }: QueuedAppend): number =>
  events.reduce(
    (sum, { stored: { data, personal } }) =>
      sum + Buffer.byteLength(data) + Buffer.byteLength(personal ?? ''),
    0,
  );

const queueFull = (stream: string): EventStoreError =>
  new EventStoreError(
    'append_queue_full',
    `${waitingAppendsMax} appends or ${waitingBytesMax} bytes of events wait for the database, so stream ${stream} ` +
      'was not appended to: repeat the append once earlier ones have ended, or accept less work at a time',
    { stream },
  );

type AppendedRow = { readonly version_before: string; readonly fits: boolean };

/**
 * Data exceptions (22) and violated constraints (23), such as an event id that exists, are of one
 * event. A deadlock (40P01) needs several streams. PostgreSQL has rolled the statement back.
 */
const isAloneWorthwhile = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(2[23]|40P01)/.test(String(error.code));

function parametersOf(batch: readonly SameStream[]): readonly unknown[] {
  const appends = batch.flat();
  const byStream = batch.map((same) => same.flatMap(({ events }) => events));
  return [
    batch.map(([first]) => first!.stream),
    batch.map(([first]) => versionIn(first!.expected)),
    byStream.map((events) => events.length),
    byStream.flatMap((events, index) => events.map(() => index + 1)),
    byStream.flatMap((events) => events.map((_, index) => index + 1)),
    appends.flatMap(({ events }, index) => events.map(() => index + 1)),
    ...columnsOf(byStream.flat()),
    appends.map(({ metadata }) => JSON.stringify(metadata)),
    appends.map(({ recordedAt }) => recordedAt),
  ];
}

const versionIn = (expected: ExpectedVersion): string | null => {
  if (expected === 'any') return null;
  return expected === 'none' ? '0' : String(expected);
};

function settle(same: SameStream, { version_before, fits }: AppendedRow): void {
  let version = BigInt(version_before);
  for (const { stream, expected, events, written, failed } of same) {
    if (fits) written(events.map(({ recorded }) => ({ ...recorded, version: ++version })));
    else failed(new WrongExpectedVersionError({ stream, expected, actual: version }));
  }
}
