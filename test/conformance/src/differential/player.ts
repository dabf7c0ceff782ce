import { setTimeout as pause } from 'node:timers/promises';
import {
  apiVersions,
  decodeResponse,
  encodeRequest,
  WireClient,
  type Api,
  type Fields,
} from '@millrace/streaming-core/protocol';
import { Memory, type Action, type Request, type Session } from './script.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

type AnyApi = Api<Fields, Fields>;

/** The outcome of one action on one engine. */
export type Outcome =
  | {
      readonly kind: 'answer';
      readonly api: AnyApi;
      readonly version: number;
      readonly body: Record<string, unknown>;
    }
  | { readonly kind: 'bytes'; readonly hex: string }
  | { readonly kind: 'closed' | 'no-answer' | 'settled' | 'never-settled' | 'skipped' | 'late' };

/**
 * Whether both engines serve the API in this version. If only one does, the request is left out on
 * both.
 */
export type Serves = (key: number, version: number) => boolean;

const header = { correlationId: 1, clientId: 'differential' };
/** The time limit of an answer. On a busy disk, the fsync before it may take long. */
const answerMsMax = 30_000;
/**
 * The time for which a request is repeated until its answer settles. Apache Kafka takes some time
 * to refresh its own metadata, and longer on a busy machine.
 */
const settleMsMax = 12_000;
const retryPauseMs = 10;
const retriesMax = 300;
/**
 * Codes for loading, not available yet, and a transaction that is still completing. Every client
 * retries these.
 */
const inProgress: ReadonlySet<unknown> = new Set([14, 15, 16, 51]);

/** A request and its answer as sent over the wire, including their sizes. */
export type Tap = (api: AnyApi, version: number, request: Buffer, response: Buffer) => void;

export interface PlayerOptions {
  readonly address: Address;
  readonly serves: Serves;
  readonly tap?: Tap;
}

/** Plays one session on one engine, with its own connections. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #memory = new Memory();
  readonly #connections = new Map<number, WireClient>();
  readonly #started = new Map<string, Promise<Outcome>>();

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async play(session: Session): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      for (const action of session.actions) outcomes.push(await this.#act(action));
    } finally {
      for (const connection of this.#connections.values()) connection.close();
    }
    return outcomes;
  }

  async #act(action: Action): Promise<Outcome> {
    if ('api' in action && !this.#options.serves(action.api.key, action.version)) return { kind: 'skipped' };
    switch (action.do) {
      case 'send':
        return this.#whenDone(action);
      case 'start':
        this.#started.set(action.as, this.#request(action));
        return { kind: 'no-answer' };
      case 'await':
        return (await this.#started.get(action.of)) ?? { kind: 'skipped' };
      case 'settle':
        return this.#settle(action, action.until);
      case 'unanswered':
        return this.#unanswered(action);
      case 'raw':
        return this.#raw(action.on, action.bytes);
    }
  }

  async #whenDone(request: Request): Promise<Outcome> {
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#request(request);
      if (
        outcome.kind !== 'answer' ||
        attempt >= retriesMax ||
        !errorCodesIn(outcome.body).some((code) => inProgress.has(code))
      )
        return outcome;
      await pause(retryPauseMs);
    }
  }

  async #settle(
    request: Request,
    until: (answer: Record<string, unknown>, memory: Memory) => boolean,
  ): Promise<Outcome> {
    for (const giveUpAt = performance.now() + settleMsMax; performance.now() < giveUpAt;) {
      const outcome = await this.#request(request);
      if (outcome.kind === 'answer' && until(outcome.body, this.#memory)) return { kind: 'settled' };
      await pause(retryPauseMs);
    }
    return { kind: 'never-settled' };
  }

  async #request({ on, api, version, body, remember }: Request): Promise<Outcome> {
    const connection = await this.#connection(on);
    const frame = Buffer.concat([...encodeRequest(api, version, header, body(this.#memory))]);
    const answer = connection.raw(frame).then((response): Outcome => {
      this.#options.tap?.(api, version, frame, response);
      return { kind: 'answer', api, version, body: decodeResponse(api, version, response).body };
    });
    const outcome = await this.#within(on, answer);
    if (outcome.kind === 'answer') remember?.(outcome.body, this.#memory);
    return outcome;
  }

  /**
   * The next request on the connection shows whether it is alive, since answers keep their order.
   */
  async #unanswered({ on, api, version, body }: Request): Promise<Outcome> {
    const connection = await this.#connection(on);
    connection.socket.write(Buffer.concat([...encodeRequest(api, version, header, body(this.#memory))]));
    return this.#within(
      on,
      connection.send(apiVersions, 0, {}).then((): Outcome => ({ kind: 'no-answer' })),
    );
  }

  async #raw(on: number, bytes: Buffer): Promise<Outcome> {
    const connection = await this.#connection(on);
    return this.#within(
      on,
      connection.raw(bytes).then((answer): Outcome => ({ kind: 'bytes', hex: answer.toString('hex') })),
    );
  }

  /** Does not use a connection again that has failed or is stuck. */
  async #within(on: number, answer: Promise<Outcome>): Promise<Outcome> {
    const deadline = new AbortController();
    const late = pause(answerMsMax, { kind: 'late' } as const, { signal: deadline.signal });
    late.catch(() => undefined);
    const outcome = await Promise.race([answer.catch(closedOr), late]);
    deadline.abort();
    if (outcome.kind === 'closed' || outcome.kind === 'late') {
      this.#connections.get(on)?.close();
      this.#connections.delete(on);
    }
    return outcome;
  }

  async #connection(on: number): Promise<WireClient> {
    const open = this.#connections.get(on);
    if (open !== undefined) return open;
    const made = await WireClient.connect(this.#options.address);
    this.#connections.set(on, made);
    return made;
  }
}

/**
 * An answer that cannot be decoded is a fault of the engine or of our codecs, so it ends the run.
 */
function closedOr(error: unknown): Outcome {
  if (error instanceof Error && error.message.includes('closed the connection')) return { kind: 'closed' };
  throw error;
}

/** Every error code of an answer, at any depth. */
export function errorCodesIn(value: unknown): readonly number[] {
  if (Array.isArray(value)) return value.flatMap(errorCodesIn);
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'number' ? (/errorCode$/i.test(name) ? [inner] : []) : errorCodesIn(inner),
  );
}
