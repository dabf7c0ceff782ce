import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Logger } from '@millrace/streaming-core/runtime';

export interface Route {
  /** 0: a free one. */
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
}

export interface Gateway {
  /** By route, in their order. */
  readonly ports: readonly number[];
  /** Closes what is open. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly host: string;
  readonly routes: readonly Route[];
  readonly logger: Logger;
  /** Every address that a name has now. */
  readonly addressesOf?: (host: string) => Promise<readonly string[]>;
  readonly connectTimeoutMs?: number;
  /** For each route; whoever comes on top is disconnected. */
  readonly connectionsMax?: number;
}

const allAddresses = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, family: 4 })).map(({ address }) => address);

/**
 * Passes TCP connections on to whichever processes a name stands for at that moment, one after the other; an address that does not answer is
 * passed over. It reads nothing of what it passes on, so whatever speaks TCP can stand behind it. A connection that breaks later is the client's to repeat.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const open = new Set<Socket>();
  const servers = await Promise.all(options.routes.map((route) => listen(route, options, open)));
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    async stop() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function listen(route: Route, options: GatewayOptions, open: Set<Socket>): Promise<Server> {
  const { host, logger, connectionsMax = 1_000 } = options;
  let turn = 0;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    keep(client, open);
    reach(route, turn++, options).then(
      (upstream) => join(client, keep(upstream, open)),
      (error: unknown) => {
        logger.warn(
          { target: route.target.host },
          `a connection could not be passed on: ${(error as Error).message}`,
        );
        client.destroy();
      },
    );
  });
  server.maxConnections = connectionsMax;
  server.listen(route.port, host);
  await once(server, 'listening');
  return server;
}

/** The address whose turn it is, or the next one that answers. */
async function reach({ target }: Route, turn: number, options: GatewayOptions): Promise<Socket> {
  const { addressesOf = allAddresses, connectTimeoutMs = 1_000 } = options;
  const addresses = await addressesOf(target.host);
  let obstacle: unknown = new Error(`${target.host} has no address`);
  for (let index = 0; index < addresses.length; index++)
    try {
      const socket = connect({
        host: addresses[(turn + index) % addresses.length],
        port: target.port,
        allowHalfOpen: true,
      });
      socket.on('error', () => undefined); // both ends are closed then
      await once(socket, 'connect', { signal: AbortSignal.timeout(connectTimeoutMs) }).catch(
        (error: unknown) => {
          socket.destroy();
          throw error;
        },
      );
      return socket;
    } catch (error) {
      obstacle = error;
    }
  throw obstacle;
}

/** Whoever is cut off without a word is noticed after a while. */
const keepAliveDelayMs = 30_000;

function keep(socket: Socket, open: Set<Socket>): Socket {
  open.add(socket);
  socket.setKeepAlive(true, keepAliveDelayMs);
  return socket.on('error', () => undefined).once('close', () => open.delete(socket));
}

function join(client: Socket, upstream: Socket): void {
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
  if (client.destroyed) upstream.destroy();
  client.pipe(upstream);
  upstream.pipe(client);
}
