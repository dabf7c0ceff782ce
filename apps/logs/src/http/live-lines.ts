import type { ServerResponse } from 'node:http';
import type { LiveAnswers, LiveMessage } from '@millrace/service-chassis/http';
import type { FetchPosition, OpenLogReader } from '@millrace/streaming-core/client';
import { pause, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { filter, map, Observable, ReplaySubject, share, tap, throttle } from 'rxjs';
import { logTopic, type ShownLine } from '../log-line.ts';
import { placedLine, type LineFilter, type PlacedLine } from '../indexer/line-table.ts';

/** How often a client gets a message at most, and with how many lines. */
const messageMs = 250;
const linesPerMessageMax = 200;
/** A reader that is further behind the end of a partition continues there. */
const behindMax = 50_000n;
const retryMs = 1_000;

type Lines = readonly PlacedLine[];

interface LiveLinesOptions {
  readonly reader: Pick<OpenLogReader, 'identify' | 'endOffsets' | 'fetch'>;
  readonly answers: LiveAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends the lines that arrive in the topic as server-sent events, before they are indexed. Of more lines
 * than a client can read, it gets the newest and the number of the others. The topic is read once for
 * all clients, and only while there are any.
 */
export class LiveLines {
  readonly #answers: LiveAnswers;
  readonly #clock: Clock;
  readonly #lines: Observable<Lines>;

  constructor({ answers, ...source }: LiveLinesOptions) {
    this.#answers = answers;
    this.#clock = source.clock;
    this.#lines = new Observable<Lines>((subscriber) => {
      const leaving = new AbortController();
      void followTopic(source, (lines) => subscriber.next(lines), leaving.signal);
      return () => leaving.abort();
    }).pipe(share({ connector: () => new ReplaySubject<Lines>(1) }));
  }

  /** Begins with the lines that arrive next. The response sets the pace. */
  follow(wanted: LineFilter, response: ServerResponse): Observable<LiveMessage> {
    const waiting = new WaitingLines();
    const readyForMore = async () => {
      await pause(this.#clock, messageMs);
      await this.#answers.drained(response);
    };
    const messages = this.#lines.pipe(
      map((lines) => lines.filter((line) => matches(line, wanted))),
      filter(({ length }, index) => index === 0 || length > 0),
      tap((lines) => waiting.add(lines)),
      throttle(readyForMore, { leading: true, trailing: true }),
      map((_, index): LiveMessage => ({ type: index === 0 ? 'snapshot' : 'change', data: waiting.take() })),
    );
    return this.#answers.whileOpen(messages);
  }
}

/** The newest lines that wait for the next message of a client. */
class WaitingLines {
  #lines: PlacedLine[] = [];
  #dropped = 0;

  add(lines: Lines): void {
    this.#lines.push(...lines);
    this.#dropped += this.#lines.splice(0, this.#lines.length - linesPerMessageMax).length;
  }

  take() {
    const message = { lines: this.#lines.map(shownLine), dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    return message;
  }
}

/** A line as the interface has it. Its id is its place in the topic. */
export const shownLine = ({ loggedAtMs, partition, offset, ...line }: PlacedLine): ShownLine => ({
  id: `${partition}-${offset}`,
  loggedAt: new Date(loggedAtMs).toISOString(),
  ...line,
});

/** Finds the words of `q` anywhere in the message, as parts of words too. */
const matches = (line: PlacedLine, { level, q, service, orderId }: LineFilter): boolean =>
  (level === undefined || line.level === level) &&
  (service === undefined || line.service === service) &&
  (orderId === undefined || line.orderId === orderId) &&
  (q === undefined || isIn(line.message.toLowerCase(), q));

const isIn = (message: string, q: string): boolean =>
  q
    .toLowerCase()
    .replaceAll('"', '')
    .split(/\s+/)
    .every((word) => message.includes(word));

/** Reads the topic from its end on, until the signal aborts. The first lines, which are none, say that it is there. */
async function followTopic(
  { reader, clock, logger }: Omit<LiveLinesOptions, 'answers'>,
  onLines: (lines: Lines) => void,
  signal: AbortSignal,
): Promise<void> {
  const retries = new RetryLog({ clock, logger });
  let positions: readonly FetchPosition[] | undefined;
  while (!signal.aborted)
    try {
      if (positions === undefined) {
        positions = await endOf(reader);
        onLines([]);
      }
      const fetched = await reader.fetch(positions);
      const failed = fetched.find(({ error }) => error !== undefined);
      if (failed?.error !== undefined) throw failed.error;
      positions = fetched.map(({ topic, partition, nextOffset, highWatermark }) => ({
        topic,
        partition,
        offset: highWatermark - nextOffset > behindMax ? highWatermark : nextOffset,
      }));
      const lines = fetched
        .flatMap(({ records }) => records)
        .map((record) => placedLine(record, clock.now()));
      if (lines.length > 0 && !signal.aborted) onLines(lines);
      retries.recovered('live lines are read again');
    } catch (error) {
      if (signal.aborted) return;
      positions = undefined;
      retries.failed(error, 'live lines cannot be read at the moment');
      await pause(clock, retryMs, signal);
    }
}

async function endOf(reader: LiveLinesOptions['reader']): Promise<readonly FetchPosition[]> {
  const { partitions = 0 } = (await reader.identify([logTopic])).get(logTopic) ?? {};
  return reader.endOffsets(
    Array.from({ length: partitions }, (_, partition) => ({ topic: logTopic, partition })),
  );
}
