import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BrokerError } from './broker-error.ts';
import { ByteBudget } from './byte-budget.ts';
import { Connection, type ConnectionParts } from './connection.ts';

const idleChecksPerLimit = 10;
const readBufferBytes = 65_536;

/** Accepts connections and keeps count of them. */
export class Listener {
  readonly #parts: ConnectionParts;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #stopIdleCheck: () => void = () => undefined;

  constructor(parts: Omit<ConnectionParts, 'received' | 'readBuffer'>) {
    const received = new ByteBudget({ bytesMax: parts.limits.receivedBytesMax });
    this.#parts = { ...parts, received, readBuffer: Buffer.allocUnsafeSlow(readBufferBytes) };
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** The port that was bound. Rejects with `BrokerError`. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, address)));
      this.#server.listen(address.port, address.host, resolve);
    });
    this.#server.on('error', (error) => this.#parts.logger.error({ err: error }, 'the listener failed to accept a connection'));
    this.#checkIdle();
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts nobody any more, ends parked requests, and lets what was begun finish. */
  drain(): void {
    this.#stopIdleCheck();
    this.#server.close();
    for (const connection of this.#connections) connection.drain();
  }

  /** After `drain`: resolves when every connection is closed; those that take longer than the limit are cut. */
  async close(): Promise<void> {
    const { clock, limits } = this.#parts;
    const cancel = clock.after(limits.drainMsMax, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await Promise.all([...this.#connections].map((connection) => connection.closed));
    cancel();
  }

  #accept(socket: Socket): void {
    const { limits, logger } = this.#parts;
    if (this.#connections.size >= limits.connectionsMax) {
      logger.warn({ connectionsMax: limits.connectionsMax, peer: socket.remoteAddress }, 'connection refused: too many are open');
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#parts);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  #checkIdle(): void {
    const { clock, limits } = this.#parts;
    this.#stopIdleCheck = clock.after(limits.idleMsMax / idleChecksPerLimit, () => {
      for (const connection of this.#connections) if (connection.idleMs() > limits.idleMsMax) connection.destroy();
      this.#checkIdle();
    });
  }
}

function listenError(error: NodeJS.ErrnoException, { host, port }: { readonly host: string; readonly port: number }): BrokerError {
  if (error.code === 'EADDRINUSE')
    return new BrokerError('PORT_TAKEN', `port ${port} on ${host} is taken: stop the program that listens there, or choose another port`, {
      cause: error,
    });
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new BrokerError('ADDRESS_NOT_AVAILABLE', `${host} is no address of this machine: give one that is, such as 127.0.0.1`, {
      cause: error,
    });
  return new BrokerError('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${error.message}`, { cause: error });
}
