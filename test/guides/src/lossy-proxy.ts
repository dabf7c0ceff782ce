import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** Kafka's api key of Produce. */
const produce = 0;

/** Stands before a broker and passes everything on, but for one acknowledgement. */
export interface LossyProxy {
  readonly port: number;
  /** Where it passes things on to. To be called before anybody connects. */
  connectTo(brokerPort: number): void;
  /** Produce requests that it has passed on. */
  readonly produced: number;
  /** The most of them that it has seen unanswered at a time. */
  readonly inFlightMax: number;
  /** Loses one more, the n-th from now on. Resolves once it is lost. */
  loseAnother(nth: number): Promise<void>;
  close(): Promise<void>;
}

/** How an acknowledgement is lost: nothing comes, or the connection breaks. Clients hear of the second, and wait for the first. */
export type Loss = 'silence' | 'broken connection';

/**
 * Passes the n-th Produce request on, takes the broker's answer to it, and does not hand it over. Answers may be held back for a moment each, so that a
 * client that may has several requests in flight.
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
    const awaited: { isProduce: boolean; isLost: boolean }[] = []; // each request in flight: a broker answers in order
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

/** A frame of the protocol: its length in 4 bytes, then so many. */
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
