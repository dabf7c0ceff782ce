import { Socket, type SocketConstructorOpts } from 'node:net';
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
  /**
   * Whether the socket is being read. While it is not, the peer is not to blame for an incomplete
   * request.
   */
  readonly isRead: () => boolean;
  /**
   * Frees bytes that another connection holds. Returns false when no other connection holds any.
   */
  readonly makeRoom: () => boolean;
  /** Called when there is no room for what this peer sent. It closes the connection. */
  readonly refuse: () => void;
}

/** A request that has arrived but not begun. */
interface WaitingRequest {
  readonly frame: Buffer;
  request?: ParsedRequest;
  /** Why the request cannot be read. */
  failure?: unknown;
}

const noFrame = Buffer.alloc(0);

/**
 * The requests of one connection that the broker has not begun, and the memory of all its
 * unanswered requests.
 */
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

  /** The number of requests that have arrived completely but not begun. */
  get count(): number {
    return this.#waiting.length;
  }

  /** The memory of all unanswered requests. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * The time on the monotonic clock since which a request has been arriving while the socket was
   * being read.
   */
  get unfinishedSince(): number | undefined {
    return this.#unfinishedSince;
  }

  /**
   * Whether the connection has sent something that is not a request, so that the rest cannot be
   * read either.
   */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  space(): Buffer {
    return this.#splitter.space() ?? this.#parts.readBuffer;
  }

  /** Returns false when there was no room and the connection is closed. */
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

  /**
   * Returns the next request, parsed. It has neither a request nor a failure when there was no room
   * and the connection is closed.
   */
  first(): WaitingRequest | undefined {
    const first = this.#waiting[0];
    if (first !== undefined && first.request === undefined && first.failure === undefined) this.#parse(first);
    return first;
  }

  removeFirst(): void {
    this.#waiting.shift();
  }

  drop(): void {
    this.#waiting = [];
  }

  /** Frees the memory of an answered request. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#parts.received.release(bytes);
  }

  /** Ends the input after the peer has sent its last byte. */
  end(): void {
    this.#unfinishedSince = undefined;
  }

  /**
   * Frees all memory except that of requests in progress, which `release` frees as each is
   * answered.
   */
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

interface OwnBuffers {
  /** Returns memory for the next read. Called before every read. */
  space(): Buffer;
  /**
   * Gets the filled part of that memory, or a chunk that Node allocated. The bytes may be reused
   * when it returns.
   */
  receive(chunk: Buffer): void;
}

interface Handle {
  useUserBuffer?: unknown;
}

/**
 * Turns the accepted connection into a socket that reads into our buffers, which saves one copy and
 * one allocation for each 64 KB. Node offers this only for sockets that connect (`onread`), so the
 * handle of an accepted one moves into a new socket. Until then it has to be paused
 * (`pauseOnConnect`). A socket without such a handle is read through its `data` events.
 */
export function readIntoOwnBuffers(accepted: Socket, own: OwnBuffers): Socket {
  const handle = (accepted as Socket & { _handle?: Handle | null })._handle;
  if (typeof handle?.useUserBuffer !== 'function') {
    accepted.on('data', (chunk: Buffer) => own.receive(chunk));
    return accepted.resume();
  }
  const onread = {
    buffer: () => own.space(),
    callback: (bytes: number, buffer: Buffer) => {
      own.receive(buffer.subarray(0, bytes));
      return true;
    },
  };
  return new Socket({ handle, onread } as unknown as SocketConstructorOpts);
}
