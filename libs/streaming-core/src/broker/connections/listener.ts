import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BrokerError } from '../../runtime/errors.ts';
import { ByteBudget } from './byte-budget.ts';
import { EndOfTurn } from './unsent-answers.ts';
import { Connection, type ConnectionParts, type HeldBytes } from './connection.ts';
import type { BrokerLimits } from '../limits.ts';

const idleChecksPerLimit = 10;
const readBufferBytes = 65_536;

type ConnectionLimits = Pick<BrokerLimits, 'connectionsMax' | 'connectionsPerAddressMax'>;

/** Accepts connections and limits their number. */
export class Listener {
  readonly #parts: ConnectionParts;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #fromAddress = new Map<string | undefined, number>();
  #connectionLimits: ConnectionLimits;
  #stopIdleCheck: () => void = () => undefined;

  constructor(parts: Omit<ConnectionParts, 'received' | 'makeRoom' | 'readBuffer' | 'endOfTurn'>) {
    const received = new ByteBudget({ bytesMax: parts.limits.receivedBytesMax });
    const makeRoom = (what: HeldBytes, asking: Connection) => this.#cutLongest(what, asking);
    parts.unsent.onRoom(() => this.#proceed());
    const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
    this.#parts = { ...parts, received, makeRoom, readBuffer, endOfTurn: new EndOfTurn() };
    this.#connectionLimits = parts.limits;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Applies to new connections. */
  limitConnections(limits: ConnectionLimits): void {
    this.#connectionLimits = limits;
  }

  /** Returns the bound port. Rejects with `BrokerError`. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<number> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(address.port, address.host, resolve);
      });
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, address);
    }
    this.#server.on('error', (error) =>
      this.#parts.logger.error({ err: error }, 'the listener could not accept a connection'),
    );
    this.#checkIdle();
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no further connections, ends parked requests, and lets requests in progress finish. */
  drain(): void {
    this.#stopIdleCheck();
    this.#server.close();
    for (const connection of this.#connections) connection.drain();
  }

  /**
   * Call this after `drain`. Resolves when every connection is closed; those that take longer than
   * the limit are cut off.
   */
  async close(): Promise<void> {
    const { clock, limits } = this.#parts;
    const cancel = clock.after(limits.drainMsMax, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await Promise.all([...this.#connections].map((connection) => connection.closed));
    cancel();
  }

  #accept(socket: Socket): void {
    const { logger } = this.#parts;
    const peer = socket.remoteAddress;
    const refusal = this.#refusalOf(peer);
    if (refusal !== undefined) {
      logger.warn({ peer }, `connection refused: ${refusal}`);
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#parts);
    this.#connections.add(connection);
    this.#count(peer, 1);
    void connection.closed.then(() => {
      this.#connections.delete(connection);
      this.#count(peer, -1);
    });
  }

  #refusalOf(peer: string | undefined): string | undefined {
    const { connectionsMax, connectionsPerAddressMax } = this.#connectionLimits;
    const fromThere = this.#fromAddress.get(peer) ?? 0;
    if (this.#connections.size >= connectionsMax)
      return `the limit max.connections is reached, with ${this.#connections.size} open`;
    if (fromThere >= connectionsPerAddressMax)
      return `the limit max.connections.per.ip is reached, with ${fromThere} open from this address`;
    return undefined;
  }

  #count(peer: string | undefined, more: 1 | -1): void {
    const count = (this.#fromAddress.get(peer) ?? 0) + more;
    if (count === 0) this.#fromAddress.delete(peer);
    else this.#fromAddress.set(peer, count);
  }

  /** Begins the requests that were held back while too many answers waited. */
  #proceed(): void {
    process.nextTick(() => {
      for (const connection of this.#connections) connection.proceed();
    });
  }

  /**
   * Closes the connection that has held such bytes for longest, so that the other connections do
   * not suffer from it.
   */
  #cutLongest(what: HeldBytes, asking: Connection): boolean {
    let longest: Connection | undefined;
    for (const connection of this.#connections) {
      const since = connection.holdsSince(what);
      if (since !== undefined && since < (longest?.holdsSince(what) ?? Infinity)) longest = connection;
    }
    if (longest === undefined || longest === asking) return false;
    longest.cut(what);
    return true;
  }

  #checkIdle(): void {
    const { clock, limits } = this.#parts;
    this.#stopIdleCheck = clock.after(limits.idleMsMax / idleChecksPerLimit, () => {
      for (const connection of this.#connections)
        if (connection.idleMs() > limits.idleMsMax) connection.destroy();
      this.#checkIdle();
    });
  }
}

function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): BrokerError {
  if (error.code === 'EADDRINUSE')
    return new BrokerError(
      'PORT_TAKEN',
      `port ${port} on ${host} is taken: stop the program that listens there, or choose another port`,
      {
        cause: error,
      },
    );
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new BrokerError(
      'ADDRESS_NOT_AVAILABLE',
      `${host} is not an address of this machine: give one that is, such as 127.0.0.1`,
      {
        cause: error,
      },
    );
  return new BrokerError('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}
