import type { Socket } from 'node:net';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BrokerLimits } from '../limits.ts';
import type { BrokerTraffic } from '../statistics/broker-traffic.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { EndOfTurn } from './end-of-turn.ts';

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
  /** Frees bytes that wait for another connection's peer; false when none do. */
  readonly makeRoom: () => boolean;
  /** Called when too many bytes wait, and this peer has taken none for longest; it closes the connection. */
  readonly cut: () => void;
}

/** The answers that were written to one connection and that its peer has not taken. */
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

  /** Since when, by the monotonic clock, the peer has left some. */
  get untakenSince(): number | undefined {
    return this.#untakenSince;
  }

  /** Whether another request may begin, as far as memory for its answer goes. */
  get hasRoom(): boolean {
    const { unsent, limits } = this.#parts;
    return unsent.hasRoom && (this.#ended || this.#peer.socket.writableLength <= limits.unsentBytesMax);
  }

  /**
   * Answers that are finished in the same turn leave with one system call, after all requests that arrived in this turn have begun: the
   * peer is woken once for many answers.
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

  /** Counts what the kernel did not take. Until then the whole answer counts, but no peer is cut for it. */
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

  /** Hands the answers of this turn to the kernel, before the socket is destroyed. */
  flush(): void {
    if (this.#corked) this.#peer.socket.uncork();
  }

  /** The peer takes no more: its bytes are free once the socket is closed. */
  end(): void {
    this.#ended = true;
    this.#untakenSince = undefined;
    this.#parts.unsent.dismiss(this.#bytes);
  }

  /** After `end`, once the socket is closed. */
  close(): void {
    this.#parts.unsent.free(this.#bytes);
  }

  /** Only Node sees each byte that the peer takes of a large answer: its timeout comes when there was none for so long. */
  #limitWaiting(): void {
    const { socket } = this.#peer;
    const timeoutMs = this.#bytes > 0 ? this.#parts.limits.idleMsMax : 0;
    if ((socket.timeout ?? 0) !== timeoutMs) socket.setTimeout(timeoutMs);
  }

  /** Once it is written or has failed: Node calls back when nobody reads it any more. */
  #recycle(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#parts.buffers.give(chunk);
  }
}
