import { once, EventEmitter } from 'node:events';

export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A stream of server-sent events, as far as one client has read it. */
export interface EventReader {
  readonly status: number;
  readonly headers: Headers;
  /** The text of a problem, if the answer is not a stream. */
  readonly refusal: string;
  readonly events: readonly ReceivedEvent[];
  readonly comments: readonly string[];
  /** The id that a client sends when it reconnects. */
  readonly lastEventId: string | undefined;
  readonly retryMs: number | undefined;
  /** Resolves with whether the service ended the stream properly or the connection was cut. */
  readonly ended: Promise<'cleanly' | 'cut'>;
  /**
   * Resolves once there are `count` events. Rejects if the stream ends before that, or at the
   * limit.
   */
  has(count: number): Promise<readonly ReceivedEvent[]>;
  close(): Promise<void>;
}

const waitMsMax = 15_000;

/**
 * Opens a stream with plain fetch and reads it as the standard defines.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html (9.2.6)
 */
export async function readEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> {
  const closing = new AbortController();
  const answer = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: closing.signal,
  });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const refusal = isStream ? '' : await answer.text();
  const received = new Received();
  const ended = isStream ? receive(answer, received) : Promise.resolve('cleanly' as const);
  return {
    status: answer.status,
    headers: answer.headers,
    refusal,
    ended,
    events: received.events,
    comments: received.comments,
    get lastEventId() {
      return received.lastEventId;
    },
    get retryMs() {
      return received.retryMs;
    },
    has: (count) => received.has(count, ended),
    async close() {
      closing.abort();
      await ended;
    },
  };
}

async function receive(answer: Response, received: Received): Promise<'cleanly' | 'cut'> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of answer.body ?? [])
      received.text(decoder.decode(chunk as Uint8Array, { stream: true }));
    return 'cleanly';
  } catch {
    return 'cut';
  }
}

/**
 * Turns lines into fields, and fields into events. Fields that are left when the stream ends are
 * not an event.
 */
class Received {
  readonly events: ReceivedEvent[] = [];
  readonly comments: string[] = [];
  lastEventId: string | undefined;
  retryMs: number | undefined;
  readonly #arrivals = new EventEmitter();
  #rest = '';
  #type = '';
  #data: string[] = [];
  #id: string | undefined;

  text(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const [field, value] =
      colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === '') this.comments.push(value);
    else if (field === 'id') this.#id = value;
    else if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(): void {
    this.lastEventId = this.#id ?? this.lastEventId;
    if (this.#data.length > 0) {
      const text = this.#data.join('\n'); // empty in a heartbeat
      const data = (text === '' ? {} : JSON.parse(text)) as ReceivedEvent['data'];
      this.events.push({ id: this.#id, event: this.#type || 'message', data });
    }
    this.#type = '';
    this.#data = [];
    this.#id = undefined;
    this.#arrivals.emit('arrival');
  }

  async has(count: number, ended: Promise<unknown>): Promise<readonly ReceivedEvent[]> {
    const limit = AbortSignal.timeout(waitMsMax);
    let over = false;
    void ended.then(() => {
      over = true;
      this.#arrivals.emit('arrival');
    });
    while (this.events.length < count) {
      if (over || limit.aborted)
        throw new Error(
          `${over ? 'ended' : `waited ${waitMsMax} ms`} with ${this.events.length} of ${count} events`,
        );
      await once(this.#arrivals, 'arrival', { signal: limit }).catch(() => undefined);
    }
    return this.events;
  }
}
