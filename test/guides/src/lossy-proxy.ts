import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** Kafka's API key of Produce. */
const produce = 0;

/** A proxy before a broker that forwards everything except one acknowledgement. */
export interface LossyProxy {
  readonly port: number;
  /** Names the broker to forward to. Call it before anybody connects. */
  connectTo(brokerPort: number): void;
  /** The number of Produce requests forwarded so far. */
  readonly produced: number;
  /** The largest number of Produce requests that were unanswered at one time. */
  readonly inFlightMax: number;
  /**
   * Loses the acknowledgement of the n-th Produce request from now on. Resolves once it is lost.
   */
  loseAnother(nth: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * How an acknowledgement is lost. On `silence` a client waits; on `broken connection` it notices at
 * once.
 */
export type Loss = 'silence' | 'broken connection';

/**
 * Starts a proxy that forwards the n-th Produce request but drops the broker's answer to it. A
 * delay of the answers lets a client have several requests in flight.
 */
export async function loseAcknowledgement(nth: number, loss: Loss, answerDelayMs = 0): Promise<LossyProxy> {
  let brokerPort = 0;
  let produced = 0;
  let inFlightMax = 0;
  let lostAt = nth;
  let onLost: () => void = () => undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect({ port: brokerPort, host: '127.0.0.1' });
    const end = () => [client, broker].forEach((socket) => socket.destroy());
    // The requests in flight, which a broker answers in order.
    const awaited: { isProduce: boolean; isLost: boolean }[] = [];
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    onFrames(client, (frame) => {
      const isProduce = frame.readInt16BE(4) === produce;
      if (isProduce) produced += 1;
      awaited.push({ isProduce, isLost: isProduce && produced === lostAt });
      inFlightMax = Math.max(inFlightMax, awaited.filter((request) => request.isProduce).length);
      broker.write(frame);
    });
    onFrames(broker, (frame) => {
      setTimeout(() => answer(frame), answerDelayMs);
    });
    const answer = (frame: Buffer) => {
      if (awaited.shift()?.isLost !== true) return client.write(frame);
      onLost();
      if (loss === 'broken connection') end();
    };
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connectTo: (port) => void (brokerPort = port),
    get produced() {
      return produced;
    },
    get inFlightMax() {
      return inFlightMax;
    },
    loseAnother: (next) =>
      new Promise((resolve) => {
        lostAt = produced + next;
        onLost = resolve;
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls `take` with each frame: its length in 4 bytes and that many bytes after it. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}
