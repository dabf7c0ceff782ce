import type { ServerResponse } from 'node:http';
import type { LiveAnswers, LiveMessage } from '@millrace/service-chassis/http';
import { token } from '@millrace/service-chassis/service';
import { minutes, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import {
  BehaviorSubject,
  catchError,
  concatMap,
  defer,
  delay,
  distinctUntilChanged,
  EMPTY,
  filter,
  race,
  repeat,
  shareReplay,
  timer,
  type Observable,
} from 'rxjs';
import { keyOf } from '../domain/minute-key.ts';
import type { ShownMinute } from '../domain/page-view.ts';
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

interface LiveMinutesOptions {
  readonly table: Pick<MinuteTable, 'since'>;
  readonly answers: LiveAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends the latest minutes as server-sent events: `snapshot` with all of them, then `change` with the
 * rows that differ and those that are gone. A client that reads slowly gets fewer and larger changes.
 * A client that reconnects gets a snapshot again. The table is read once for all clients, and only
 * while there are any.
 */
export class LiveMinutes {
  readonly #answers: LiveAnswers;
  readonly #written = new BehaviorSubject(0);
  readonly #rows: Observable<Rows>;

  constructor({ table, answers, clock, logger }: LiveMinutesOptions) {
    this.#answers = answers;
    const retries = new RetryLog({ clock, logger });
    let rows: Rows = new Map();
    let seen = 0;
    const read = async () => {
      seen = this.#written.value;
      rows = withRows(rows, await table.since(firstOfMinutes(shownMinutes, clock)));
      retries.recovered('page views can be read again');
      return rows;
    };
    const again = () =>
      race(
        timer(pollMs),
        this.#written.pipe(
          filter((count) => count > seen),
          delay(gatherMs),
        ),
      );
    this.#rows = defer(read).pipe(
      catchError((error: unknown) => {
        retries.failed(error, 'page views cannot be read at the moment; live answers wait');
        return EMPTY;
      }),
      repeat({ delay: again }),
      distinctUntilChanged(),
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
      let sent: Rows | undefined;
      const messages = this.#rows.pipe(
        this.#answers.paced(response),
        concatMap((rows) => {
          const message = sent === undefined ? snapshotOf(rows) : changeOf(sent, rows);
          sent = rows;
          return message;
        }),
      );
      return this.#answers.whileOpen(messages);
    });
  }
}

/** Reuses the row objects that are equal, and returns `before` if nothing has changed. */
function withRows(before: Rows, found: readonly ShownMinute[]): Rows {
  const rows = new Map(
    found.map((row) => {
      const known = before.get(keyOf(row));
      return [keyOf(row), known !== undefined && isSame(known, row) ? known : row];
    }),
  );
  const isUnchanged = rows.size === before.size && [...rows].every(([key, row]) => before.get(key) === row);
  return isUnchanged ? before : rows;
}

const isSame = (one: ShownMinute, other: ShownMinute): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const snapshotOf = (rows: Rows): readonly LiveMessage[] => [
  { type: 'snapshot', data: { minutes: [...rows.values()], gone: [] } },
];

function changeOf(sent: Rows, rows: Rows): readonly LiveMessage[] {
  const changed = [...rows].flatMap(([key, row]) => (sent.get(key) === row ? [] : [row]));
  const gone = [...sent].flatMap(([key, { window_start, page_url }]) =>
    rows.has(key) ? [] : [{ window_start, page_url }],
  );
  return changed.length + gone.length === 0 ? [] : [{ type: 'change', data: { minutes: changed, gone } }];
}
