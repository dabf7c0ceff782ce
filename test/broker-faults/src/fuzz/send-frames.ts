import { connect, type Socket } from 'node:net';
import { apiVersions, encodeRequest, joinGroup, syncGroup } from '@millrace/streaming-core/protocol';

/**
 * The outcome of a frame: an answer (undefined if none is due), a closed connection, a wait that is
 * allowed, or a wait that is not.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly answer: Buffer | undefined }
  | { readonly kind: 'closed' | 'left' | 'stuck' };

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Sending {
  readonly connections: number;
  readonly inFlight: Set<Buffer>;
  readonly onOutcome: (frame: Buffer, outcome: Outcome) => void;
}

/**
 * A member of a group may wait for minutes for another that never joins. The test then abandons its
 * connection. No other request may wait.
 */
const waits: ReadonlySet<number> = new Set([joinGroup.key, syncGroup.key]);
const sizeBytes = 4;
const patienceMs = { waits: 100, others: 60_000 };

/**
 * A request that follows every frame. The broker begins requests in order, so its answer shows that
 * the broker is done with the frame before it.
 */
const followerId = 0x7eadbeef;
const follower = Buffer.concat([
  ...encodeRequest(apiVersions, 0, { correlationId: followerId, clientId: 'fuzz' }, {}),
]);

/**
 * Sends the frames over several connections, uses each until the broker closes it, and reports the
 * outcome of every frame.
 */
export async function sendFrames(broker: Address, frames: Iterable<Buffer>, sending: Sending): Promise<void> {
  const queue = frames[Symbol.iterator]();
  const work = async () => {
    const peer = new Peer(broker);
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      sending.inFlight.add(next.value);
      sending.onOutcome(next.value, await peer.send(next.value));
      sending.inFlight.delete(next.value);
    }
    peer.leave();
  };
  await Promise.all(Array.from({ length: sending.connections }, work));
}

class Peer {
  readonly #broker: Address;
  #socket: Socket | undefined;

  constructor(broker: Address) {
    this.#broker = broker;
  }

  /** Rejects when the broker refuses connections. */
  send(frame: Buffer): Promise<Outcome> {
    const socket = (this.#socket ??= connect(this.#broker.port, this.#broker.host).setNoDelay(true));
    return new Promise((resolve, reject) => {
      const answers = new Answers();
      const end = (outcome: Outcome) => {
        clearTimeout(patience);
        socket.removeAllListeners();
        if (outcome.kind !== 'done') this.leave();
        resolve(outcome);
      };
      const mayWait = frame.length >= 6 && waits.has(frame.readInt16BE(4));
      const patience = setTimeout(
        () => end({ kind: mayWait ? 'left' : 'stuck' }),
        mayWait ? patienceMs.waits : patienceMs.others,
      );
      socket.on('data', (chunk) => {
        const whole = answers.take(chunk);
        if (whole.at(-1)?.readInt32BE() === followerId)
          end({ kind: 'done', answer: whole.length > 1 ? whole[0] : undefined });
      });
      socket.on('error', (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' && reject(error));
      socket.on('close', () => end({ kind: 'closed' }));
      socket.write(Buffer.concat([frame, follower]));
    });
  }

  leave(): void {
    this.#socket?.on('error', () => undefined).destroy();
    this.#socket = undefined;
  }
}

/**
 * Cuts what arrives into answers. An answer may have 60 MB, so its parts are joined once, when all
 * of them are there.
 */
class Answers {
  readonly #whole: Buffer[] = [];
  #parts: Buffer[] = [];
  #bytes = 0;

  /** All answers that are complete by now, without their sizes. */
  take(chunk: Buffer): readonly Buffer[] {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    for (let end = this.#firstEnd(); end !== undefined; end = this.#firstEnd()) {
      const bytes = Buffer.concat(this.#parts);
      this.#whole.push(bytes.subarray(sizeBytes, end));
      this.#parts = [bytes.subarray(end)];
      this.#bytes -= end;
    }
    return this.#whole;
  }

  /** The end of the first answer. Undefined while the answer is incomplete. */
  #firstEnd(): number | undefined {
    if (this.#bytes < sizeBytes) return undefined;
    if ((this.#parts[0]?.length ?? 0) < sizeBytes) this.#parts = [Buffer.concat(this.#parts)];
    const end = sizeBytes + (this.#parts[0]?.readInt32BE() ?? 0);
    return end <= this.#bytes ? end : undefined;
  }
}
