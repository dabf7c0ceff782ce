import type { ServerResponse } from 'node:http';
import { minutes, pause, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { defer, finalize, from, type Observable } from 'rxjs';
import { AllEventsSent, refusedField } from '../errors.ts';
import type { StreamVersions } from '../waits/stream-versions.ts';
import type { LiveAnswers, LiveMessage } from './live-answers.ts';

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

/** An event as a client sees it. */
interface LiveEvent {
  readonly version: number;
  readonly type: string;
}

export interface LiveEventsOptions {
  /** Reads the next few events of a stream after a version. */
  readonly eventsAfter: (stream: string, version: number) => Promise<readonly LiveEvent[]>;
  readonly versions: StreamVersions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly answers: LiveAnswers;
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
}

const retryMs = 1_000;
/** After this time without news, an answer looks again. */
const waitMsMax = minutes(5);

/** `versions` must have been started, or only stored events are sent. */
export function createLiveEvents(options: LiveEventsOptions): LiveEvents {
  const { eventsAfter, versions, clock, logger, answers } = options;
  const retries = new RetryLog({ clock, logger });

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
        await answers.drained(response);
      }
      if (told < news.version) continue;
      if (news.ended) return yield { id: String(told), type: 'end', data: { version: told } };
      await versions.above(stream, told, { waitMsMax, signal });
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

  const live = (request: LiveEventsRequest, after: number): Observable<LiveMessage> =>
    defer(() => {
      const gone = new AbortController();
      return answers
        .whileOpen(from(messages(request, after, gone.signal)))
        .pipe(finalize(() => gone.abort()));
    });

  return {
    async of(request) {
      const { version, ended } = await request.progress();
      const after = lastVersionOf(request.lastEventId, version);
      if (ended && after === version) throw new AllEventsSent();
      answers.enter(request.response);
      return live(request, after);
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
