import type { ServerResponse } from 'node:http';
import { pause, RetryLog, type Clock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import {
  concat,
  defer,
  finalize,
  firstValueFrom,
  from,
  fromEvent,
  map,
  merge,
  of,
  ReplaySubject,
  switchMap,
  take,
  takeWhile,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { AllEventsSent, RefusedRead, refusedField } from '../errors.ts';
import type { StreamVersions } from '../waits/stream-versions.ts';

/** The version of a stream, and whether no more events can follow. */
interface Progress {
  readonly version: number;
  readonly ended: boolean;
}

interface LiveEventsRequest {
  /** The stream whose events are sent. */
  readonly stream: string;
  /** The last version that the client has, as it sent it. If absent, every event is sent. */
  readonly lastEventId: string | undefined;
  /** The response on which the messages will be written. It paces the reading of events. */
  readonly response: ServerResponse;
  /** Rejects with a problem for the caller if the stream does not exist. */
  readonly progress: () => Promise<Progress>;
}

/** A message of a server-sent event stream, in the form that Nest's `@Sse` writes. */
export interface LiveMessage {
  /** A client sends it as Last-Event-ID when it reconnects. */
  readonly id?: string;
  readonly type?: string;
  /** How long the client waits before it reconnects, in milliseconds. */
  readonly retry?: number;
  /** Clients ignore it. It keeps proxies from closing an idle connection. */
  readonly comment?: string;
  readonly data?: string | object;
}

/** An event as a client sees it. */
interface LiveEvent {
  readonly version: number;
  readonly type: string;
}

interface LiveLimits {
  readonly liveEventsMax: number;
  readonly liveEventsHeartbeatMs: DurationMs;
  readonly liveEventsLifetimeMs: DurationMs;
  readonly liveEventsStallMsMax: DurationMs;
}

export interface LiveEventsOptions {
  /** Reads the next few events of a stream after a version. */
  readonly eventsAfter: (stream: string, version: number) => Promise<readonly LiveEvent[]>;
  readonly versions: StreamVersions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: LiveLimits;
}

/**
 * Sends a stream as server-sent events: first the stored events after the client's last one, then
 * new ones. Each is sent once and in order, with its version as `id`.
 *
 * - Every refusal (404, 400, 503) comes before anything is streamed.
 * - After the last event of a stream that has ended, an event `end` follows. A client
 *   that reconnects after it gets 204, which stops an `EventSource`.
 * - A client that stops reading is dropped. At most one event waits for it in memory.
 */
export interface LiveEvents {
  /** Rejects with `AllEventsSent` if the client has all events of a stream that has ended. */
  of(request: LiveEventsRequest): Promise<Observable<LiveMessage>>;
  /** The number of open answers. */
  readonly count: number;
  /** Ends all open answers, so that HTTP can drain, and refuses new ones. */
  stop(): void;
}

const retryMs = 1_000;
const heartbeat: LiveMessage = { comment: 'nothing new' };
const reconnect: LiveMessage = { comment: 'reconnect with your last event id' };

/**
 * Creates the live events of a service, at most `liveEventsMax` open answers at a time. `versions`
 * must have been started, or only stored events are sent.
 */
export function createLiveEvents({
  eventsAfter,
  versions,
  clock,
  logger,
  config,
}: LiveEventsOptions): LiveEvents {
  /** Replays, because Nest may subscribe to an answer only after the service has begun to stop. */
  const stopped = new ReplaySubject<void>(1);
  const open = new Set<ServerResponse>();
  const retries = new RetryLog({ clock, logger });
  let stopping = false;

  /** Takes one of the limited places until the answer is over, however it ends. */
  function enter(response: ServerResponse): void {
    if (stopping || open.size >= config.liveEventsMax) throw new RefusedRead('too_many_live_events');
    if (response.closed) return;
    open.add(response);
    response.once('close', () => open.delete(response));
  }

  /**
   * Reads events only as fast as the client does. Every message but a comment has an id, since Nest
   * would invent one.
   */
  async function* messages(
    { stream, progress, response }: LiveEventsRequest,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<LiveMessage> {
    let told = after;
    yield { id: String(told), retry: retryMs };
    while (!signal.aborted) {
      const news = await look(stream, told, progress);
      if (news === undefined) {
        await pause(clock, retryMs, signal);
        continue;
      }
      for (const event of news.events) {
        yield { id: String(event.version), type: event.type, data: event };
        told = event.version;
        await drained(response);
      }
      if (told < news.version) continue;
      if (news.ended) return yield { id: String(told), type: 'end', data: { version: told } };
      await versions.above(stream, told, { waitMsMax: config.liveEventsLifetimeMs, signal });
    }
  }

  /**
   * Returns undefined when the events cannot be read now: the answer stays open during an outage of
   * the database.
   */
  async function look(stream: string, told: number, progress: LiveEventsRequest['progress']) {
    try {
      const events = await eventsAfter(stream, told);
      const news = { events, ...(await progress()) };
      retries.recovered('live events can be read again');
      return news;
    } catch (error) {
      retries.failed(error, 'live events cannot be read at the moment; their clients wait', { stream });
      return undefined;
    }
  }

  /**
   * Waits until the client has read the written events. Drops a client that reads nothing, so that
   * it costs a connection and no memory.
   */
  async function drained(response: ServerResponse): Promise<void> {
    await new Promise(setImmediate); // until the message has reached the response
    if (!response.writableNeedDrain) return;
    const stalled = timer(config.liveEventsStallMsMax).pipe(
      tap(() => {
        logger.info(
          { stallMs: config.liveEventsStallMsMax },
          'a live event stream was dropped: the client stopped reading',
        );
        response.destroy();
      }),
    );
    await firstValueFrom(merge(fromEvent(response, 'drain'), fromEvent(response, 'close'), stalled));
  }

  function live(request: LiveEventsRequest, after: number): Observable<LiveMessage> {
    return defer(() => {
      const gone = new AbortController();
      const withHeartbeats = from(messages(request, after, gone.signal)).pipe(
        switchMap((message) => {
          const beats = timer(config.liveEventsHeartbeatMs, config.liveEventsHeartbeatMs);
          return concat(of(message), beats.pipe(map(() => heartbeat)));
        }),
      );
      const over = merge(stopped, timer(config.liveEventsLifetimeMs)).pipe(
        take(1),
        map(() => reconnect),
      );
      return merge(withHeartbeats, over).pipe(
        takeWhile((message) => message !== reconnect && message.type !== 'end', true),
        finalize(() => gone.abort()),
      );
    });
  }

  return {
    async of(request) {
      const { version, ended } = await request.progress();
      const after = lastVersionOf(request.lastEventId, version);
      if (ended && after === version) throw new AllEventsSent();
      enter(request.response);
      return live(request, after);
    },
    get count() {
      return open.size;
    },
    stop() {
      stopping = true;
      stopped.next();
    },
  };
}

/** Returns the version in the client's last event id. Throws a 400 that explains a wrong id. */
function lastVersionOf(lastEventId: string | undefined, version: number): number {
  if (lastEventId === undefined || lastEventId === '') return 0;
  if (!/^\d{1,15}$/.test(lastEventId))
    throw refusedField(
      'Last-Event-ID',
      'is not the id of an event: ids are whole numbers, the versions of the stream',
    );
  if (Number(lastEventId) > version)
    throw refusedField('Last-Event-ID', `is beyond the end of the stream, whose last event is ${version}`);
  return Number(lastEventId);
}
