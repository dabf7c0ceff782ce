import { FrameSplitter } from '../../protocol/frames/frame-splitter.ts';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BrokerLimits } from '../limits.ts';
import type { ParsedRequest, RequestDispatcher } from '../request-dispatcher.ts';
import type { ByteBudget } from './byte-budget.ts';

interface IncomingRequestsParts {
  readonly dispatcher: RequestDispatcher;
  readonly limits: BrokerLimits;
  readonly received: ByteBudget;
  readonly buffers: BufferPool;
  readonly readBuffer: Buffer;
  readonly clock: Clock;
}

interface Peer {
  /** Whether the socket is being read; a peer is not to blame for what is missing while it is not. */
  readonly isRead: () => boolean;
  /** Frees bytes that another connection holds; false when no other holds any. */
  readonly makeRoom: () => boolean;
  /** Called when there is no room for what this peer sent; it closes the connection. */
  readonly refuse: () => void;
}

/** A request that has arrived and has not begun. */
interface WaitingRequest {
  readonly frame: Buffer;
  request?: ParsedRequest;
  /** Why it cannot be read. */
  failure?: unknown;
}

const noFrame = Buffer.alloc(0);

/** The requests that one connection has sent and the broker has not begun, and the memory that all of its unanswered requests take. */
export class IncomingRequests {
  readonly #parts: IncomingRequestsParts;
  readonly #peer: Peer;
  readonly #splitter: FrameSplitter;
  #waiting: WaitingRequest[] = [];
  #heldBytes = 0;
  #unfinishedSince: number | undefined;
  #isUnreadable = false;

  readonly #append = (frame: Buffer): void => void this.#waiting.push({ frame });

  constructor(parts: IncomingRequestsParts, peer: Peer) {
    this.#parts = parts;
    this.#peer = peer;
    this.#splitter = new FrameSplitter({ frameBytesMax: parts.limits.frameBytesMax, buffers: parts.buffers });
  }

  /** How many have arrived in full and not begun. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Of all requests that are not answered yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Since when, by the monotonic clock, a request has been arriving without a pause of ours. */
  get unfinishedSince(): number | undefined {
    return this.#unfinishedSince;
  }

  /** What arrives is not a sequence of requests any more. */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  /** Where the next bytes are read to. */
  space(): Buffer {
    return this.#splitter.space() ?? this.#parts.readBuffer;
  }

  /** False when there was no room, and the connection is closed. */
  receive(chunk: Buffer): boolean {
    if (!this.#hold(chunk.length)) return false;
    const before = this.#waiting.length;
    try {
      this.#splitter.push(chunk, this.#append);
      this.noteUnfinished(this.#waiting.length > before);
    } catch (error) {
      this.#isUnreadable = true;
      this.#waiting.push({ frame: noFrame, failure: error });
    }
    return true;
  }

  noteUnfinished(startsAnew: boolean): void {
    const since = startsAnew ? undefined : this.#unfinishedSince;
    const waits = this.#splitter.isUnfinished && this.#peer.isRead();
    this.#unfinishedSince = waits ? (since ?? this.#parts.clock.monotonic()) : undefined;
  }

  /** The next one, parsed. It has neither a request nor a failure when there was no room for it, and the connection is closed. */
  first(): WaitingRequest | undefined {
    const first = this.#waiting[0];
    if (first !== undefined && first.request === undefined && first.failure === undefined) this.#parse(first);
    return first;
  }

  removeFirst(): void {
    this.#waiting.shift();
  }

  /** Drops those that have not begun. */
  drop(): void {
    this.#waiting = [];
  }

  /** Frees the bytes of a request that is answered. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#parts.received.release(bytes);
  }

  /** The peer sends no more. */
  end(): void {
    this.#unfinishedSince = undefined;
  }

  /** Frees everything but the bytes of the requests in flight, which are released as each is answered. */
  close(bytesInFlight: number): void {
    for (const { frame } of this.#waiting) this.#parts.buffers.give(frame);
    this.#waiting = [];
    this.#splitter.close();
    this.#parts.received.release(this.#heldBytes - bytesInFlight);
    this.#heldBytes = bytesInFlight;
  }

  #hold(bytes: number): boolean {
    while (!this.#parts.received.take(bytes)) {
      if (this.#peer.makeRoom()) continue;
      this.#peer.refuse();
      return false;
    }
    this.#heldBytes += bytes;
    return true;
  }

  #parse(waiting: WaitingRequest): void {
    try {
      const request = this.#parts.dispatcher.parse(waiting.frame);
      if (this.#hold(request.itemBytes)) waiting.request = request;
    } catch (error) {
      waiting.failure = error;
    }
  }
}
