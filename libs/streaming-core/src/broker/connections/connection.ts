import type { Socket } from 'node:net';
import type { Logger } from '../../runtime/index.ts';
import type { Clock } from '../../runtime/clock.ts';
import { MalformedRequest } from '../../protocol/malformed-request.ts';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { EndOfTurn } from './end-of-turn.ts';
import { FrameSplitter } from '../../protocol/frames/frame-splitter.ts';
import type { BrokerLimits } from '../limits.ts';
import { readIntoOwnBuffers } from './own-buffers.ts';
import type { Answer, ParsedRequest, RequestDispatcher } from '../request-dispatcher.ts';
import type { BrokerTraffic } from '../statistics/broker-traffic.ts';

export interface ConnectionParts {
  readonly dispatcher: RequestDispatcher;
  readonly limits: BrokerLimits;
  readonly received: ByteBudget;
  readonly unsent: ByteBudget;
  /** Cuts off whoever has held such bytes for longest; false when that is nobody, or the one who asks. */
  readonly makeRoom: (what: HeldBytes, asking: Connection) => boolean;
  readonly traffic: BrokerTraffic;
  /** Of large frames and answers. */
  readonly buffers: BufferPool;
  /** Every connection reads its small requests into this one: they are copied out of it before another is read. */
  readonly readBuffer: Buffer;
  readonly endOfTurn: EndOfTurn;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Memory that a peer makes the broker hold: a request that he has not sent in full, or answers that he does not take. */
export type HeldBytes = 'unfinished-request' | 'unsent-answers';

const cutReasons: Readonly<Record<HeldBytes, string>> = {
  'unfinished-request':
    'its peer was longest at one request, and the broker holds as many bytes as queued.max.request.bytes allows',
  'unsent-answers': 'its peer was longest without taking its answers, and too many bytes wait',
};

interface Waiting {
  readonly frame: Buffer;
  request?: ParsedRequest;
  /** Why it cannot be read. Those before it are answered, then the connection ends. */
  failure?: unknown;
}

const noFrame = Buffer.alloc(0);

interface InFlight {
  readonly pipelined: boolean;
  /** Set: nobody looks at it once the request is answered. */
  readonly recycledFrame: Buffer | undefined;
  /** Its frame's and its array items', until it is answered. */
  readonly heldBytes: number;
  answer: Answer | undefined;
}

/** A peer that vanished without a word is found out by the kernel some minutes after this. */
const keepAliveMs = 60_000;

/**
 * One client's connection. Requests begin in the order they came, one at a time; only runs of Produce overlap, so that one fsync can
 * cover several. Answers leave strictly in request order. A peer that sends too much, or does not take its answers, is read no further.
 * What came before its peer closed it is served all the same, as by Apache Kafka: a member that leaves its group does not wait for an answer.
 * So is what came before a request that cannot be read.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #splitter: FrameSplitter;
  readonly #ending = new AbortController();
  readonly #peer: { readonly clientHost: string; readonly signal: AbortSignal };
  #waiting: Waiting[] = [];
  #inFlight: InFlight[] = [];
  #heldBytes = 0;
  #unsentBytes = 0;
  readonly #since: Record<HeldBytes, number | undefined> = {
    'unfinished-request': undefined,
    'unsent-answers': undefined,
  };
  #lastTraffic: number;
  #ended = false;
  #released = false;
  #draining = false;
  /** What comes is no sequence of requests any more. */
  #unreadable = false;
  #corked = false;
  #advancing = false;
  /** Set once the socket is closed: for when all that came is begun. */
  #leave: (() => void) | undefined;
  readonly closed: Promise<void>;
  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
    this.#countUnsent();
  };

  readonly #take = (frame: Buffer): void => void this.#waiting.push({ frame });

  /** `accepted` is paused, and not read from elsewhere. */
  constructor(accepted: Socket, parts: ConnectionParts) {
    this.#parts = parts;
    this.#splitter = new FrameSplitter({ frameBytesMax: parts.limits.frameBytesMax, buffers: parts.buffers });
    const socket = readIntoOwnBuffers(accepted, {
      space: () => this.#splitter.space() ?? parts.readBuffer,
      receive: (chunk) => this.#receive(chunk),
    });
    this.#socket = socket;
    this.#peer = { clientHost: `/${socket.remoteAddress ?? 'unknown'}`, signal: this.#ending.signal };
    this.#lastTraffic = parts.clock.monotonic();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on('drain', () => this.#noteTraffic());
    socket.on('timeout', () => this.destroy());
    socket.on('end', () => this.#ending.abort());
    socket.on('error', (error) =>
      parts.logger.debug({ err: error, peer: this.#peer.clientHost }, 'connection failed'),
    );
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#endAnswers();
        parts.unsent.free(this.#unsentBytes); // nobody reads them any more
        this.#leave = () => {
          this.#release();
          resolve();
        };
        this.#advance();
      });
    });
  }

  /** Milliseconds without traffic; 0 while a request is in progress, or answers wait for the peer: those the socket itself watches. */
  idleMs(): number {
    const busy = this.#inFlight.length > 0 || this.#unsentBytes > 0;
    return busy ? 0 : this.#parts.clock.monotonic() - this.#lastTraffic;
  }

  /** Reads nothing more, ends parked requests, sends the answers of those begun, then closes. */
  drain(): void {
    this.#draining = true;
    this.#waiting = [];
    this.#socket.pause();
    this.#ending.abort();
    this.#endWhenDrained();
    this.#leaveWhenServed();
  }

  /** There is room again for the answers of all connections. */
  proceed(): void {
    if (!this.#released && !this.#draining) this.#advance();
  }

  /** Since when, by the monotonic clock, the peer has made the broker hold such bytes without a pause. */
  holdsSince(what: HeldBytes): number | undefined {
    return this.#since[what];
  }

  destroy(): void {
    this.#release();
    if (this.#corked) this.#socket.uncork(); // answers of this turn: what the kernel takes of them still arrives
    this.#socket.destroy();
  }

  /** For the sake of the others. What it held is free at once. */
  cut(what: HeldBytes): void {
    this.#refuse(cutReasons[what]);
  }

  #receive(chunk: Buffer): void {
    if (this.#draining || this.#unreadable) return;
    this.#lastTraffic = this.#parts.clock.monotonic();
    this.#parts.traffic.received(chunk.length);
    if (!this.#hold(chunk.length)) return;
    const before = this.#waiting.length;
    try {
      this.#splitter.push(chunk, this.#take);
      this.#noteUnfinished(this.#waiting.length > before);
    } catch (error) {
      this.#unreadable = true;
      this.#waiting.push({ frame: noFrame, failure: error });
    }
    this.#advance();
  }

  /** False when there was no room, and the connection is closed. */
  #hold(bytes: number): boolean {
    while (!this.#parts.received.take(bytes)) {
      if (this.#parts.makeRoom('unfinished-request', this)) continue;
      this.#refuse('the broker holds as many unanswered bytes as queued.max.request.bytes allows');
      return false;
    }
    this.#heldBytes += bytes;
    return true;
  }

  /** While it is not read, a peer is not to blame for what is missing. */
  #noteUnfinished(startsAnew: boolean): void {
    const since = startsAnew ? undefined : this.#since['unfinished-request'];
    const waits = this.#splitter.isUnfinished && !this.#socket.isPaused();
    this.#since['unfinished-request'] = waits ? (since ?? this.#parts.clock.monotonic()) : undefined;
  }

  /** Sends what is answered and begins what may begin, until neither is left. Handlers may answer at once: it is not entered again meanwhile. */
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
      this.#leaveWhenServed();
    }
  }

  /** False when there is nothing to begin now. */
  #beginNext(): boolean {
    const next = this.#waiting[0];
    if (next === undefined || !this.#mayBegin()) return false;
    if (next.request === undefined && next.failure === undefined) this.#parse(next);
    if (next.failure !== undefined) return this.#failAfterOthers(next.failure);
    if (next.request === undefined || !this.#mayOverlap(next.request)) return false;
    this.#waiting.shift();
    this.#serve(next.request, next.frame);
    return true;
  }

  /** Leaves it as it is when there was no room for it, and the connection is closed. */
  #parse(waiting: Waiting): void {
    try {
      const request = this.#parts.dispatcher.parse(waiting.frame);
      if (this.#hold(request.itemBytes)) waiting.request = request;
    } catch (error) {
      waiting.failure = error;
    }
  }

  #failAfterOthers(failure: unknown): false {
    if (this.#inFlight.length > 0) return false;
    throw failure;
  }

  #mayBegin(): boolean {
    const { requestsInFlightMax, unsentBytesMax } = this.#parts.limits;
    if (this.#released || !this.#parts.unsent.hasRoom) return false;
    return (
      this.#inFlight.length < requestsInFlightMax &&
      (this.#ended || this.#socket.writableLength <= unsentBytesMax)
    );
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
      this.#parts.logger.error({ err: error, api: api.name }, 'an answer could not be written');
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
      this.#heldBytes -= heldBytes;
      this.#parts.received.release(heldBytes);
      if (answer === 'close-connection') return this.destroy();
      if (answer !== undefined && answer !== 'no-answer') this.#send(answer);
    }
  }

  /**
   * Answers that are finished in the same turn leave with one system call, and after all that this turn brought was begun: who waits for them
   * is woken once for many, not by each.
   */
  #send(chunks: readonly Buffer[]): void {
    if (!this.#socket.writable) return this.#recycle(chunks);
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      this.#parts.endOfTurn.add(this.#uncork);
    }
    const last = chunks.length - 1;
    for (const [index, chunk] of chunks.entries()) {
      this.#parts.traffic.sent(chunk.length);
      this.#unsentBytes += chunk.length;
      this.#parts.unsent.add(chunk.length);
      this.#socket.write(chunk, index === last && index > 0 ? () => this.#recycle(chunks) : undefined);
    }
    this.#lastTraffic = this.#parts.clock.monotonic();
  }

  /** What the kernel did not take at once: until this is known, all of an answer counts, and whoever owes nothing is not cut for it. */
  #countUnsent(): void {
    if (this.#ended) return;
    const { unsent, clock, makeRoom } = this.#parts;
    const before = this.#unsentBytes;
    this.#unsentBytes = this.#socket.writableLength;
    this.#since['unsent-answers'] =
      this.#unsentBytes === 0 ? undefined : (this.#since['unsent-answers'] ?? clock.monotonic());
    unsent.release(before - this.#unsentBytes);
    this.#watchTaking();
    while (unsent.isExceeded && makeRoom('unsent-answers', this)) continue;
    if (unsent.isExceeded && this.#unsentBytes > 0) this.cut('unsent-answers');
  }

  /** Only Node sees each byte that the peer takes of a large answer: its timeout comes when there was none for so long. */
  #watchTaking(): void {
    const timeoutMs = this.#unsentBytes > 0 ? this.#parts.limits.idleMsMax : 0;
    if ((this.#socket.timeout ?? 0) !== timeoutMs) this.#socket.setTimeout(timeoutMs);
  }

  /** Once it is written or has failed: Node calls back when nobody reads it any more. */
  #recycle(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#parts.buffers.give(chunk);
  }

  #noteTraffic(): void {
    this.#lastTraffic = this.#parts.clock.monotonic();
    this.#countUnsent();
    if (!this.#draining) this.#advance();
  }

  /** Stops and resumes reading. A single large request that is still arriving is read on, whatever its size. */
  #regulate(): void {
    const { requestsInFlightMax, requestBytesInFlightMax } = this.#parts.limits;
    const begun = this.#inFlight.length + this.#waiting.length;
    const full = begun >= requestsInFlightMax || (begun > 0 && this.#heldBytes >= requestBytesInFlightMax);
    if (full) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
    else return;
    this.#noteUnfinished(true);
  }

  /** The connection ends when the answers before it have left. */
  #refuseRequest(error: unknown): void {
    if (!(error instanceof MalformedRequest))
      this.#parts.logger.error({ err: error }, 'a request could not be read');
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

  #leaveWhenServed(): void {
    if (this.#waiting.length === 0) this.#leave?.();
  }

  /** Nobody takes those that wait, nor sends the rest of a request. */
  #endAnswers(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#since['unfinished-request'] = undefined;
    this.#since['unsent-answers'] = undefined;
    this.#parts.unsent.dismiss(this.#unsentBytes);
    this.#ending.abort();
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#endAnswers();
    this.#recycle(this.#waiting.map(({ frame }) => frame));
    this.#waiting = [];
    this.#splitter.close();
    this.#parts.received.release(
      this.#heldBytes - this.#inFlight.reduce((sum, entry) => sum + entry.heldBytes, 0),
    );
    this.#heldBytes = 0;
  }
}
