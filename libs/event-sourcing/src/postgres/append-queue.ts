import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { WrongExpectedVersionError } from '../errors.ts';
import type { ExpectedVersion, RecordedEvent } from '../event-store.ts';
import { coalescedAppendsMax, coalescedEventsMax } from '../limits.ts';
import { columnsOf, type NewEvent } from './new-event.ts';
import { APPEND_EVENTS } from './write.sql.ts';

/** An append of one caller to one stream. The events have the version 0 until they are written. */
export interface QueuedAppend {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly NewEvent[];
}

interface Waiting extends QueuedAppend {
  readonly written: (events: readonly RecordedEvent[]) => void;
  readonly failed: (error: unknown) => void;
}

/** The appends of one statement to one stream: one, or several that expect no version. */
type SameStream = Waiting[];

/**
 * Writes the appends that have come while a statement was under way with the next one. Each caller
 * gets its own result.
 */
export class AppendQueue {
  readonly #database: SqlTransaction;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(database: SqlTransaction) {
    this.#database = database;
  }

  append(append: QueuedAppend): Promise<readonly RecordedEvent[]> {
    return new Promise((written, failed) => {
      this.#waiting.push({ ...append, written, failed });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await Promise.resolve(); // callers of the same moment share the first statement
    while (this.#waiting.length > 0) await this.#write(this.#nextBatch());
    this.#isRunning = false;
  }

  /**
   * Leaves out an append whose result depends on an earlier one of the same batch, and those to its
   * stream that follow.
   */
  #nextBatch(): readonly SameStream[] {
    const batch = new Map<string, SameStream>();
    const left: Waiting[] = [];
    const leftStreams = new Set<string>();
    let appends = 0;
    let events = 0;
    for (const append of this.#waiting) {
      const same = batch.get(append.stream);
      const isFull = appends === coalescedAppendsMax || events >= coalescedEventsMax;
      const joins = same === undefined || [...same, append].every(({ expected }) => expected === 'any');
      if (isFull || !joins || leftStreams.has(append.stream)) {
        left.push(append);
        leftStreams.add(append.stream);
        continue;
      }
      if (same === undefined) batch.set(append.stream, [append]);
      else same.push(append);
      appends += 1;
      events += append.events.length;
    }
    this.#waiting = left;
    return [...batch.values()];
  }

  async #write(batch: readonly SameStream[]): Promise<void> {
    try {
      const { rows } = await this.#database.query<AppendedRow>(APPEND_EVENTS, parametersOf(batch));
      batch.forEach((same, index) => settle(same, rows[index]!));
    } catch (error) {
      const all = batch.flat();
      if (all.length > 1 && isAloneWorthwhile(error)) for (const append of all) await this.#write([[append]]);
      else all.forEach(({ failed }) => failed(error));
    }
  }
}

type AppendedRow = { readonly version_before: string; readonly fits: boolean };

/**
 * Data exceptions (22) and violated constraints (23), such as an event id that exists, are of one
 * event. A deadlock (40P01) needs several streams. PostgreSQL has rolled the statement back.
 */
const isAloneWorthwhile = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(2[23]|40P01)/.test(String(error.code));

const eventsIn = (same: SameStream): readonly NewEvent[] => same.flatMap(({ events }) => events);

const parametersOf = (batch: readonly SameStream[]): readonly unknown[] => [
  batch.map(([first]) => first!.stream),
  batch.map(([first]) => versionIn(first!.expected)),
  batch.map((same) => eventsIn(same).length),
  batch.flatMap((same, index) => eventsIn(same).map(() => index + 1)),
  batch.flatMap((same) => eventsIn(same).map((_, index) => index + 1)),
  ...columnsOf(batch.flatMap(eventsIn)),
];

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
