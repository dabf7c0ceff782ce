import { Readable } from 'node:stream';
import { pause, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import type { FastifyReply } from 'fastify';
import type { LiveConfig } from '../ground/config/live-settings.ts';
import type { Streams } from '../modules/events/streams.ts';
import { encodeCursor } from '../web/http/pagination.ts';
import { refusal, type ProblemError } from '../web/problems/problem.ts';
import { commentFrame, eventFrame, retryFrame } from './server-sent-event.ts';
import type { StreamVersions } from './stream-versions.ts';

/** The version of a stream, and whether no more events can follow. */
interface Progress {
  readonly version: number;
  readonly ended: boolean;
}

interface LiveEventsRequest {
  /** The stream whose events are sent, in the form of `/history`. */
  readonly stream: string;
  /** The last version that the client has, as it sent it. If absent, every event is sent. */
  readonly lastEventId: string | undefined;
  /** Rejects with a problem for the caller if the stream does not exist. */
  readonly progress: () => Promise<Progress>;
}

export interface LiveEventsOptions {
  readonly streams: Pick<Streams, 'history'>;
  readonly versions: StreamVersions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: LiveConfig;
}

export const LIVE_EVENTS = Symbol('LiveEvents');

/**
 * Answers with a stream as server-sent events: first the stored events after the client's last one,
 * then new ones. Each is sent once and in order, with its version as `id`.
 *
 * - Every refusal (404, 400, 503) is an ordinary answer before anything is streamed.
 * - After the last event of a stream that has ended, an event `end` follows. A client that
 *   reconnects after it gets 204, which stops an `EventSource`.
 * - A client that stops reading is dropped. At most one event waits for it in memory.
 */
export interface LiveEvents {
  open(reply: FastifyReply, request: LiveEventsRequest): Promise<void>;
  /** The number of open answers. */
  readonly count: number;
  /** Ends all open answers, so that HTTP can drain, and refuses new ones. */
  stop(): void;
}

const retryMs = 1_000;
const pageEventsMax = 20;
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export function createLiveEvents({
  streams,
  versions,
  clock,
  logger,
  config,
}: LiveEventsOptions): LiveEvents {
  const stopping = new AbortController();
  const open = new Set<FastifyReply>();
  const retries = new RetryLog({ clock, logger });

  /** Takes one of the limited places until the answer is over, however it ends. */
  function enter(reply: FastifyReply): AbortSignal {
    if (stopping.signal.aborted || open.size >= config.liveEventsMax) throw refusal('too_many_live_events');
    const gone = new AbortController();
    const leave = () => {
      open.delete(reply);
      gone.abort();
    };
    open.add(reply);
    if (reply.raw.closed) leave();
    else reply.raw.once('close', leave);
    return AbortSignal.any([stopping.signal, gone.signal]);
  }

  async function* frames(
    { stream, progress }: LiveEventsRequest,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const endsAt = clock.monotonic() + config.liveEventsLifetimeMs;
    let told = after;
    yield retryFrame(retryMs);
    while (!signal.aborted && clock.monotonic() < endsAt) {
      const news = await look(stream, told, progress);
      if (news === undefined) {
        await pause(clock, retryMs, signal);
        continue;
      }
      for (const item of news.items)
        yield eventFrame({ id: String(item.version), event: item.type, data: item });
      told = news.items.at(-1)?.version ?? told;
      if (told < news.version) continue;
      if (news.ended) return yield eventFrame({ event: 'end', data: { version: told } });
      const waitMsMax = Math.min(config.liveEventsHeartbeatMs, endsAt - clock.monotonic());
      const grown = await versions.above(stream, told, { waitMsMax, signal });
      if (grown === undefined && !signal.aborted) yield commentFrame('nothing new');
    }
    yield commentFrame('reconnect with your last event id');
  }

  /**
   * Returns undefined when the events cannot be read now: the answer stays open during an outage of
   * the database.
   */
  async function look(stream: string, told: number, progress: LiveEventsRequest['progress']) {
    try {
      const { items } = await streams.history(stream, { limit: pageEventsMax, cursor: encodeCursor(told) });
      const news = { items, ...(await progress()) };
      retries.recovered('live events can be read again');
      return news;
    } catch (error) {
      retries.failed(error, 'live events cannot be read at the moment; their clients wait', { stream });
      return undefined;
    }
  }

  /**
   * Drops a client that leaves a frame unread, so that a slow reader costs a connection and no
   * memory.
   */
  async function* paced(source: AsyncIterable<string>, reply: FastifyReply): AsyncGenerator<string> {
    for await (const frame of source) {
      const cancel = clock.after(config.liveEventsStallMsMax, () => {
        logger.info(
          { stallMs: config.liveEventsStallMsMax },
          'a live event stream was dropped: the client stopped reading',
        );
        reply.raw.destroy();
      });
      try {
        yield frame;
      } finally {
        cancel();
      }
    }
  }

  return {
    async open(reply, request) {
      const { version, ended } = await request.progress();
      const after = lastVersionOf(request.lastEventId, version);
      if (ended && after === version) return void reply.status(204).send();
      const signal = enter(reply);
      void reply.headers(headers).send(Readable.from(paced(frames(request, after, signal), reply)));
    },
    get count() {
      return open.size;
    },
    stop: () => stopping.abort(),
  };
}

/** Throws a 400 that says what is wrong with the id. */
function lastVersionOf(lastEventId: string | undefined, version: number): number {
  if (lastEventId === undefined || lastEventId === '') return 0;
  if (!/^\d{1,15}$/.test(lastEventId))
    throw unknownEventId('is not the id of an event: ids are whole numbers, the versions of the stream');
  if (Number(lastEventId) > version)
    throw unknownEventId(`is beyond the end of the stream, whose last event is ${version}`);
  return Number(lastEventId);
}

const unknownEventId = (message: string): ProblemError =>
  refusal('invalid_request', {
    errors: [{ field: 'Last-Event-ID', message }],
  });
