import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Logger } from '@millrace/streaming-core/runtime';

export interface Route {
  /** 0 means any free port. */
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
}

export interface Gateway {
  /** The port of each route, in the order of the routes. */
  readonly ports: readonly number[];
  /** Closes all connections. */
  stop(): Promise<void>;
}

const connectTimeoutMs = 1_000;

export interface GatewayOptions {
  readonly host: string;
  readonly routes: readonly Route[];
  readonly logger: Logger;
  readonly addressesOf?: (host: string) => Promise<readonly string[]>;
  /** The limit for each route. Connections above it are closed. */
  readonly connectionsMax?: number;
}

const allAddresses = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, family: 4 })).map(({ address }) => address);

/**
 * Passes TCP connections on to the processes that a name resolves to at that moment, in turn. An
 * address that does not answer is skipped. The gateway does not look into the data, so any TCP
 * protocol can be behind it. If a connection breaks later, the client has to reconnect.
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

/** Connects to the address whose turn it is, or to the next one that answers. */
async function reach({ target }: Route, turn: number, options: GatewayOptions): Promise<Socket> {
  const { addressesOf = allAddresses } = options;
  const addresses = await addressesOf(target.host);
  let obstacle: unknown = new Error(`${target.host} has no address`);
  for (let index = 0; index < addresses.length; index++)
    try {
      const socket = connect({
        host: addresses[(turn + index) % addresses.length],
        port: target.port,
        allowHalfOpen: true,
      });
      socket.on('error', () => undefined); // the event `close` follows and closes both ends
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

/** An idle connection is probed after this time, so that a peer that vanished is noticed. */
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
