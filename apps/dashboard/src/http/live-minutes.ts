import type { ServerResponse } from 'node:http';
import type { LiveAnswers, LiveMessage } from '@millrace/service-chassis/http';
import { token } from '@millrace/service-chassis/service';
import { minutes, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import {
  BehaviorSubject,
  concatMap,
  defer,
  delay,
  distinctUntilChanged,
  filter,
  race,
  repeat,
  shareReplay,
  timer,
  type Observable,
} from 'rxjs';
import { keyOf } from '../domain/minute-key.ts';
import type { ShownMinute, Staleness } from '../domain/page-view.ts';
import type { FigureAge } from '../figure-age.ts';
import type { MinuteTable } from '../sinks/postgres-minutes.ts';

export const LIVE_MINUTES = token<LiveMinutes>('LiveMinutes');

/** The minutes that a live answer shows, the present one included. */
const shownMinutes = 10;
/** How soon the writes of other processes are seen. Those of this process are seen at once. */
const pollMs = 500;
/** Writes of different partitions that come together are read together. */
const gatherMs = 50;

/** The start of the earliest of the last `count` minutes, the current one included. */
export function firstOfMinutes(count: number, clock: Clock): number {
  const now = clock.now();
  return now - (now % minutes(1)) - minutes(count - 1);
}

type Rows = ReadonlyMap<string, ShownMinute>;

/** The rows that clients see, and whether they are old. */
interface Shown {
  /** Undefined until they were read. */
  readonly rows: Rows | undefined;
  readonly stale: Staleness | null;
}

interface LiveMinutesOptions {
  readonly table: Pick<MinuteTable, 'since'>;
  readonly answers: LiveAnswers;
  readonly age: Pick<FigureAge, 'stale'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends the latest minutes as server-sent events: `snapshot` with all of them, then `change` with the
 * rows that differ, those that are gone, and whether the figures are old. A client that reads slowly
 * gets fewer and larger changes.
 * A client that reconnects gets a snapshot again. The table is read once for all clients, and only
 * while there are any.
 */
export class LiveMinutes {
  readonly #answers: LiveAnswers;
  readonly #written = new BehaviorSubject(0);
  readonly #shown: Observable<Shown>;

  constructor({ table, answers, age, clock, logger }: LiveMinutesOptions) {
    this.#answers = answers;
    const retries = new RetryLog({ clock, logger });
    let rows: Rows | undefined;
    let readAtMs = clock.now();
    let seen = 0;
    const read = async (): Promise<Shown> => {
      seen = this.#written.value;
      try {
        rows = withRows(rows, await table.since(firstOfMinutes(shownMinutes, clock)));
        readAtMs = clock.now();
        retries.recovered('page views can be read again');
        return { rows, stale: age.stale };
      } catch (error) {
        retries.failed(error, 'page views cannot be read at the moment; live answers wait');
        return {
          rows,
          stale: { reason: 'the database does not answer', since: new Date(readAtMs).toISOString() },
        };
      }
    };
    const again = () =>
      race(
        timer(pollMs),
        this.#written.pipe(
          filter((count) => count > seen),
          delay(gatherMs),
        ),
      );
    this.#shown = defer(read).pipe(
      repeat({ delay: again }),
      distinctUntilChanged((one, other) => one.rows === other.rows && isSame(one.stale, other.stale)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
  }

  /** Call it after this process has written to the table. */
  written(): void {
    this.#written.next(this.#written.value + 1);
  }

  /** The response paces the messages. */
  follow(response: ServerResponse): Observable<LiveMessage> {
    return defer(() => {
      let sent: Shown = { rows: undefined, stale: null };
      const messages = this.#shown.pipe(
        this.#answers.paced(response),
        concatMap((shown) => {
          const news = messagesAfter(sent, shown);
          sent = shown;
          return news;
        }),
      );
      return this.#answers.whileOpen(messages);
    });
  }
}

/** Reuses the row objects that are equal, and returns `before` if nothing has changed. */
function withRows(before: Rows | undefined, found: readonly ShownMinute[]): Rows {
  const rows = new Map(
    found.map((row) => {
      const known = before?.get(keyOf(row));
      return [keyOf(row), known !== undefined && isSame(known, row) ? known : row];
    }),
  );
  const isUnchanged = rows.size === before?.size && [...rows].every(([key, row]) => before.get(key) === row);
  return isUnchanged ? before : rows;
}

const isSame = <Data>(one: Data, other: Data): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The first message with rows is a snapshot. */
function messagesAfter(sent: Shown, { rows, stale }: Shown): readonly LiveMessage[] {
  const minutes = [...(rows ?? [])].flatMap(([key, row]) => (sent.rows?.get(key) === row ? [] : [row]));
  const gone = [...(sent.rows ?? [])].flatMap(([key, { window_start, page_url }]) =>
    rows?.has(key) === true ? [] : [{ window_start, page_url }],
  );
  const data = { minutes, gone, stale };
  if (rows !== undefined && sent.rows === undefined) return [{ type: 'snapshot', data }];
  const isNew = minutes.length + gone.length > 0 || !isSame(sent.stale, stale);
  return isNew ? [{ type: 'change', data }] : [];
}
