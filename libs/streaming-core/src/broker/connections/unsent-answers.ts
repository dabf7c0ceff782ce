import type { Socket } from 'node:net';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BrokerLimits } from '../limits.ts';
import type { BrokerTraffic } from '../broker-statistics.ts';
import type { ByteBudget } from './byte-budget.ts';

interface UnsentAnswersParts {
  readonly limits: BrokerLimits;
  readonly unsent: ByteBudget;
  readonly traffic: BrokerTraffic;
  readonly buffers: BufferPool;
  readonly endOfTurn: EndOfTurn;
  readonly clock: Clock;
}

interface Peer {
  readonly socket: Socket;
  /** Frees bytes that wait for another peer. Returns false when no bytes wait for one. */
  readonly makeRoom: () => boolean;
  /**
   * Called when too many bytes wait and this peer has gone longest without reading any. It closes
   * the connection.
   */
  readonly cut: () => void;
}

/** The answers that were written to one connection and that its peer has not read. */
export class UnsentAnswers {
  readonly #parts: UnsentAnswersParts;
  readonly #peer: Peer;
  #bytes = 0;
  #untakenSince: number | undefined;
  #corked = false;
  #ended = false;

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#peer.socket.uncork();
    this.count();
  };

  constructor(parts: UnsentAnswersParts, peer: Peer) {
    this.#parts = parts;
    this.#peer = peer;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** The time on the monotonic clock since which the peer has left bytes unread. */
  get untakenSince(): number | undefined {
    return this.#untakenSince;
  }

  /** Whether there is memory for the answer to another request. */
  get hasRoom(): boolean {
    const { unsent, limits } = this.#parts;
    return unsent.hasRoom && (this.#ended || this.#peer.socket.writableLength <= limits.unsentBytesMax);
  }

  /**
   * Sends the answers that finish in the same turn with one system call, after all requests that
   * arrived in this turn have begun. The peer is then woken once for many answers.
   */
  send(chunks: readonly Buffer[]): void {
    const { socket } = this.#peer;
    if (!socket.writable) return this.#recycle(chunks);
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      this.#parts.endOfTurn.add(this.#uncork);
    }
    const last = chunks.length - 1;
    for (const [index, chunk] of chunks.entries()) {
      this.#parts.traffic.sent(chunk.length);
      this.#bytes += chunk.length;
      this.#parts.unsent.add(chunk.length);
      socket.write(chunk, index === last && index > 0 ? () => this.#recycle(chunks) : undefined);
    }
  }

  /**
   * Counts what the kernel did not accept. Until then the whole answer counts, but no peer is cut
   * off for it.
   */
  count(): void {
    if (this.#ended) return;
    const { unsent, clock } = this.#parts;
    const before = this.#bytes;
    this.#bytes = this.#peer.socket.writableLength;
    this.#untakenSince = this.#bytes === 0 ? undefined : (this.#untakenSince ?? clock.monotonic());
    unsent.release(before - this.#bytes);
    this.#limitWaiting();
    while (unsent.isExceeded && this.#peer.makeRoom()) continue;
    if (unsent.isExceeded && this.#bytes > 0) this.#peer.cut();
  }

  /** Passes the answers of this turn to the kernel before the socket is destroyed. */
  flush(): void {
    if (this.#corked) this.#peer.socket.uncork();
  }

  /** Call this when the peer reads no more. Its bytes are free once the socket is closed. */
  end(): void {
    this.#ended = true;
    this.#untakenSince = undefined;
    this.#parts.unsent.dismiss(this.#bytes);
  }

  /** Call this after `end`, once the socket is closed. */
  close(): void {
    this.#parts.unsent.free(this.#bytes);
  }

  /**
   * Node's own timeout is used, since only Node sees each byte of a large answer that the peer
   * accepts.
   */
  #limitWaiting(): void {
    const { socket } = this.#peer;
    const timeoutMs = this.#bytes > 0 ? this.#parts.limits.idleMsMax : 0;
    if ((socket.timeout ?? 0) !== timeoutMs) socket.setTimeout(timeoutMs);
  }

  /**
   * Recycles the memory once it was written or the write has failed. Node calls back when nothing
   * reads it any more.
   */
  #recycle(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#parts.buffers.give(chunk);
  }
}

/**
 * Runs the work of many callers at the end of the event loop's turn, with a single `setImmediate`.
 * It runs before anything that is scheduled later in the same turn.
 */
export class EndOfTurn {
  #due: Array<() => void> = [];

  add(work: () => void): void {
    if (this.#due.push(work) === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const due = this.#due;
    this.#due = [];
    for (const work of due) work();
  }
}
