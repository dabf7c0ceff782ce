import type { Socket } from 'node:net';
import type { Clock, Logger } from '../../runtime/index.ts';
import { MalformedRequest } from '../../protocol/wire-reader.ts';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { ByteBudget } from './byte-budget.ts';
import { type EndOfTurn, UnsentAnswers } from './unsent-answers.ts';
import { IncomingRequests, readIntoOwnBuffers } from './incoming-requests.ts';
import type { BrokerLimits } from '../limits.ts';
import type { Answer, ParsedRequest, RequestDispatcher } from '../request-dispatcher.ts';
import type { BrokerTraffic } from '../broker-statistics.ts';

export interface ConnectionParts {
  readonly dispatcher: RequestDispatcher;
  readonly limits: BrokerLimits;
  readonly received: ByteBudget;
  readonly unsent: ByteBudget;
  /** Closes the longest holder of such bytes unless it is the caller. Returns whether it did. */
  readonly makeRoom: (what: HeldBytes, asking: Connection) => boolean;
  readonly traffic: BrokerTraffic;
  readonly buffers: BufferPool;
  /** Shared: small requests are read into it, and copied out of it before the next read. */
  readonly readBuffer: Buffer;
  readonly endOfTurn: EndOfTurn;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Memory held for a peer: a request that is not complete, or answers that it does not read. */
export type HeldBytes = 'unfinished-request' | 'unsent-answers';

const cutReasons: Readonly<Record<HeldBytes, string>> = {
  'unfinished-request':
    'its peer took longest to send a request, and the unanswered requests of all connections have ' +
    'reached queued.max.request.bytes',
  'unsent-answers': 'its peer has gone longest without reading an answer, and too many bytes are waiting',
};

interface InFlight {
  readonly pipelined: boolean;
  /** The frame, if nothing refers to it once the request is answered. */
  readonly recycledFrame: Buffer | undefined;
  /** The memory of its frame and its array items. */
  readonly heldBytes: number;
  answer: Answer | undefined;
}

/** A few minutes after this, the kernel detects a peer that vanished without closing. */
const keepAliveMs = 60_000;

/**
 * The connection of one client.
 * - Requests begin in order, one at a time. Only Produce requests overlap, to share an fsync.
 * - Answers are sent in the order of their requests.
 * - The broker stops reading from a peer that sends too much or does not read its answers.
 * - Requests before the peer's close, or before an unreadable one, are served as in Apache Kafka.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #requests: IncomingRequests;
  readonly #answers: UnsentAnswers;
  readonly #ending = new AbortController();
  readonly #peer: { readonly clientHost: string; readonly signal: AbortSignal };
  #inFlight: InFlight[] = [];
  #lastTraffic: number;
  #ended = false;
  #released = false;
  #draining = false;
  #advancing = false;
  /** Set once the socket is closed. Resolves the wait for all requests that arrived to begin. */
  #leave: (() => void) | undefined;
  readonly closed: Promise<void>;

  /** `accepted` has to be paused, and nothing else may read from it. */
  constructor(accepted: Socket, parts: ConnectionParts) {
    this.#parts = parts;
    this.#requests = new IncomingRequests(parts, {
      isRead: () => !this.#socket.isPaused(),
      makeRoom: () => parts.makeRoom('unfinished-request', this),
      refuse: () => this.#refuse('the unanswered requests have reached queued.max.request.bytes'),
    });
    const socket = readIntoOwnBuffers(accepted, {
      space: () => this.#requests.space(),
      receive: (chunk) => this.#receive(chunk),
    });
    this.#socket = socket;
    this.#answers = new UnsentAnswers(parts, {
      socket,
      makeRoom: () => parts.makeRoom('unsent-answers', this),
      cut: () => this.cut('unsent-answers'),
    });
    this.#peer = { clientHost: `/${socket.remoteAddress ?? 'unknown'}`, signal: this.#ending.signal };
    this.#lastTraffic = parts.clock.monotonic();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on('drain', () => {
      this.#lastTraffic = parts.clock.monotonic();
      this.#answers.count();
      this.proceed();
    });
    socket.on('timeout', () => this.destroy());
    socket.on('end', () => this.#ending.abort());
    socket.on('error', (error) =>
      parts.logger.debug({ err: error, peer: this.#peer.clientHost }, 'connection failed'),
    );
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#endAnswers();
        this.#answers.close();
        this.#leave = () => {
          this.#release();
          resolve();
        };
        this.#advance();
      });
    });
  }

  /** 0 while a request runs or answers wait, since the socket has its own timeout for those. */
  idleMs(): number {
    const busy = this.#inFlight.length > 0 || !this.#answers.isEmpty;
    return busy ? 0 : this.#parts.clock.monotonic() - this.#lastTraffic;
  }

  /** Reads no more, ends parked requests, answers those that have begun, then closes. */
  drain(): void {
    this.#draining = true;
    this.#requests.drop();
    this.#socket.pause();
    this.#ending.abort();
    this.#endWhenDrained();
    this.#leave?.();
  }

  /** Continues when there is room again for the answers of all connections. */
  proceed(): void {
    if (!this.#released && !this.#draining) this.#advance();
  }

  /** The time on the monotonic clock since which such bytes have been held for this peer. */
  holdsSince(what: HeldBytes): number | undefined {
    return what === 'unfinished-request' ? this.#requests.unfinishedSince : this.#answers.untakenSince;
  }

  destroy(): void {
    this.#release();
    this.#answers.flush();
    this.#socket.destroy();
  }

  /** Closes the connection to make room for others. Its memory is free at once. */
  cut(what: HeldBytes): void {
    this.#refuse(cutReasons[what]);
  }

  #receive(chunk: Buffer): void {
    if (this.#draining || this.#requests.isUnreadable) return;
    this.#lastTraffic = this.#parts.clock.monotonic();
    this.#parts.traffic.received(chunk.length);
    if (this.#requests.receive(chunk)) this.#advance();
  }

  /** Sends answers and begins requests until neither is left. Handlers cannot reenter it. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    try {
      do this.#sendFinished();
      while (this.#beginNext());
      if (this.#ended) return;
      if (this.#draining) this.#endWhenDrained();
      else this.#regulate();
    } catch (error) {
      this.#refuseRequest(error);
    } finally {
      this.#advancing = false;
      if (this.#requests.count === 0) this.#leave?.();
    }
  }

  /** Returns false when there is no request to begin now. */
  #beginNext(): boolean {
    if (this.#requests.count === 0 || !this.#mayBegin()) return false;
    const next = this.#requests.first();
    if (next?.failure !== undefined) {
      if (this.#inFlight.length > 0) return false;
      throw next.failure;
    }
    if (next?.request === undefined || !this.#mayOverlap(next.request)) return false;
    this.#requests.removeFirst();
    this.#serve(next.request, next.frame);
    return true;
  }

  #mayBegin(): boolean {
    const withinLimit = this.#inFlight.length < this.#parts.limits.requestsInFlightMax;
    return !this.#released && withinLimit && this.#answers.hasRoom;
  }

  #mayOverlap({ served }: ParsedRequest): boolean {
    return (
      this.#inFlight.length === 0 ||
      (served.pipelined && this.#inFlight.every((earlier) => earlier.pipelined))
    );
  }

  #serve(request: ParsedRequest, frame: Buffer): void {
    const { pipelined, frameEndsWithAnswer, api } = request.served;
    const recycledFrame = frameEndsWithAnswer ? frame : undefined;
    const entry: InFlight = {
      pipelined,
      recycledFrame,
      heldBytes: frame.length + 4 + request.itemBytes,
      answer: undefined,
    };
    this.#inFlight.push(entry);
    const { clock, traffic, dispatcher } = this.#parts;
    const begunAt = clock.monotonic();
    const finish = (answer: Answer) => {
      entry.answer = answer;
      traffic.answered(api.name, clock.monotonic() - begunAt);
      this.#advance();
    };
    const fail = (error: unknown) => {
      this.#parts.logger.error({ err: error, api: api.name }, 'could not write an answer');
      finish('close-connection');
    };
    try {
      const answer = dispatcher.answer(request, this.#peer);
      if (answer instanceof Promise) answer.then(finish, fail);
      else finish(answer);
    } catch (error) {
      fail(error);
    }
  }

  #sendFinished(): void {
    while (this.#inFlight[0]?.answer !== undefined) {
      const { answer, heldBytes, recycledFrame } = this.#inFlight.shift() as InFlight;
      if (recycledFrame !== undefined) this.#parts.buffers.give(recycledFrame);
      this.#requests.release(heldBytes);
      if (answer === 'close-connection') return this.destroy();
      if (answer === undefined || answer === 'no-answer') continue;
      this.#answers.send(answer);
      this.#lastTraffic = this.#parts.clock.monotonic();
    }
  }

  /** Pauses and resumes reading. A single large request is always read to its end. */
  #regulate(): void {
    const { requestsInFlightMax, requestBytesInFlightMax } = this.#parts.limits;
    const unanswered = this.#inFlight.length + this.#requests.count;
    const full =
      unanswered >= requestsInFlightMax ||
      (unanswered > 0 && this.#requests.heldBytes >= requestBytesInFlightMax);
    if (full) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
    else return;
    this.#requests.noteUnfinished(true);
  }

  /** Closes the connection once earlier answers have been sent. */
  #refuseRequest(error: unknown): void {
    if (!(error instanceof MalformedRequest))
      this.#parts.logger.error({ err: error }, 'could not read a request');
    this.#tellClosed(error instanceof Error ? error.message : String(error));
    this.drain();
  }

  #refuse(reason: string): void {
    this.#tellClosed(reason);
    this.destroy();
  }

  #tellClosed(reason: string): void {
    this.#parts.logger.warn({ peer: this.#peer.clientHost, reason }, 'connection closed');
  }

  #endWhenDrained(): void {
    if (this.#inFlight.length === 0) this.#socket.end(() => this.#socket.destroy());
  }

  /** Gives up the unsent answers after the peer has gone. */
  #endAnswers(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#requests.end();
    this.#answers.end();
    this.#ending.abort();
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#endAnswers();
    this.#requests.close(this.#inFlight.reduce((sum, { heldBytes }) => sum + heldBytes, 0));
  }
}
