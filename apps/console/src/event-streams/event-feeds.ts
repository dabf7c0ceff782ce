import { Injectable } from '@nestjs/common';
import { askReachable, type OpsClient } from '@millrace/operations/client';
import type { FeedPage } from '@millrace/operations/contract';
import { catchError, defer, exhaustMap, finalize, from, of, share, timer, type Observable } from 'rxjs';
import type { FedEvent } from '../api/event-streams.ts';
import { System } from '../system/system.ts';

/** What a look at the services has found. */
export interface FedEvents {
  readonly events: readonly FedEvent[];
  /** Why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}

type Item = FeedPage['items'][number];

const everyMs = 1_000;
const pageSize = 200;
/** A look ends after so many pages of a service, and the next one goes on. */
const pagesMax = 10;
const lineLengthMax = 300;

/** Follows the events of services, each choice of services once, however many pages show it. */
@Injectable()
export class EventFeeds {
  readonly #open = new Map<string, Observable<FedEvents>>();

  constructor(private readonly system: System) {}

  /** The events of one service or of all that are recorded from now on, in the order of time. */
  of(service: string | undefined): Observable<FedEvents> {
    const name = service ?? '';
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const feed = defer(() => {
      const cursors = new Map<string, string>();
      const look = () => from(this.#look(service, cursors)).pipe(catchError(failed));
      return timer(0, everyMs).pipe(exhaustMap(look));
    }).pipe(
      finalize(() => this.#open.delete(name)),
      share(),
    );
    this.#open.set(name, feed);
    return feed;
  }

  async #look(service: string | undefined, cursors: Map<string, string>): Promise<FedEvents> {
    const services = this.system.operatorsNamed(service);
    const { found, missing } = await askReachable(services, (ops) => readMore(ops, cursors));
    return { missing, events: found.flat().sort(byTime) };
  }
}

const failed = (error: Error): Observable<FedEvents> => of({ events: [], missing: [error.message] });

/** Reads what is new, and keeps the place. The first read of a service only finds its end. */
async function readMore(ops: OpsClient, cursors: Map<string, string>): Promise<readonly FedEvent[]> {
  const events: FedEvent[] = [];
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const after = cursors.get(ops.service);
    const place = after === undefined ? { from: 'end' } : { after, limit: String(pageSize) };
    const { body } = await ops.get<FeedPage>('/ops/events', place);
    cursors.set(ops.service, body.nextCursor);
    events.push(...body.items.map((item) => fedEvent(ops.service, item)));
    if (body.caughtUp) break;
  }
  return events;
}

const fedEvent = (
  service: string,
  { position, stream, version, type, recordedAt, data }: Item,
): FedEvent => ({
  service,
  position,
  stream,
  version,
  type,
  recordedAt,
  line: JSON.stringify(data).slice(0, lineLengthMax),
});

const byTime = (one: FedEvent, other: FedEvent): number =>
  one.recordedAt < other.recordedAt ? -1 : one.recordedAt > other.recordedAt ? 1 : 0;
