import type { ServerResponse } from 'node:http';
import type { DurationMs, Logger } from '@millrace/streaming-core/runtime';
import {
  firstValueFrom,
  fromEvent,
  interval,
  map,
  merge,
  ReplaySubject,
  take,
  takeWhile,
  throttle,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { RefusedRead } from '../errors.ts';

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

interface LiveLimits {
  readonly liveEventsMax: number;
  readonly liveEventsHeartbeatMs: DurationMs;
  readonly liveEventsLifetimeMs: DurationMs;
  readonly liveEventsStallMsMax: DurationMs;
}

export interface LiveAnswersOptions {
  readonly limits: LiveLimits;
  readonly logger: Logger;
  /** Sent when there is nothing new. By default a comment, which a page in a browser cannot see. */
  readonly heartbeat?: LiveMessage;
}

/** A heartbeat by which a page notices a lost connection. */
export const alive: LiveMessage = { type: 'alive', data: '' };

const nothingNew: LiveMessage = { comment: 'nothing new' };
const reconnect: LiveMessage = { comment: 'reconnect with your last event id' };

/** The answers of a process that stay open: how many there are, when they end, and at which pace. */
export class LiveAnswers {
  readonly #limits: LiveLimits;
  readonly #logger: Logger;
  readonly #heartbeat: LiveMessage;
  /** Replays, because Nest may subscribe to an answer only after the service has begun to stop. */
  readonly #stopped = new ReplaySubject<void>(1);
  readonly #open = new Set<ServerResponse>();
  #stopping = false;

  constructor({ limits, logger, heartbeat = nothingNew }: LiveAnswersOptions) {
    this.#limits = limits;
    this.#logger = logger;
    this.#heartbeat = heartbeat;
  }

  /** The number of open answers. */
  get count(): number {
    return this.#open.size;
  }

  /**
   * Takes one of the limited places until the answer is over, however it ends. Throws a 503 if there
   * is none left.
   */
  enter(response: ServerResponse): void {
    if (this.#stopping || this.#open.size >= this.#limits.liveEventsMax)
      throw new RefusedRead('too_many_live_events');
    if (response.closed) return;
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
  }

  /**
   * Adds heartbeats. Ends after a message of the type `end`, with the lifetime of an answer, and when
   * the service stops.
   */
  whileOpen(messages: Observable<LiveMessage>): Observable<LiveMessage> {
    const { liveEventsHeartbeatMs, liveEventsLifetimeMs } = this.#limits;
    const heartbeats = interval(liveEventsHeartbeatMs).pipe(map(() => this.#heartbeat));
    const over = merge(this.#stopped, timer(liveEventsLifetimeMs)).pipe(
      take(1),
      map(() => reconnect),
    );
    return merge(messages, heartbeats, over).pipe(
      takeWhile((message) => message !== reconnect && message.type !== 'end', true),
    );
  }

  /** Leaves out all but the latest state for as long as the client has not read what was written. */
  paced<State>(response: ServerResponse): MonoTypeOperatorFunction<State> {
    return throttle(() => this.drained(response), { leading: true, trailing: true });
  }

  /**
   * Waits until the client has read what was written. Disconnects a client that reads nothing, so
   * that it costs a connection and no memory.
   */
  async drained(response: ServerResponse): Promise<void> {
    await new Promise(setImmediate); // until the message has reached the response
    if (!response.writableNeedDrain) return;
    const stallMs = this.#limits.liveEventsStallMsMax;
    const stalled = timer(stallMs).pipe(
      map(() => {
        this.#logger.info({ stallMs }, 'a live event stream was dropped: the client stopped reading');
        response.destroy();
      }),
    );
    await firstValueFrom(merge(fromEvent(response, 'drain'), fromEvent(response, 'close'), stalled));
  }

  /** Ends all open answers, so that HTTP can drain, and refuses new ones. */
  stop(): void {
    this.#stopping = true;
    this.#stopped.next();
  }
}
