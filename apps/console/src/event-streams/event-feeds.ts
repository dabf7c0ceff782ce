import { Injectable } from '@nestjs/common';
import { askReachable, type OpsClient } from '@millrace/operations/client';
import type { FeedPage } from '@millrace/operations/contract';
import { defer, exhaustMap, finalize, share, timer, type Observable } from 'rxjs';
import type { FedEvent } from '../api/event-streams.ts';
import { System } from '../system/system.ts';

/** The result of one look at the services. */
interface Look {
  readonly events: readonly FedEvent[];
  /** The reasons why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}

const everyMs = 1_000;
const pageSize = 200;
/** A look reads at most this many pages of a service, and the next look continues. */
const pagesMax = 10;
const lineLengthMax = 300;

/**
 * Follows the events of services. However many pages show the same services, they are read once.
 */
@Injectable()
export class EventFeeds {
  readonly #open = new Map<string | undefined, Observable<Look>>();

  constructor(private readonly system: System) {}

  /**
   * The events of one service or of all that are recorded from now on, in the order of time. It is
   * not a source of live states, because a new follower must not get earlier events.
   */
  of(service: string | undefined): Observable<Look> {
    const open = this.#open.get(service) ?? this.#begin(service);
    this.#open.set(service, open);
    return open;
  }

  #begin(service: string | undefined): Observable<Look> {
    return defer(() => {
      const cursors = new Map<string, string>();
      const look = () =>
        this.#look(service, cursors).catch((error: Error) => ({ events: [], missing: [error.message] }));
      return timer(0, everyMs).pipe(exhaustMap(look));
    }).pipe(
      finalize(() => this.#open.delete(service)),
      share(),
    );
  }

  async #look(service: string | undefined, cursors: Map<string, string>): Promise<Look> {
    const services = this.system.operatorsNamed(service);
    const { found, missing } = await askReachable(services, (ops) => readMore(ops, cursors));
    const events = found.flat().sort((one, other) => one.recordedAt.localeCompare(other.recordedAt));
    return { missing, events };
  }
}

/** Reads new events, and remembers the position. The first read of a service only finds its end. */
async function readMore(ops: OpsClient, cursors: Map<string, string>): Promise<readonly FedEvent[]> {
  const events: FedEvent[] = [];
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const after = cursors.get(ops.service);
    const place = after === undefined ? { from: 'end' } : { after, limit: String(pageSize) };
    const { body } = await ops.get<FeedPage>('/ops/events', place);
    cursors.set(ops.service, body.nextCursor);
    for (const { position, stream, version, type, recordedAt, data } of body.items) {
      const line = JSON.stringify(data).slice(0, lineLengthMax);
      events.push({ service: ops.service, position, stream, version, type, recordedAt, line });
    }
    if (body.caughtUp) break;
  }
  return events;
}
