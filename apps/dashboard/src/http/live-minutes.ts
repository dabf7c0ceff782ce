import type { ServerResponse } from 'node:http';
import type { MessageEvent } from '@nestjs/common';
import { ProblemError } from '@millrace/service-chassis/http';
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
  firstValueFrom,
  fromEvent,
  interval,
  map,
  merge,
  race,
  repeat,
  ReplaySubject,
  shareReplay,
  takeUntil,
  throttle,
  timer,
  type Observable,
} from 'rxjs';
import type { DashboardConfig } from '../config.ts';
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
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Pick<
    DashboardConfig,
    'liveEventsMax' | 'liveEventsHeartbeatMs' | 'liveEventsLifetimeMs' | 'liveEventsStallMsMax'
  >;
}

/**
 * Sends the latest minutes as server-sent events: `snapshot` with all of them, then `change` with the
 * rows that differ and those that are gone. A client that reads slowly gets fewer and larger changes.
 * One that reads nothing is disconnected. A client that reconnects gets a snapshot again. The table is
 * read once for all clients, and only while there are any.
 */
export class LiveMinutes {
  readonly #limits: LiveMinutesOptions['limits'];
  readonly #written = new BehaviorSubject(0);
  readonly #stopped = new ReplaySubject<void>(1);
  readonly #rows: Observable<Rows>;
  #open = 0;

  constructor({ table, clock, logger, limits }: LiveMinutesOptions) {
    this.#limits = limits;
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

  /** Takes one of the limited places until the answer is over. Throws a 503 if there is none left. */
  open(response: ServerResponse): Observable<MessageEvent> {
    if (this.#open >= this.#limits.liveEventsMax) {
      const title = 'Too many clients follow live events';
      throw new ProblemError(503, 'too_many_live_events', title, {}, { retryAfterSeconds: 5 });
    }
    if (!response.closed) {
      this.#open += 1;
      response.once('close', () => (this.#open -= 1));
    }
    return defer(() => {
      let sent: Rows | undefined;
      const messages = this.#rows.pipe(
        throttle(() => this.#drained(response), { leading: true, trailing: true }),
        concatMap((rows) => {
          const message = sent === undefined ? snapshotOf(rows) : changeOf(sent, rows);
          sent = rows;
          return message;
        }),
      );
      const heartbeats = interval(this.#limits.liveEventsHeartbeatMs).pipe(
        map((): MessageEvent => ({ type: 'alive', data: '' })),
      );
      return merge(messages, heartbeats).pipe(
        takeUntil(merge(this.#stopped, timer(this.#limits.liveEventsLifetimeMs))),
      );
    });
  }

  /** Ends all answers. */
  stop(): void {
    this.#stopped.next();
  }

  /** Waits until the client has read what was written. Disconnects one that reads nothing. */
  async #drained(response: ServerResponse): Promise<void> {
    await new Promise(setImmediate); // until the message has reached the response
    if (!response.writableNeedDrain) return;
    const stalled = timer(this.#limits.liveEventsStallMsMax).pipe(map(() => response.destroy()));
    await firstValueFrom(merge(fromEvent(response, 'drain'), fromEvent(response, 'close'), stalled));
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

const snapshotOf = (rows: Rows): readonly MessageEvent[] => [
  { type: 'snapshot', data: { minutes: [...rows.values()], gone: [] } },
];

function changeOf(sent: Rows, rows: Rows): readonly MessageEvent[] {
  const changed = [...rows].flatMap(([key, row]) => (sent.get(key) === row ? [] : [row]));
  const gone = [...sent].flatMap(([key, { window_start, page_url }]) =>
    rows.has(key) ? [] : [{ window_start, page_url }],
  );
  return changed.length + gone.length === 0 ? [] : [{ type: 'change', data: { minutes: changed, gone } }];
}
